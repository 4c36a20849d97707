//! Names that meet a rule of some format: of populations in signals, paths of waveforms, and tables.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::Desk;
use program::waveforms::{fst, vcd};
use std::collections::BTreeSet;

/// One clamped neuron drives populations of these names with weights 0.1, 0.2, 0.3, ...: what a population's two
/// neurons carry tells which it is.
fn network(names: &[&str]) -> String {
    let mut text =
        "chip = \"ideal\"\n[stimulus]\nsteps = 12\nvalues = [1.0]\n[network]\nkind = \"populations\"\n\
        input = \"source\"\n[[network.population]]\nname = \"source\"\nsize = 1\nneuron = \"clamped\"\n"
            .to_owned();
    for name in names {
        text += &format!("[[network.population]]\nname = {name:?}\nsize = 2\n");
    }
    for (index, name) in names.iter().enumerate() {
        let weight = weight(index);
        text += &format!(
            "[[network.connection]]\nfrom = \"source\"\nto = {name:?}\nweights = [[{weight}, {}]]\nplastic = false\n",
            -weight
        );
    }
    text
}

fn weight(index: usize) -> f64 {
    (index + 1) as f64 / 16.0
}

const NAMES: [&str; 12] =
    ["a-b", "a b", "a_b", "a/b", "a", "x[0]", "x", "x[0..2]", "output", "\u{e9}", "\u{fc}", "a,\"b\""];

#[test]
fn every_population_has_a_path_of_its_own_in_a_waveform() {
    let desk = Desk::new();
    let signals: Vec<String> = NAMES.iter().map(|name| format!("{:?}", format!("state:{name}"))).collect();
    for format in ["vcd", "fst"] {
        let probe = format!(
            "[probe.it]\nkind = \"waveform\"\nformat = \"{format}\"\nsignals = [{}]\n",
            signals.join(", ")
        );
        desk.put("it.toml", network(&NAMES) + &probe);
        desk.succeeds(&["run", "it.toml", "--out", "out", "--overwrite", "--quiet"]);
        let changes = match format {
            "vcd" => vcd(&desk.text("out/it.vcd")).changes,
            _ => fst(&desk.path("out/it.fst")),
        };
        let paths: BTreeSet<&String> = changes.iter().map(|(_, path, _)| path).collect();
        assert_eq!(paths.len(), 2 * NAMES.len(), "{format}: {paths:?}");
        let legal = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
        assert!(paths.iter().all(|path| path.chars().all(legal)), "{paths:?}");
        // Every path is of one population: its states come to rest at that population's weight.
        let at_rest =
            |path: &str| changes.iter().rfind(|change| change.1 == path).unwrap().2.parse::<f64>().unwrap();
        let mut first: Vec<f64> =
            paths.iter().filter(|path| path.ends_with("n0")).map(|path| at_rest(path)).collect();
        first.sort_by(f64::total_cmp);
        first.dedup();
        assert_eq!(first.len(), NAMES.len(), "{format}: {first:?}");
    }
}

#[test]
fn every_population_can_be_probed_whole_and_neuron_by_neuron() {
    let desk = Desk::new();
    for (index, name) in NAMES.iter().enumerate() {
        let signals =
            [format!("state:{name}"), format!("state:{name}[0..1]"), format!("activity:{name}[1..2]")];
        let signals: Vec<String> = signals.iter().map(|signal| format!("{signal:?}")).collect();
        let probes = format!(
            "[probe.it]\nkind = \"waveform\"\nsignals = [{}]\n[probe.table]\nneurons = {name:?}\nquantity = \"state\"\n",
            signals.join(", ")
        );
        desk.put("it.toml", network(&NAMES) + &probes);
        desk.succeeds(&["run", "it.toml", "--out", "out", "--overwrite", "--quiet"]);
        let dump = vcd(&desk.text("out/it.vcd"));
        assert_eq!(dump.signals.len(), 3, "{name}: {:?}", dump.signals);
        let table = desk.rows("out/table.csv");
        let rest: f64 = table.last().unwrap()[3].parse().unwrap();
        let state =
            dump.changes.iter().rfind(|change| change.1.contains(".state.") && change.1.ends_with(".n0"));
        assert_eq!(state.unwrap().2.parse::<f64>().unwrap(), rest, "{name}");
        // Sixteen steps are not enough to rest, but the order of the drives is that of the states.
        assert!((rest - weight(index)).abs() < 0.5 * weight(0), "{name}: {rest}");
    }
}

#[test]
fn a_role_is_meant_where_no_population_is_called_so() {
    let desk = Desk::new();
    let text =
        network(&["a", "output"]).replace("input = \"source\"\n", "input = \"source\"\noutput = \"a\"\n");
    let probes = "[probe.role]\nneurons = \"output\"\nquantity = \"state\"\n[probe.it]\nkind = \"waveform\"\n\
        signals = [\"activity:input\", \"state:output\"]\n";
    desk.put("it.toml", text + probes);
    desk.succeeds(&["run", "it.toml", "--out", "out", "--quiet"]);
    let rest: f64 = desk.rows("out/role.csv").last().unwrap()[3].parse().unwrap();
    assert!((rest - weight(1)).abs() < 0.5 * weight(0), "{rest}");
    let dump = vcd(&desk.text("out/it.vcd"));
    assert_eq!(dump.signals, ["chip.activity.source.n0", "chip.state.output.n0", "chip.state.output.n1"]);
}

/// Tables quote what they must, and name neurons so that two never share a name.
#[test]
fn tables_name_every_neuron_by_its_own_name() {
    let desk = Desk::new();
    let names = ["a.1", "a", "drive:a", "a,b", "say \"x\""];
    let text = network(&names)
        + "[neuron]\nkind = \"lif\"\nthreshold = 0.001\n[probe.spikes]\n[probe.delays]\n[probe.messages]\n";
    let text = text.replace("plastic = false", "plastic = false\nsymmetric = false");
    let text = text.replace("[stimulus]\nsteps = 12\nvalues = [1.0]\n", "");
    let trace = format!("equipoise-trace 1\n{text}---\nevents 0@0 0@1 0@2 0@3\nsettle 8\ndone\n");
    desk.put("it.trace", trace);
    desk.succeeds(&["run", "it.trace", "--out", "out", "--quiet"]);
    let mut table = csv::Reader::from_path(desk.path("out/spikes.csv")).unwrap();
    let fired: BTreeSet<String> = table.records().map(|row| row.unwrap()[0].to_owned()).collect();
    let expected: BTreeSet<String> = names.iter().map(|name| format!("{name}.0")).collect();
    assert_eq!(fired, expected);
    let mut table = csv::Reader::from_path(desk.path("out/delays.csv")).unwrap();
    let to: Vec<String> = table.records().map(|row| row.unwrap()[3].to_owned()).collect();
    assert_eq!(to, names);
}
