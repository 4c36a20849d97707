//! A chip whatever its number format: what programs, probes and reports use.

use crate::block::Block;
use crate::build::Homes;
use crate::chip::Chip;
use crate::couplings::Coupling;
use crate::execute::ExecuteError;
use crate::network::{Edge, Weights};
use crate::observer::{Observer, View};
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::team::Team;
use equipoise_base::record::{PerBlock, Record};
use equipoise_base::{Counts, Delay, Digest, Instruction, Number, Phase, Way};
use equipoise_scheduler::Span;

/// Totals of a run so far, to be subtracted from each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meter {
    /// Counts of all cores and phases.
    pub counts: Counts,
    /// Block-cycles of work of all cores.
    pub active: PerBlock,
    /// Cycles.
    pub cycles: u64,
    /// Phases that did not settle.
    pub unsettled: u64,
    /// Of these, oscillating.
    pub oscillating: u64,
    /// Updates that were refused.
    pub refused: u64,
}

/// A chip that executes a program. Everything but [`Machine::execute`] is a look from outside.
pub trait Machine: View + Send {
    /// Executes one instruction.
    ///
    /// # Errors
    /// If it cannot stand here or does not fit the network; the chip is then unchanged.
    fn execute(&mut self, instruction: &Instruction, observer: &mut dyn Observer)
    -> Result<(), ExecuteError>;

    /// What the last free phase came to.
    fn outcome(&self) -> &Outcome;

    /// Digest of the state, the counters, and the order of events.
    fn digest(&self) -> u64;

    /// The run so far as a record; title, chip name and epochs are the caller's.
    fn record(&self) -> Record;

    /// Totals so far.
    fn meter(&self) -> Meter;

    /// Weights of a connection as a noiseless read sees them. The synapses of a list are ordered by source, target
    /// and delay; those that share a cell of an array are one.
    fn weights(&self, connection: usize) -> Weights;

    /// Shows the synapses of a connection in the direction `way` as the chip has them; none in a direction in which
    /// the connection does not drive.
    fn couplings(&self, connection: usize, way: Way, show: &mut dyn FnMut(Coupling));

    /// Without a barrier, the steps of the slowest core within which anything sent has arrived in an otherwise empty
    /// transport: they add to the delays. `None` under a barrier, where transport takes no step.
    fn steps_in_transport(&self) -> Option<u64>;

    /// What the input registers hold when `input` is presented: as the wires to them carry it.
    fn entered(&self, input: &[f32]) -> Vec<f64>;

    /// Bias registers of a population.
    fn biases(&self, population: usize) -> Vec<f64>;

    /// What the latches hold as an estimate of minus the loss's gradient, before rates and pulses, in the place of
    /// [`Machine::weights`]. Zeros for frozen connections, and for all but the first of parallel synapses, which
    /// share its latch.
    fn weight_estimate(&self, connection: usize) -> Weights;

    /// Standard deviation of the noise that enters the drives of a population's neurons in every step, where it is
    /// largest: see [`equipoise_base::Synapses::read_noise`]. What is read once per presentation and held is no noise.
    fn drive_noise(&self, population: usize) -> f64;

    /// The peak-to-peak amplitude up to which a swing of a state is the grain of the chip's words.
    fn grain(&self) -> f64;

    /// The same for the biases of a population.
    fn bias_estimate(&self, population: usize) -> Vec<f64>;

    /// Keeps (or forgets) the span of every state from now on.
    fn keep_timeline(&mut self, keep: bool);

    /// The spans kept.
    fn timeline(&self) -> &[Span];

    /// Shares the cores' heavy work among so many threads from now on. It changes no result; a test shows that.
    fn set_threads(&mut self, threads: usize);

    /// Evaluates the cores in this order from now on. It changes no result; a test shows that.
    ///
    /// # Panics
    /// If `order` does not name every core once.
    fn set_core_order(&mut self, order: &[usize]);

    /// Whether a step whose work and traffic are those of an earlier one reuses that one's schedule (as it
    /// does from the start) or is scheduled anew. It changes no result; a test shows that.
    fn reuse_schedules(&mut self, reuse: bool);

    /// Whether differences of latches that must be zero are left out of an update (as they are from the start) or
    /// every one is formed as its latch would. It changes no result; a test shows that.
    fn leave_out_zeros(&mut self, leave_out: bool);
}

impl<N: Number> Machine for Chip<N> {
    fn execute(
        &mut self,
        instruction: &Instruction,
        observer: &mut dyn Observer,
    ) -> Result<(), ExecuteError> {
        Chip::execute(self, instruction, observer)
    }

    fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        digest.word(self.order.value());
        for word in [self.clock.cycle, self.clock.step, self.updates, self.samples, self.events.delivered] {
            digest.word(word);
        }
        self.cores.iter().for_each(|core| core.digest(&mut digest));
        digest.value()
    }

    fn record(&self) -> Record {
        self.write_record()
    }

    fn meter(&self) -> Meter {
        let mut meter = Meter {
            cycles: self.clock.cycle,
            unsettled: self.settling.unsettled,
            oscillating: self.settling.oscillating,
            refused: self.settling.refused,
            ..Meter::default()
        };
        for core in &self.cores {
            for phase in Phase::ALL {
                meter.counts += core.book.of(phase);
                meter.active += &core.book.active[phase as usize];
            }
        }
        meter
    }

    fn weights(&self, connection: usize) -> Weights {
        self.gather(connection, |block, row, put| {
            let sign = block.forward_sign as f64;
            block.synapses_of(row, &mut |column, delay, weight| put(column, delay, sign * weight.value()));
        })
    }

    fn couplings(&self, connection: usize, way: Way, show: &mut dyn FnMut(Coupling)) {
        self.each_coupling(connection, way, show);
    }

    fn steps_in_transport(&self) -> Option<u64> {
        match &self.pace {
            Pace::Barrier(_) => None,
            Pace::Free(run) => Some(run.steps_in_transport()),
        }
    }

    fn entered(&self, input: &[f32]) -> Vec<f64> {
        self.input_words(input).iter().map(|word| word.value()).collect()
    }

    fn biases(&self, population: usize) -> Vec<f64> {
        let cores = self.cores.iter().filter(|core| core.slice.population == population);
        cores.flat_map(|core| core.bias.iter().map(|b| b.value())).collect()
    }

    fn weight_estimate(&self, connection: usize) -> Weights {
        let gain = self.gain();
        self.gather(connection, |block, row, put| {
            let mut estimates = vec![0.0; block.shape.columns];
            if let Some(controller) = &block.controller {
                controller.estimates_of(row, gain, &mut |column, estimate| estimates[column] = estimate);
            }
            // Of parallel synapses the one with the shortest delay, which comes first, has the latch.
            block.synapses_of(row, &mut |column, delay, _| {
                put(column, delay, std::mem::take(&mut estimates[column]));
            });
        })
    }

    fn drive_noise(&self, population: usize) -> f64 {
        self.noise_in_drives(population)
    }

    fn grain(&self) -> f64 {
        self.monitor.granular()
    }

    fn bias_estimate(&self, population: usize) -> Vec<f64> {
        let gain = self.gain();
        let cores = self.cores.iter().filter(|core| core.slice.population == population);
        cores
            .flat_map(|core| {
                (0..core.bias.len())
                    .map(move |i| core.bias_controller.as_ref().map_or(0.0, |c| c.estimate(i, gain)))
            })
            .collect()
    }

    fn keep_timeline(&mut self, keep: bool) {
        self.timeline.spans = keep.then(Vec::new);
    }

    fn timeline(&self) -> &[Span] {
        self.timeline.spans.as_deref().unwrap_or_default()
    }

    fn set_threads(&mut self, threads: usize) {
        self.team = Team::new(threads);
    }

    fn set_core_order(&mut self, order: &[usize]) {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..self.cores.len()), "an order of evaluation names every core once");
        if let Pace::Free(run) = &mut self.pace {
            run.set_order(order);
        }
        self.core_order = order.to_vec();
    }

    fn reuse_schedules(&mut self, reuse: bool) {
        if let Pace::Barrier(clock) = &mut self.pace {
            clock.reuse(reuse);
        }
    }

    fn leave_out_zeros(&mut self, leave_out: bool) {
        let blocks = self.cores.iter_mut().flat_map(|core| &mut core.blocks);
        blocks.filter_map(|b| b.controller.as_mut()).for_each(|c| c.leave_out_zeros(leave_out));
    }
}

/// Takes the column, the delay and a number of a synapse.
type Put<'a> = dyn FnMut(usize, Delay, f64) + 'a;

impl<N: Number> Chip<N> {
    /// Collects a number for every synapse of a connection from the blocks that hold them; `visit` gives those of
    /// one row of a block.
    fn gather(&self, connection: usize, visit: impl Fn(&Block<N>, usize, &mut Put<'_>)) -> Weights {
        let Homes { listed, list } = &self.homes[connection];
        let mut edges = Vec::new();
        let mut dense = Vec::new();
        for home in list {
            for core in self.cores.iter().filter(|core| core.slice.population == home.to) {
                let block = &core.blocks[home.block];
                let (first, columns) = (core.slice.range.start, self.wires.values(home.to).len());
                if !listed {
                    dense.resize(block.shape.rows * columns, 0.0);
                }
                for row in 0..block.shape.rows {
                    visit(block, row, &mut |column, delay, value| {
                        let (source, target) = (row as u32, (first + column) as u32);
                        if *listed {
                            let delay = delay.steps() + home.extra;
                            edges.push(Edge { source, target, weight: value, delay });
                        } else {
                            dense[row * columns + first + column] = value;
                        }
                    });
                }
            }
        }
        if !listed {
            return Weights::Dense(dense);
        }
        edges.sort_by_key(|edge| (edge.source, edge.target, edge.delay));
        Weights::Edges(edges)
    }
}
