//! An experiment: every key read, resolved and ready to build.

use crate::network::{NetworkSpec, Surroundings};
use crate::output::OWN;
use crate::probe::sections::ProbeSection;
use crate::sections::{DataSection, DelaySection, LearningSection, Rule};
use crate::stimulus::StimulusSection;
use crate::{Error, places, presets, rules};
use equipoise_base::Refusal;
use equipoise_base::config::{ConfigError, Node, Place, Table, Value};
use equipoise_base::params::{Field, Params as Declared};
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::params::{BetweenSamples, Learning, Settle};
use equipoise_chip::structure::{self, Keys};
use equipoise_chip::{Hardware, Network, Params, Phases, check_numbers};
use equipoise_energy::Preset;
use equipoise_trace::assignment::COMMAND_LINE;
use equipoise_trace::data_source::Loaded;
use equipoise_trace::{DataSource, Header};
use std::path::Path;

/// The chip that an experiment runs on if it names none.
pub const DEFAULT_CHIP: &str = "edge-rram";

pub(crate) const SECTIONS: [&str; 12] = [
    "title", "chip", "seed", "hardware", "network", "neuron", "learning", "phases", "delays", "data",
    "stimulus", "probe",
];

/// An experiment as its file says it, with defaults for what the file leaves out.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// A title for people.
    pub title: String,
    /// The preset's name or path, as given.
    pub chip: String,
    /// The seed of all randomness.
    pub seed: u64,
    /// The preset with the file's overlay.
    pub preset: Preset,
    /// Refuses prices off their design point.
    pub strict_prices: bool,
    /// The user's overlay, as given.
    pub overlay: Table,
    /// The chip.
    pub hardware: Hardware,
    /// The network's section.
    pub network: NetworkSpec,
    /// The neuron model of populations that name none.
    pub neuron: NeuronModel,
    /// How it learns.
    pub learning: LearningSection,
    /// How it relaxes.
    pub phases: Phases,
    /// Axonal delays.
    pub delays: DelaySection,
    /// What it is shown.
    pub data: DataSection,
    /// An input without a data set.
    pub stimulus: StimulusSection,
    /// Probes by name.
    pub probes: Vec<(String, ProbeSection)>,
    /// The whole file, for the places of errors.
    root: Table,
    /// The file's name for messages.
    pub file: String,
}

impl Experiment {
    /// Reads the root of an experiment file. `chip` overrides the file's own (a path then counts from the
    /// working directory).
    ///
    /// # Errors
    /// At the first key that is unknown or not accepted.
    pub fn read(root: &Table, chip: Option<&str>, seed: Option<u64>) -> Result<Self, Error> {
        root.refuse_unknown(&SECTIONS)?;
        let text = |key: &str, default: &str| match root.get(key) {
            Some(entry) => String::read(root, entry, None),
            None => Ok(default.to_owned()),
        };
        let overlay =
            root.section("hardware")?.cloned().unwrap_or_else(|| Table::new("hardware", root.place.clone()));
        let (chip, preset) = named_preset(root, chip, &overlay)?;
        let hardware = hardware(&preset)?;
        let seed = match (seed, root.get("seed")) {
            (Some(seed), _) => seed,
            (None, Some(entry)) => u64::read(root, entry, None)?,
            (None, None) => 1,
        };
        Ok(Self {
            title: text("title", "run")?,
            chip,
            seed,
            preset,
            strict_prices: false,
            overlay,
            network: NetworkSpec::read_section(&section(root, "network")?)?,
            neuron: NeuronModel::read_section(&section(root, "neuron")?)?,
            learning: learning(&section(root, "learning")?, &hardware)?,
            phases: Phases::read_declared(&section(root, "phases")?)?,
            delays: DelaySection::read_declared(&section(root, "delays")?)?,
            data: DataSection::read_declared(&section(root, "data")?)?,
            stimulus: StimulusSection::read_declared(&section(root, "stimulus")?)?,
            probes: probes(&section(root, "probe")?)?,
            hardware,
            root: root.clone(),
            file: root.place.file.to_string(),
        })
    }

    /// The samples, or the program, that `[data]` names.
    ///
    /// # Errors
    /// If a file is missing or not accepted, or a key belongs to another kind of source.
    pub fn load_data(&self) -> Result<Loaded, Error> {
        let DataSection { source, header, .. } = &self.data;
        if *header != Header::Auto && !matches!(source, DataSource::Csv(_)) {
            let found = format!("a first row of {}", source.shown());
            return Err(self
                .error_at("data.header", found, "nothing where data.source is no csv:PATH")
                .into());
        }
        Ok(source.load(*header)?)
    }

    /// Resolves rules and files to what a chip is built from. `train_samples` is the number of training
    /// samples of one epoch, over which rates decay.
    ///
    /// # Errors
    /// If the network's keys contradict each other or a file does not fit.
    pub fn params(&self, train_samples: u64) -> Result<Params, Error> {
        self.check_hold()?;
        let hidden = self.network.hidden_layers();
        let rule = |given: u32, rule: u32| if given == 0 { rule } else { given };
        let phases = Phases {
            free_steps: rule(self.phases.free_steps, rules::free_steps(hidden)),
            nudged_steps: rule(self.phases.nudged_steps, rules::nudged_steps(hidden)),
            // A stimulus is one stretch of time: its inputs follow each other without a reset.
            between_samples: if self.stimulus.is_there() {
                BetweenSamples::Carry
            } else {
                self.phases.between_samples
            },
            ..self.phases.clone()
        };
        let updates = match self.learning.decay_updates {
            0 => self.data.epochs * train_samples,
            given => given,
        };
        let learning = Learning {
            nudging: self.learning.nudging,
            beta: self.learning.beta,
            loss: self.learning.loss,
            latch: self.learning.latch.clone(),
            update: Some(self.learning.update),
            decay_to: self.learning.decay,
            decay_updates: updates,
        };
        let around = self.surroundings();
        let network = self.network.build(&around)?;
        let delay_rules = self.network.delay_rules(&network, &around)?;
        let (hardware, seed) = (self.hardware.clone(), self.seed);
        let params = Params { hardware, network, learning, phases, delay_rules, seed };
        check_numbers(&params).map_err(|refusal| self.refused(refusal))?;
        Ok(params)
    }

    /// The error for a number that the chip cannot hold, at the key that gave it.
    fn refused(&self, Refusal { key, found, accepted }: Refusal) -> ConfigError {
        self.error_at(&self.network.written_key(&key, self.root()), found, accepted)
    }

    /// Refuses a window that the file asks for and that no phase is long enough for.
    fn check_hold(&self) -> Result<(), ConfigError> {
        const KEY: &str = "phases.settle.hold";
        let Settle { hold, limit, .. } = self.phases.settle;
        if hold <= limit || places::written_at(&self.root, KEY).is_none() {
            return Ok(());
        }
        let found = format!("{hold} steps of phases of at most {limit}");
        Err(self.error_at(KEY, found, "up to `limit`, and up to half of it where reads are noisy"))
    }

    /// Builds the network, its files read and its start weights drawn.
    ///
    /// # Errors
    /// If keys contradict each other or a file does not fit.
    pub fn network(&self) -> Result<Network, Error> {
        self.network.build(&self.surroundings())
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            neuron: &self.neuron,
            learning: &self.learning,
            delays: &self.delays,
            seed: self.seed,
            root: &self.root,
        }
    }

    /// The whole file.
    pub(crate) fn root(&self) -> &Table {
        &self.root
    }

    /// An error at `key`, as in `network.layers`: at the key itself where the file has it.
    #[must_use]
    pub fn error_at(&self, key: &str, found: impl Into<String>, accepted: impl Into<String>) -> ConfigError {
        places::error_at(&self.root, key, found, accepted)
    }

    /// The error for a network that does not fit the chip, at the hardware, delay or phase key that the message names in
    /// backquotes, or else at the network.
    #[must_use]
    pub fn misfit(&self, message: &str) -> Error {
        let about_hardware = message.starts_with("hardware: ");
        let mut keys: Vec<String> = message.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if about_hardware {
            keys.iter_mut().for_each(|key| key.insert_str(0, "hardware."));
        }
        keys.retain(|key| ["hardware.", "delays.", "phases."].iter().any(|section| key.starts_with(section)));
        let sections = if about_hardware { ["hardware", "chip"] } else { ["network.layers", "network"] };
        keys.extend(sections.map(str::to_owned));
        let place = keys.iter().find_map(|key| places::written_at(&self.root, key));
        let place = place.unwrap_or_else(|| self.root.place.clone()).to_string();
        Error::Network { place, message: message.to_owned() }
    }

    /// True if the program of this experiment teaches.
    #[must_use]
    pub fn learns(&self) -> bool {
        self.learning.rule == Rule::Ep && self.data.epochs > 0
    }

    /// Every key with its resolved value; `params` gives those that follow from rules. Reading it again
    /// gives the same run.
    #[must_use]
    pub fn resolved(&self, params: &Params) -> Table {
        let mut learning = self.learning.clone();
        learning.decay_updates = params.learning.decay_updates;
        learning.rates = params.network.connections.iter().map(|c| c.rate).collect();
        learning.bias_rates =
            params.network.populations.iter().filter(|p| p.neuron.is_some()).map(|p| p.bias_rate).collect();
        let place = Place::whole("built-in defaults");
        let mut root = Table::new("", place.clone());
        let mut set =
            |key: &str, value: Value| root.set(key, place.clone(), Node { place: place.clone(), value });
        set("title", Value::Text(self.title.clone()));
        set("chip", Value::Text(self.portable_chip()));
        set("seed", self.seed.write());
        if !self.overlay.entries.is_empty() {
            set("hardware", Value::Table(self.overlay.clone()));
        }
        set("network", self.network.write());
        set("neuron", self.neuron.write());
        set("learning", Field::write(&learning));
        set("phases", Field::write(&params.phases));
        set("delays", Field::write(&self.delays));
        set("data", Field::write(&self.data));
        if self.stimulus.is_there() {
            set("stimulus", Field::write(&self.stimulus));
        }
        if !self.probes.is_empty() {
            let mut probes = Table::new("probe", place.clone());
            for (name, probe) in &self.probes {
                probes.set(name, place.clone(), Field::write(probe).built_in());
            }
            set("probe", Value::Table(probes));
        }
        root
    }

    /// The chip as a copy of the file in another folder has to name it.
    fn portable_chip(&self) -> String {
        let path = Path::new(&self.chip);
        if presets::EMBEDDED.iter().any(|(name, _)| *name == self.chip) {
            return self.chip.clone();
        }
        std::path::absolute(path).map_or_else(|_| self.chip.clone(), |path| path.display().to_string())
    }
}

/// Reading by declaration, under a name that no other trait has.
trait ReadDeclared: Sized {
    fn read_declared(table: &Table) -> Result<Self, ConfigError>;
}

impl<P: Declared> ReadDeclared for P {
    fn read_declared(table: &Table) -> Result<Self, ConfigError> {
        <P as Declared>::read(table)
    }
}

/// The section `key` of the root, empty if absent.
fn section(root: &Table, key: &str) -> Result<Table, ConfigError> {
    Ok(root.section(key)?.cloned().unwrap_or_else(|| Table::new(key, root.place.clone())))
}

/// The preset that the command line or the file names, with the file's overlay.
fn named_preset(root: &Table, chip: Option<&str>, overlay: &Table) -> Result<(String, Preset), Error> {
    let key = if chip.is_some() { "--chip" } else { "chip" };
    let (name, folder, place) = match (chip, root.get("chip")) {
        (Some(chip), _) => (chip.to_owned(), Path::new("").to_owned(), Place::whole(COMMAND_LINE)),
        (None, Some(entry)) => {
            let folder = Path::new(&*entry.place.file).parent().filter(|_| entry.place.line > 0);
            (
                String::read(root, entry, None)?,
                folder.unwrap_or(Path::new("")).to_owned(),
                entry.place.clone(),
            )
        }
        (None, None) => (DEFAULT_CHIP.to_owned(), Path::new("").to_owned(), root.place.clone()),
    };
    let mut preset = presets::find(&name, &folder, &place, key)?;
    preset.overlay(overlay)?;
    let embedded = presets::EMBEDDED.iter().any(|(known, _)| *known == name);
    let shown = if embedded { name } else { folder.join(&name).display().to_string() };
    Ok((shown, preset))
}

/// The structural part of a preset, read and checked. Where the file does not say how long a conversion takes, it
/// follows from the kind of converter.
///
/// # Errors
/// If a key is unknown or not accepted.
pub fn hardware(preset: &Preset) -> Result<Hardware, ConfigError> {
    presets::refuse_unknown(preset)?;
    let mut hardware = Hardware::read_declared(&preset.hardware)?;
    if let Some(cycles) = conversion_cycles(preset, &hardware, hardware.adc.bits)? {
        hardware.read.adc_cycles = cycles;
    }
    Ok(hardware)
}

/// What a conversion of `bits` takes where the file does not say it and the kind of converter does.
fn conversion_cycles(preset: &Preset, hardware: &Hardware, bits: u32) -> Result<Option<u32>, ConfigError> {
    let is_given = preset.hardware.section("read")?.is_some_and(|read| read.get("adc_cycles").is_some());
    let cycles = preset.prices.conversion_cycles(hardware.adc.kind.word(), bits);
    Ok(cycles.filter(|_| !is_given))
}

/// The structure of a preset that may price a run of structure `ran`. What follows from other keys follows from those
/// of the run: the mesh from its network, a conversion's cycles from its bits.
///
/// # Errors
/// If a key is unknown or not accepted.
pub fn structure_for(preset: &Preset, ran: &Keys) -> Result<Keys, ConfigError> {
    let mut hardware = hardware(preset)?;
    let bits = ran.get("adc.bits").and_then(|bits| bits.parse().ok()).unwrap_or(hardware.adc.bits);
    if let Some(cycles) = conversion_cycles(preset, &hardware, bits)? {
        hardware.read.adc_cycles = cycles;
    }
    Ok(structure::of_preset(&hardware, ran))
}

/// `[learning]`, where the latch and the update scheme that the file leaves out are the chip's.
fn learning(table: &Table, hardware: &Hardware) -> Result<LearningSection, ConfigError> {
    let mut whole = table.clone();
    let place = table.place.clone();
    if whole.get("update").is_none() {
        whole.set("update", place.clone(), hardware.update.scheme.write().built_in());
    }
    let mut latch = Declared::write(&hardware.latch);
    latch.path = whole.path_of("latch");
    match table.get("latch").map(|entry| &entry.node.value) {
        Some(Value::Table(own)) => {
            for entry in &own.entries {
                latch.set(&entry.key, entry.place.clone(), entry.node.clone());
            }
        }
        Some(_) => return LearningSection::read_declared(table),
        None => {}
    }
    whole.set("latch", place, Value::Table(latch).built_in());
    LearningSection::read_declared(&whole)
}

/// `[probe.NAME]` sections.
fn probes(table: &Table) -> Result<Vec<(String, ProbeSection)>, ConfigError> {
    let mut probes = Vec::new();
    for entry in &table.entries {
        let Value::Table(section) = &entry.node.value else {
            return Err(table.error(entry, "a section: [probe.NAME]"));
        };
        let name_is_plain = entry.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !name_is_plain {
            return Err(table.error(entry, "a name of letters, digits, - and _: it names a file"));
        }
        let section = ProbeSection::of(&entry.key, section)?;
        let file = section.file(&entry.key);
        if OWN.contains(&file.as_str()) {
            let found = format!("the name of the result file {file}");
            return Err(ConfigError { found, ..table.error(entry, "another name") });
        }
        probes.push((entry.key.clone(), section));
    }
    Ok(probes)
}
