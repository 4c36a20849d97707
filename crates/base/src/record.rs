//! The record of a run: integers only, everything that pricing and pictures need, nothing that depends on a
//! price, a wall clock, a thread count or a probe.

mod block;

pub use block::{Block, PerBlock};

use crate::{Action, Counts, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The book of one core.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoreBook {
    /// The mesh node, y * width + x.
    pub node: u32,
    /// Counts by phase, in the order of [`Phase::ALL`].
    pub counts: Vec<Counts>,
    /// Block-cycles of work by phase, in the order of [`Phase::ALL`].
    pub active: Vec<PerBlock>,
    /// The blocks of the core that the network uses. Routers belong to the chip.
    pub inventory: PerBlock,
    /// Cycles in which the core reads, updates neurons, latches or learns.
    pub busy_cycles: u64,
}

impl CoreBook {
    /// An empty book.
    #[must_use]
    pub fn new(node: u32, inventory: PerBlock) -> Self {
        let phases = Phase::ALL.len();
        Self {
            node,
            counts: vec![Counts::default(); phases],
            active: vec![PerBlock::default(); phases],
            inventory,
            busy_cycles: 0,
        }
    }

    /// The counts of one phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> &Counts {
        &self.counts[phase as usize]
    }

    /// The counts of one phase, to add to.
    pub fn of_mut(&mut self, phase: Phase) -> &mut Counts {
        &mut self.counts[phase as usize]
    }
}

/// Where events went. `emitted * fan-out` = `delivered` + `in_flight` + `dropped`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBook {
    /// Values sent by axons, one per axon and step.
    pub emitted: u64,
    /// Values owed to listeners: emitted values times the cores that listen.
    pub fan_out_total: u64,
    /// Values that reached the slowest of a listener's synapses.
    pub delivered: u64,
    /// Values still on their way: packets, and what axons and synapses hold back.
    pub in_flight: u64,
    /// Values lost, by reason: `sample_ended` (still on a delay line when the sample was over), `restarted` (on a line
    /// that was set back before a further nudged phase), `overtaken` (by a later value with a shorter delay),
    /// `not_played` (a recording lists it for a step that its sample did not have).
    pub dropped: BTreeMap<String, u64>,
    /// Packets that missed the sample which a delay of one step would have met; 0 under a barrier.
    pub late: u64,
    /// Packets on the mesh.
    pub packets: u64,
}

/// What a phase came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhaseClass {
    /// Its states stood still, within the tolerance.
    #[default]
    FixedPoint,
    /// Not settled, but what still moves shrinks.
    Slow,
    /// The states go round, or swing ever more.
    LimitCycle,
    /// The states go round within a few LSB of their words.
    Granular,
    /// Under so much noise that it cannot be told whether it settled.
    Hidden,
    /// The rest.
    Aperiodic,
}

/// How many phases came to what; together all phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseClasses {
    /// Their states stood still, within the tolerance.
    pub fixed_point: u64,
    /// Not settled, but what still moved shrank.
    pub slow: u64,
    /// The states went round: they oscillated.
    pub limit_cycle: u64,
    /// The states went round within a few LSB of their words.
    pub granular: u64,
    /// Noise was too large to tell whether they settled.
    pub hidden: u64,
    /// The rest.
    pub aperiodic: u64,
}

impl PhaseClasses {
    /// Counts one phase more.
    pub fn count(&mut self, class: PhaseClass) {
        *match class {
            PhaseClass::FixedPoint => &mut self.fixed_point,
            PhaseClass::Slow => &mut self.slow,
            PhaseClass::LimitCycle => &mut self.limit_cycle,
            PhaseClass::Granular => &mut self.granular,
            PhaseClass::Hidden => &mut self.hidden,
            PhaseClass::Aperiodic => &mut self.aperiodic,
        } += 1;
    }
}

/// An oscillation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Oscillation {
    /// The phase, as work is booked: free, nudged, or an evaluation.
    pub phase: Phase,
    /// Steps after which it repeats.
    pub period_steps: f64,
    /// Peak-to-peak amplitude of the state that moves most; under noise, of the part that repeats.
    pub amplitude: f64,
    /// True where whole states came back to the last bit, which proves it.
    pub exact: bool,
    /// The neurons that move most, the largest first, eight at most: `population:number`.
    pub neurons: Vec<String>,
    /// How many neurons move by at least a quarter of the largest amplitude (half of it under noise).
    pub taking_part: u64,
    /// The connections with synapses among the named neurons: `from -> to`, `from <-> to` where symmetric.
    pub connections: Vec<String>,
    /// The step of the run at whose end it was known.
    pub step: u64,
    /// The chip's cycle at that step's end.
    pub cycle: u64,
}

/// How the relaxations ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SettlingBook {
    /// Free and nudged phases.
    pub phases: u64,
    /// Of these, not settled when they ended.
    pub unsettled: u64,
    /// Of these, oscillating: they ended in a limit cycle.
    pub oscillating: u64,
    /// Updates that were refused because a phase was unsettled or oscillating.
    pub refused: u64,
    /// What the phases came to.
    pub classes: PhaseClasses,
    /// The last oscillation.
    pub last_oscillation: Option<Oscillation>,
    /// How many phases lasted that many steps.
    pub steps: BTreeMap<u32, u64>,
}

impl SettlingBook {
    /// The smallest number of steps that at least `share` (0..1) of the phases did not exceed.
    #[must_use]
    pub fn quantile(&self, share: f64) -> u32 {
        let wanted = (share * self.phases as f64).max(1.0);
        let mut seen = 0;
        for (&steps, &count) in &self.steps {
            seen += count;
            if seen as f64 >= wanted {
                return steps;
            }
        }
        0
    }
}

/// Bits of memory on the chip, by purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryBits {
    /// Weights and biases.
    pub weights: u64,
    /// Correlation latches and update accumulators.
    pub latches: u64,
    /// Neuron state.
    pub state: u64,
    /// Registers that hold the drive of clamped inputs.
    pub drives: u64,
    /// Registers that hold what axons brought last.
    pub axons: u64,
    /// What delay lines hold.
    pub delays: u64,
    /// Source and target tables.
    pub routing: u64,
    /// Shadow registers from which a second nudged phase restarts.
    pub restart: u64,
    /// Input and target registers.
    pub io: u64,
}

/// The shape of learning: what the memory and traffic of the alternatives follow from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LearningShape {
    /// Plastic synapses P.
    pub synapses: u64,
    /// Free neurons, the sum of the layers above the input.
    pub free_neurons: u64,
    /// Clamped input neurons.
    pub input_neurons: u64,
    /// Steps of the free phase.
    pub free_steps: u64,
    /// Steps of one nudged phase.
    pub nudged_steps: u64,
    /// Nudged phases per update.
    pub nudged_phases: u64,
    /// Bits of one latched correlation.
    pub latch_bits: u64,
    /// Bits of one update accumulator, which gathers what is less than a pulse; 0 where there are none.
    pub accumulator_bits: u64,
    /// Bits of one stored state.
    pub state_bits: u64,
    /// Bits of one gradient accumulator of backpropagation through time.
    pub gradient_bits: u64,
    /// The latch in use: `product`, `accumulate` or `state`.
    pub latch: String,
    /// Sizes of the layers where the network is layered, input first; empty otherwise.
    pub layers: Vec<u64>,
}

/// Traffic of one directed link of the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTraffic {
    /// Node that sends.
    pub from: u32,
    /// Node that receives.
    pub to: u32,
    /// Packets carried.
    pub packets: u64,
    /// Cycles for which they kept it busy.
    pub busy_cycles: u64,
}

/// The use of the FIFOs behind links. A slot is taken from the cycle in which a packet is sent there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FifoUse {
    /// Slots of all of them, in packets.
    pub slots: u64,
    /// Slots taken, times cycles.
    pub slot_cycles: u64,
    /// Most slots of one FIFO that were taken at once.
    pub most: u64,
}

/// The busiest stretches of the run: candidates for the peak of power, whatever the prices are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeakWindows {
    /// Cycles of one window.
    pub window_cycles: u64,
    /// Counts of full windows of which no other has at least as much of everything. Where too many were found,
    /// some are merged by taking the larger of each count; then the peak is an upper bound.
    pub windows: Vec<Counts>,
    /// True if windows were merged.
    pub is_bound: bool,
    /// The window with which the run begins, after the initial programming, whose counts are not in it.
    pub first: Window,
    /// The last full window with what is left of the run behind it.
    pub last: Window,
}

/// Counts of a stretch of cycles. A run of less than two windows is the first and the last of them at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Its cycles, at least those of a window where the run has as many.
    pub cycles: u64,
    /// What was counted.
    pub counts: Counts,
    /// True if the run begins with it.
    pub is_start: bool,
}

/// One stretch of training or evaluation, ending at an epoch's end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// `train` or `test`.
    pub split: String,
    /// The epoch, from 1; 0 for an evaluation before any training.
    pub epoch: u64,
    /// Samples seen in this stretch.
    pub samples: u64,
    /// Of these, classified correctly by the free phase.
    pub correct: u64,
    /// Mean loss of the free phase.
    pub loss: f64,
    /// Counts of this stretch, all cores.
    pub counts: Counts,
    /// Block-cycles of work of this stretch, all cores.
    pub active: PerBlock,
    /// Cycles of this stretch.
    pub cycles: u64,
    /// Phases of this stretch that did not settle.
    pub unsettled: u64,
    /// Of these, oscillating.
    pub oscillating: u64,
    /// Updates of this stretch that were refused.
    pub refused: u64,
}

/// Agreement of the chip's update with the true gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientFidelity {
    /// Cosine of the angle between them.
    pub cosine: f64,
    /// Norm of their difference over the norm of the true one.
    pub relative_error: f64,
    /// Norm of the chip's over the norm of the true one.
    pub norm_ratio: f64,
}

/// What a chip could not take as it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clipped {
    /// Start weights that their store holds further than half a step of the state's format from what was written.
    pub weights: u64,
    /// The largest change of one of them.
    pub largest_change: f64,
    /// Values of inputs (presented, clamped, cues and targets) beyond what registers, wires and drivers hold.
    pub inputs: u64,
}

impl Clipped {
    /// A weight that was changed by `change` in size, where more than `half_step` counts.
    pub fn changed(&mut self, change: f64, half_step: f64) {
        if change > half_step {
            self.weights += 1;
            self.largest_change = self.largest_change.max(change);
        }
    }
}

impl std::ops::AddAssign for Clipped {
    fn add_assign(&mut self, other: Self) {
        self.weights += other.weights;
        self.largest_change = self.largest_change.max(other.largest_change);
        self.inputs += other.inputs;
    }
}

/// Everything of a finished run that does not depend on a price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The experiment's title.
    pub title: String,
    /// The chip's name.
    pub chip: String,
    /// The seed.
    pub seed: u64,
    /// Digest of final state, counters and the order of events.
    pub digest: u64,
    /// Relaxation steps.
    pub steps: u64,
    /// Cycles.
    pub cycles: u64,
    /// `UPDATE` states executed.
    pub updates: u64,
    /// Cycles by phase, in the order of [`Phase::ALL`].
    pub phase_cycles: [u64; Phase::ALL.len()],
    /// Steps by phase, in the order of [`Phase::ALL`].
    pub phase_steps: [u64; Phase::ALL.len()],
    /// One book per core.
    pub cores: Vec<CoreBook>,
    /// Cores of the chip, used or not.
    pub nodes: u64,
    /// Everything that the chip has: the blocks of all its cores, used or not, and its routers.
    pub inventory: PerBlock,
    /// Routers with a core of the network beside them, or with packets passing through them.
    pub routers_in_use: u64,
    /// Where events went.
    pub events: EventBook,
    /// How the relaxations ended.
    pub settling: SettlingBook,
    /// Bits of memory.
    pub memory: MemoryBits,
    /// The shape of learning.
    pub shape: LearningShape,
    /// Traffic of each link.
    pub links: Vec<LinkTraffic>,
    /// The FIFOs behind them.
    pub fifos: FifoUse,
    /// Cycles of one conversion.
    pub conversion_cycles: u64,
    /// Free phases of evaluation.
    pub inferences: u64,
    /// The busiest stretches.
    pub peak: PeakWindows,
    /// One row per epoch and split.
    pub epochs: Vec<EpochRow>,
    /// Classes that the last evaluation showed and never predicted.
    pub classes_never_predicted: Vec<u32>,
    /// Output neurons of classes that the last evaluation showed, and that were never above zero in it.
    pub outputs_never_active: Vec<u32>,
    /// Agreement with the true gradient, where asked for.
    pub gradient: Option<GradientFidelity>,
    /// What the chip could not take as it was given.
    pub clipped: Clipped,
    /// Structural keys of the chip with their values: a chip with others cannot price this run.
    pub structure: BTreeMap<String, String>,
}

impl Record {
    /// Counts of all cores and phases that `wanted` accepts.
    #[must_use]
    pub fn total(&self, wanted: impl Fn(Phase) -> bool) -> Counts {
        let mut total = Counts::default();
        for core in &self.cores {
            for phase in Phase::ALL.into_iter().filter(|&p| wanted(p)) {
                total += core.of(phase);
            }
        }
        total
    }

    /// One action's count over all cores and phases.
    #[must_use]
    pub fn count(&self, action: Action) -> u64 {
        self.total(|_| true)[action]
    }

    /// The part of the chip that the network uses: the blocks of its cores, and the routers in use.
    #[must_use]
    pub fn in_use(&self) -> PerBlock {
        let mut total = PerBlock::default();
        self.cores.iter().for_each(|core| total += &core.inventory);
        total.add(Block::Router, self.routers_in_use);
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_settling_steps_are_steps_that_occurred() {
        let book = SettlingBook {
            phases: 100,
            steps: BTreeMap::from([(10, 50), (20, 44), (40, 6)]),
            ..Default::default()
        };
        assert_eq!(book.quantile(0.5), 10);
        assert_eq!(book.quantile(0.51), 20);
        assert_eq!(book.quantile(0.95), 40);
        assert_eq!(SettlingBook::default().quantile(0.5), 0);
    }
}
