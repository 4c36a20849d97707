//! What a layered network must count, in closed form: an oracle for the chip, and the other half of the
//! comparison with backpropagation through time.
//!
//! Layers n_0..n_L, uncut, on arrays of R x C cells; W_l stands rt_l = ceil(n_{l-1} / R) by
//! ct_l = ceil(n_l / C) arrays, P_l = n_l n_{l-1}. Every W_l is read forward; every W_l but the first is read
//! transposed. Activities and drives are sent at every step. The first conversion of a sum is a load, not an
//! addition; the last sum is the returned drive added to the neuron's own forward sum. No biases in the reads.

use equipoise_base::{Action, Counts};

/// A layered network on arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layered {
    layers: Vec<u64>,
    rows: u64,
    columns: u64,
    cores: Vec<u64>,
    register_biases: bool,
}

/// One weight matrix on its arrays.
struct Matrix {
    inputs: u64,
    outputs: u64,
    row_tiles: u64,
    column_tiles: u64,
    /// Cores over which the columns are cut.
    cores: u64,
    /// True for the matrix behind the clamped input.
    first: bool,
}

/// The phases of one update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Steps of the free phase.
    pub free_steps: u64,
    /// Steps of one nudged phase.
    pub nudged_steps: u64,
    /// Nudged phases.
    pub nudged_phases: u64,
}

impl Program {
    /// Relaxation steps of one update.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.free_steps + self.nudged_phases * self.nudged_steps
    }
}

/// What backpropagation through time counts on the same arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Bptt {
    /// Steps forward and adjoint steps backward through the same couplings.
    pub relaxation: Counts,
    /// Multiply-adds into the gradient.
    pub gradient_macs: u64,
    /// States stored on the way forward, one per free neuron and step.
    pub state_writes: u64,
    /// States fetched on the way back.
    pub state_reads: u64,
}

impl Layered {
    /// A network of `layers` neurons (input first) on arrays of `rows` x `columns` cells; `None` unless there
    /// are two layers or more and no number is zero.
    #[must_use]
    pub fn new(layers: &[u64], rows: u64, columns: u64) -> Option<Self> {
        let sound = layers.len() >= 2 && rows > 0 && columns > 0 && !layers.contains(&0);
        sound.then(|| Self {
            layers: layers.to_vec(),
            rows,
            columns,
            cores: vec![1; layers.len()],
            register_biases: false,
        })
    }

    /// The same network with layer l's columns cut over `cores[l]` cores, which multiplies its events. The
    /// counts of reads stay those of an uncut layer: they hold where each core's share is a multiple of the
    /// columns of an array.
    #[must_use]
    pub fn cut(mut self, cores: &[u64]) -> Self {
        for (mine, &given) in self.cores.iter_mut().zip(cores) {
            *mine = given.max(1);
        }
        self
    }

    /// The same network with a bias register, its latch and its update for every free neuron.
    #[must_use]
    pub fn with_register_biases(mut self) -> Self {
        self.register_biases = true;
        self
    }

    /// The sizes of the layers, input first.
    #[must_use]
    pub fn layers(&self) -> &[u64] {
        &self.layers
    }

    /// Synapses P.
    #[must_use]
    pub fn synapses(&self) -> u64 {
        self.matrices().map(|m| m.inputs * m.outputs).sum()
    }

    /// Neurons above the input.
    #[must_use]
    pub fn free_neurons(&self) -> u64 {
        self.layers[1..].iter().sum()
    }

    fn matrices(&self) -> impl Iterator<Item = Matrix> + '_ {
        self.layers.windows(2).enumerate().map(|(i, pair)| Matrix {
            inputs: pair[0],
            outputs: pair[1],
            row_tiles: pair[0].div_ceil(self.rows),
            column_tiles: pair[1].div_ceil(self.columns),
            cores: self.cores[i + 1],
            first: i == 0,
        })
    }

    /// One step in which every matrix is read and every value sent.
    #[must_use]
    pub fn step(&self) -> Counts {
        self.step_of(false)
    }

    /// One step in which the clamped inputs are neither sent nor read again: their drive is held in a
    /// register per neuron (`hold_clamped = true`, from the second step of a presentation on).
    #[must_use]
    pub fn held_step(&self) -> Counts {
        self.step_of(true)
    }

    fn step_of(&self, held: bool) -> Counts {
        let mut counts = Counts::default();
        counts.add(Action::Step, 1);
        for matrix in self.matrices() {
            if !(matrix.first && held) {
                matrix.count_forward(&mut counts);
            }
            if !matrix.first {
                matrix.count_transposed(&mut counts);
                // The drive that came back joins the forward sum of the layer below.
                counts.add(Action::PartialAdd, matrix.inputs);
            }
            counts.add(Action::NeuronUpdate, matrix.outputs);
        }
        counts
    }

    /// One update with product latches: the steps of all phases, two latched products per synapse (and per
    /// bias register).
    #[must_use]
    pub fn ep_update(&self, program: Program) -> Counts {
        let mut counts = Counts::default();
        counts.add_times(&self.step(), program.steps());
        let latched = self.synapses() + if self.register_biases { self.free_neurons() } else { 0 };
        counts.add(Action::LatchWrite, 2 * latched);
        counts.add(Action::UpdateMultiply, 2 * latched);
        counts
    }

    /// One gradient by backpropagation through `steps` steps: as many adjoint steps through the transposed
    /// couplings, a product per synapse and direction and step, every state stored and fetched once.
    #[must_use]
    pub fn bptt(&self, steps: u64) -> Bptt {
        let mut relaxation = Counts::default();
        relaxation.add_times(&self.step(), 2 * steps);
        let products: u64 = self.matrices().map(|m| m.inputs * m.outputs * if m.first { 1 } else { 2 }).sum();
        let states = steps * self.free_neurons();
        Bptt { relaxation, gradient_macs: steps * products, state_writes: states, state_reads: states }
    }
}

impl Matrix {
    /// Rows driven by the layer below.
    fn count_forward(&self, counts: &mut Counts) {
        counts.add(Action::ArrayRead, self.row_tiles * self.column_tiles);
        counts.add(Action::RowDrive, self.inputs * self.column_tiles);
        counts.add(Action::AdcConvert, self.outputs * self.row_tiles);
        counts.add(Action::CellMac, self.inputs * self.outputs);
        counts.add(Action::PartialAdd, self.outputs * (self.row_tiles - 1));
        self.count_events(counts);
    }

    /// Columns driven by the layer above; the result travels down.
    fn count_transposed(&self, counts: &mut Counts) {
        counts.add(Action::ArrayRead, self.row_tiles * self.column_tiles);
        counts.add(Action::RowDrive, self.outputs * self.row_tiles);
        counts.add(Action::AdcConvert, self.inputs * self.column_tiles);
        counts.add(Action::CellMac, self.inputs * self.outputs);
        counts.add(Action::PartialAdd, self.inputs * (self.column_tiles - 1));
        self.count_events(counts);
    }

    /// Activities up and drives down are one value per neuron of the lower layer and core of the upper.
    fn count_events(&self, counts: &mut Counts) {
        counts.add(Action::EventEmit, self.inputs * self.cores);
        counts.add(Action::EventDeliver, self.inputs * self.cores);
    }
}

impl Bptt {
    /// All of it in actions that a price list knows: gradient products as the learning rule's products,
    /// states as SRAM bits of `state_bits` each.
    #[must_use]
    pub fn actions(&self, state_bits: u64) -> Counts {
        let mut counts = self.relaxation.clone();
        counts.add(Action::UpdateMultiply, self.gradient_macs);
        counts.add(Action::SramWrite, self.state_writes * state_bits);
        counts.add(Action::SramRead, self.state_reads * state_bits);
        counts
    }
}
