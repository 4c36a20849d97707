//! Names that nothing answers to: populations, arrays, files. Each is refused with the names that there are.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_trace::{Array, npz};
use program::Desk;
use program::refusals::{
    Content::{Bytes, Text},
    RUN, refuses,
};

/// An input of two, an output of three, all coupled; `{0}` are keys of `[network]`, `{1}` of the input.
fn populations(keys: &str, input: &str) -> String {
    format!(
        "[network]\nkind = \"populations\"\n{keys}\n[[network.population]]\nname = \"in\"\nsize = 2\n\
         neuron = \"clamped\"\n{input}\n[[network.population]]\nname = \"out\"\nsize = 3\n\
         [[network.connection]]\nfrom = \"in\"\nto = \"out\"\nweights = 0.5\n[stimulus]\nsteps = 3\n"
    )
}

fn explicit(keys: &str) -> String {
    format!(
        "[network]\nkind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n{keys}\n[stimulus]\nsteps = 3\n"
    )
}

const NEURONS: (&str, program::refusals::Content<'_>) = ("n.csv", Text("id,population\n0,in\n1,out\n"));
const EDGES: (&str, program::refusals::Content<'_>) = ("e.csv", Text("src,dst,weight\n0,1,0.5\n"));

#[test]
fn a_role_is_given_to_a_population_that_exists() {
    for (key, name) in [("input", "inptu"), ("output", "outptu")] {
        let found = format!("`network.{key}`: found \"{name}\"; accepted: \"in\", \"out\"");
        let experiment = explicit(&format!("{key} = \"{name}\""));
        let files = [("it.toml", Text(&experiment)), NEURONS, EDGES];
        refuses("an explicit network", &files, RUN, &format!("it.toml:5:1: {found}"));
        let experiment = populations(&format!("{key} = \"{name}\""), "start = 1");
        refuses("populations", &[("it.toml", Text(&experiment))], RUN, &format!("it.toml:3:1: {found}"));
    }
    let experiment = explicit("input = \"in\"\noutput = \"in\"");
    refuses(
        "one population for both",
        &[("it.toml", Text(&experiment)), NEURONS, EDGES],
        RUN,
        r#"it.toml:6:1: `network.output`: found the population "in", which is clamped; accepted: a population of neurons"#,
    );
}

#[test]
fn a_clamped_population_hears_the_stimulus_or_keeps_values_of_its_own() {
    let silent = populations("", "");
    refuses(
        "a clamped population that nothing reaches",
        &[("it.toml", Text(&silent))],
        RUN,
        r#"it.toml:7:1: `network.population[0].neuron`: found the clamped population "in", which no stimulus reaches; accepted: `network.input` = "in", or activities that it keeps: `start`"#,
    );
    let biased = populations("input = \"in\"", "bias = [0, 0.5]");
    refuses(
        "biases of inputs",
        &[("it.toml", Text(&biased))],
        RUN,
        "it.toml:8:1: `network.population[0].bias`: found biases of the clamped population \"in\"; accepted: none: inputs have no bias registers",
    );
    let neurons = ("n.csv", Text("id,population,bias\n0,in,0.5\n1,out,0\n"));
    refuses(
        "biases of inputs in a table",
        &[("it.toml", Text(&explicit("input = \"in\""))), neurons, EDGES],
        RUN,
        "it.toml:3:1: `network.neurons`: found biases of the clamped population \"in\"; accepted: none: inputs have no bias registers",
    );
    for heard in [populations("input = \"in\"", ""), populations("", "start = [0, 0.5]")] {
        let desk = Desk::new();
        desk.put("it.toml", heard);
        desk.succeeds(RUN);
    }
}

/// An archive of zeros.
fn archive(arrays: &[(&str, &[usize])]) -> Vec<u8> {
    let desk = Desk::new();
    let zeros = |shape: &[usize]| Array::f64("zeros", shape, vec![0.0; shape.iter().product()]).unwrap();
    let arrays: Vec<(&str, Array)> = arrays.iter().map(|(name, shape)| (*name, zeros(shape))).collect();
    npz::write(&desk.path("w.npz"), arrays.iter().map(|(name, array)| (*name, array))).unwrap();
    std::fs::read(desk.path("w.npz")).unwrap()
}

#[test]
fn an_archive_of_weights_holds_no_array_that_nothing_takes() {
    let layered = "[network]\nlayers = [64, 8, 10]\nweights = \"w.npz\"\n";
    let whole: [(&str, &[usize]); 2] = [("w1", &[64, 8]), ("w2", &[8, 10])];
    for (name, shape) in
        [("W3", &[10, 10][..]), ("w3", &[10, 10]), ("b3", &[10]), ("w01", &[64, 8]), ("bias", &[8])]
    {
        let bytes = archive(&[&whole[..], &[(name, shape)]].concat());
        refuses(
            name,
            &[("it.toml", Text(layered)), ("w.npz", Bytes(&bytes))],
            RUN,
            &format!(
                "it.toml:3:1: `network.weights`: found the array `{name}`; accepted: w1 to w2, b1 to b2"
            ),
        );
    }
    let bytes = archive(&[("W1", &[64, 8]), ("w2", &[8, 10])]);
    refuses(
        "a capital letter",
        &[("it.toml", Text(layered)), ("w.npz", Bytes(&bytes))],
        RUN,
        "it.toml:3:1: `network.weights`: found the array `W1`; accepted: w1 to w2, b1 to b2",
    );
    let experiment = populations("input = \"in\"\noutput = \"out\"\nweights = \"w.npz\"", "");
    let bytes = archive(&[("w1", &[2, 3]), ("b2", &[3])]);
    refuses(
        "biases of inputs",
        &[("it.toml", Text(&experiment)), ("w.npz", Bytes(&bytes))],
        RUN,
        "it.toml:5:1: `network.weights`: found the array `b2`; accepted: w1, b1",
    );
    let experiment =
        "[network]\nkind = \"recurrent\"\nneurons = 4\ninputs = 64\noutputs = 10\nweights = \"w.npz\"\n";
    let bytes = archive(&[("w1", &[4, 4]), ("w2", &[64, 4]), ("w3", &[4, 10]), ("b3", &[10])]);
    refuses(
        "one population too many",
        &[("it.toml", Text(experiment)), ("w.npz", Bytes(&bytes))],
        RUN,
        "it.toml:6:1: `network.weights`: found the array `b3`; accepted: w1 to w3, b1 to b2",
    );
}

#[test]
fn a_list_of_files_has_no_file_that_nothing_takes() {
    let file = |shape: [usize; 2]| program::refusals::Content::Array(shape, 0.0);
    refuses(
        "a third layer",
        &[
            (
                "it.toml",
                Text("[network]\nlayers = [64, 8, 10]\nweights = [\"a.npy\", \"b.npy\", \"b.npy\"]\n"),
            ),
            ("a.npy", file([64, 8])),
            ("b.npy", file([8, 10])),
        ],
        RUN,
        "it.toml:3:1: `network.weights`: found 3 files; accepted: one file per connection, which are 2",
    );
    refuses(
        "biases of inputs",
        &[("it.toml", Text("[network]\nlayers = [64, 10]\nbiases = [\"a.npy\", \"b.npy\"]\n"))],
        RUN,
        "it.toml:3:1: `network.biases`: found 2 files; accepted: one file per population of neurons, which are 1",
    );
}

#[test]
fn what_a_run_leaves_is_what_the_next_one_takes() {
    let desk = Desk::new();
    let populations = populations("input = \"in\"\noutput = \"out\"", "");
    desk.put("it.toml", &populations);
    desk.succeeds(&["run", "it.toml", "--out", "first", "--quiet"]);
    let again =
        ["run", "it.toml", "--set", "network.weights=first/weights.npz", "--out", "second", "--quiet"];
    desk.succeeds(&again);
}
