//! `equipoise price`.

use crate::args::{Corner, PriceArgs};
use crate::experiment_file::refuse_existing;
use crate::print;
use equipoise_base::config::{ConfigError, Place, Table};
use equipoise_chip::structure;
use equipoise_energy::bill::{Bill, price as bill_of};
use equipoise_energy::structure::{Difference, compare};
use equipoise_study::opinions::{SecondOpinion, second_opinions};
use equipoise_study::output::{RECORD, write_json};
use equipoise_study::{Error, experiment, presets};
use equipoise_trace::assignment::{self, COMMAND_LINE};
use equipoise_trace::record_file;
use serde::Serialize;
use std::path::Path;

/// The written file.
#[derive(Serialize)]
struct Priced<'a> {
    format: &'static str,
    run_chip: &'a str,
    priced_as: &'a str,
    prices_only: bool,
    structure_differs_in: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<SecondOpinion>,
    #[serde(flatten)]
    bill: &'a Bill,
}

/// Prices a finished run again.
pub fn price(args: &PriceArgs) -> Result<(), Error> {
    let record = record_file::read(&args.dir.join(RECORD)).map_err(|error| no_run(&args.dir, error))?;
    let mut preset = presets::find(&args.chip, Path::new(""), &Place::whole(COMMAND_LINE), "--chip")?;
    if let Some(corner) = args.corner {
        preset.overlay(&of_corner(corner)?)?;
    }
    let ran = structure::counted(record.structure.clone());
    let differences = compare(&ran, &experiment::structure_for(&preset, &record.structure)?);
    if !differences.is_empty() && !args.prices_only {
        return Err(refused(&differences).into());
    }
    preset.prices.check(&record.structure)?;
    let prices = preset.prices.on(&record.structure)?;
    let path = args.dir.join(format!("price-{}.json", plain(&preset.name)));
    refuse_existing(&path, args.overwrite)?;
    let bill = bill_of(&record, &prices);
    if args.strict_prices {
        preset.prices.refuse_off(&prices)?;
        refuse_incomplete(&bill)?;
    }
    let priced = Priced {
        format: "equipoise-price-1",
        run_chip: &record.chip,
        priced_as: &preset.name,
        prices_only: args.prices_only,
        models: if args.models { second_opinions(&record)? } else { Vec::new() },
        structure_differs_in: differences.iter().map(ToString::to_string).collect(),
        bill: &bill,
    };
    write_json(&path, &priced)?;
    if args.quiet {
        print::report(&format!("{}\n", path.display()));
        return Ok(());
    }
    let mut text = format!("{}: run on {}, priced as {}\n", record.title, record.chip, preset.name);
    if !differences.is_empty() {
        let keys: Vec<&str> = differences.iter().map(|difference| difference.key.as_str()).collect();
        text += &format!("prices only: the chips differ in {}\n", keys.join(", "));
    }
    text += &print::bill(&record, &bill);
    text += &print::second_opinions(&bill, &priced.models);
    print::report(&format!("{text}written to {}\n", path.display()));
    Ok(())
}

/// The overlay that chooses a corner.
fn of_corner(corner: Corner) -> Result<Table, ConfigError> {
    let word = match corner {
        Corner::Slow => "slow",
        Corner::Typical => "typical",
        Corner::Fast => "fast",
    };
    let mut overlay = Table::new("hardware", Place::whole(COMMAND_LINE));
    assignment::set(&mut overlay, &assignment::parse(&format!("technology.corner={word}"))?)?;
    Ok(overlay)
}

/// Refuses a bill that lacks something.
fn refuse_incomplete(bill: &Bill) -> Result<(), ConfigError> {
    if bill.energy_j.unpriced.is_empty() {
        return Ok(());
    }
    let found = format!("a chip without {}", bill.energy_j.unpriced.join(", "));
    let accepted = "a chip that prices all that occurred, or no --strict-prices".to_owned();
    Err(ConfigError { place: Place::whole(COMMAND_LINE), key: "--chip".to_owned(), found, accepted })
}

/// A folder without a record is the likelier mistake than a record that cannot be read.
fn no_run(folder: &Path, error: equipoise_trace::Error) -> equipoise_trace::Error {
    if folder.join(RECORD).exists() {
        return error;
    }
    let found =
        if folder.is_dir() { format!("a folder without {RECORD}") } else { "no such folder".to_owned() };
    equipoise_trace::Error::data(&folder.display().to_string(), "", found, "the folder of a finished run")
}

/// The refusal of a chip whose structure is not that of the run, naming each key.
fn refused(differences: &[Difference]) -> ConfigError {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let each = |d: &Difference| format!("{} ({}, ran with {})", d.key, shown(&d.prices), shown(&d.ran));
    let found =
        format!("a chip that differs in {}", differences.iter().map(each).collect::<Vec<_>>().join(", "));
    let accepted = "a chip of the same structure, or --prices-only to take its prices alone".to_owned();
    ConfigError { place: Place::whole(COMMAND_LINE), key: "--chip".to_owned(), found, accepted }
}

/// A preset's name as part of a file name.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
