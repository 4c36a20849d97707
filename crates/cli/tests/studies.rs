//! The command `study`: what it leaves, that its numbers hold, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_study::studies::STUDIES;
use program::refusals::{Content::Text, refuses};
use program::study::{found, made, value};
use program::{Desk, number, repository};
use serde_json::Value;

/// Three neurons that inhibit each other, with unequal currents; the network of a published bistable case.
const THREE: &str = r#"
[hardware]
state = "i16f48"
[neuron]
activation = "tanh"
a = 0.1
[network]
kind = "populations"
[[network.population]]
name = "three"
size = 3
bias = [0.3, 0.2, 0.25]
[[network.connection]]
from = "three"
to = "three"
weights = [[0.0, -0.85, -0.75], [-0.85, 0.0, -0.9], [-0.75, -0.9, 0.0]]
"#;

/// The rows of the reference for integer delays.
fn reference() -> Vec<Value> {
    let text = std::fs::read_to_string(repository("tests/oracles/delay/delay_discrete.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Tags that close what was opened, in order; no `&` or `<` astray.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for (at, piece) in svg.split('<').enumerate() {
        if at == 0 && piece.is_empty() {
            continue;
        }
        let Some((tag, text)) = piece.split_once('>') else { return false };
        if text.contains('&') && !text.contains(';') || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        let name = |tag: &str| tag.split_whitespace().next().unwrap_or("").to_owned();
        match tag.strip_prefix('/') {
            Some(closed) if open.pop() != Some(name(closed)) => return false,
            Some(_) => {}
            None if tag.ends_with('/') => {}
            None => open.push(name(tag)),
        }
    }
    open.is_empty()
}

#[test]
fn every_study_leaves_its_numbers_its_curve_and_a_well_formed_figure() {
    for study in STUDIES {
        let desk = Desk::new();
        let json = made(&desk, &[study.name, "--quick"]);
        assert_eq!(desk.below("out"), ["experiment.toml", "study.csv", "study.json", "study.svg"]);
        assert_eq!((&json["format"], &json["study"]), (&"equipoise-study-1".into(), &study.name.into()));
        let rows = desk.rows("out/study.csv");
        let columns: Vec<&str> = rows[0].iter().map(String::as_str).collect();
        let described = json["columns"].as_array().unwrap();
        assert!(
            columns.iter().zip(described).all(|(c, d)| d["name"] == *c) && columns.len() == described.len()
        );
        assert!(rows.len() > 10 && rows.iter().all(|row| row.len() == columns.len()));
        let svg = desk.text("out/study.svg");
        assert!(is_well_formed(&svg) && svg.starts_with("<svg ") && !svg.contains("NaN"), "{}", study.name);
    }
}

#[test]
fn the_check_of_figures_finds_what_is_not_well_formed() {
    assert!(is_well_formed("<svg a=\"1\"><text>x</text><rect/></svg>\n"));
    for broken in
        ["<svg><text></svg></text>", "<svg>", "<svg>a < b</svg>", "<svg a=\"1></svg>", "<svg>a & b</svg>"]
    {
        assert!(!is_well_formed(broken), "{broken}");
    }
}

#[test]
fn a_study_is_made_again_from_what_it_left_and_by_any_number_of_threads() {
    for study in STUDIES {
        let desk = Desk::new();
        let first = made(&desk, &[study.name, "--quick"]);
        let figure = desk.text("out/study.svg");
        std::fs::copy(desk.path("out/experiment.toml"), desk.path("again.toml")).unwrap();
        let again = made(&desk, &[study.name, "again.toml", "--quick", "--threads", "3"]);
        assert_eq!(first, again, "{}", study.name);
        assert_eq!(figure, desk.text("out/study.svg"));
    }
}

/// The reference knows the default network (`2n_sym_self_inhib_zero`): first unstable at 14 extra steps with a = 0.1, at 5 with
/// a = 0.25.
#[test]
fn the_chip_oscillates_from_the_predicted_delay_on_and_that_is_the_reference_s() {
    for a in ["0.1", "0.25", "0.5"] {
        let set = format!("neuron.a={a}");
        let json = made(&Desk::new(), &["delay", "--quick", "--set", &set]);
        let is_row = |row: &&Value| {
            row["name"] == "2n_sym_self_inhib_zero" && number(&row["a"]) == a.parse::<f64>().unwrap()
        };
        let rows = reference();
        let row = rows.iter().find(is_row).unwrap();
        let first = found(&json, "first extra delay that oscillates, gain 1");
        let reference = number(&row["first_unstable_d"]);
        assert_eq!((number(&first["value"]), number(&first["reference"]["value"])), (reference, reference));
        let period = found(&json, "period at onset, gain 1");
        let linear = number(&row["onset"]["linear_period_steps"]);
        assert!((number(&period["reference"]["value"]) - linear).abs() < 1e-6, "{period}");
        assert!((number(&period["value"]) / linear - 1.0).abs() < 0.01, "{period}");
        let share = "share of points, spectral radius further than 1e-3 from 1, that do what theory predicts";
        assert_eq!(value(&json, share), 1.0);
        let mut rates = json["numbers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|n| n["name"].as_str().unwrap().starts_with("growth per step of a tiny deviation"));
        assert!(rates.all(|rate| number(&rate["deviation"]).abs() < 1e-5));
    }
}

/// Of the default pair the strongest mode has an eigenvalue of -1.8: below a gain of 1 / 1.8 no delay makes it grow. Without
/// noise each gain above oscillates from the delay on that theory says.
#[test]
fn noise_and_coarse_words_are_no_oscillation_and_an_oscillation_above_them_is_found() {
    for (noise, bits) in
        [("0.0003", "0"), ("0.003", "0"), ("0.01", "0"), ("0.03", "0"), ("0", "8"), ("0.01", "8")]
    {
        let (noise, bits) = (format!("hardware.adc.noise={noise}"), format!("hardware.adc.bits={bits}"));
        let gains = "study.gains=[0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 1.5]";
        let json = made(&Desk::new(), &["delay", "--quick", "--set", gains, "--set", &noise, "--set", &bits]);
        let first = |gain: &str| found(&json, &format!("first extra delay that oscillates, gain {gain}"));
        for gain in ["0.1", "0.2", "0.3", "0.4", "0.5"] {
            assert!(first(gain)["value"].is_null(), "{noise}, {bits}, gain {gain}: {}", first(gain));
        }
        for gain in ["1", "1.5"] {
            let late = number(&first(gain)["value"]) - number(&first(gain)["reference"]["value"]);
            assert!((0.0..=8.0).contains(&late), "{noise}, {bits}, gain {gain}: {}", first(gain));
        }
    }
}

/// The experiment of a row of the reference: one population with all couplings, `W` being (to, from).
fn experiment(desk: &Desk, row: &Value) -> String {
    let list = |key: &str| row[key].as_array().unwrap().clone();
    let weights: Vec<Vec<f64>> =
        list("W").iter().map(|r| r.as_array().unwrap().iter().map(number).collect()).collect();
    let n = weights.len();
    let transposed: Vec<Vec<f64>> = (0..n).map(|from| (0..n).map(|to| weights[to][from]).collect()).collect();
    let currents: Vec<f64> = list("I").iter().map(number).collect();
    let activation = if row["phi"] == "clip" { "hard_sigmoid" } else { "tanh" };
    let (mut delays, mut pattern) = (String::new(), "uniform");
    if let Some(extra) = row["delay_matrix"].as_array() {
        let own = |at: usize| 1.0 + number(&extra[at % n][at / n]);
        let array = equipoise_trace::Array::f64("delays", &[n, n], (0..n * n).map(own).collect()).unwrap();
        desk.put("delays.npy", equipoise_trace::npy::to_bytes(&array));
        (delays, pattern) = ("[delays]\nsteps = [\"delays.npy\"]\n".to_owned(), "own");
    }
    format!(
        "chip = \"ideal\"\n[hardware]\nstate = \"i16f48\"\n[neuron]\nactivation = \"{activation}\"\na = {a:?}\n{delays}\
         [network]\nkind = \"populations\"\n[[network.population]]\nname = \"all\"\nsize = {n}\nbias = {currents:?}\n\
         [[network.connection]]\nfrom = \"all\"\nto = \"all\"\nweights = {transposed:?}\n\
         [study]\ngains = [1.0]\nsteps = 4000\npattern = \"{pattern}\"\n",
        a = number(&row["a"]),
    )
}

/// Every network, leak and delay of the reference: theory has its spectral radius, and the chip comes to rest or swings on as
/// that says, wherever it is further than 1e-3 from 1.
#[test]
fn the_chip_does_what_the_spectrum_says_in_every_row_of_the_reference() {
    let (mut compared, mut oscillating) = (0, 0);
    for row in reference() {
        let desk = Desk::new();
        desk.put("it.toml", experiment(&desk, &row));
        let radii = row["spectral_radius"].as_array().unwrap();
        // The spectrum of unlike delays takes the whole companion matrix: the first ones will do.
        let most = if row["delay_matrix"].is_null() { 80 } else { 10 };
        let longest = format!("study.longest={}", most.min(radii.len() - 1));
        made(&desk, &["delay", "it.toml", "--set", &longest, "--threads", "2"]);
        let rows = desk.rows("out/study.csv");
        let column = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
        let (radius, oscillates) = (column("spectral_radius"), column("oscillates"));
        for (d, (line, expected)) in rows[1..].iter().zip(radii).enumerate() {
            let what = format!("{} a {} d {d}", row["name"], row["a"]);
            let (found, expected) = (line[radius].parse::<f64>().unwrap(), number(expected));
            assert!((found - expected).abs() < 1e-9, "{what}: {found} and {expected}");
            if (expected - 1.0).abs() > 1e-3 {
                assert_eq!(line[oscillates] == "1", expected > 1.0, "{what}: {expected}, {line:?}");
                compared += 1;
                oscillating += usize::from(expected > 1.0);
            }
        }
    }
    assert!(compared > 1000 && oscillating > 150, "{compared} points, {oscillating} of them unstable");
}

/// A bistable case of the reference: network, factor a, and (extra delay, peak to peak) where a far start swings on.
type Bistable = (&'static str, &'static str, &'static [(u32, f64)]);

#[test]
fn the_known_bistable_cases_are_found_and_no_others() {
    let cases: [Bistable; 3] =
        [("", "0.1", &[(18, 1.77), (19, 1.99)]), ("", "0.25", &[(6, 1.60)]), (THREE, "0.1", &[(19, 1.08)])];
    for (file, a, known) in cases {
        let desk = Desk::new();
        desk.put("it.toml", file);
        let set = format!("neuron.a={a}");
        let mut args = vec!["bistability", "--quick", "--set", &set];
        if !file.is_empty() {
            args.extend(["it.toml", "--chip", "ideal"]);
        }
        let json = made(&desk, &args);
        for number_ in json["numbers"].as_array().unwrap() {
            let Some(d) = number_["name"].as_str().unwrap().strip_prefix("bistable at extra delay ") else {
                continue;
            };
            let expected = known.iter().any(|(delay, _)| delay.to_string() == d);
            assert_eq!(number(&number_["value"]) == 1.0, expected, "a {a}, d {d}");
            assert_eq!(number(&number_["deviation"]), 0.0, "the oracle agrees");
        }
        for (d, swing) in known {
            let name = format!("peak to peak at extra delay {d} from 2 away");
            // The reference gives two digits after the point.
            assert!((value(&json, &name) - swing).abs() < 0.005, "{}", found(&json, &name));
            assert!(number(&found(&json, &name)["deviation"]).abs() < 1e-6);
        }
    }
}

#[test]
fn a_layered_network_does_not_oscillate_where_lateral_inhibition_and_an_e_i_pair_do() {
    let json = made(&Desk::new(), &["circuits"]);
    for (circuit, first) in [("layered", None), ("lateral inhibition", Some(15.0)), ("E/I pair", Some(2.0))] {
        let number = found(&json, &format!("first extra delay that oscillates, {circuit}"));
        assert_eq!((number["value"].as_f64(), number["reference"]["value"].as_f64()), (first, first));
    }
    // A swing of less than 64 LSB of 2^-48 is rest.
    assert!(value(&json, "peak to peak at extra delay 30, layered") < 64.0 / (1_u64 << 48) as f64);
}

/// Losses and swings are those of an independent simulation in Python, whose file is read here again.
#[test]
fn on_a_limit_cycle_bptt_learns_what_ep_does_not_and_both_as_the_reference_says() {
    let file = std::fs::read_to_string(repository("tests/oracles/seed/g_limit_cycle.json")).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let json = made(&Desk::new(), &["limit-cycle", "--quick"]);
    let stays_close = |name: &str, expected: &Value, tolerance: f64| {
        let (found, expected) = (value(&json, name), number(expected));
        assert!((found / expected - 1.0).abs() < tolerance, "{name}: {found}, not {expected}");
    };
    for row in file["delay_sweep"]["rows"].as_array().unwrap().iter().filter(|row| number(&row[0]) >= 13.0) {
        let d = &row[0];
        let swing = format!("peak to peak of the output neuron on the chip, extra delay {d}");
        stays_close(&swing, &row[1], 1e-6);
        // The file counts whole steps between crossings.
        stays_close(&format!("period on the chip, extra delay {d}"), &row[2], 0.01);
        let error =
            format!("relative error of EP in double precision, averaged over 300 steps, extra delay {d}");
        stays_close(&error, &row[6], 1e-6);
    }
    let methods = [
        ("BPTT", "bptt"),
        ("EP, fixed step", "ep_end"),
        ("EP, random phase", "ep_jitter"),
        ("EP, window average", "ep_avg"),
    ];
    let before = value(&json, "trajectory loss before learning");
    for (name, key) in methods {
        let name = format!("trajectory loss at the last update, {name}");
        stays_close(&name, &file["trajectory"]["curves"][key]["final"], 1e-5);
        let learned = value(&json, &name) < 1e-3 * before;
        assert_eq!(learned, key == "bptt", "{name}");
        assert!(learned || value(&json, &name) > before, "{name}");
    }
    let phases = [("least", "min"), ("greatest", "max"), ("mean", "mean")];
    for (name, key) in phases {
        stays_close(&format!("{name} cosine over the phases of the latch"), &file["latch_phase"][key], 1e-6);
    }
    let beside_python = json["numbers"].as_array().unwrap().iter();
    let beside_python: Vec<&Value> =
        beside_python.filter(|n| n["reference"]["source"] == "independent Python reference").collect();
    // Swing, period and error at five delays, four numbers about phases, four losses.
    assert_eq!(beside_python.len(), 23);
    for number_ in beside_python {
        let small = number(&number_["deviation"]).abs() < 0.01 * number(&number_["value"]).abs();
        assert!(small, "{number_}");
    }
}

#[test]
fn the_chips_latches_hold_the_gradient_below_the_critical_delay_and_not_beyond() {
    let json = made(&Desk::new(), &["limit-cycle", "--quick"]);
    let first = found(&json, "first extra delay, of those tried, that oscillates on the chip");
    assert_eq!((number(&first["value"]), number(&first["reference"]["value"])), (13.0, 13.0));
    let below =
        "largest relative error of the chip's gradient, extra delays up to two below the critical one";
    assert!(value(&json, below) <= 1e-6);
    assert!(value(&json, "least relative error of the chip's gradient, critical delay and beyond") > 1.0);
    assert!(value(&json, "largest relative error of BPTT at any delay") < 1e-9);
}

/// The default network; its first sample is unstable from 3 extra steps on, its last from 6.
#[test]
fn a_late_network_has_the_true_gradient_until_it_oscillates_and_remedies_are_told_apart() {
    let json = made(&Desk::new(), &["learning-under-delay", "--quick"]);
    for policy in ["write anyway", "damping"] {
        let share = format!("share of samples and delays that do what theory predicts, {policy}");
        assert_eq!(value(&json, &share), 1.0);
    }
    let cosine = |policy: &str, d: u32| {
        found(&json, &format!("cosine of the gradient, {policy}, extra delay {d}"))["value"].as_f64()
    };
    let refused =
        |policy: &str, d: u32| value(&json, &format!("share of updates refused, {policy}, extra delay {d}"));
    // What the latches of a settled network hold is what implicit differentiation says, to the square of the nudge.
    assert!(value(&json, "relative error of the gradient, write anyway, extra delay 0") < 0.02);
    for d in [0, 5, 10] {
        let (plain, refusing) = (cosine("write anyway", d).unwrap(), cosine("refuse", d));
        let (averaged, damped) = (cosine("window average", d).unwrap(), cosine("damping", d).unwrap());
        let late = d > 0;
        assert_eq!(plain < 0.9, late, "{d}: {plain}");
        assert_eq!(refusing, (!late).then_some(plain), "{d}");
        assert_eq!(refused("refuse", d), f64::from(u8::from(late)), "{d}");
        assert_eq!(refused("write anyway", d), 0.0);
        assert_eq!(averaged > plain, late, "{d}: {averaged} and {plain}");
        assert!(damped > 0.95, "{d}: {damped}");
    }
}

#[test]
fn learning_under_delay_is_studied_where_the_true_gradient_is_known() {
    let layered =
        "chip = \"ideal\"\n[phases]\nfree_steps = 80\nnudged_steps = 80\n[network]\nlayers = [64, 10]\n";
    let desk = Desk::new();
    desk.put("it.toml", format!("{layered}[data]\nepochs = 1\n[study]\ndelays = [0, 7]\n"));
    let json = made(&desk, &["learning-under-delay", "it.toml", "--quick"]);
    // A layered network does not oscillate, so nothing is refused.
    let first = found(&json, "first extra delay, of those tried, at which a sample oscillates, write anyway");
    assert!(first["value"].is_null() && first["reference"]["value"].is_null(), "{first}");
    let args = ["study", "learning-under-delay", "it.toml", "--out", "out"];
    let cases = [
        (
            format!("{layered}[study]\nwindow = 90\n"),
            "it.toml:8:1: `study.window`: found 90; accepted: at most 80, the steps of the shortest phase",
        ),
        (
            format!("{layered}[study]\ndelays = [3, 1]\n"),
            "it.toml:8:1: `study.delays`: found [3, 1]; accepted: one or more numbers, increasing",
        ),
    ];
    for (file, message) in cases {
        refuses(message, &[("it.toml", Text(&file))], &args, message);
    }
    let own = repository("crates/study/src/studies/learning-under-delay.toml");
    let plastic = std::fs::read_to_string(own).unwrap().replace("plastic = false", "plastic = true");
    let accepted = "plastic connections from inputs, or between two populations and symmetric";
    let message = format!("it.toml:5:2: `network`: found other plastic connections; accepted: {accepted}");
    refuses("plastic inhibition", &[("it.toml", Text(&plastic))], &args, &message);
}

#[test]
fn an_unknown_study_is_refused_with_the_list() {
    let names: Vec<&str> = STUDIES.iter().map(|study| study.name).collect();
    let message = format!("command line: `NAME`: found \"dely\"; accepted: {}", names.join(", "));
    refuses("unknown study", &[], &["study", "dely", "--out", "out"], &message);
}

#[test]
fn keys_of_a_study_are_refused_where_they_stand() {
    let cases = [
        (
            "[study]\nlongst = 3\n",
            "it.toml:2:1: `study.longst`: found an unknown key; accepted: gains, shown_gain, longest, pattern, steps, perturbation, floor, neuron (did you mean `longest`?)",
        ),
        (
            "[study]\n\n  steps = 1\n",
            "it.toml:3:3: `study.steps`: found 1; accepted: a number from 100 to 100000000",
        ),
        (
            "[study]\npattern = \"mine\"\n",
            "it.toml:2:1: `study.pattern`: found \"mine\"; accepted: \"uniform\", \"own\"",
        ),
        (
            "[study]\ngains = [1.0, 0.5]\n",
            "it.toml:2:1: `study.gains`: found [1.0, 0.5]; accepted: one or more numbers, increasing",
        ),
        (
            "[study]\nneuron = 3\n",
            "it.toml:2:1: `study.neuron`: found neuron 3 of 3; accepted: a number below 3",
        ),
        ("study = 3\n", "it.toml:1:1: `study`: found 3; accepted: a section"),
    ];
    for (section, message) in cases {
        let file = format!("{section}{THREE}");
        let args = ["study", "delay", "it.toml", "--chip", "ideal", "--out", "out"];
        refuses(section, &[("it.toml", Text(&file))], &args, message);
    }
}

#[test]
fn a_limit_cycle_is_studied_on_three_neurons_that_have_one() {
    let args = ["study", "limit-cycle", "it.toml", "--chip", "ideal", "--out", "out"];
    let accepted = "three neurons, the first alone in the population \"output\"";
    let message = format!("it.toml:7:2: `network`: found 3 neurons, output: none; accepted: {accepted}");
    refuses("no output", &[("it.toml", Text(THREE))], &args, &message);
    let args = ["study", "limit-cycle", "--set", "study.learning_delay=12", "--out", "out"];
    let accepted = "a delay at which the network oscillates: 13 or more";
    let message = format!("command line: `study.learning_delay`: found 12; accepted: {accepted}");
    refuses("a delay at which it settles", &[], &args, &message);
}

#[test]
fn a_network_that_the_theory_is_not_about_is_refused() {
    let lif = "[neuron]\nkind = \"lif\"\n";
    let accepted = "rate neurons with one factor `a` and one activation, flow = \"cohen_grossberg\"";
    let message = format!("it.toml:1:2: `neuron`: found no rate neurons; accepted: {accepted}");
    refuses("spikes", &[("it.toml", Text(lif))], &["study", "delay", "it.toml", "--out", "out"], &message);
    let flow = "chip = \"ideal\"\n[neuron]\nflow = \"scellier\"\n";
    let message = format!("it.toml:2:2: `neuron`: found flow = \"scellier\"; accepted: {accepted}");
    refuses("flow", &[("it.toml", Text(flow))], &["study", "delay", "it.toml", "--out", "out"], &message);
}

#[test]
fn a_result_that_is_there_is_kept_unless_asked_otherwise() {
    let desk = Desk::new();
    made(&desk, &["circuits", "--quick"]);
    let refused = desk.says(&["study", "circuits", "--quick", "--out", "out"]);
    let message = "error: out: found a folder with a file `study.json` in it; accepted: another folder, or --overwrite\n";
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    desk.succeeds(&["study", "circuits", "--quick", "--quiet"]);
    assert!(desk.path("runs/study-circuits-1-1/study.svg").is_file());
}
