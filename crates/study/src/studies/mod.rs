//! The field's experiments: each asks the chip one question and puts theory beside the answer.
//!
//! A study is one file with a type that implements [`Study`], and one line in [`STUDIES`]. Its keys are the section `[study]`
//! of an experiment; everything else in that experiment says on which network and which chip it is made.

mod at_rest;
mod bistability;
mod circuits;
mod context;
mod delay;
mod figure;
mod findings;
mod late_network;
mod learning_under_delay;
mod limit_cycle;
mod load;
mod load_figure;
mod oscillation;
mod pipeline;
mod pipeline_figure;
mod transport;
mod work;

pub use at_rest::AtRest;
pub use context::{Context, Watcher};
pub use figure::{Axis, Bar, Figure, HeatMap, Layer, Panel, Series, Spans, Style, Tone};
pub use findings::{Column, Findings, Number, Reference, Table};
pub use late_network::{LateNetwork, Pattern, Stay};
pub use oscillation::Oscillation;
pub(crate) use work::FILES;
pub use work::{Finished, Orders, Work};

use crate::Error;
use equipoise_base::config::{self, ConfigError, Place};
use equipoise_base::params::{Key, Params};
use equipoise_trace::assignment::COMMAND_LINE;

/// One experiment of the field.
pub trait Study {
    /// The keys of its section `[study]`, declared with [`params!`](equipoise_base::params!).
    type Keys: Params;
    /// Its name on the command line.
    const NAME: &'static str;
    /// What it shows, in one line.
    const MEANING: &'static str;
    /// The experiment (TOML) that it is made on where the user names none.
    const EXPERIMENT: &'static str;

    /// Makes the study. The same keys and experiment give the same findings, bit by bit, with any number of threads.
    ///
    /// # Errors
    /// If keys contradict each other ([`Context::error_at`]), the network is not one that the study can be made on, or
    /// the user stops.
    fn run(keys: &Self::Keys, context: &Context<'_>) -> Result<Findings, Error>;
}

/// All studies.
pub static STUDIES: &[Listed] = &[
    Listed::of::<delay::Delay>(),
    Listed::of::<bistability::Bistability>(),
    Listed::of::<circuits::Circuits>(),
    Listed::of::<transport::Transport>(),
    Listed::of::<limit_cycle::LimitCycle>(),
    Listed::of::<learning_under_delay::LearningUnderDelay>(),
    Listed::of::<pipeline::Pipeline>(),
    Listed::of::<load::Load>(),
];

/// A study in the list.
pub struct Listed {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, in one line.
    pub meaning: &'static str,
    /// The experiment that it is made on where the user names none.
    pub experiment: &'static str,
    /// Its keys, for help.
    pub keys: fn() -> Vec<Key>,
    /// Reads a section `[study]` and gives every key with its resolved value.
    resolve: fn(&config::Table) -> Result<config::Table, ConfigError>,
    /// Reads a section `[study]` and makes the study.
    run: fn(&config::Table, &Context<'_>) -> Result<Findings, Error>,
}

impl Listed {
    const fn of<S: Study>() -> Self {
        Self {
            name: S::NAME,
            meaning: S::MEANING,
            experiment: S::EXPERIMENT,
            keys: <S::Keys as Params>::keys,
            resolve: |section| Ok(<S::Keys as Params>::read(section)?.write()),
            run: |section, context| S::run(&<S::Keys as Params>::read(section)?, context),
        }
    }
}

/// The study of that name.
///
/// # Errors
/// If there is none.
pub fn find(name: &str) -> Result<&'static Listed, Error> {
    STUDIES.iter().find(|study| study.name == name).ok_or_else(|| {
        let names: Vec<&str> = STUDIES.iter().map(|study| study.name).collect();
        let (found, accepted) = (format!("{name:?}"), names.join(", "));
        ConfigError { place: Place::whole(COMMAND_LINE), key: "NAME".to_owned(), found, accepted }.into()
    })
}
