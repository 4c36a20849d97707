//! Probes: what a run records beside its results, and the files that it becomes.

mod delays;
pub mod recording;
mod sana_fe;
pub mod sections;
mod signals;
mod table;
mod timeline;
mod waveform;
pub mod window;

use crate::{Error, Experiment};
use equipoise_base::config::ConfigError;
use equipoise_chip::catalog::Sync;
use equipoise_chip::placement::Slice;
use equipoise_chip::trail::Watch;
use equipoise_chip::{Clock, Machine, Network, Observer, Params, Span, View};
use equipoise_energy::Prices;
use sections::ProbeSection;
use std::path::Path;

/// What a probe is built from.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub experiment: &'a Experiment,
    pub params: &'a Params,
    /// The neurons of each core.
    pub slices: &'a [Slice],
    /// What the chip's actions cost.
    pub prices: &'a Prices,
}

impl Setting<'_> {
    /// The population that a key calls `name`; `input` and `output` name those two, where none is called so.
    fn population(&self, name: &str) -> Option<usize> {
        let network = &self.params.network;
        let called = network.populations.iter().position(|p| p.name == name);
        called.or(match name {
            "input" => network.input,
            "output" => network.output,
            _ => None,
        })
    }

    /// All names that [`Setting::population`] knows, as messages list them.
    fn population_names(&self) -> String {
        let network = self.network();
        let called = |name: &str| network.populations.iter().any(|p| p.name == name);
        let roles = [("input", network.input), ("output", network.output)];
        let by_role = roles.into_iter().filter(|(name, population)| population.is_some() && !called(name));
        let own = network.populations.iter().map(|p| p.name.as_str());
        own.chain(by_role.map(|(name, _)| name))
            .map(|name| format!("{name:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn network(&self) -> &Network {
        &self.params.network
    }

    fn clock_hz(&self) -> f64 {
        self.prices.clock_hz()
    }

    /// The window of a section; its last step may not stand before its first.
    fn window(&self, probe: &str, first: u64, last: u64) -> Result<window::Window, ConfigError> {
        if last < first {
            let key = format!("probe.{probe}.to_step");
            let accepted = format!("a step from `from_step` ({first}) on");
            return Err(self.experiment.error_at(&key, last.to_string(), accepted));
        }
        Ok(window::Window::new(first, last))
    }
}

/// One probe.
trait Probe: Observer {
    /// The run begins: looks at the chip as it was built.
    fn begin(&mut self, network: &Network, machine: &dyn Machine) {
        let _ = (network, machine);
    }

    /// Writes what was recorded as the file `path`.
    fn write(&mut self, path: &Path) -> Result<(), Error>;

    /// What of a run of so many steps was not recorded; `None` if that is nothing.
    fn cut(&self, ran_steps: u64) -> Option<Cut>;
}

/// What a probe does not have of its run, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// All of it, and why: there is no file.
    All(String),
    /// Some of it.
    Some(String),
}

struct Named {
    /// The file that it leaves.
    file: String,
    probe: Box<dyn Probe>,
}

/// All probes of a run.
#[derive(Default)]
pub struct Probes(Vec<Named>);

impl Probes {
    /// The probes of the experiment.
    ///
    /// # Errors
    /// If one asks for what is not there.
    pub(crate) fn new(setting: Setting<'_>) -> Result<Self, ConfigError> {
        let named = |(name, section): &(String, ProbeSection)| {
            looks_into_steps(name, section, setting)?;
            let probe: Box<dyn Probe> = match section {
                ProbeSection::Table(section) => Box::new(table::Table::new(name, section, setting)?),
                ProbeSection::Waveform(section) => Box::new(waveform::Recorded::new(name, section, setting)?),
                ProbeSection::Timeline(section) => Box::new(timeline::Timeline::new(name, section, setting)?),
                ProbeSection::Spikes(section) => Box::new(sana_fe::Spikes::new(name, section, setting)?),
                ProbeSection::Messages(section) => Box::new(sana_fe::Messages::new(name, section, setting)?),
                ProbeSection::Performance(section) => {
                    Box::new(sana_fe::Performance::new(name, section, setting)?)
                }
                ProbeSection::Delays(_) => Box::new(delays::Delays::default()),
            };
            Ok(Named { file: section.file(name), probe })
        };
        Ok(Self(setting.experiment.probes.iter().map(named).collect::<Result<_, _>>()?))
    }

    /// The run of `network` on `machine` begins.
    pub fn begin(&mut self, network: &Network, machine: &dyn Machine) {
        self.0.iter_mut().for_each(|named| named.probe.begin(network, machine));
    }

    /// The names of the files that they leave.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|named| named.file.as_str())
    }

    /// Writes what they recorded of a run of so many steps into `folder`. Returns why files could not be written.
    pub fn write(&mut self, folder: &Path, ran_steps: u64) -> Vec<Error> {
        let is_there = |named: &&mut Named| !matches!(named.probe.cut(ran_steps), Some(Cut::All(_)));
        let write = |named: &mut Named| named.probe.write(&folder.join(&named.file)).err();
        self.0.iter_mut().filter(is_there).filter_map(write).collect()
    }

    /// What of a run of so many steps they did not record, a line for each probe that has not all.
    #[must_use]
    pub fn cuts(&self, ran_steps: u64) -> Vec<String> {
        let cut = |Named { file, probe }: &Named| match probe.cut(ran_steps)? {
            Cut::All(why) => Some(format!("{file}: nothing recorded: {why}")),
            Cut::Some(what) => Some(format!("{file} {what}")),
        };
        self.0.iter().filter_map(cut).collect()
    }
}

/// Some probes look at what happens within a step, and only a barrier makes steps that all cores share.
fn looks_into_steps(name: &str, section: &ProbeSection, setting: Setting<'_>) -> Result<(), ConfigError> {
    let kind = match section {
        ProbeSection::Waveform(_) => "a waveform",
        ProbeSection::Timeline(_) => "a timeline",
        ProbeSection::Messages(_) => "messages",
        ProbeSection::Table(_)
        | ProbeSection::Spikes(_)
        | ProbeSection::Performance(_)
        | ProbeSection::Delays(_) => return Ok(()),
    };
    if !matches!(setting.params.hardware.sync, Sync::Free(_)) {
        return Ok(());
    }
    let found = format!("{kind} of a chip without a barrier");
    let accepted = "tables, spikes, performance and delays there; this one with hardware.sync = \"barrier\"";
    Err(setting.experiment.error_at(&format!("probe.{name}"), found, accepted))
}

impl Observer for Probes {
    fn watches(&mut self, clock: Clock) -> Watch {
        // Every probe is asked, whatever the others want.
        self.0.iter_mut().map(|named| named.probe.watches(clock)).max().unwrap_or_default()
    }

    fn step(&mut self, view: &dyn View) {
        self.0.iter_mut().for_each(|named| named.probe.step(view));
    }

    fn state(&mut self, span: &Span, view: &dyn View) {
        self.0.iter_mut().for_each(|named| named.probe.state(span, view));
    }
}
