//! Parameters of a chip and of what runs on it.
//!
//! [`Hardware`] is read from a preset with a user's overlay; [`Learning`] and [`Phases`] are the experiment's.

use crate::delays::DelayRules;
use crate::network::Network;
pub use crate::placement::Placement;
use crate::settling::{SettleRule, Unsettled};
use equipoise_base::config::{ConfigError, Entry, Node, Table, Value};
use equipoise_base::params::{Field, Params as Declared, written_table};
use equipoise_crossbar as crossbar;
use equipoise_learning::timing::{UpdateSlots, WriteMode};
use equipoise_learning::{Latch, Loss, Nudging, UpdateScheme, UpdateTiming};
use equipoise_router::{RouterModel, SendPolicy};
use equipoise_scheduler::Sync;
use equipoise_synapse_table as synapse_table;

equipoise_base::choice! {
    /// The format of state, drives and weights on the wires.
    pub enum StateFormat {
        /// 8 integer and 24 fraction bits.
        Default = "i8f24",
        /// 16 integer and 48 fraction bits.
        Wide = "i16f48",
    }
}

equipoise_base::choice! {
    /// Where a core keeps its synapses.
    pub enum CoreKind {
        /// In analog arrays.
        Analog = "analog",
        /// In an SRAM table of source, target, weight and delay.
        Sram = "sram",
    }
}

equipoise_base::choice! {
    /// What a presentation does with the state of the sample before.
    pub enum BetweenSamples {
        /// Free neurons return to their start state.
        Zero = "zero",
        /// Free neurons carry on.
        Carry = "carry",
    }
}

/// The size of the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mesh {
    /// The smallest near-square mesh that holds the network.
    Auto,
    /// Width and height.
    Fixed(u32, u32),
}

impl Field for Mesh {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(word) if word == "auto" => Ok(Self::Auto),
            Value::List(sides) => match sides[..] {
                [
                    Node { value: Value::Integer(w @ 1..=1024), .. },
                    Node { value: Value::Integer(h @ 1..=1024), .. },
                ] => Ok(Self::Fixed(w as u32, h as u32)),
                _ => {
                    Err(table.error(entry, "two whole numbers from 1 to 1024, [width, height], or \"auto\""))
                }
            },
            _ => Err(table.error(entry, "[width, height] or \"auto\"")),
        }
    }
    fn write(&self) -> Value {
        match *self {
            Self::Auto => Value::Text("auto".to_owned()),
            Self::Fixed(w, h) => {
                Value::List([w, h].map(|side| Value::Integer(i64::from(side)).built_in()).to_vec())
            }
        }
    }
}

equipoise_base::params! {
    /// What one core holds.
    pub struct CoreParams {
        /// Where synapses are kept.
        kind: CoreKind = CoreKind::Analog, "";
        /// Analog arrays per core.
        arrays: u32 = 8, "arrays", 1..=1_000_000;
        /// Neurons per core.
        neurons: u32 = 1024, "neurons", 1..=100_000_000;
    }
}

equipoise_base::params! {
    /// One physical array.
    pub struct ArrayParams {
        /// Rows.
        rows: u32 = 128, "rows", 1..=65536;
        /// Columns.
        columns: u32 = 128, "columns", 1..=65536;
        /// Drives the lines one activity bit after the other, and converts and adds each bit's sums.
        bit_serial: bool = false, "";
        /// Standard deviation of a cell's weight at every read, independent between cells and reads.
        cell_noise: f64 = 0.0, "fraction of w_max", 0.0..=1.0;
        /// Verifying reads of each cell during the initial programming.
        verify_reads: u32 = 0, "reads per cell", 0..=1_000_000;
    }
}

equipoise_base::params! {
    /// The neuron circuits of a core.
    pub struct NeuronLanes {
        /// Neurons that update at the same time.
        lanes: u32 = 16, "neurons", 1..=1_000_000;
        /// Cycles of one neuron's update.
        update_cycles: u32 = 1, "cycles", 0..=1_000_000;
    }
}

equipoise_base::params! {
    /// The host's way into the chip: words go straight to the cores.
    pub struct Host {
        /// Input words (one input value each) per cycle.
        words_per_cycle: u32 = 4, "words", 1..=1_000_000;
    }
}

equipoise_base::params! {
    /// How weight changes reach the devices.
    pub struct UpdateParams {
        /// The way from a weight change to pulses, unless the experiment chooses another.
        scheme: UpdateScheme = UpdateScheme::Accumulator, "";
        /// Which cells are written together.
        write: WriteMode = WriteMode::RowSerial, "";
        /// How many pulse slots a row gets.
        slots: UpdateSlots = UpdateSlots::AsNeeded, "";
        /// Cycles of one pulse slot.
        pulse_cycles: u32 = 2, "cycles", 0..=1_000_000;
        /// Cycles of one row's accumulators, where there are any.
        accumulator_cycles: u32 = 1, "cycles", 0..=1_000_000;
        /// Most pulses on one cell in one update.
        max_pulses: u32 = 16, "pulses", 1..=65535;
        /// Bits of an accumulator, its sign included.
        accumulator_bits: u32 = 8, "bits", 2..=16;
        /// Fraction bits of an accumulator: its grain is 2^-fraction of a pulse.
        accumulator_fraction: u32 = 5, "bits", 0..=14;
    }
}

impl UpdateParams {
    /// The part that decides how long an update takes.
    #[must_use]
    pub fn timing(&self) -> UpdateTiming {
        let Self { write, slots, pulse_cycles, accumulator_cycles, max_pulses, .. } = *self;
        UpdateTiming { write, slots, pulse_cycles, accumulator_cycles, max_pulses }
    }
}

equipoise_base::params! {
    /// The chip. A preset gives every key; an experiment's `[hardware]` overlays them.
    pub struct Hardware {
        /// Nodes of the mesh: [width, height], or "auto" for as many as the network needs.
        mesh: Mesh = Mesh::Auto, "";
        /// On which nodes the cores sit: in "order", core c on node c; by "traffic", where the packets of a sample take the fewest hops; or a list with a node for every core, or a section with the node (or list of nodes) of every population. Node y * width + x lies at (x, y).
        placement: Placement = Placement::Order, "";
        /// The format of state, drives and weights on the wires.
        state: StateFormat = StateFormat::Default, "";
        /// When a step ends.
        sync: Sync = Sync::default(), "";
        /// Cycles of the barrier at the end of a step.
        barrier_cycles: u32 = 0, "cycles", 0..=1_000_000;
        /// Clamped inputs send once per presentation, and their drive is converted once and held.
        hold_clamped: bool = true, "";
        /// Bits of an activity's magnitude on the wires, from 0 to 1 in 2^bits - 1 steps; 0 for the state's full width.
        activity_bits: u32 = 8, "bits", 0..=48;
        /// Cycles of `LATCH`.
        latch_cycles: u32 = 1, "cycles", 0..=1_000_000;
        /// Cycles of restoring the free state before a second nudged phase.
        restore_cycles: u32 = 0, "cycles", 0..=1_000_000;
        /// Cycles of one window in which the peak of power is looked for.
        power_window_cycles: u64 = 1024, "cycles", 1..=1_000_000_000;
        /// How packets travel.
        router: RouterModel = RouterModel::default(), "";
        /// When an axon sends.
        send: SendPolicy = SendPolicy::default(), "";
        /// What one core holds.
        core: CoreParams = CoreParams::default(), "";
        /// The analog arrays of a core.
        array: ArrayParams = ArrayParams::default(), "";
        /// Converters at the ends of an array's lines.
        adc: crossbar::Adc = crossbar::Adc::default(), "";
        /// The times of a read.
        read: crossbar::Timing = crossbar::Timing::default(), "";
        /// The cells.
        device: crossbar::DeviceModel = crossbar::DeviceModel::default(), "";
        /// The SRAM synapse table of a digital core.
        table: synapse_table::TableParams = synapse_table::TableParams::default(), "";
        /// The neuron circuits.
        neuron: NeuronLanes = NeuronLanes::default(), "";
        /// The way to the devices.
        update: UpdateParams = UpdateParams::default(), "";
        /// The latch, unless the experiment chooses another.
        latch: Latch = Latch::default(), "";
        /// The host's way in.
        host: Host = Host::default(), "";
    }
}

/// The settling rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Settle {
    /// Fixed steps, or a tolerance.
    pub rule: SettleRule,
    /// A phase has settled when no state (no mean state under noise) moves by more than this.
    pub tolerance: f64,
    /// Steps over which means are taken under noise.
    pub hold: u32,
    /// Most steps of a phase under the tolerance rule.
    pub limit: u32,
}

equipoise_base::params! {
    /// The tolerance rule.
    pub struct Tolerance {
        /// Largest change of a state (of a mean state under noise).
        tolerance: f64 = 1e-3, "1", 0.0..=1.0;
        /// Steps over which means are taken under noise.
        hold: u32 = 4, "steps", 1..=1000;
        /// Most steps of a phase.
        limit: u32 = 500, "steps", 1..=1_000_000_000;
    }
}

impl Default for Settle {
    fn default() -> Self {
        let Tolerance { tolerance, hold, limit } = Tolerance::default();
        Self { rule: SettleRule::Steps, tolerance, hold, limit }
    }
}

impl Field for Settle {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(word) if word == "steps" => Ok(Self::default()),
            Value::Text(word) if word == "tolerance" => {
                Ok(Self { rule: SettleRule::Tolerance, ..Self::default() })
            }
            Value::Table(section) => {
                let Tolerance { tolerance, hold, limit } = <Tolerance as Declared>::read(section)?;
                Ok(Self { rule: SettleRule::Tolerance, tolerance, hold, limit })
            }
            _ => {
                let accepted = "\"steps\", \"tolerance\", or { tolerance = .., hold = .., limit = .. }";
                Err(table.error(entry, accepted))
            }
        }
    }
    fn write(&self) -> Value {
        match self.rule {
            SettleRule::Steps => Value::Text("steps".to_owned()),
            SettleRule::Tolerance => {
                let integer = |n: u32| Value::Integer(i64::from(n));
                Value::Table(written_table(vec![
                    ("tolerance", Value::Float(self.tolerance)),
                    // Where nothing is averaged the default may exceed the limit; a file that says so would be refused.
                    ("hold", integer(self.hold.min(self.limit))),
                    ("limit", integer(self.limit)),
                ]))
            }
        }
    }
}

equipoise_base::params! {
    /// How long the phases last and what happens between them.
    pub struct Phases {
        /// Steps of the free phase; 0 for the rule of the network's depth.
        free_steps: u32 = 0, "steps", 0..=1_000_000_000;
        /// Steps of a nudged phase; 0 for the rule of the network's depth.
        nudged_steps: u32 = 0, "steps", 0..=1_000_000_000;
        /// When a phase ends.
        settle: Settle = Settle::default(), "";
        /// What an update does whose phases did not settle, or oscillate.
        unsettled: Unsettled = Unsettled::Default, "";
        /// Looks for oscillations in the second half of every phase that does not settle before.
        detect: bool = true, "";
        /// Most steps at the end of a phase in which they are looked for (eight times the longest delay, if that is more): periods up to half of them are found.
        oscillation_window: u32 = 256, "steps", 8..=8192;
        /// What a presentation does with the state of the sample before.
        between_samples: BetweenSamples = BetweenSamples::Zero, "";
    }
}

/// How the chip learns.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    /// How outputs are nudged.
    pub nudging: Nudging,
    /// Nudging strength.
    pub beta: f64,
    /// The loss.
    pub loss: Loss,
    /// The latch.
    pub latch: Latch,
    /// The way to pulses; `None` for the chip's own.
    pub update: Option<UpdateScheme>,
    /// Learning rates fall linearly to this share ...
    pub decay_to: f64,
    /// ... over this many updates; 0 for no decay.
    pub decay_updates: u64,
}

impl Default for Learning {
    fn default() -> Self {
        Self {
            nudging: Nudging::default(),
            beta: 1.0,
            loss: Loss::default(),
            latch: Latch::default(),
            update: None,
            decay_to: 1.0,
            decay_updates: 0,
        }
    }
}

/// Everything that a chip is built from.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// The chip.
    pub hardware: Hardware,
    /// The network on it.
    pub network: Network,
    /// How it learns.
    pub learning: Learning,
    /// How it relaxes.
    pub phases: Phases,
    /// What delays follow beside the network's numbers, one for each connection; empty for nothing.
    pub delay_rules: Vec<DelayRules>,
    /// The seed of all randomness.
    pub seed: u64,
}
