//! Experiments that contradict themselves, their chip or their files, each with its whole message.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{
    Content::{Array, Text},
    RUN, refuses,
};

#[test]
fn networks_that_contradict_themselves_are_refused_at_the_key() {
    let cases = [
        (
            "a single layer",
            "[network]\nlayers = [64]\n",
            "it.toml:2:1: `network.layers`: found [64]; accepted: at least two layers, the input and the output",
        ),
        (
            "an empty layer",
            "[network]\nlayers = [64, 0, 10]\n",
            "it.toml:2:1: `network.layers`: found 0; accepted: a number from 1 to 100000000",
        ),
        (
            "too few inputs for the data",
            "[network]\nlayers = [63, 10]\n",
            "it.toml:2:1: `network.layers`: found 63 input neurons for samples of 64 values (digits); accepted: 64 input neurons",
        ),
        (
            "too few outputs for the classes",
            "[network]\nlayers = [64, 9]\n",
            "it.toml:2:1: `network.layers`: found 9 output neurons for 10 classes (digits); accepted: at least 10 output neurons",
        ),
        (
            "more synapses than any host holds",
            "[network]\nlayers = [64, 10000000, 10000]\n",
            "it.toml:2:1: `network.layers`: found 10000000 x 10000 synapses; accepted: at most 1000000000 between two populations",
        ),
        (
            "rates for other connections",
            "[learning]\nrates = [0.1]\n",
            "it.toml:2:1: `learning.rates`: found 1 rate for 2 connections; accepted: one per connection in order, or none for the rule of the network's shape",
        ),
        (
            "rates of biases for other populations",
            "[learning]\nbias_rates = [0.1, 0.1, 0.1]\n",
            "it.toml:2:1: `learning.bias_rates`: found 3 rates for 2 free populations; accepted: one per free population in order, or none for the rule of the network's shape",
        ),
        (
            "pattern of another size",
            "[network]\nkind = \"recurrent\"\nneurons = 3\npatterns = [[1, -1]]\n",
            "it.toml:4:1: `network.patterns`: found 2 values in pattern 0; accepted: patterns of 3 values 1 or -1, one per neuron",
        ),
        (
            "pattern of another value",
            "[network]\nkind = \"recurrent\"\nneurons = 3\npatterns = [[1, -1, 1], [1, 0.5, 1]]\n",
            "it.toml:4:1: `network.patterns`: found the value 0.5 in pattern 1; accepted: patterns of 3 values 1 or -1, one per neuron",
        ),
        (
            "no populations",
            "[network]\nkind = \"populations\"\n",
            "it.toml:1:2: `network.population`: found no populations; accepted: at least one section [[network.population]]",
        ),
        (
            "two populations of one name",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.population]]\nname = \"output\"\n",
            r#"it.toml:11:1: `network.population[2].name`: found the name "output"; accepted: a name of its own for every population"#,
        ),
        (
            "connection to nowhere",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.connection]]\nfrom = \"input\"\nto = \"hidden\"\n",
            r#"it.toml:12:1: `network.connection[0].to`: found "hidden"; accepted: "input", "output""#,
        ),
        (
            "connection to clamped inputs",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.connection]]\nfrom = \"output\"\nto = \"input\"\n",
            r#"it.toml:12:1: `network.connection[0].to`: found "input", a clamped population; accepted: a population of neurons"#,
        ),
        (
            "rows of another shape",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.connection]]\nfrom = \"input\"\nto = \"output\"\nweights = [[1, 2, 3], [4, 5]]\n",
            "it.toml:13:1: `network.connection[0].weights`: found 2 weights in row 1; accepted: 2 rows of 3 weights, one row per source neuron",
        ),
        (
            "biases of another number",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.population]]\nname = \"more\"\nsize = 3\nbias = [0.1, 0.2]\n",
            "it.toml:13:1: `network.population[2].bias`: found 2 numbers; accepted: one number, or 3 numbers, one per neuron",
        ),
        (
            "weights against the sign",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\nsign = \"excitatory\"\n[[network.population]]\nname = \"output\"\nsize = 3\n[[network.connection]]\nfrom = \"input\"\nto = \"output\"\nweights = -1\n",
            "it.toml:1:2: connection `input` to `output`: the weight -1; accepted: finite numbers of the sign that `input` (excitatory) has",
        ),
        (
            "inputs that are no inputs",
            "[network]\nkind = \"populations\"\ninput = \"output\"\n[[network.population]]\nname = \"input\"\nsize = 2\nneuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 3\n",
            r#"it.toml:3:1: `network.input`: found the population "output", which has neurons; accepted: a clamped population: neuron = "clamped""#,
        ),
        (
            "explicit without tables",
            "[network]\nkind = \"explicit\"\n",
            r#"it.toml:2:1: `network.kind`: found an explicit network without its tables; accepted: neurons = "neurons.csv" and edges = "edges.csv""#,
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    refuses(
        "edge to an unknown neuron",
        &[
            ("it.toml", Text("[network]\nkind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n")),
            ("n.csv", Text("id,population\n1,input\n2,output\n")),
            ("e.csv", Text("src,dst,weight\n1,2,0.5\n1,3,0.5\n")),
        ],
        RUN,
        "e.csv:3:3: found `3`; accepted: the id of a neuron of the neurons' table",
    );
    refuses(
        "edge without delay",
        &[
            ("it.toml", Text("[network]\nkind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n")),
            ("n.csv", Text("id\n1\n2\n")),
            ("e.csv", Text("src,dst,weight,delay\n1,2,0.5,0\n")),
        ],
        RUN,
        "e.csv:2:9: found `0`; accepted: a delay of at least one step",
    );
}

#[test]
fn what_does_not_fit_the_chip_is_refused_with_the_sizes() {
    let cases = [
        (
            "mesh too small",
            "[hardware]\nmesh = [1, 2]\n",
            r#"it.toml:2:1: the network needs 3 cores and the mesh [1, 2] has 2; accepted: a larger `hardware.mesh`, or "auto""#,
        ),
        (
            "preset mesh too small",
            "[network]\nlayers = [64, 700, 10]\n",
            r#"it.toml:2:1: the network needs 5 cores and the mesh [2, 2] has 4; accepted: a larger `hardware.mesh`, or "auto""#,
        ),
        (
            "too few arrays",
            "[network]\nlayers = [64, 200, 10]\n[hardware]\ncore.arrays = 1\n",
            "it.toml:2:1: population `output` needs 4 arrays of 64 rows side by side for its inputs and a core has 1; accepted: larger arrays (array.rows), or more per core (core.arrays)",
        ),
        (
            "delay of nothing",
            "[delays]\nsteps = 0\n",
            "it.toml:2:1: `delays.steps`: found 0; accepted: a number from 1 to 1000000",
        ),
        (
            "delay of nothing in a list",
            "[delays]\nsteps = [1, 0]\n",
            "it.toml:2:1: `delays.steps`: found 0; accepted: a number from 1 to 1000000",
        ),
        (
            "delays for other connections",
            "[delays]\nsteps = [1, 2, 3]\n",
            "it.toml:2:1: `delays.steps`: found 3 entries for 2 connections; accepted: one number for all connections, or one entry per connection in order",
        ),
        (
            "delays for other axons",
            "[delays]\nsteps = [[1, 2], 1]\nreturn_steps = 1\n",
            "it.toml:2:1: `delays.steps`: found 2 delays for the 64 neurons of `input`; accepted: one number, or one per neuron",
        ),
        (
            "values for spiking neurons",
            "[neuron]\nkind = \"lif\"\n",
            "it.toml:2:1: `neuron.kind`: found spiking neurons for inputs that are values; accepted: rate neurons, or a trace with `events`",
        ),
        (
            "bits of a wire that has none",
            "chip = \"ideal\"\n[hardware]\narray.bit_serial = true\n",
            "it.toml:2:2: hardware: `activity_bits`: found 0 (the state's full width); accepted: 1 to 24 bits where bit_serial = true, for a bit must be driven after the other",
        ),
        (
            "noise beyond the pulses",
            "[hardware]\ndevice.pulse_noise = 10\n",
            "it.toml:2:8: hardware: `device.pulse_noise`: found 10 per range, which is 640.00 pulses; accepted: at most 0.0234 (1.5 pulses of the 64 over the range); or fewer `pulses`",
        ),
        (
            "no true gradient",
            "[learning]\nmeasure_gradient = true\n[network]\nkind = \"recurrent\"\ninputs = 64\noutputs = 10\n",
            "it.toml:2:1: `learning.measure_gradient`: found true for a network that is not layered; accepted: true for a layered network of rate neurons",
        ),
        (
            "no margin",
            "[learning]\nmeasure_stability = true\nrule = \"none\"\n[neuron]\nkind = \"lif\"\n[stimulus]\nsteps = 3\n[network]\nkind = \"populations\"\n[[network.population]]\nname = \"n\"\nsize = 2\n",
            "it.toml:2:1: `learning.measure_stability`: found true for neurons that are no rate neurons; accepted: true for a network of rate neurons",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    refuses(
        "delays of one direction",
        &[
            (
                "it.toml",
                Text(
                    "[network]\nlayers = [2, 2]\n[data]\nsource = \"csv:d.csv\"\n[delays]\nsteps = [[1, 2]]\n",
                ),
            ),
            ("d.csv", Text("0,1,0\n0,1,0\n0,1,0\n0,1,0\n0,1,0\n")),
        ],
        RUN,
        "it.toml:6:1: `delays.steps`: found delays per axon for the symmetric connection `input` to `output`; accepted: `delays.return_steps` as well: a number, or one per target neuron",
    );
}

#[test]
fn delays_by_rule_file_and_phase_are_refused_at_their_keys() {
    let cases = [
        (
            "a rule that is none",
            "[delays]\nsteps = { kind = \"rand\" }\n",
            r#"it.toml:2:11: `delays.steps.kind`: found "rand"; accepted: "core_distance", "random""#,
        ),
        (
            "a draw from nothing",
            "[delays]\nsteps = { kind = \"random\", min = 5, max = 2 }\n",
            "it.toml:2:1: `delays.steps`: found delays from 5 to 2 steps; accepted: min up to max",
        ),
        (
            "a way that shortens",
            "[delays]\nsteps = { kind = \"core_distance\", per_hop = -1 }\n",
            "it.toml:2:35: `delays.steps.per_hop`: found -1; accepted: a number from 0 to 1000000",
        ),
        (
            "synapses that return otherwise",
            "[delays]\nreturn_steps = { kind = \"random\", per = \"synapse\" }\n",
            r#"it.toml:2:1: `delays.return_steps`: found a delay for every synapse; accepted: per = "axon": delays of single synapses in delays.steps count for both directions"#,
        ),
        (
            "synapses that change with the phase",
            "[delays]\nnudged_steps = \"d.npy\"\n",
            "it.toml:2:1: `delays.nudged_steps`: found delays of single synapses, or by a rule, in nudged phases; accepted: a number, or one per neuron that sends: a synapse of its own delay keeps it, for the array or the table entry that holds it is built with it",
        ),
        (
            "nudged delays for other axons",
            "[delays]\nnudged_steps = [[1, 2], 1]\n",
            "it.toml:2:1: `delays.nudged_steps`: found 2 delays for the 64 neurons of `input`; accepted: one number, or one per neuron",
        ),
        (
            "nudged delays for other connections",
            "[delays]\nnudged_return_steps = [1, 2, 3]\n",
            "it.toml:2:1: `delays.nudged_return_steps`: found 3 entries for 2 connections; accepted: one number for all connections, or one entry per connection in order",
        ),
        (
            "a look that is no answer",
            "[phases]\ndetect = 3\n",
            "it.toml:2:1: `phases.detect`: found 3; accepted: true or false",
        ),
        (
            "a window without room",
            "[phases]\noscillation_window = 4\n",
            "it.toml:2:1: `phases.oscillation_window`: found 4; accepted: a number from 8 to 8192",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    let experiment =
        "[network]\nlayers = [2, 2]\n[data]\nsource = \"csv:d.csv\"\n[delays]\nsteps = [\"m.csv\"]\n";
    let tables = [
        (
            "1,2\n0,1\n",
            "a delay of 0 steps in row 2, column 1; accepted: whole numbers of steps from 1 to 1000000",
        ),
        (
            "1,2\n3,1.5\n",
            "a delay of 1.5 steps in row 2, column 2; accepted: whole numbers of steps from 1 to 1000000",
        ),
        ("1,2,3\n1,2,3\n", "2 rows of 3 numbers; accepted: 2 rows of 2 delays, (pre, post)"),
    ];
    for (table, said) in tables {
        let files = [
            ("it.toml", Text(experiment)),
            ("d.csv", Text("0,1,0\n0,1,0\n0,1,0\n0,1,0\n0,1,0\n")),
            ("m.csv", Text(table)),
        ];
        refuses("a table of delays", &files, RUN, &format!("it.toml:6:1: `delays.steps`: found {said}"));
    }
    let files = [
        ("it.toml", Text(experiment)),
        ("d.csv", Text("0,1,0\n0,1,0\n0,1,0\n0,1,0\n0,1,0\n")),
        ("m.csv", Text("a,b\n1,2\n3,4\n")),
    ];
    refuses("names of delays", &files, RUN, "m.csv:1:1: found `a`; accepted: a finite number");
}

#[test]
fn files_that_are_missing_or_wrong_are_refused_by_name() {
    let cases = [
        (
            "unknown source",
            "[data]\nsource = \"mnist\"\n",
            r#"it.toml:2:1: `data.source`: found "mnist"; accepted: "digits", "idx:DIR", "csv:PATH", "npy:PATH", "npz:PATH" or "trace:PATH""#,
        ),
        (
            "missing data",
            "[data]\nsource = \"idx:mnist\"\n",
            "it.toml:2:1: `data.source`: found no file or folder `mnist` (EQUIPOISE_DATA is not set); accepted: a path from the file that names it, or from EQUIPOISE_DATA",
        ),
        (
            "missing weights",
            "[network]\nweights = \"w.npz\"\n",
            "it.toml:2:1: `network.weights`: found no file or folder `w.npz` (EQUIPOISE_DATA is not set); accepted: a path from the file that names it, or from EQUIPOISE_DATA",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    refuses(
        "missing experiment",
        &[],
        &["run", "it.toml", "--quiet"],
        "it.toml: found no such file; accepted: a file that can be read",
    );
    refuses(
        "folder as an experiment",
        &[("it.toml/x", Text(""))],
        RUN,
        "it.toml: found a folder; accepted: a file that can be read",
    );
    refuses(
        "ragged table",
        &[("it.toml", Text("[data]\nsource = \"csv:d.csv\"\n")), ("d.csv", Text("0,1,0\n0,1\n"))],
        RUN,
        "d.csv:2:4: found 2 fields; accepted: 3 fields, as in the first row",
    );
    refuses(
        "label that is no class",
        &[("it.toml", Text("[data]\nsource = \"csv:d.csv\"\n")), ("d.csv", Text("0,1,0\n0,1,0.5\n"))],
        RUN,
        "d.csv:2:5: found `0.5`; accepted: a label: a whole number from 0 to 65535",
    );
    refuses(
        "value that is no number",
        &[("it.toml", Text("[data]\nsource = \"csv:d.csv\"\n")), ("d.csv", Text("0,1,0\n0,inf,1\n"))],
        RUN,
        "d.csv:2:3: found `inf`; accepted: a finite number",
    );
    refuses(
        "table too short to be split",
        &[("it.toml", Text("[data]\nsource = \"csv:d.csv\"\n")), ("d.csv", Text("0,1,0\n1,0,1\n"))],
        RUN,
        "d.csv: found 2 samples; accepted: at least 5 samples: every fifth one tests",
    );
    refuses(
        "weights that are no archive",
        &[("it.toml", Text("[network]\nweights = \"w.npz\"\n")), ("w.npz", Text("weights"))],
        RUN,
        "w.npz: found no readable archive (invalid Zip archive: Could not find EOCD); accepted: a NumPy archive (.npz)",
    );
    refuses(
        "weights for one connection of two",
        &[("it.toml", Text("[network]\nweights = [\"w1.npy\"]\n")), ("w1.npy", Array([64, 64], 0.0))],
        RUN,
        "it.toml:2:1: `network.weights`: found 1 file; accepted: one file per connection",
    );
    refuses(
        "weights of another shape",
        &[
            ("it.toml", Text("[network]\nweights = [\"w1.npy\", \"w2.npy\"]\n")),
            ("w1.npy", Array([64, 32], 0.0)),
            ("w2.npy", Array([64, 10], 0.0)),
        ],
        RUN,
        "w1.npy: found the shape (64, 32); accepted: the shape (64, 64) (pre, post)",
    );
    refuses(
        "weights that are no numbers",
        &[
            ("it.toml", Text("[network]\nlayers = [64, 10]\nweights = [\"w1.npy\"]\n")),
            ("w1.npy", Array([64, 10], f64::NAN)),
        ],
        RUN,
        "w1.npy: index (0, 0): found NaN; accepted: finite numbers",
    );
}

#[test]
fn probes_and_stimuli_must_fit_the_network() {
    let cases = [
        (
            "probe of nobody",
            "[probe.x]\nneurons = \"hidden\"\n",
            r#"it.toml:2:1: `probe.x.neurons`: found "hidden"; accepted: "input", "hidden1", "output""#,
        ),
        (
            "probe of spikes that do not come",
            "[probe.x]\nneurons = \"hidden1\"\nquantity = \"spikes\"\n",
            r#"it.toml:3:1: `probe.x.quantity`: found "spikes" of `hidden1`, which has no spiking neurons; accepted: "activity" or "state""#,
        ),
        (
            "probe in the place of a result",
            "[probe.ledger]\n",
            "it.toml:1:8: `probe.ledger`: found the name of the result file ledger.csv; accepted: another name",
        ),
        (
            "probe with a path for a name",
            "[probe.\"a/b\"]\n",
            "it.toml:1:8: `probe.a/b`: found a section; accepted: a name of letters, digits, - and _: it names a file",
        ),
        (
            "probe that is no section",
            "[probe]\nx = 1\n",
            "it.toml:2:1: `probe.x`: found 1; accepted: a section: [probe.NAME]",
        ),
        (
            "stimulus for other inputs",
            "[stimulus]\nsteps = 5\nvalues = [1, 2]\n",
            "it.toml:3:1: `stimulus.values`: found 2 values; accepted: one value, or one for each of 64 input neurons",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
}
