//! `equipoise trace`.

use crate::args::{FromArgs, TraceArgs, TraceCommand};
use crate::{experiment_file, interrupt, print};
use equipoise_base::Instruction;
use equipoise_base::config::{ConfigError, Place, Table};
use equipoise_study::Error;
use equipoise_study::program::Item;
use equipoise_trace::assignment::COMMAND_LINE;
use equipoise_trace::trace_file::{Format, Writer};
use equipoise_trace::{AddressMap, AtomicFile, Info, Recordings, Trace, toml_write};
use std::path::Path;

/// Looks at, converts or makes traces.
pub fn trace(args: &TraceArgs) -> Result<(), Error> {
    match &args.command {
        TraceCommand::Info { file } => {
            let mut trace = Trace::open(file)?;
            let info = Info::of(&mut trace)?;
            print::say(&print::trace_info(file, &info, trace.header()))
        }
        TraceCommand::Convert { from, to, overwrite } => {
            let count = convert(from, to, *overwrite)?;
            report(count, to);
            Ok(())
        }
        TraceCommand::From(from) => make(from),
    }
}

/// Writes the trace `from` in the format that the name of `to` asks for.
fn convert(from: &Path, to: &Path, overwrite: bool) -> Result<u64, Error> {
    experiment_file::refuse_existing(to, overwrite)?;
    interrupt::listen();
    let trace = Trace::open(from)?;
    let header = trace.header_text().to_owned();
    write(to, &header, trace.map(|instruction| Ok(instruction?)))
}

/// Makes a trace of the program that an experiment would run.
fn make(args: &FromArgs) -> Result<(), Error> {
    experiment_file::refuse_existing(&args.to, args.overwrite)?;
    interrupt::listen();
    let count = match &args.recordings {
        Some(recordings) => from_recordings(args, recordings)?,
        None => {
            let mut session = experiment_file::session(&args.settings)?;
            let header = header(session.settings())?;
            write(&args.to, &header, session.program().filter_map(instruction))?
        }
    };
    report(count, &args.to);
    Ok(())
}

fn report(count: u64, to: &Path) {
    let written = print::plain(&print::counted(count, "instruction"));
    print::report(&format!("{written} written to {}\n", to.display()));
}

fn instruction(item: Result<Item, Error>) -> Option<Result<Instruction, Error>> {
    match item {
        Ok(Item::Do(instruction)) => Some(Ok(instruction)),
        Ok(Item::Ended { .. }) => None,
        Err(error) => Some(Err(error)),
    }
}

/// Settings without what the program of a trace stands for: what a trace opens with.
fn header(mut settings: Table) -> Result<String, Error> {
    settings.entries.retain(|entry| entry.key != "data" && entry.key != "stimulus");
    toml_write::write(&settings).map_err(Error::Other)
}

fn write(
    to: &Path,
    header: &str,
    program: impl Iterator<Item = Result<Instruction, Error>>,
) -> Result<u64, Error> {
    let format = Format::of_name(to)?;
    let file = AtomicFile::create(to)?;
    let name = file.name().clone();
    let mut writer = Writer::new(file, &name, format, header)?;
    for instruction in program {
        writer.put(&instruction?)?;
        if interrupt::requested() {
            return Err(Error::Interrupted);
        }
    }
    let count = writer.count();
    writer.finish()?.commit()?;
    Ok(count)
}

/// Recordings as events: each is presented, settled for as long as it lasts, and read out.
fn from_recordings(args: &FromArgs, path: &Path) -> Result<u64, Error> {
    let root = experiment_file::root(&args.settings)?;
    let experiment = experiment_file::experiment(root, &args.settings)?;
    let params = experiment.params(0)?;
    let header = header(experiment.resolved(&params))?;
    let recordings = Recordings::open(path)?;
    let map = AddressMap { downscale: args.downscale, step_us: args.step_us, ..AddressMap::default() };
    let inputs = params.network.input.map_or(0, |input| params.network.populations[input].size);
    if inputs != map.lines() as usize {
        let lines = map.lines();
        let found = format!("{inputs} input neurons for {lines} input lines of the recordings");
        let accepted = format!("{lines} input neurons, or another --downscale");
        let [key, _] = experiment.network.size_keys();
        return Err(experiment.error_at(key, found, accepted).into());
    }
    let count = if args.samples == 0 { recordings.len() } else { args.samples as usize };
    if count > recordings.len() {
        let found = format!("{count} of {} recordings", recordings.len());
        let (key, accepted) = ("--samples".to_owned(), "as many as there are, or 0 for all".to_owned());
        return Err(ConfigError { place: Place::whole(COMMAND_LINE), key, found, accepted }.into());
    }
    let outputs = params.network.output.map_or(0, |output| params.network.populations[output].size);
    let classes = recordings.classes(count);
    if classes > outputs as u64 {
        let found = format!("{outputs} output neurons for {classes} classes ({})", path.display());
        let [_, key] = experiment.network.size_keys();
        return Err(experiment.error_at(key, found, format!("at least {classes} output neurons")).into());
    }
    let program = (0..count).flat_map(|index| {
        let sample = || -> Result<Vec<Instruction>, Error> {
            let recording = recordings.get(index)?;
            let present = map.present(&recording)?;
            let steps = match &present {
                Instruction::Events { events, .. } => events.last().map_or(1, |event| event.step + 2),
                _ => 1,
            };
            Ok(vec![
                present,
                Instruction::Settle { steps: Some(steps) },
                Instruction::ReadOut,
                Instruction::Done,
            ])
        };
        match sample() {
            Ok(instructions) => instructions.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    });
    write(&args.to, &header, std::iter::once(Ok(Instruction::Train(false))).chain(program))
}
