//! `equipoise list`.

use crate::args::{ListArgs, Listed};
use crate::print;
use equipoise_base::config::Place;
use equipoise_base::family::Member;
use equipoise_chip::catalog::{DeviceModel, LatchKind, Loss, NeuronModel, Nudging, RouterModel};
use equipoise_study::probe::sections::ProbeSection;
use equipoise_study::{Error, presets, studies};
use std::path::Path;

/// Prints a list.
pub fn list(args: &ListArgs) -> Result<(), Error> {
    let text = match args.what {
        Listed::Chips => print::entries(&chips()?),
        Listed::Devices => print::models(&DeviceModel::members()),
        Listed::Neurons => print::models(&NeuronModel::members()),
        Listed::Routers => print::models(&RouterModel::members()),
        Listed::Studies => print::models(&all_studies()),
        Listed::Nudging => words(Nudging::ALL),
        Listed::Losses => words(Loss::ALL),
        Listed::Latches => words(LatchKind::ALL),
        Listed::Probes => print::models(&ProbeSection::members()),
        Listed::Actions => print::actions(),
    };
    print::say(&text)
}

/// Presets with their summaries.
fn chips() -> Result<Vec<(String, String)>, Error> {
    let of = |name: &str| presets::find(name, Path::new(""), &Place::whole("program"), "chip");
    presets::EMBEDDED.iter().map(|(name, _)| Ok(((*name).to_owned(), of(name)?.summary))).collect()
}

/// Studies with their keys.
fn all_studies() -> Vec<Member> {
    let member =
        |study: &studies::Listed| Member { name: study.name, meaning: study.meaning, keys: (study.keys)() };
    studies::STUDIES.iter().map(member).collect()
}

fn words<T>(list: &[(T, &'static str, &'static str)]) -> String {
    print::words(list.iter().map(|(_, word, meaning)| (*word, *meaning)))
}
