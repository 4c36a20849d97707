//! What the program says of a run and of its settings is true: ranges, names, defaults, warnings, the loss.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_trace::{Array, npy};
use program::refusals::{
    Content::{Bytes, Text},
    RUN, refuses,
};
use program::{Desk, SMALL, number, repository};

#[test]
fn the_ends_of_the_range_that_a_seed_has_are_accepted() {
    let most = i64::MAX.to_string();
    for bad in ["-1", "-9223372036854775808"] {
        let said = format!("it.toml:1:1: `seed`: found {bad}; accepted: a whole number from 0 to {most}");
        refuses("a seed below 0", &[("it.toml", Text(&format!("seed = {bad}\n")))], RUN, &said);
        let said = format!(
            "invalid value '{bad}' for '--seed <N>': accepted: a whole number from 0 to {most}\n\nFor more information, try '--help'."
        );
        refuses("a seed below 0", &[], &["run", "--seed", bad], &said);
    }
    for good in ["0", &most] {
        let desk = Desk::new();
        desk.put("it.toml", format!("seed = {good}\n"));
        let of_file = desk.digest(&[&["it.toml"], &SMALL[..]].concat(), "file");
        assert_eq!(desk.digest(&[&["--seed", good], &SMALL[..]].concat(), "line"), of_file);
        assert_eq!(desk.json("line/summary.json")["seed"].to_string(), good);
        assert_eq!(desk.digest(&["line/experiment.toml"], "again"), of_file);
    }
}

#[test]
fn the_ends_of_the_ranges_of_options_are_accepted_and_nothing_beyond() {
    let desk = Desk::new();
    let from = ["trace", "from", "--recordings", "r.bs2", "--to", "r.trace", "--overwrite"];
    let run = [&["run", "--out", "out", "--overwrite"], &SMALL[..]].concat();
    for (args, option) in
        [(&run[..], "--threads"), (&from, "--step-us"), (&from, "--downscale"), (&from, "--samples")]
    {
        let said = |value: i64| desk.says(&[args, &[option, &value.to_string()]].concat()).stderr;
        let refused = said(-7);
        let range = refused.split_once("-7 is not in ").and_then(|(_, rest)| rest.split_whitespace().next());
        let ends =
            range.and_then(|range| range.split_once("..=")).unwrap_or_else(|| panic!("{option}: {refused}"));
        let (low, high): (i64, i64) = (ends.0.parse().unwrap(), ends.1.parse().unwrap());
        for (value, inside) in [(low, true), (high, true), (low - 1, false), (high + 1, false)] {
            assert_eq!(!said(value).contains(" is not in "), inside, "{option} {value}");
        }
    }
}

#[test]
fn an_output_without_a_class_is_neither_unpredicted_nor_dead() {
    let desk = Desk::new();
    let eleven = ["run", "--set", "network.layers=[64, 8, 11]", "--set", "data.epochs=1"];
    let some = ["--set", "data.train_samples=100", "--set", "data.test_samples=100", "--out", "out"];
    let page = desk.succeeds(&[&eleven[..], &some].concat());
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let listed = |what: &str| {
        let rest = words.split_once(what).map_or("", |(_, rest)| rest);
        rest.split(' ')
            .map_while(|word| word.trim_end_matches([',', ';']).parse::<u32>().ok())
            .collect::<Vec<_>>()
    };
    // Some of the ten classes are not predicted yet, so the line is there; the eleventh output is in no line.
    assert!(!listed("classes never predicted: ").is_empty(), "{page}");
    for what in ["classes never predicted: ", "outputs never above zero: "] {
        assert!(!listed(what).contains(&10), "{page}");
    }
}

#[test]
fn a_tolerance_leaves_a_phase_the_steps_that_it_takes_to_settle() {
    let settle = |keys: &str| format!("[phases]\nsettle = {{ {keys} }}\n");
    let cases = [
        ("hold = 100, limit = 199", 199, "200: twice `hold`, whose means are compared where reads are noisy"),
        ("limit = 7", 7, "8: twice `hold`, whose means are compared where reads are noisy"),
    ];
    let said = |line: u32, limit: u32, needed: &str| {
        let found = format!("found a limit of {limit} steps, within which no phase settles");
        format!("it.toml:{line}:1: `phases.settle`: {found}; accepted: at least {needed}")
    };
    for (keys, limit, needed) in cases {
        refuses(keys, &[("it.toml", Text(&settle(keys)))], RUN, &said(2, limit, needed));
    }
    let ideal = |keys: &str| format!("chip = \"ideal\"\n{}", settle(keys));
    let hold = "`phases.settle.hold`: found 100 steps of phases of at most 5; accepted: up to `limit`, and up to half of it where reads are noisy";
    for (experiment, place) in
        [(settle("hold = 100, limit = 5"), "2:12"), (ideal("hold = 100, limit = 5"), "3:12")]
    {
        refuses(
            "less than is held",
            &[("it.toml", Text(&experiment))],
            RUN,
            &format!("it.toml:{place}: {hold}"),
        );
    }
    let slow = format!("{}[delays]\nsteps = 9\n", ideal("hold = 4, limit = 8"));
    let needed = "9: the longest delay, for which a change may be on its way";
    refuses("a limit below the delays", &[("it.toml", Text(&slow))], RUN, &said(3, 8, needed));
    // At the limits that are named, phases do settle: without noise in a network of which nothing moves any more.
    let desk = Desk::new();
    let settled = |experiment: &str, out: &str| {
        desk.put("it.toml", experiment);
        let digest = desk.digest(&[&["it.toml", "--set", "neuron.a=0"], &SMALL[..]].concat(), out);
        assert_eq!(desk.digest(&[&format!("{out}/experiment.toml")], &format!("{out} again")), digest);
        let book = &desk.json(&format!("{out}/summary.json"))["settling"];
        assert!(number(&book["unsettled"]) < number(&book["phases"]), "{book}");
    };
    settled(&settle("hold = 100, limit = 200"), "noisy");
    settled(&format!("{}[delays]\nsteps = 9\n", ideal("hold = 4, limit = 9")), "delayed");
    settled(&ideal("tolerance = 0.0, limit = 1"), "strict");
}

#[test]
fn recordings_of_more_classes_than_outputs_become_no_trace() {
    let index = |rows: &str| format!("sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on\n{rows}");
    let event = [1, 1, 0x80, 0, 9];
    let from = |more: &'static [&'static str]| {
        let args = [
            "trace",
            "from",
            "--recordings",
            "r.bs2",
            "--to",
            "r.trace",
            "--set",
            "network.layers=[2312, 10]",
        ];
        [&args[..], more].concat()
    };
    let twelve = index("1\t2\t0\t1\t9\t1\n2\t11\t0\t1\t9\t1\n");
    refuses(
        "class 11",
        &[("r.bs2", Bytes(&event)), ("r.tsv", Text(&twelve))],
        &from(&[]),
        "command line: `network.layers`: found 10 output neurons for 12 classes (r.bs2); accepted: at least 12 output neurons",
    );
    refuses(
        "no recordings",
        &[("r.bs2", Bytes(&[])), ("r.tsv", Text(&index("")))],
        &from(&[]),
        "r.tsv: found no recordings; accepted: at least one row below the header",
    );
    refuses(
        "more than there are",
        &[("r.bs2", Bytes(&event)), ("r.tsv", Text(&twelve))],
        &from(&["--samples", "3"]),
        "command line: `--samples`: found 3 of 2 recordings; accepted: as many as there are, or 0 for all",
    );
    let desk = Desk::new();
    desk.put("r.bs2", event);
    desk.put("r.tsv", &twelve);
    desk.succeeds(&from(&["--samples", "1"]));
    assert!(desk.text("r.trace").contains(": 2\n"));
    desk.put("r.tsv", index("1\t9\t0\t1\t9\t1\n"));
    desk.succeeds(&from(&["--overwrite"]));
    assert!(desk.text("r.trace").contains(": 9\n"));
}

#[test]
fn a_step_of_forward_euler_is_no_longer_than_the_time_constant() {
    let lif = |dt: f64| format!("kind = \"lif\", integrator = \"euler\", tau_ms = 2.5, dt_ms = {dt:?}");
    let said = "found a step of 3 ms with a time constant of 2.5 ms; accepted: dt_ms up to tau_ms with integrator = \"euler\"; \"exact\" takes any";
    let network =
        "[network]\nkind = \"populations\"\n[stimulus]\nsteps = 3\n[[network.population]]\nname = \"n\"\n";
    let own = |dt: f64| format!("{network}neuron = {{ {} }}\n", lif(dt));
    let shared = |dt: f64| format!("{network}[neuron]\n{}\n", lif(dt).replace(", ", "\n"));
    refuses(
        "the model of all",
        &[("it.toml", Text(&shared(3.0)))],
        RUN,
        &format!("it.toml:11:1: `neuron.dt_ms`: {said}"),
    );
    refuses(
        "a population's own model",
        &[("it.toml", Text(&own(3.0)))],
        RUN,
        &format!("it.toml:7:62: `network.population[0].neuron.dt_ms`: {said}"),
    );
    for experiment in [shared(2.5), own(2.5), shared(3.0).replace("euler", "exact")] {
        let desk = Desk::new();
        desk.put("it.toml", experiment);
        desk.succeeds(RUN);
    }
}

#[test]
fn a_chip_goes_by_its_name_wherever_its_file_lies() {
    let desk = Desk::new();
    let preset = std::fs::read_to_string(repository("hw-models/ideal.toml")).unwrap();
    desk.put("chips/mine.toml", preset.replace("name = \"ideal\"", "name = \"my chip\""));
    let chip = ["--chip", "chips/mine.toml"];
    let said = desk.says(&[&["run", "--out", "out"][..], &chip, &SMALL].concat());
    assert_eq!(said.status, Some(0), "{}", said.stderr);
    assert!(said.stderr.contains("digits: 64-64-10 on my chip, "), "{}", said.stderr);
    assert_eq!(desk.json("out/summary.json")["chip"], "my chip");
    assert!(desk.succeeds(&[&["check"][..], &chip].concat()).contains("on my chip, "));
    let priced = desk.succeeds(&["price", "out", "--chip", "ideal"]);
    assert!(priced.starts_with("digits: run on my chip, priced as ideal\n"), "{priced}");
    desk.succeeds(&[&["study", "pipeline", "--quick", "--out", "study", "--quiet"][..], &chip].concat());
    assert_eq!(desk.json("study/study.json")["chip"], "my chip");
    // What leads back to the chip is its file.
    let digest = desk.json("out/summary.json")["digest"].clone();
    assert_eq!(desk.digest(&["out/experiment.toml"], "again"), digest);
}

#[test]
fn a_list_of_populations_has_every_name_that_is_accepted() {
    let network = "[network]\nkind = \"populations\"\noutput = \"out\"\n[[network.population]]\nname = \"out\"\nsize = 2\nneuron = \"NEURON\"\n[stimulus]\nsteps = 2\n[probe.x]\nneurons = \"PROBED\"\n";
    let with = |neuron: &str, probed: &str| network.replace("NEURON", neuron).replace("PROBED", probed);
    refuses(
        "a probe of nobody",
        &[("it.toml", Text(&with("default", "nobody")))],
        RUN,
        r#"it.toml:11:1: `probe.x.neurons`: found "nobody"; accepted: "out", "output""#,
    );
    refuses(
        "a neuron that is none",
        &[("it.toml", Text(&with("clampd", "out")))],
        RUN,
        r#"it.toml:7:1: `network.population[0].neuron`: found "clampd"; accepted: "default", "clamped", "rate", "lif", or a section with `kind`"#,
    );
    for (neuron, probed) in [("default", "out"), ("default", "output"), ("rate", "out"), ("lif", "output")] {
        let desk = Desk::new();
        desk.put("it.toml", with(neuron, probed));
        desk.succeeds(RUN);
    }
}

/// Four inputs drive two outputs; one test sample of class 1 is shown and the outputs' states are recorded.
fn shown(neuron: &str) -> (Vec<f64>, f64) {
    let desk = Desk::new();
    desk.put(
        "it.toml",
        format!(
            "chip = \"ideal\"\n[network]\nlayers = [4, 2]\nweights = [\"w.npy\"]\n[neuron]\n{neuron}\n[phases]\nfree_steps = 30\n\
             [data]\nsource = \"csv:d\"\nepochs = 0\n[probe.u]\nneurons = \"output\"\nquantity = \"state\"\n"
        ),
    );
    let weights = vec![0.5, 1.5, -0.25, 0.125, 1.0, -0.5, 0.75, 0.25];
    desk.put("w.npy", npy::to_bytes(&Array::f64("w", &[4, 2], weights).unwrap()));
    desk.put("d/train.csv", "0,1,0,1,0\n1,0,0,0,1\n");
    desk.put("d/test.csv", "1,0.5,0.25,1,1\n");
    desk.succeeds(RUN);
    let last = desk.rows("out/u.csv").pop().unwrap();
    let states = last[3..].iter().map(|u| u.parse().unwrap()).collect();
    let metrics = desk.rows("out/metrics.csv");
    let at = metrics[0].iter().position(|name| name == "loss").unwrap();
    (states, metrics[1][at].parse().unwrap())
}

/// The costs are worked out from the states that the probe saw, with targets 0 and 1.
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "the table is compared to 1e-6 with other functions than the chip's"
)]
fn the_loss_in_the_table_is_the_one_that_is_followed() {
    type Cost = fn(f64, f64) -> f64;
    let cases: [(&str, Cost); 6] = [
        ("activation = \"tanh\"\ncost_on = \"state\"", |u, d| u * u.tanh() - u.cosh().ln() - d * u.tanh()),
        ("activation = \"logistic\"\ncost_on = \"state\"", |u, d| {
            let rho = 1.0 / (1.0 + (2.0 - 4.0 * u).exp());
            u * rho - (1.0 + (4.0 * u - 2.0).exp()).ln() / 4.0 - d * rho
        }),
        ("cost_on = \"state\"", |u, d| {
            let rho = u.clamp(0.0, 1.0);
            0.5 * rho * rho - d * rho
        }),
        ("activation = \"tanh\"\nflow = \"scellier\"", |u, d| u.cosh().ln() - d * u),
        ("activation = \"tanh\"\nflow = \"scellier\"\ncost_on = \"state\"", |u, d| 0.5 * (u - d) * (u - d)),
        ("activation = \"tanh\"", |u, d| 0.5 * (u.tanh() - d) * (u.tanh() - d)),
    ];
    for (neuron, cost) in cases {
        let (states, loss) = shown(neuron);
        let wanted: f64 = states.iter().zip([0.0, 1.0]).map(|(&u, d)| cost(u, d)).sum();
        assert!((loss - wanted).abs() < 1e-6, "{neuron}: {loss}, not {wanted}");
    }
}

#[test]
fn a_phase_left_out_follows_the_depth_and_init_says_so() {
    let desk = Desk::new();
    desk.succeeds(&["init", "it.toml"]);
    let deep = ["--set", "network.layers=[64, 32, 32, 10]"];
    let page = desk.succeeds(&[&["check", "it.toml"][..], &deep].concat());
    assert!(page.contains("100 free steps, then 8 nudged steps"), "{page}");
    let page = desk.succeeds(&["check", "it.toml"]);
    assert!(page.contains("20 free steps, then 6 nudged steps"), "{page}");
    let written = desk.text("it.toml");
    desk.put("left_out.toml", written.replace("free_steps   =", "# ").replace("nudged_steps =", "# "));
    for (name, layers) in [("shallow", "[64, 64, 10]"), ("deep", "[64, 32, 32, 10]")] {
        let layers = format!("network.layers={layers}");
        let digest =
            |file: &str, out: &str| desk.digest(&[&[file, "--set", &layers], &SMALL[..]].concat(), out);
        assert_eq!(digest("it.toml", name), digest("left_out.toml", &format!("{name} left out")));
    }
}
