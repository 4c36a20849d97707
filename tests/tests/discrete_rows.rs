//! Every row of `oracles/delay/delay_discrete.json` on the chip with wide words: it stands still or oscillates as
//! the spectrum of the linearised network says, with the period that the file's own simulation has.
//!
//! The file counts *extra* delay: a chip's delay is one more.

use equipoise_base::Instruction;
use equipoise_base::record::PhaseClass;
use equipoise_chip::catalog::{Activation, NeuronModel, RateParams};
use equipoise_chip::params::{Settle, StateFormat};
use equipoise_chip::{
    Edge, Network, Observer, Outcome, Params, Population, SettleRule, Unobserved, View, Weights, build,
};
use equipoise_tests::delay_cases::alone;
use equipoise_tests::ep_case::numbers;
use equipoise_tests::{bench_chip, connection, population};
use serde_json::Value;
use std::path::Path;

/// One LSB of the wide state.
const LSB: f64 = 1.0 / (1_u64 << 48) as f64;

fn rows() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/delay/delay_discrete.json");
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

/// The directions in which starts lie from the fixed point: that of the file's simulations, and all alike.
const FILES: [f64; 3] = [1.0, -0.5, 0.7];
const ALIKE: [f64; 3] = [1.0, 1.0, 1.0];

/// The chip of a row at extra delay `d`, which starts `away` from the file's fixed point in that direction.
fn chip_of(row: &Value, d: u32, away: f64, direction: [f64; 3]) -> Params {
    let fixed_point = numbers(&row["fixed_point"]);
    let n = fixed_point.len();
    let w = numbers(&row["W"]);
    // The file has W[to][from].
    let delay = |to: usize, from: usize| match &row["delay_matrix"] {
        Value::Null => d + 1,
        matrix => matrix[to][from].as_u64().expect("a delay") as u32 * d + 1,
    };
    let pairs = (0..n * n).map(|at| (at / n, at % n)).filter(|&(from, to)| w[to * n + from] != 0.0);
    let edge = |(from, to): (usize, usize)| Edge {
        source: from as u32,
        target: to as u32,
        weight: w[to * n + from],
        delay: delay(to, from),
    };
    let activation = if row["phi"] == "tanh" { Activation::Tanh } else { Activation::HardSigmoid };
    let a = row["a"].as_f64().expect("a number");
    let neuron = NeuronModel::Rate(RateParams { activation, a, ..RateParams::default() });
    let start = fixed_point.iter().zip(direction.iter().cycle()).map(|(x, p)| x + away * p);
    let neurons =
        Population { bias: numbers(&row["I"]), start: start.collect(), ..population("x", n, Some(neuron)) };
    let mut params = bench_chip(Network {
        populations: vec![neurons],
        connections: vec![connection(0, 0, Weights::Edges(pairs.map(edge).collect()), 1)],
        ..Network::default()
    });
    params.hardware.state = StateFormat::Wide;
    params.hardware.core.arrays = 64;
    params
}

/// The state at the end of every step so far, the last alone.
#[derive(Default)]
struct Last(Vec<f64>);

impl Observer for Last {
    fn step(&mut self, view: &dyn View) {
        view.state(0, &mut self.0);
    }
}

/// What a chip comes to that relaxes until nothing moves by half an LSB, or for `limit` steps; and its last state.
fn ran(params: Params, limit: u32) -> (Outcome, Vec<f64>) {
    ran_to(0.5 * LSB, params, limit)
}

fn ran_to(tolerance: f64, mut params: Params, limit: u32) -> (Outcome, Vec<f64>) {
    params.phases.settle = Settle { rule: SettleRule::Tolerance, tolerance, limit, ..Settle::default() };
    let mut chip = build(&params).expect("it fits");
    let mut last = Last::default();
    let load = Instruction::Present { input: [].into(), target: None };
    for instruction in [load, Instruction::Settle { steps: None }] {
        chip.execute(&instruction, &mut last).expect("the program fits");
    }
    (chip.outcome().clone(), last.0)
}

/// How far from the fixed point rounding can hold a state: it stands still where a times its force is below half
/// an LSB, forces are off by up to one LSB for each synapse, and the distance is the force over 1 - lambda.
fn rounding(row: &Value) -> f64 {
    let (re, im) = (numbers(&row["J_eigs_re"]), numbers(&row["J_eigs_im"]));
    let least = re.iter().zip(&im).map(|(re, im)| (1.0 - re).hypot(*im)).fold(f64::INFINITY, f64::min);
    let (n, a) = (re.len() as f64, row["a"].as_f64().expect("a number"));
    (0.5 / a + n) * n.sqrt() / least * LSB
}

/// Steps after which |z|^n has taken a perturbation of 1e-2 below the LSB, and some for what begins otherwise.
fn enough(radius: f64) -> u32 {
    // ln(1e-2 / LSB) = 28.7.
    (1.3 * 28.7 / (radius - 1.0).abs()) as u32 + 1_500
}

/// Is this one of the delays that are looked at? All with `EQUIPOISE_LONG` set, else all that tell within
/// some thousand steps, and every sixteenth of the others.
fn looked_at(d: u32, radius: f64) -> bool {
    std::env::var_os("EQUIPOISE_LONG").is_some() || enough(radius) < 9_000 || d.is_multiple_of(16)
}

/// Away from the boundary the linear prediction and the chip agree on every row: beyond it the states swing by
/// more than 64 LSB for good, short of it they end on the file's fixed point to the word length, whatever the
/// delay, and the detector calls them so.
#[test]
fn every_row_stands_still_or_oscillates_as_its_spectrum_says() {
    let mut looked = 0;
    for row in rows() {
        let fixed_point = numbers(&row["fixed_point"]);
        for (d, &radius) in numbers(&row["spectral_radius"]).iter().enumerate() {
            let d = d as u32;
            if (radius - 1.0).abs() <= 1e-3 || !looked_at(d, radius) {
                continue;
            }
            looked += 1;
            let (outcome, state) = ran(chip_of(&row, d, 1e-2, FILES), enough(radius));
            let what =
                format!("{} a = {} d = {d}, |z| = {radius}: {:?}", row["name"], row["a"], outcome.phase);
            let amplitude = outcome.cycle.as_ref().map_or(0.0, |cycle| cycle.amplitude);
            if radius > 1.0 {
                assert_eq!(outcome.phase, PhaseClass::LimitCycle, "{what}");
                assert!(amplitude > 64.0 * LSB && !outcome.settled, "{what}, {amplitude}");
            } else {
                let still = matches!(outcome.phase, PhaseClass::FixedPoint | PhaseClass::Granular);
                assert!(still && amplitude <= 64.0 * LSB, "{what}, {} LSB", amplitude / LSB);
                let away = state.iter().zip(&fixed_point).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
                let bound = rounding(&row) + amplitude;
                assert!(away <= bound, "{what}: {} LSB away, {} allowed", away / LSB, bound / LSB);
            }
        }
    }
    assert!(looked > 1_400, "{looked} of 1986");
}

/// The file's own simulations: as long, from the same start, they swing as far and as fast.
#[test]
fn the_cycles_of_the_file_have_its_periods_and_amplitudes() {
    let mut compared = 0;
    for row in rows() {
        let radii = numbers(&row["spectral_radius"]);
        for simulated in row["sim"].as_array().expect("a list") {
            let d = simulated["d"].as_u64().expect("a delay") as usize;
            let swings = numbers(&simulated["peak_to_peak"]).into_iter().fold(0.0, f64::max);
            // Close to the boundary a cycle is still being born; far enough, it has its size.
            let Some(&radius) = radii.get(d).filter(|&&radius| radius > 1.003 && swings > 1e-3) else {
                continue;
            };
            let (outcome, _) = ran(chip_of(&row, d as u32, 1e-2, FILES), 12_000);
            let what = format!("{} a = {} d = {d}, |z| = {radius}", row["name"], row["a"]);
            let cycle = outcome.cycle.unwrap_or_else(|| panic!("{what}: {:?}", outcome.phase));
            assert!(
                (cycle.amplitude / swings - 1.0).abs() < 0.01,
                "{what}: {} and {swings}",
                cycle.amplitude
            );
            // A period of few and no whole steps repeats after several turns: 4.5 steps after 9. With a = 1 the
            // turns of d + 1 networks interleave, and the file's crossings of a level count them all.
            if let Some(period) = simulated["period_steps"].as_f64().filter(|_| row["a"] != 1.0) {
                let turns = cycle.period_steps / period;
                let whole = if period < 6.0 { turns.round() } else { 1.0 };
                assert!((turns / whole - 1.0).abs() < 0.01, "{what}: {cycle:?} and {period}");
            }
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared}");
}

/// Below the linear limit a far start can end on a cycle although a near one decays. Which cases do is measured
/// in double precision; the amplitudes are those measured there.
#[test]
fn bistable_cases_are_told_by_two_starts() {
    let all = rows();
    let class_from = |name: &str, a: f64, d: u32, away: f64| {
        let row = all.iter().find(|row| row["name"] == name && row["a"] == a).expect("the file has it");
        let (outcome, _) = ran_to(1e-9, chip_of(row, d, away, ALIKE), 40_000);
        (outcome.phase, outcome.cycle.map_or(0.0, |cycle| cycle.amplitude))
    };
    let (two, three) = ("2n_sym_mutual_inhib_biased", "3n_sym_mutual_inhib_biased");
    for (name, a, d, swings) in
        [(two, 0.1, 18, 1.77), (two, 0.1, 19, 1.99), (two, 0.25, 6, 1.60), (three, 0.1, 19, 1.08)]
    {
        let (near, _) = class_from(name, a, d, 1e-3);
        assert_eq!(near, PhaseClass::FixedPoint, "{name} a = {a} d = {d} from nearby");
        let (far, amplitude) = class_from(name, a, d, 2.0);
        assert_eq!(far, PhaseClass::LimitCycle, "{name} a = {a} d = {d} from afar");
        assert!((amplitude - swings).abs() < 0.01, "{name} a = {a} d = {d}: {amplitude}, not {swings}");
    }
    for (name, a, d) in [(two, 0.1, 17), ("3n_sym_mutual_inhib_zero_diag", 0.1, 16)] {
        for away in [1e-3, 2.0] {
            let (class, _) = class_from(name, a, d, away);
            assert_eq!(class, PhaseClass::FixedPoint, "{name} a = {a} d = {d} from {away}");
        }
    }
}

/// What the detector sees is no matter of who is evaluated first, or by whom.
#[test]
fn core_order_and_threads_do_not_change_what_the_detector_sees() {
    let all = rows();
    let row =
        all.iter().find(|row| row["name"] == "layered_5-3_lateral_inhib" && row["a"] == 0.5).expect("a row");
    let seen = |order: &[usize], threads: usize| {
        let mut params = chip_of(row, 9, 1e-2, FILES);
        params.hardware.core.neurons = 1;
        params.phases.free_steps = 2_000;
        let mut chip = build(&params).expect("it fits");
        chip.set_core_order(order);
        chip.set_threads(threads);
        for instruction in &alone(2_000) {
            chip.execute(instruction, &mut Unobserved).expect("the program fits");
        }
        (chip.outcome().clone(), chip.record().settling)
    };
    let expected = seen(&[0, 1, 2, 3, 4, 5, 6, 7], 1);
    assert_eq!(expected.0.phase, PhaseClass::LimitCycle);
    let last = expected.1.last_oscillation.clone().expect("an oscillation");
    assert_eq!(last.neurons.len() as u64, last.taking_part.min(8));
    assert!(last.neurons[0].starts_with("x:") && last.connections == ["x -> x"], "{last:?}");
    assert_eq!(seen(&[7, 3, 5, 1, 0, 2, 4, 6], 1), expected);
    assert_eq!(seen(&[0, 1, 2, 3, 4, 5, 6, 7], 3), expected);
}
