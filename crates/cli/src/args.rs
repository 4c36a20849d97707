//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use equipoise_study::{Destination, Experiment};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equipoise run                                 train the default chip on the shipped digits
  equipoise init my.toml                        write the commented default experiment
  equipoise run my.toml --set hardware.adc.bits=5
  equipoise study delay                         delays against gains: where a network oscillates
  equipoise price runs/digits-1-1 --chip edge-rram

Exit status: 0 done; 2 bad input, nothing was written; 130, 143 and 129 after Ctrl-C, SIGTERM and
SIGHUP; 1 anything else, and results that were finished stay.";

/// Cycle-accurate simulator of neuromorphic chips that learn on chip by equilibrium propagation.
#[derive(Debug, Parser)]
#[command(name = "equipoise", bin_name = "equipoise", version, about, max_term_width = 100, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs an experiment or a trace; without FILE, trains the default chip on the shipped digits
    Run(RunArgs),
    /// Makes one of the field's experiments, with its numbers, curve and figure
    Study(StudyArgs),
    /// Prices a finished run again with another chip's prices
    Price(PriceArgs),
    /// Looks at, converts and makes traces: the chip's programs
    Trace(TraceArgs),
    /// Lists chips, models with their keys, and counted actions
    List(ListArgs),
    /// Writes the commented default experiment
    Init(InitArgs),
    /// Validates an experiment or trace and prints what would run: cores, memory, time
    Check(CheckArgs),
}

/// `study`.
#[derive(Debug, Args)]
pub struct StudyArgs {
    /// The study, as `list studies` names it
    #[arg(value_name = "NAME")]
    pub study: String,
    /// Where settings come from.
    #[command(flatten)]
    pub settings: Settings,
    /// Where results go.
    #[command(flatten)]
    pub results: Results,
    /// Fewer points and shorter runs: ends within five seconds
    #[arg(long)]
    pub quick: bool,
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct Settings {
    /// Experiment (.toml) or trace (.trace, .eqt); without it, the default experiment
    pub file: Option<PathBuf>,
    /// Chip preset by name, or the path of one (.toml); wins over the file's
    #[arg(long, value_name = "NAME|PATH")]
    pub chip: Option<String>,
    /// Sets a key of the experiment, as in learning.beta=0.5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Refuses prices that do not hold for the design
    #[arg(long)]
    pub strict_prices: bool,
    /// Seed of all randomness; wins over the file's
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
}

/// A seed that an experiment file can hold.
fn seed(text: &str) -> Result<u64, String> {
    const MOST: u64 = i64::MAX as u64;
    match text.parse() {
        Ok(seed) if seed <= MOST => Ok(seed),
        _ => Err(format!("accepted: a whole number from 0 to {MOST}")),
    }
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Where settings come from.
    #[command(flatten)]
    pub settings: Settings,
    /// Where results go.
    #[command(flatten)]
    pub results: Results,
}

/// Where results go, and what is said about it.
#[derive(Debug, Args)]
pub struct Results {
    /// Result folder, by default `runs/<title>-<seed>-<first free number>`
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replaces a result that is already in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// Threads over cores, or points of a study; changes no result
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: u32,
    /// No progress and no report: stdout is the result folder alone
    #[arg(long)]
    pub quiet: bool,
}

impl Results {
    /// The folder that was asked for, or the next free one of the experiment's title.
    pub fn destination(&self, experiment: &Experiment) -> Destination {
        match &self.out {
            Some(folder) => Destination::Named(folder.clone()),
            None => Destination::numbered(Path::new("runs"), &experiment.title, experiment.seed),
        }
    }
}

/// A corner of the process.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Corner {
    /// Thresholds higher: slower, and less leakage
    Slow,
    /// As the sources say
    Typical,
    /// Thresholds lower: faster, and more leakage
    Fast,
}

/// `price`.
#[derive(Debug, Args)]
pub struct PriceArgs {
    /// Folder of a finished run
    pub dir: PathBuf,
    /// Chip preset by name or path
    #[arg(long, value_name = "NAME|PATH")]
    pub chip: String,
    /// Takes the prices of a chip whose structure differs from the run's
    #[arg(long)]
    pub prices_only: bool,
    /// Prices the run by published energy models as well, and prints the spread
    #[arg(long)]
    pub models: bool,
    /// Corner of the process, instead of the preset's
    #[arg(long)]
    pub corner: Option<Corner>,
    /// Refuses prices that are missing or do not hold for the design that ran
    #[arg(long)]
    pub strict_prices: bool,
    /// Replaces prices that are already in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// No report: stdout is the written file alone
    #[arg(long)]
    pub quiet: bool,
}

/// `trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// What to do with traces.
    #[command(subcommand)]
    pub command: TraceCommand,
}

/// The subcommands of `trace`.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Prints what a trace holds
    Info {
        /// Trace (.trace or .eqt)
        file: PathBuf,
    },
    /// Converts between text (.trace) and binary (.eqt), without loss
    Convert {
        /// Trace to read
        from: PathBuf,
        /// Trace to write; its extension chooses the format
        to: PathBuf,
        /// Replaces a file that is already there
        #[arg(long)]
        overwrite: bool,
    },
    /// Makes a trace from an experiment (with its data set) or from address-event recordings
    From(FromArgs),
}

/// `trace from`.
#[derive(Debug, Args)]
pub struct FromArgs {
    /// Where settings come from.
    #[command(flatten)]
    pub settings: Settings,
    /// Trace to write; its extension (.trace, .eqt) chooses the format
    #[arg(long, value_name = "TRACE")]
    pub to: PathBuf,
    /// Shows these event-camera recordings (.bs2, .bs2.gz) instead of the data set
    #[arg(long, value_name = "FILE")]
    pub recordings: Option<PathBuf>,
    /// Microseconds of recording in one step
    #[arg(long, value_name = "US", default_value_t = 5_000, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub step_us: u32,
    /// Pixels in x and in y that share an input line
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=34))]
    pub downscale: u32,
    /// Recordings used; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub samples: u32,
    /// Replaces a file that is already there
    #[arg(long)]
    pub overwrite: bool,
}

/// What `list` can list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// Chip presets.
    Chips,
    /// Device models.
    Devices,
    /// Neuron models.
    Neurons,
    /// Nudging schemes.
    Nudging,
    /// Losses.
    Losses,
    /// Latches.
    Latches,
    /// Routers.
    Routers,
    /// Probes: what a run can record beside its results.
    Probes,
    /// Studies.
    Studies,
    /// Counted actions.
    Actions,
}

/// `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    #[arg(hide_possible_values = false)]
    pub what: Listed,
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// File to write; without it the experiment is printed
    pub path: Option<PathBuf>,
    /// Replaces a file that is already there
    #[arg(long)]
    pub overwrite: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Where settings come from.
    #[command(flatten)]
    pub settings: Settings,
}
