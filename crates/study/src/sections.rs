//! The sections of an experiment file that are not the chip's own.

use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use equipoise_chip::catalog::{Latch, Loss, Nudging, UpdateScheme};
use equipoise_trace::{DataSource, FilePath, Header};

equipoise_base::choice! {
    /// What an update follows.
    pub enum Rule {
        /// Equilibrium propagation.
        Ep = "ep",
        /// Nothing is learned.
        None = "none",
    }
}

equipoise_base::params! {
    /// `[learning]`.
    pub struct LearningSection {
        /// What an update follows.
        rule: Rule = Rule::Ep, "";
        /// How the outputs are nudged.
        nudging: Nudging = Nudging::default(), "";
        /// Nudging strength; 0.7 to 1 to train, small values for gradient tests (outputs then die in training).
        beta: f64 = 1.0, "1", 0.000001..=100.0;
        /// The loss.
        loss: Loss = Loss::default(), "";
        /// Learning rate of each connection in order; empty for the rule of the network's shape.
        rates: Vec<f64> = Vec::new(), "1", 0.0..=1000.0;
        /// Learning rate of the biases of each free population in order; empty for the rule.
        bias_rates: Vec<f64> = Vec::new(), "1", 0.0..=1000.0;
        /// Rates fall linearly to this share of their start.
        decay: f64 = 0.1, "1", 0.0..=1.0;
        /// Updates over which they fall; 0 for all of the run's.
        decay_updates: u64 = 0, "updates", 0.0..=1e15;
        /// The way from a weight change to pulses.
        update: UpdateScheme = UpdateScheme::default(), "";
        /// The latch.
        latch: Latch = Latch::default(), "";
        /// Compares the update of the first training sample with the true gradient.
        measure_gradient: bool = false, "";
        /// Reports how far the trained network is from oscillating, near its equilibrium for the first training sample (without a data set: for what is clamped at the end of the run).
        measure_stability: bool = false, "";
    }
}

equipoise_base::choice! {
    /// What has a random delay of its own.
    pub enum DrawnPer {
        /// Every neuron that sends.
        Axon = "axon",
        /// Every synapse.
        Synapse = "synapse",
    }
}

equipoise_base::params! {
    /// Delays by the way between cores.
    pub struct CoreDistance {
        /// Steps within a core.
        base: u32 = 1, "steps", 1..=1_000_000;
        /// Steps for every hop of the shortest way on the mesh; the sum is rounded to the nearest whole step, halves up.
        per_hop: f64 = 1.0, "steps per hop", 0.0..=1_000_000.0;
    }
}

equipoise_base::params! {
    /// Delays drawn uniformly.
    pub struct RandomDelay {
        /// The shortest.
        min: u32 = 1, "steps", 1..=1_000_000;
        /// The longest.
        max: u32 = 4, "steps", 1..=1_000_000;
        /// What has a delay of its own: "axon" or "synapse".
        per: DrawnPer = DrawnPer::Axon, "";
        /// The seed of the draws; 0 for the experiment's.
        seed: u64 = 0, "";
    }
}

equipoise_base::family! {
    /// Where delays come from that are not written down.
    pub enum DelayRule {
        /// From the distance of the cores.
        CoreDistance(CoreDistance) = "core_distance",
        /// Random with a seed.
        Random(RandomDelay) = "random",
    }
}

/// The delays of connections.
#[derive(Clone, Debug, PartialEq)]
pub enum DelaySpec {
    /// The same for all.
    Uniform(u32),
    /// One per source neuron.
    PerAxon(Vec<u32>),
    /// One per synapse, from an array file of shape (pre, post).
    Matrix(FilePath),
    /// By a rule.
    Rule(DelayRule),
}

impl Field for DelaySpec {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(path) => {
                Ok(Self::Matrix(FilePath::new(path, &entry.place, &table.path_of(&entry.key))))
            }
            Value::List(_) => Ok(Self::PerAxon(Field::read(table, entry, range)?)),
            Value::Integer(_) => Ok(Self::Uniform(Field::read(table, entry, range)?)),
            Value::Table(section) => Ok(Self::Rule(DelayRule::read_section(section)?)),
            _ => Err(table.error(
                entry,
                "a whole number of steps, a list of them, the path of a matrix, or a section with `kind`",
            )),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::Uniform(steps) => steps.write(),
            Self::PerAxon(steps) => steps.write(),
            Self::Matrix(path) => Value::Text(path.portable()),
            Self::Rule(rule) => rule.write(),
        }
    }
}

/// `delays.steps`: one for all connections, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub enum Delays {
    /// All connections alike.
    All(DelaySpec),
    /// One per connection, in order.
    Each(Vec<DelaySpec>),
}

impl Field for Delays {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::List(_) => Ok(Self::Each(Field::read(table, entry, range)?)),
            _ => Ok(Self::All(Field::read(table, entry, range)?)),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::All(spec) => spec.write(),
            Self::Each(list) => list.write(),
        }
    }
}

equipoise_base::params! {
    /// `[delays]`.
    pub struct DelaySection {
        /// Steps from an activity to the drive that it is part of: one entry for all connections, or a list with one for each. An entry is a number, a list (one per source neuron), a matrix file (.npy or .csv, (pre, post)), { kind = "core_distance", base, per_hop } or { kind = "random", min, max, per, seed }.
        steps: Delays = Delays::All(DelaySpec::Uniform(1)), "steps", 1..=1_000_000;
        /// The same for the returned direction of symmetric connections, lists counting target neurons; empty for the same as `steps`.
        return_steps: Delays = Delays::Each(Vec::new()), "steps", 1..=1_000_000;
        /// What `steps` is in nudged phases, as numbers and lists; what is in flight keeps the delay it left with; empty for no change.
        nudged_steps: Delays = Delays::Each(Vec::new()), "steps", 1..=1_000_000;
        /// What `return_steps` is in nudged phases; empty for `nudged_steps` where that is a number, else for no change.
        nudged_return_steps: Delays = Delays::Each(Vec::new()), "steps", 1..=1_000_000;
    }
}

equipoise_base::params! {
    /// `[data]`.
    pub struct DataSection {
        /// Where the samples come from: digits, idx:DIR, csv:PATH, npy:PATH, npz:PATH or trace:PATH.
        source: DataSource = DataSource::default(), "";
        /// What the first row of a table (csv:PATH) is: true for names of the columns, false for a sample; "auto" for names if no field is a number.
        header: Header = Header::Auto, "";
        /// Times that the training samples are shown; 0 evaluates only.
        epochs: u64 = 20, "epochs", 0..=1_000_000;
        /// Shows them in another order in every epoch.
        shuffle: bool = true, "";
        /// Training samples used; 0 for all.
        train_samples: u64 = 0, "samples", 0..=1_000_000_000;
        /// Test samples used; 0 for all.
        test_samples: u64 = 0, "samples", 0..=1_000_000_000;
        /// Evaluates after every so many epochs; 0 for once at the end.
        evaluate_every: u64 = 0, "epochs", 0..=1_000_000;
    }
}
