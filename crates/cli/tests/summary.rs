//! What `summary.json` and the ledger say: every field of the contract, and books that balance.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_base::{Action, Phase};
use program::{Desk, number, repository, small};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the contract says of a field.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A text.
    Text,
    /// A text, or `null`.
    PerhapsText,
    /// True or false.
    Flag,
    /// A whole number from 0.
    Count,
    /// A number.
    Number,
    /// A number, or `null` where there is nothing to say.
    Perhaps,
    /// Names with numbers.
    Numbers,
    /// Names with sections of numbers.
    Sections,
    /// A list of texts.
    Texts,
    /// A list of whole numbers from 0.
    Counts,
    /// A section.
    Section(&'static [(&'static str, Kind)]),
    /// A section, or `null`.
    PerhapsSection(&'static [(&'static str, Kind)]),
}
use Kind::{
    Count, Counts, Flag, Number, Numbers, Perhaps, PerhapsSection, PerhapsText, Section, Sections, Text,
    Texts,
};

/// Both parts of what one way to learn keeps.
const KEPT: [(&str, Kind); 2] = [("latched", Count), ("accumulators", Count)];

const SUMMARY: &[(&str, Kind)] = &[
    ("format", Text),
    ("version", Text),
    ("title", Text),
    ("chip", Text),
    ("seed", Count),
    ("digest", Text),
    ("steps", Count),
    ("cycles", Count),
    ("chip_seconds", Number),
    ("wall_seconds", Number),
    ("train_seconds", Number),
    ("updates", Count),
    ("accuracy", Section(&[("train", Perhaps), ("test", Perhaps)])),
    (
        "events",
        Section(&[
            ("emitted", Count),
            ("fan_out_total", Count),
            ("delivered", Count),
            ("in_flight", Count),
            ("dropped", Numbers),
            ("late", Count),
            ("packets", Count),
            ("hops", Count),
            ("bits", Count),
        ]),
    ),
    ("actions", Numbers),
    (
        "energy_j",
        Section(&[
            ("total", Number),
            ("per_update", Perhaps),
            ("by_action", Numbers),
            ("by_phase", Numbers),
            ("static", Number),
            ("unpriced", Texts),
            ("evidence", Text),
        ]),
    ),
    ("energy_range_j", Section(&[("low", Number), ("high", Number)])),
    ("area_mm2", Perhaps),
    ("breakdown", BREAKDOWN),
    ("latency_s_per_update", Perhaps),
    // Everything is priced for what ran.
    ("priced_at", Section(&[])),
    ("power_w", Section(&[("average", Perhaps), ("peak", Perhaps), ("peak_running", Perhaps)])),
    (
        "efficiency",
        Section(&[
            ("macs", Count),
            ("pj_per_mac", Perhaps),
            ("tops_per_w", Perhaps),
            ("inferences", Count),
            ("per_inference_j", Perhaps),
            ("per_update_j", Perhaps),
        ]),
    ),
    (
        "utilisation",
        Section(&[
            ("links", Section(&[("mean", Perhaps), ("busiest", Perhaps)])),
            ("fifos", Section(&[("mean", Perhaps), ("most_packets", Count)])),
            ("converters", Perhaps),
            ("arrays", Perhaps),
            ("cores", Perhaps),
            ("occupied", Section(&[("cores", Perhaps), ("arrays", Perhaps)])),
        ]),
    ),
    (
        "memory_bits",
        Section(&[
            ("weights", Count),
            ("latches", Count),
            ("state", Count),
            ("drives", Count),
            ("axons", Count),
            ("delays", Count),
            ("routing", Count),
            ("restart", Count),
            ("io", Count),
            (
                "alternatives",
                Section(&[
                    ("ep_product", Count),
                    ("ep_accumulate", Count),
                    ("ep_state", Count),
                    ("bptt", Count),
                ]),
            ),
            (
                "parts",
                Section(&[
                    ("synapses", Count),
                    ("free_neurons", Count),
                    ("latch_bits", Count),
                    ("state_bits", Count),
                    ("accumulator_bits", Count),
                    ("gradient_bits", Count),
                    ("bptt_steps", Count),
                    ("ep_product", Section(&KEPT)),
                    ("ep_accumulate", Section(&KEPT)),
                    ("ep_state", Section(&KEPT)),
                    ("bptt", Section(&KEPT)),
                ]),
            ),
            ("bptt_crossover_steps", Perhaps),
        ]),
    ),
    (
        "settling",
        Section(&[
            ("phases", Count),
            ("unsettled", Count),
            ("oscillating", Count),
            ("refused", Count),
            ("steps_median", Perhaps),
            ("steps_p95", Perhaps),
            (
                "classes",
                Section(&[
                    ("fixed_point", Count),
                    ("slow", Count),
                    ("limit_cycle", Count),
                    ("granular", Count),
                    ("hidden", Count),
                    ("aperiodic", Count),
                ]),
            ),
            (
                "last_oscillation",
                PerhapsSection(&[
                    ("phase", Text),
                    ("period_steps", Number),
                    ("amplitude", Number),
                    ("exact", Flag),
                    ("neurons", Texts),
                    ("taking_part", Count),
                    ("connections", Texts),
                    ("step", Count),
                    ("cycle", Count),
                ]),
            ),
        ]),
    ),
    ("gradient", PerhapsSection(&[("cosine", Number), ("relative_error", Number), ("norm_ratio", Number)])),
    (
        "stability",
        PerhapsSection(&[
            ("spectral_radius", Number),
            ("margin", Number),
            ("period_steps", Perhaps),
            ("uniform_delay", Text),
            ("first_unstable_delay_steps", Perhaps),
            ("critical_delay_time_constants", Perhaps),
            ("critical_period_time_constants", Perhaps),
            ("neurons_on_kink", Count),
            (
                "nudged",
                PerhapsSection(&[("spectral_radius", Number), ("margin", Number), ("period_steps", Perhaps)]),
            ),
        ]),
    ),
    ("stability_unknown", PerhapsText),
    (
        "placement",
        PerhapsSection(&[
            ("rule", Text),
            ("nodes", Counts),
            ("packet_hops", Section(&[("per_step", Count), ("per_sample", Count)])),
            ("in_order", Section(&[("per_step", Count), ("per_sample", Count)])),
            ("saved", Number),
        ]),
    ),
    (
        "clipped",
        Section(&[("weights", Count), ("largest_change", Number), ("inputs", Count), ("conversions", Count)]),
    ),
];

const BREAKDOWN: Kind = Section(&[
    (
        "cycles",
        Section(&[("by_phase", Numbers), ("by_block", Section(&[("chip", Sections), ("in_use", Sections)]))]),
    ),
    ("static_j", Section(&[("chip", STATIC), ("in_use", STATIC)])),
    ("area_mm2", Section(&[("chip", AREA), ("in_use", AREA)])),
]);
const STATIC: Kind = Section(&[("total", Number), ("by_block", Numbers), ("by_phase", Numbers)]);
const AREA: Kind = Section(&[("total", Perhaps), ("by_block", Numbers), ("unknown", Texts)]);

fn check_section(path: &str, value: &Value, fields: &[(&str, Kind)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{path} is no section: {value}"));
    let found: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, wanted, "fields of {path}");
    fields.iter().for_each(|(name, kind)| check_field(&format!("{path}.{name}"), &object[*name], *kind));
}

fn check_field(path: &str, value: &Value, kind: Kind) {
    let is_number = |value: &Value| value.as_f64().is_some_and(f64::is_finite);
    let fits = match kind {
        Text => value.is_string(),
        PerhapsText => value.is_null() || value.is_string(),
        Flag => value.is_boolean(),
        Count => value.is_u64(),
        Number => is_number(value),
        Perhaps => value.is_null() || is_number(value),
        Numbers => value.as_object().is_some_and(|object| object.values().all(is_number)),
        Sections => value.as_object().is_some_and(|object| {
            object.values().all(|section| section.as_object().is_some_and(|s| s.values().all(is_number)))
        }),
        Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        Counts => value.as_array().is_some_and(|list| list.iter().all(Value::is_u64)),
        PerhapsSection(_) if value.is_null() => true,
        Section(fields) | PerhapsSection(fields) => {
            check_section(path, value, fields);
            true
        }
    };
    assert!(fits, "{path} is {value}, which is no {kind:?}");
}

fn sum(object: &Value) -> f64 {
    object.as_object().unwrap().values().map(number).sum()
}

#[test]
fn the_summary_has_every_field_of_the_contract_and_no_other() {
    let desk = Desk::new();
    let measured = ["--set", "learning.measure_gradient=true", "--set", "learning.measure_stability=true"];
    small(&desk, &[&["--seed", "7"], &measured[..]].concat(), "learned");
    small(&desk, &["--chip", "ideal", "--set", "learning.rule=none"], "asked");
    desk.digest(&[repository("traces/delay-ring.trace").to_str().unwrap()], "ring");
    for out in ["learned", "asked", "ring"] {
        check_section(out, &desk.json(&format!("{out}/summary.json")), SUMMARY);
    }
    let learned = desk.json("learned/summary.json");
    assert_eq!(learned["format"], "equipoise-summary-1");
    assert_eq!(learned["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&learned["title"], &learned["chip"]), (&"digits".into(), &"edge-rram".into()));
    assert_eq!(learned["seed"], 7);
    let digest = learned["digest"].as_str().unwrap();
    assert!(digest.len() == 16 && digest.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)));
    assert_eq!(learned["updates"], 40);
    assert!(number(&learned["gradient"]["cosine"]) > 0.0, "{}", learned["gradient"]);
    // A layered symmetric network at a minimum of its energy is stable at every common delay.
    assert_eq!(learned["stability"]["uniform_delay"], "stable", "{}", learned["stability"]);
    assert!(number(&learned["stability"]["margin"]) > 0.0);
    // Absent things are null and not invented.
    let asked = desk.json("asked/summary.json");
    assert!(asked["accuracy"]["train"].is_null() && asked["accuracy"]["test"].is_number());
    assert!(asked["energy_j"]["per_update"].is_null() && asked["latency_s_per_update"].is_null());
    assert!(asked["gradient"].is_null() && asked["stability"].is_null());
    let ring = desk.json("ring/summary.json");
    assert!(ring["accuracy"]["train"].is_null() && ring["accuracy"]["test"].is_null());
}

#[test]
fn the_books_of_a_summary_balance() {
    let desk = Desk::new();
    small(&desk, &[], "out");
    let summary = desk.json("out/summary.json");
    let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let actions: BTreeSet<String> = Action::ALL.iter().map(|action| action.name().to_owned()).collect();
    assert_eq!(names(&summary["actions"]), actions);
    assert!(names(&summary["energy_j"]["by_action"]).is_subset(&actions));
    let phases: BTreeSet<String> = Phase::ALL.iter().map(|phase| phase.name().to_owned()).collect();
    assert!(names(&summary["energy_j"]["by_phase"]).is_subset(&phases));

    let energy = &summary["energy_j"];
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    assert!(close(number(&energy["total"]), sum(&energy["by_action"]) + number(&energy["static"])));
    assert!(close(number(&energy["total"]), sum(&energy["by_phase"])));
    let training: f64 = ["load", "free", "latch", "nudge", "update", "done"]
        .map(|phase| number(&energy["by_phase"][phase]))
        .iter()
        .sum();
    assert!(close(number(&energy["per_update"]) * number(&summary["updates"]), training));

    let breakdown = &summary["breakdown"];
    assert_eq!(sum(&breakdown["cycles"]["by_phase"]), number(&summary["cycles"]));
    for part in ["chip", "in_use"] {
        let (static_j, area) = (&breakdown["static_j"][part], &breakdown["area_mm2"][part]);
        assert!(close(number(&static_j["total"]), sum(&static_j["by_block"])));
        assert!(close(number(&static_j["total"]), sum(&static_j["by_phase"])));
        assert!(close(number(&area["total"]), sum(&area["by_block"])));
    }
    assert_eq!(breakdown["static_j"]["chip"]["total"], energy["static"]);
    assert_eq!(breakdown["area_mm2"]["chip"]["total"], summary["area_mm2"]);
    // The default chip has four cores with 16 arrays each, the network uses two arrays.
    for (name, of_chip) in breakdown["area_mm2"]["chip"]["by_block"].as_object().unwrap() {
        let used = breakdown["area_mm2"]["in_use"]["by_block"].get(name).map_or(0.0, number);
        assert!(used <= number(of_chip), "{name}");
    }
    let array = |part: &str| number(&breakdown["area_mm2"][part]["by_block"]["array"]);
    assert!(close(array("chip"), 32.0 * array("in_use")));

    let efficiency = &summary["efficiency"];
    assert_eq!(efficiency["per_update_j"], energy["per_update"]);
    assert_eq!(efficiency["macs"], summary["actions"]["cell_mac"]);
    assert_eq!(efficiency["inferences"], 20);
    assert!(close(number(&efficiency["tops_per_w"]) * number(&efficiency["pj_per_mac"]), 2.0));
    let inferring = number(&efficiency["per_inference_j"]) * 20.0;
    assert!(close(inferring, number(&energy["by_phase"]["evaluate"])));
    let utilisation = &summary["utilisation"];
    for share in ["converters", "arrays", "cores"].map(|name| number(&utilisation[name])) {
        assert!(share > 0.0 && share < 1.0, "{utilisation}");
    }
    let links = &utilisation["links"];
    assert!(0.0 < number(&links["mean"]) && number(&links["mean"]) <= number(&links["busiest"]), "{links}");
    assert!(number(&links["busiest"]) < 1.0 && number(&utilisation["fifos"]["mean"]) < 1.0);
    assert_eq!(utilisation["occupied"]["cores"], 0.75);

    let events = &summary["events"];
    let delivered = number(&events["delivered"]) + number(&events["in_flight"]) + sum(&events["dropped"]);
    assert_eq!(number(&events["fan_out_total"]), delivered);
    assert_eq!(summary["actions"]["packet_hop"], events["hops"]);
    assert_eq!(summary["actions"]["link_bit"], events["bits"]);
    // 40 samples of a free and a nudged phase, 20 of a free one.
    assert_eq!(summary["settling"]["phases"], 100);
    assert_eq!(number(&summary["steps"]), 40.0 * 26.0 + 20.0 * 20.0);
    assert!(number(&summary["train_seconds"]) <= number(&summary["wall_seconds"]));
    let power = &summary["power_w"];
    assert!(close(number(&power["average"]), number(&energy["total"]) / number(&summary["chip_seconds"])));
}

#[test]
fn the_alternatives_are_the_sums_of_their_parts_and_count_what_the_chip_has() {
    let desk = Desk::new();
    let page = desk.succeeds(&[&["run", "--out", "out"][..], &program::SMALL].concat());
    let memory = desk.json("out/summary.json")["memory_bits"].clone();
    let [parts, alternatives] = ["parts", "alternatives"].map(|key| &memory[key]);
    let of = |way: &str, part: &str| number(&parts[way][part]);
    for way in ["ep_product", "ep_accumulate", "ep_state", "bptt"] {
        assert_eq!(of(way, "latched") + of(way, "accumulators"), number(&alternatives[way]), "{way}");
    }
    let [synapses, neurons, latch, state, accumulator, gradient, steps] = [
        "synapses",
        "free_neurons",
        "latch_bits",
        "state_bits",
        "accumulator_bits",
        "gradient_bits",
        "bptt_steps",
    ]
    .map(|key| number(&parts[key]));
    assert_eq!((synapses, neurons, accumulator, steps), (4736.0, 74.0, 8.0, 26.0));
    assert_eq!(of("ep_product", "latched"), 2.0 * synapses * latch);
    assert_eq!(of("ep_product", "accumulators"), 37_888.0);
    assert_eq!(of("bptt", "latched"), steps * neurons * state);
    assert_eq!(of("bptt", "accumulators"), synapses * gradient);
    // The chip has these latches and accumulators, two more latches for every bias, and one state per neuron.
    assert_eq!(number(&memory["latches"]), number(&alternatives["ep_product"]) + neurons * 2.0 * latch);
    assert_eq!(number(&memory["state"]), neurons * state);
    let crossover = (number(&alternatives["ep_product"]) - synapses * gradient) / (neurons * state);
    assert!((number(&memory["bptt_crossover_steps"]) - crossover).abs() < 1e-9);
    assert!((8.5..9.0).contains(&crossover), "{crossover}");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "product latches 132 608, accumulating latches 85 248, state latches 42 180, BPTT 169 460 bits",
        "with 37 888 bits of update accumulators",
        "states of 26 steps and 113 664 bits of gradients",
        "the latch in use (product) is smaller once BPTT unrolls more than 8.8 steps",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // A chip that writes pulses at once has no accumulators.
    small(&desk, &["--set", "learning.update=pulses_rounded"], "pulses");
    let memory = desk.json("pulses/summary.json")["memory_bits"].clone();
    assert_eq!(memory["parts"]["ep_product"]["accumulators"], 0);
    assert_eq!(memory["bptt_crossover_steps"], 0.0);
}

#[test]
fn the_ledger_adds_up_to_the_summary() {
    let desk = Desk::new();
    small(&desk, &[], "out");
    let rows = desk.rows("out/ledger.csv");
    assert_eq!(rows[0], ["core", "phase", "action", "count", "price_j", "energy_j", "area_mm2"]);
    let summary = desk.json("out/summary.json");
    let all = |column: usize| rows[1..].iter().filter_map(|row| row[column].parse::<f64>().ok()).sum::<f64>();
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    assert!(close(all(5), number(&summary["energy_j"]["total"])));
    assert!(close(all(6), number(&summary["area_mm2"])));
    let leaks =
        rows[1..].iter().filter(|row| row[2].contains('.')).filter_map(|row| row[5].parse::<f64>().ok());
    assert!(close(leaks.sum(), number(&summary["energy_j"]["static"])));
    for action in Action::ALL.iter().filter(|action| action.billable()) {
        let own = || rows[1..].iter().filter(|row| row[2] == action.name());
        let count: u64 = own().map(|row| row[3].parse::<u64>().unwrap()).sum();
        assert_eq!(summary["actions"][action.name()], count, "{}", action.name());
        for row in own() {
            let [count, price, energy] = [3, 4, 5].map(|column| row[column].parse::<f64>().unwrap());
            assert_eq!(energy, count * price, "{row:?}");
        }
    }
}

/// Three outputs that inhibit each other after six steps: their free and nudged phases never settle.
const SWINGING: &str = r#"chip = "ideal"
[network]
kind = "populations"
[[network.population]]
name = "input"
neuron = "clamped"
[[network.population]]
name = "output"
size = 3
[[network.connection]]
from = "input"
to = "output"
weights = [[0.5, 0.25, 0.125]]
[[network.connection]]
from = "output"
to = "output"
weights = [[0, -1.25, -1.25], [-1.25, 0, -1.25], [-1.25, -1.25, 0]]
delay = 6
plastic = false
[neuron]
activation = "tanh"
[learning]
beta = 0.1
[phases]
free_steps = 300
nudged_steps = 300
[data]
source = "csv:data"
epochs = 1
"#;

#[test]
fn a_run_whose_phases_oscillate_writes_no_weights_and_says_so() {
    let desk = Desk::new();
    desk.put("swing.toml", SWINGING);
    desk.put("data/train.csv", "1,0\n1,1\n1,2\n");
    desk.put("data/test.csv", "1,0\n");
    let page = desk.succeeds(&["run", "swing.toml", "--out", "out"]);
    assert!(page.contains("oscillated"), "{page}");
    for words in [
        "7 of 7 phases; no weights were written after them",
        "period",
        "peak to peak",
        "output:0",
        "output -> output",
    ] {
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    let summary = desk.json("out/summary.json");
    let settling = &summary["settling"];
    assert_eq!([&settling["oscillating"], &settling["refused"], &summary["updates"]], [7, 3, 0]);
    assert_eq!(settling["classes"]["limit_cycle"], 7);
    check_section("summary", &summary, SUMMARY);
    let rows = desk.rows("out/metrics.csv");
    assert_eq!([&rows[1][9], &rows[1][10], &rows[2][9], &rows[2][10]], ["6", "3", "1", "0"]);

    desk.succeeds(&["run", "swing.toml", "--out", "written", "--set", "phases.unsettled=write"]);
    let summary = desk.json("written/summary.json");
    assert_eq!([&summary["settling"]["refused"], &summary["updates"]], [0, 3]);
    assert!(number(&summary["settling"]["oscillating"]) >= 1.0);
}
