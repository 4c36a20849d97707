//! `[probe.NAME]`: the kinds of probes and their keys.

use equipoise_base::config::{ConfigError, Node, Table, Value};
use equipoise_trace::waveform::Format;

equipoise_base::choice! {
    /// What a table records.
    pub enum Quantity {
        /// Activities on the axons.
        Activity = "activity",
        /// States u.
        State = "state",
        /// Spikes: one row each.
        Spikes = "spikes",
    }
}

equipoise_base::params! {
    /// A table.
    pub struct TableSection {
        /// The population to look at; `input` and `output` name those two, where none is called so.
        neurons: String = "output".to_owned(), "";
        /// What is recorded.
        quantity: Quantity = Quantity::default(), "";
        /// Every so many steps.
        every_steps: u64 = 1, "steps", 1..=1_000_000_000;
        /// Rows of the file after which the probe is full.
        rows: u64 = 100_000, "rows", 1..=1_000_000_000;
    }
}

equipoise_base::params! {
    /// A waveform.
    pub struct WaveformSection {
        /// What is recorded: "phase", "step", "cores", "packets", "fifos" (or "fifos:NODE"), "activity:NEURONS", "state:NEURONS", "weight:SYNAPSE", "latch:SYNAPSE", where NEURONS is a population, hidden1[3] or hidden1[3..7], and SYNAPSE is w1[source,target]; empty for phase, step, cores, packets and the output's activity.
        signals: Vec<String> = Vec::new(), "";
        /// The format of the file.
        format: Format = Format::default(), "";
        /// The first step that is recorded.
        from_step: u64 = 1, "steps", 1.0..=1e12;
        /// The last step that is recorded.
        to_step: u64 = 200, "steps", 1.0..=1e12;
        /// Changes of the file after which the probe is full.
        changes: u64 = 1_000_000, "changes", 1..=100_000_000;
    }
}

equipoise_base::params! {
    /// A timeline.
    pub struct TimelineSection {
        /// Shows every link of the mesh as well.
        links: bool = true, "";
        /// The first step that is recorded.
        from_step: u64 = 1, "steps", 1.0..=1e12;
        /// The last step that is recorded.
        to_step: u64 = 200, "steps", 1.0..=1e12;
        /// Events of the file after which the probe is full.
        events: u64 = 300_000, "events", 1..=100_000_000;
    }
}

equipoise_base::params! {
    /// A table in the columns of SANA-FE.
    pub struct RowsSection {
        /// The first step that is recorded.
        from_step: u64 = 1, "steps", 1.0..=1e12;
        /// The last step that is recorded.
        to_step: u64 = 1_000_000_000_000, "steps", 1.0..=1e12;
        /// Rows of the file after which the probe is full.
        rows: u64 = 100_000, "rows", 1..=1_000_000_000;
    }
}

equipoise_base::params! {
    /// The delays in use.
    pub struct DelaysSection {}
}

equipoise_base::family! {
    /// Probes. The kind of a section without `kind` is the one that its name says; else, and wherever there is a
    /// `quantity`, it is a table.
    pub enum ProbeSection {
        /// Activities, states or spikes of one population, a row per step: NAME.csv.
        Table(TableSection) = "table",
        /// Chosen signals, changing at their cycles, for GTKWave and Surfer: NAME.vcd or NAME.fst.
        Waveform(WaveformSection) = "waveform",
        /// Phases, reads, updates, packets and energy in time, for Perfetto or chrome://tracing: NAME.json.
        Timeline(TimelineSection) = "timeline",
        /// Spikes of all populations, in SANA-FE's columns: NAME.csv.
        Spikes(RowsSection) = "spikes",
        /// Packets between cores, in SANA-FE's columns: NAME.csv.
        Messages(RowsSection) = "messages",
        /// Counts, time and energy of every step, in SANA-FE's columns: NAME.csv.
        Performance(RowsSection) = "performance",
        /// The delay of every synapse, a row wherever one changes: NAME.csv.
        Delays(DelaysSection) = "delays",
    }
}

impl ProbeSection {
    /// Reads the section of the probe `name`.
    ///
    /// # Errors
    /// If a key is unknown or not accepted.
    pub fn of(name: &str, section: &Table) -> Result<Self, ConfigError> {
        let named = Self::members().iter().any(|member| member.name == name);
        if !named || section.get("kind").is_some() || section.get("quantity").is_some() {
            return Self::read_section(section);
        }
        let (mut section, place) = (section.clone(), section.place.clone());
        let value = Value::Text(name.to_owned());
        section.set("kind", place.clone(), Node { place, value });
        Self::read_section(&section)
    }

    /// The file of the probe `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        let extension = match self {
            Self::Waveform(waveform) => waveform.format.word(),
            Self::Timeline(_) => "json",
            _ => "csv",
        };
        format!("{name}.{extension}")
    }
}
