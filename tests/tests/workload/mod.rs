//! Workload A: a recurrent net of integer leaky integrate-and-fire neurons, defined by one SplitMix64 stream,
//! run by a naive loop over plain integers and by the chip's blocks.

use equipoise_base::{Axons, Counts, Delay, Digest, Number, Shape, Synapses, Way};
use equipoise_neuron::{Fires, Integrator, LifParams, NeuronModel, Neurons};
use equipoise_synapse_table::{Carried, Edge, SynapseTable, TableParams, Traffic};
use fixed::types::I8F24;

/// Synapses per neuron.
pub const FAN_OUT: usize = 100;
/// Integers of the workload are in units of 1/64.
const UNIT_RAW: i64 = (1 << 24) / 64;
pub const THRESHOLD: i32 = 1024;

/// How many spikes there were and the hash of all (step, neuron) pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raster {
    pub spikes: u64,
    pub hash: u64,
}

impl Raster {
    fn empty() -> Self {
        Self { spikes: 0, hash: 0xcbf2_9ce4_8422_2325 }
    }

    fn spike(&mut self, step: usize, neuron: usize) {
        self.spikes += 1;
        self.hash = (self.hash ^ ((step as u64) << 32 | neuron as u64)).wrapping_mul(0x0100_0000_01b3);
    }
}

/// The `n`-th draw of the workload.
fn draw(n: u64) -> u64 {
    let mut z = 20_250_101_u64.wrapping_add((n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The net: everything in plain integers, in units of 1/64.
pub struct Workload {
    pub neurons: usize,
    pub max_delay: usize,
    /// Target and delay of each synapse, [`FAN_OUT`] for one source after the other.
    pub targets: Vec<u32>,
    pub delays: Vec<u8>,
    pub bias: Vec<i32>,
}

/// One source in five inhibits, four times as strongly as the others excite.
pub fn weight(source: usize) -> i32 {
    if source % 5 == 4 { -128 } else { 32 }
}

impl Workload {
    /// `neurons` neurons with [`FAN_OUT`] synapses each, of delays from 1 to `max_delay` steps.
    pub fn new(neurons: usize, max_delay: usize) -> Self {
        let mut targets = Vec::new();
        let mut delays = Vec::new();
        for edge in 0..neurons * FAN_OUT {
            let (r, source) = (draw(edge as u64), (edge / FAN_OUT) as u64);
            let other = (r >> 32) % (neurons as u64 - 1);
            targets.push((other + u64::from(other >= source)) as u32);
            delays.push((1 + (r & 0xffff_ffff) % max_delay as u64) as u8);
        }
        let bias = (0..neurons as u64).map(|i| 48 + ((draw((1 << 40) + i) >> 32) % 65) as i32).collect();
        Self { neurons, max_delay, targets, delays, bias }
    }

    /// The reference: one loop, 32-bit integers, nothing shared with the chip.
    pub fn naive(&self, steps: usize) -> Raster {
        let (n, length) = (self.neurons, self.max_delay + 1);
        let (mut v, mut ring) = (vec![0_i32; n], vec![0_i32; n * length]);
        let mut fired: Vec<u32> = Vec::new();
        let mut raster = Raster::empty();
        for step in 1..=steps {
            fired.clear();
            let slot = (step % length) * n;
            for i in 0..n {
                let x = v[i] * 15 / 16 + self.bias[i] + ring[slot + i];
                ring[slot + i] = 0;
                if x > THRESHOLD {
                    v[i] = 0;
                    fired.push(i as u32);
                } else {
                    v[i] = x;
                }
            }
            for source in fired.iter().map(|&i| i as usize) {
                raster.spike(step, source);
                for edge in source * FAN_OUT..(source + 1) * FAN_OUT {
                    let due = (step + self.delays[edge] as usize) % length;
                    ring[due * n + self.targets[edge] as usize] += weight(source);
                }
            }
        }
        raster
    }

    /// The same net on the chip's blocks.
    pub fn chip(&self) -> Chip {
        let value = |units: i32| I8F24::from_raw(i64::from(units) * UNIT_RAW);
        let edges: Vec<Edge<I8F24>> = (0..self.targets.len())
            .filter_map(|edge| {
                let source = edge / FAN_OUT;
                let delay = Delay::new(u32::from(self.delays[edge]))?;
                let target = self.targets[edge];
                Some(Edge { source: source as u32, target, weight: value(weight(source)), delay })
            })
            .collect();
        let shape = Shape { rows: self.neurons, columns: self.neurons };
        // Nine bits over +-2 store -2 and 1/2 exactly.
        let params = TableParams { weight_bits: 9, weight_range: 2.0, ..TableParams::default() };
        let traffic = Traffic { carried: Carried::Spikes, transposed: false };
        let mut counts = Counts::default();
        let table = SynapseTable::from_edges(shape, &edges, &params, traffic, &mut counts);
        let lif = LifParams {
            integrator: Integrator::Shift,
            fires: Fires::Above,
            threshold: f64::from(THRESHOLD) / 64.0,
            state_bits: 6,
            ..LifParams::default()
        };
        let start = vec![I8F24::ZERO; self.neurons];
        Chip {
            table: table.unwrap_or_else(|error| panic!("the workload's edges make a table: {error}")),
            neurons: NeuronModel::Lif(lif).build(&start),
            bias: self.bias.iter().map(|&bias| value(bias)).collect(),
            drive: vec![0; self.neurons],
            counts,
        }
    }
}

/// One population, connected to itself.
pub struct Chip {
    table: SynapseTable<I8F24>,
    neurons: Box<dyn Neurons<I8F24>>,
    bias: Vec<I8F24>,
    drive: Vec<i64>,
    pub counts: Counts,
}

impl Chip {
    /// Runs `steps` steps from rest: read, then update.
    pub fn run(&mut self, steps: usize) -> Raster {
        let mut raster = Raster::empty();
        self.neurons.start();
        let silent = Axons { value: self.neurons.activity(), spikes: self.neurons.spikes() };
        self.table.start(Way::Forward, silent);
        for step in 1..=steps {
            let axons = Axons { value: self.neurons.activity(), spikes: self.neurons.spikes() };
            self.table.read(Way::Forward, axons, step as u64, &mut self.drive, &mut self.counts);
            self.neurons.update(&self.drive, &self.bias, None, &mut self.counts);
            if let Some(spikes) = self.neurons.spikes() {
                spikes.iter().for_each(|neuron| raster.spike(step, neuron));
            }
        }
        raster
    }

    /// The digest of everything that evolves.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        self.table.digest(&mut digest);
        self.neurons.digest(&mut digest);
        digest.value()
    }
}
