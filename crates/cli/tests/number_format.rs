//! Numbers that the chip's words cannot hold: refused where they are keys, counted where they are weights or inputs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{
    Content::{Bytes, Text},
    RUN, TRACE, refuses,
};
use program::{Desk, number};

/// The range of the default format, and the hint at the one that is wider.
const NARROW: &str =
    "-128 to 128 less 2^-24 with `hardware.state = \"i8f24\"`; `hardware.state = \"i16f48\"` holds it";
const WIDE: &str = "-32768 to 32768 less 2^-48 with `hardware.state = \"i16f48\"`";

/// A population of two neurons that are left to themselves.
const TWO: &str = "chip = \"ideal\"\n[learning]\nrule = \"none\"\n[stimulus]\nsteps = 3\n[network]\nkind = \"populations\"\n\
                   [[network.population]]\nname = \"n\"\nsize = 2\n";

/// `it.toml:line:column` of the last `key` in `file`.
fn place(file: &str, key: &str) -> String {
    let at = file.rfind(key).unwrap();
    let line = file[..at].matches('\n').count() + 1;
    let column = at - file[..at].rfind('\n').map_or(0, |end| end + 1) + 1;
    format!("it.toml:{line}:{column}")
}

/// The file is refused at the last part of `key`, with what was found and what is accepted.
fn refused(file: &str, key: &str, found: &str, accepted: &str) {
    let place = place(file, key.rsplit('.').next().unwrap());
    let message = format!("{place}: `{key}`: found {found}; accepted: {accepted}");
    refuses(key, &[("it.toml", Text(file))], RUN, &message);
}

#[test]
fn a_number_beyond_the_format_is_refused_at_its_key_with_the_format_that_holds_it() {
    let lif = |keys: &str| format!("{TWO}[neuron]\nkind = \"lif\"\n{keys}\n");
    let hardware = |keys: &str| format!("{TWO}[hardware]\n{keys}\n");
    let cases = [
        (lif("threshold = 200"), "neuron.threshold", "200"),
        (lif("threshold = -129.5"), "neuron.threshold", "-129.5"),
        (lif("reset_value = 128"), "neuron.reset_value", "128"),
        (format!("{TWO}bias = [1, 200]\n"), "network.population[0].bias", "200 for neuron 1"),
        (format!("{TWO}start = -1000\n"), "network.population[0].start", "-1000 for neuron 0"),
        (
            format!("{TWO}neuron = {{ kind = \"lif\", threshold = 200 }}\n"),
            "network.population[0].neuron.threshold",
            "200",
        ),
        (format!("{TWO}[neuron]\nregister_range = 500\n"), "neuron.register_range", "500"),
        (
            hardware("adc.bits = 8\nadc.range_forward = 1000"),
            "hardware.adc.range_forward",
            "1000, whose last code is 992.1875",
        ),
        (hardware("send = { kind = \"on_change\", threshold = 128 }"), "hardware.send.threshold", "128"),
        (hardware("core.kind = \"sram\"\ntable.weight_range = 1000"), "hardware.table.weight_range", "1000"),
    ];
    for (file, key, found) in cases {
        refused(&file, key, found, NARROW);
        let desk = Desk::new();
        desk.put("it.toml", &file);
        let mut wide = [RUN, &["--set", "hardware.state=i16f48"]].concat();
        if key.ends_with("start") {
            wide.extend(["--set", "neuron.register_range=2000"]);
        }
        desk.succeeds(&wide);
    }
    let beyond = format!("{TWO}bias = 1e6\n[hardware]\nstate = \"i16f48\"\n");
    refused(&beyond, "network.population[0].bias", "1000000 for neuron 0", WIDE);
}

#[test]
fn a_number_that_becomes_zero_is_refused_at_its_key() {
    let vanishes = "0, or more than 2^-25 in size with `hardware.state = \"i8f24\"`; `hardware.state = \"i16f48\"` holds it";
    let cases = [
        ("a = 1e-9", "a", "1e-9"),
        ("register_range = 1e-9", "register_range", "1e-9"),
        ("kind = \"lif\"\nthreshold = 1e-9", "threshold", "1e-9"),
        ("kind = \"lif\"\nreset_value = -1e-9", "reset_value", "-1e-9"),
        (
            "kind = \"lif\"\nintegrator = \"euler\"\ntau_ms = 1000\ndt_ms = 1e-6",
            "dt_ms",
            "1e-6, a step of 1.000e-9 of the way with `tau_ms` = 1000",
        ),
    ];
    for (keys, key, found) in cases {
        let file = format!("{TWO}[neuron]\n{keys}\n");
        refused(&file, &format!("neuron.{key}"), &format!("{found}, which is rounded to 0"), vanishes);
    }
    let coarse = format!("{TWO}[neuron]\nstate_bits = 1\nregister_range = 0.3\n");
    let found = "0.3, less than a step of 1 fraction bits";
    refused(&coarse, "neuron.register_range", found, "0, a larger range, or more `state_bits`");
}

#[test]
fn words_finer_than_the_format_are_refused() {
    let accepted = |most: u32| {
        format!(
            "0 (the state's full width), or 1 to {most} bits with `hardware.state = \"i8f24\"`; \
             `hardware.state = \"i16f48\"` holds it"
        )
    };
    refused(&format!("{TWO}[neuron]\nstate_bits = 30\n"), "neuron.state_bits", "30", &accepted(24));
    refused(&format!("{TWO}[hardware]\nactivity_bits = 30\n"), "hardware.activity_bits", "30", &accepted(22));
}

#[test]
fn start_states_beyond_the_register_and_biases_of_files_are_refused() {
    let start = format!("{TWO}start = 9\n");
    let states = "-8 to 8, the states that the neurons hold";
    refused(&start, "network.population[0].start", "9 for neuron 0", states);
    let layered = "chip = \"ideal\"\n[network]\nlayers = [64, 10]\nbiases = [\"b.npy\"]\n";
    let message = format!("it.toml:4:1: `network.biases`: found 300 for neuron 0; accepted: {NARROW}");
    let biases = equipoise_trace::Array::f64("b", &[10], vec![300.0; 10]).unwrap();
    let biases = equipoise_trace::npy::to_bytes(&biases);
    refuses("a file of biases", &[("it.toml", Text(layered)), ("b.npy", Bytes(&biases))], RUN, &message);
    let explicit = "chip = \"ideal\"\n[learning]\nrule = \"none\"\n[stimulus]\nsteps = 1\n[network]\n\
                    kind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n";
    let message = format!("it.toml:8:1: `network.neurons`: found -200 for neuron 1; accepted: {NARROW}");
    let tables = [
        ("it.toml", Text(explicit)),
        ("n.csv", Text("id,bias\n1,0.5\n2,-200\n")),
        ("e.csv", Text("src,dst,weight,delay\n1,2,0.5,1\n")),
    ];
    refuses("a table of neurons", &tables, RUN, &message);
}

#[test]
fn rates_and_accumulators_that_can_never_write_are_refused() {
    let rates = "[learning]\nrates = [1e-14, 0.1]\n";
    let desk = Desk::new();
    desk.put("it.toml", rates);
    let said = desk.says(RUN);
    assert_eq!(said.status, Some(2), "{said:?}");
    let head = "error: it.toml:2:1: `learning.rates`: found 1e-14, with which every change is rounded to 0; accepted: 0, or at least ";
    assert!(said.stderr.starts_with(head), "{}", said.stderr);
    let bits = "[hardware]\nupdate.accumulator_bits = 6\n";
    let accepted = "at least 7, so that a whole pulse fits beside the sign";
    refused(bits, "hardware.update.accumulator_bits", "6 with `accumulator_fraction` = 5", accepted);
}

/// A line of LIF neurons that a spike of input 0 charges by 160; its membrane does not leak.
fn spikes_of(state: &str, threshold: f64) -> Result<f64, String> {
    let desk = Desk::new();
    let trace = format!(
        "equipoise-trace 1\nchip = \"ideal\"\n[hardware]\nstate = \"{state}\"\ncore.kind = \"sram\"\n[network]\nkind = \"populations\"\n\
         [[network.population]]\nname = \"input\"\nneuron = \"clamped\"\n[[network.population]]\nname = \"n\"\n\
         [[network.connection]]\nfrom = \"input\"\nto = \"n\"\nweights = 40\nplastic = false\n[neuron]\nkind = \"lif\"\n\
         integrator = \"shift\"\nleak_shift = 0\nthreshold = {threshold}\n---\nevents 0@0 0@1 0@2 0@3\nsettle 8\ndone\n"
    );
    desk.put("it.trace", trace);
    let said = desk.says(TRACE);
    match said.status {
        Some(0) => Ok(number(&desk.json("out/summary.json")["actions"]["spike"])),
        _ => Err(said.stderr),
    }
}

#[test]
fn a_threshold_of_200_is_not_reached_at_160() {
    let refused = spikes_of("i8f24", 200.0).unwrap_err();
    assert!(
        refused.contains("`neuron.threshold`: found 200; accepted: ") && refused.contains("i16f48"),
        "{refused}"
    );
    assert_eq!(spikes_of("i16f48", 200.0), Ok(0.0));
    assert_eq!(spikes_of("i16f48", 150.0), Ok(1.0));
    assert_eq!(spikes_of("i8f24", 110.0), Ok(1.0));
}

/// What `clipped` of the summary says of a population that hears itself with these weights on that chip.
fn clipped(chip: &str, hardware: &str, weights: &str) -> (f64, f64) {
    let desk = Desk::new();
    desk.put(
        "it.toml",
        format!(
            "chip = \"{chip}\"\n[hardware]\n{hardware}\n[learning]\nrule = \"none\"\n[stimulus]\nsteps = 3\n[network]\n\
             kind = \"populations\"\n[[network.population]]\nname = \"n\"\nsize = 2\n[[network.connection]]\nfrom = \"n\"\n\
             to = \"n\"\nweights = {weights}\nplastic = false\n"
        ),
    );
    let page = desk.succeeds(&["run", "it.toml", "--out", "out"]);
    let clipped = &desk.json("out/summary.json")["clipped"];
    let (weights, change) = (number(&clipped["weights"]), number(&clipped["largest_change"]));
    let lines = page.lines().filter(|line| line.starts_with("clipped")).count();
    assert_eq!(lines, usize::from(weights > 0.0), "told once: {page}");
    let plan = desk.succeeds(&["check", "it.toml"]);
    assert_eq!(plan.contains("\nclipped "), weights > 0.0, "{plan}");
    assert_eq!((&clipped["inputs"], &clipped["conversions"]), (&0.into(), &0.into()));
    (weights, change)
}

#[test]
fn start_weights_that_the_store_changes_are_counted_with_the_largest_change() {
    let close = |found: (f64, f64), weights: f64, change: f64| {
        assert_eq!(found.0, weights, "{found:?}");
        assert!((found.1 - change).abs() < 1e-7, "{found:?}");
    };
    close(clipped("edge-rram", "mesh = \"auto\"", "[[0.9, 0.1], [-0.6, 0.5]]"), 2.0, 0.4);
    close(clipped("ideal", "mesh = \"auto\"", "[[900, 7.9], [-8, 1e-3]]"), 1.0, 892.0);
    let table = "core.kind = \"sram\"\ntable.weight_bits = 8\ntable.weight_range = 2";
    // 0.01 to 1/64, -4 to -2, 0.003 to 0; 0.5 is a code.
    close(clipped("ideal", table, "[[0.01, 0.5], [-4, 0.003]]"), 3.0, 2.0);
    close(clipped("ideal", table, "[[0.01, 0.5], [0, 0.003]]"), 2.0, 0.015625 - 0.01);
    // The table of the ideal chip holds them all, and so do its devices.
    close(clipped("ideal", "core.kind = \"sram\"", "[[0.01, 100], [-4, 0.003]]"), 0.0, 0.0);
    close(clipped("ideal", "mesh = \"auto\"", "[[0.01, 0.5], [-4, 0.003]]"), 0.0, 0.0);
}

#[test]
fn inputs_beyond_what_their_drivers_hold_are_counted_and_told() {
    let run = |chip: &str, values: &str, start: &str| {
        let desk = Desk::new();
        desk.put(
            "it.toml",
            format!(
                "chip = \"{chip}\"\n[hardware]\nmesh = \"auto\"\n[learning]\nrule = \"none\"\n[stimulus]\nsteps = 3\nvalues = {values}\n\
                 [network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 3\nneuron = \"clamped\"\n\
                 [[network.population]]\nname = \"held\"\nsize = 2\nneuron = \"clamped\"\nstart = {start}\n\
                 [[network.population]]\nname = \"n\"\n[[network.connection]]\nfrom = \"input\"\nto = \"n\"\nweights = 0.1\n\
                 [[network.connection]]\nfrom = \"held\"\nto = \"n\"\nweights = 0.1\n"
            ),
        );
        let page = desk.succeeds(&["run", "it.toml", "--out", "out"]);
        let inputs = number(&desk.json("out/summary.json")["clipped"]["inputs"]);
        assert_eq!(page.contains("clipped "), inputs > 0.0, "{page}");
        inputs
    };
    // Eight bits carry -1 to 1; the ideal chip's wires what its registers hold.
    assert_eq!(run("edge-rram", "[0.5, 3, -1.5]", "[1, 2]"), 3.0);
    assert_eq!(run("edge-rram", "[0.5, 1, -1]", "[1, 0]"), 0.0);
    assert_eq!(run("ideal", "[0.5, 3, -1.5]", "[1, 2]"), 0.0);
    assert_eq!(run("ideal", "[0.5, 300, -1.5]", "[1, 2]"), 1.0);
}
