//! The soft-bounds cell against closed forms, another simulator's traces and statistics.

use equipoise_base::{Action, Counts, Digest, Shape};
use equipoise_device::models::soft_bounds::{NoisePer, Params, SoftBounds, StuckAt};
use equipoise_device::{ArraySpec, Cells, Sign};
use fixed::types::I8F24;

const SHAPE: Shape = Shape { rows: 64, columns: 128 };
/// Standard errors that a statistic may be off.
const ERRORS: f64 = 5.0;

fn quiet() -> Params {
    Params { w_max: 1.0, spread: 0.0, pulse_noise: 0.0, programming_error: 0.0, ..Params::default() }
}

/// An array whose cells all stand at weight `start`.
fn array(params: &Params, sign: Sign, start: f64) -> SoftBounds {
    let mut cells = SoftBounds::new(params, ArraySpec { shape: SHAPE, sign, seed: 11, index: 4 });
    for row in 0..SHAPE.rows {
        cells.program_row(row, &vec![I8F24::from_num(start); SHAPE.columns], &mut Counts::default());
    }
    cells
}

fn pulse(cells: &mut SoftBounds, pulses: i32, update: u64) -> Counts {
    let mut counts = Counts::default();
    for row in 0..SHAPE.rows {
        Cells::<I8F24>::pulse_row(cells, row, &vec![pulses; SHAPE.columns], update, &mut counts);
    }
    counts
}

fn weights(cells: &SoftBounds) -> Vec<f64> {
    let (codes, scale) = (Cells::<I8F24>::codes(cells), Cells::<I8F24>::scale(cells));
    (0..codes.len()).map(|cell| codes.at(cell) as f64 * scale.weight_per_code).collect()
}

fn changes(cells: &mut SoftBounds, pulses: i32, update: u64) -> Vec<f64> {
    let before = weights(cells);
    pulse(cells, pulses, update);
    weights(cells).iter().zip(before).map(|(after, before)| after - before).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    (values.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / values.len() as f64).sqrt()
}

fn digest(cells: &SoftBounds) -> u64 {
    let mut digest = Digest::default();
    Cells::<I8F24>::digest(cells, &mut digest);
    digest.value()
}

/// Mean within [`ERRORS`] standard errors of `wanted`, deviation within as many of `sigma`.
fn assert_gaussian(values: &[f64], wanted: f64, sigma: f64, what: &str) {
    let n = values.len() as f64;
    let (found, spread) = (mean(values), deviation(values));
    assert!((found - wanted).abs() < ERRORS * sigma / n.sqrt() + 1e-6, "{what}: mean {found}, not {wanted}");
    let error = ERRORS * sigma / (2.0 * n).sqrt() + 1e-5;
    assert!((spread - sigma).abs() < error, "{what}: deviation {spread}, not {sigma}");
}

#[test]
fn noiseless_staircases_are_those_of_a_linear_step_device() {
    let text = include_str!("oracles/pulse_staircases.json");
    let oracle: serde_json::Value = serde_json::from_str(text).expect("the oracle parses");
    for gamma in [0.0, 0.5, 1.0] {
        let params = Params { w_max: 0.6, pulses: 120, gamma, ..quiet() };
        let mut cells = array(&params, Sign::Any, 0.0);
        for (pulses, wanted) in
            oracle[&format!("gamma_{gamma}")].as_array().expect("a list").iter().enumerate()
        {
            let wanted = wanted.as_f64().expect("a number");
            // Half a code of 0.6 / 32767, and what 400 roundings of f32 can add up to.
            let found = weights(&cells)[77];
            assert!((found - wanted).abs() < 1.2e-5, "gamma {gamma}, {pulses} pulses: {found}, not {wanted}");
            let direction = if pulses < 200 { 1 } else { -1 };
            let row = vec![direction; SHAPE.columns];
            Cells::<I8F24>::pulse_row(&mut cells, 0, &row, 0, &mut Counts::default());
        }
    }
}

#[test]
fn n_pulses_follow_the_closed_form() {
    for gamma in [0.25_f64, 0.5, 1.0] {
        for start in [-0.9_f64, 0.0, 0.4] {
            let mut cells = array(&Params { gamma, ..quiet() }, Sign::Any, start);
            for n in 1..=16_i32 {
                pulse(&mut cells, 1, 0);
                // dv/dn of v <- v + s (1 - gamma v): a geometric approach to 1 / gamma.
                let factor = (0..n).fold(1.0, |f, _| f * (1.0 - gamma * 2.0 / 64.0));
                let wanted = (1.0 / gamma - (1.0 / gamma - start) * factor).min(1.0);
                let found = weights(&cells)[0];
                assert!((found - wanted).abs() < 2e-5, "gamma {gamma} from {start}: {found}, not {wanted}");
            }
        }
    }
}

#[test]
fn hundreds_of_pulses_in_one_request_follow_the_closed_form_too() {
    let params = Params { pulses: 4096, gamma: 1.0, ..quiet() };
    for n in [63, 64, 65, 200, 999] {
        let mut cells = array(&params, Sign::Any, 0.0);
        pulse(&mut cells, -n, 0);
        let wanted = (0..n).fold(1.0, |f, _| f * (1.0 - 2.0 / 4096.0)) - 1.0;
        assert!((weights(&cells)[3] - wanted).abs() < 3e-5, "{n}: {} {wanted}", weights(&cells)[3]);
    }
}

#[test]
fn without_noise_a_request_can_be_split_anywhere() {
    for direction in [1, -1] {
        let params = Params { spread: 0.3, ..quiet() };
        let mut whole = array(&params, Sign::Any, 0.2);
        pulse(&mut whole, 9 * direction, 0);
        for first in 1..9 {
            let mut split = array(&params, Sign::Any, 0.2);
            pulse(&mut split, first * direction, 0);
            pulse(&mut split, (9 - first) * direction, 1);
            assert_eq!(digest(&split), digest(&whole), "{first} + {}", 9 - first);
        }
    }
}

#[test]
fn up_and_down_commute_only_where_steps_are_constant() {
    let order = |gamma: f64, pulses: [i32; 2]| {
        let mut cells = array(&Params { gamma, ..quiet() }, Sign::Any, 0.5);
        pulse(&mut cells, pulses[0], 0);
        pulse(&mut cells, pulses[1], 1);
        weights(&cells)[0]
    };
    assert!((order(0.0, [4, -4]) - order(0.0, [-4, 4])).abs() < 1e-6);
    // With soft bounds the pair (4 up, 4 down) leads toward zero, and not by the same way back.
    assert!(order(0.5, [4, -4]) < 0.5 - 0.01);
    assert!((order(0.5, [4, -4]) - order(0.5, [-4, 4])).abs() > 1e-3);
}

#[test]
fn pulse_noise_has_the_stated_size_per_range_and_per_pulse() {
    let step = 2.0 / 64.0;
    for (per, noise, sigma) in [
        (NoisePer::Range, 0.01, 0.02),
        (NoisePer::Pulse, 0.3, 0.3 * step),
        (NoisePer::Pulse, 1.2, 1.2 * step),
    ] {
        for (start, pulses) in [(0.0, 1), (0.3, 1), (0.3, -1), (0.1, 4), (-0.2, -9)] {
            let params = Params { pulse_noise: noise, pulse_noise_per: per, ..quiet() };
            let mean_change = changes(&mut array(&quiet(), Sign::Any, start), pulses, 0)[0];
            let found = changes(&mut array(&params, Sign::Any, start), pulses, 3);
            let wanted = sigma * f64::from(pulses).abs().sqrt();
            assert_gaussian(
                &found,
                mean_change,
                wanted,
                &format!("{per:?} {noise}, {pulses} pulses at {start}"),
            );
        }
    }
}

#[test]
fn two_updates_draw_two_noises() {
    let params = Params { pulse_noise: 0.01, ..quiet() };
    let first = changes(&mut array(&params, Sign::Any, 0.0), 1, 1);
    let second = changes(&mut array(&params, Sign::Any, 0.0), 1, 2);
    let product: Vec<f64> =
        first.iter().zip(&second).map(|(a, b)| (a - mean(&first)) * (b - mean(&second))).collect();
    let correlation = mean(&product) / (deviation(&first) * deviation(&second));
    assert!(correlation.abs() < ERRORS / (first.len() as f64).sqrt(), "{correlation}");
}

#[test]
fn the_spread_of_up_and_down_is_drawn_separately() {
    let params = Params { spread: 0.2, ..quiet() };
    let step = 2.0 / 64.0;
    let up = changes(&mut array(&params, Sign::Any, 0.0), 1, 0);
    let down = changes(&mut array(&params, Sign::Any, 0.0), -1, 0);
    assert_gaussian(&up, step, 0.2 * step, "up");
    assert_gaussian(&down, -step, 0.2 * step, "down");
    let product: Vec<f64> = up.iter().zip(&down).map(|(a, b)| (a - step) * (b + step)).collect();
    let correlation = mean(&product) / (0.2 * step * 0.2 * step);
    assert!(correlation.abs() < ERRORS / (up.len() as f64).sqrt(), "{correlation}");
    // Static: the same cell has the same step at the next update.
    assert_eq!(up, changes(&mut array(&params, Sign::Any, 0.0), 1, 9));
}

#[test]
fn programming_errs_by_the_stated_fraction_of_w_max() {
    for (sign, start) in [(Sign::Any, 0.1), (Sign::NonNegative, 0.4)] {
        let params = Params { w_max: 0.5, programming_error: 0.02, ..quiet() };
        let errors: Vec<f64> = weights(&array(&params, sign, start)).iter().map(|w| w - start).collect();
        assert_gaussian(&errors, 0.0, 0.01, &format!("{sign:?}"));
    }
}

#[test]
fn stuck_cells_never_move_and_are_as_many_as_asked() {
    let n = SHAPE.synapses() as f64;
    for at in [StuckAt::Random, StuckAt::High, StuckAt::Low] {
        let params = Params { stuck: 0.25, stuck_at: at, ..quiet() };
        let born = weights(&SoftBounds::new(
            &params,
            ArraySpec { shape: SHAPE, sign: Sign::Any, seed: 11, index: 4 },
        ));
        let mut cells = array(&params, Sign::Any, 0.0);
        let programmed = weights(&cells);
        pulse(&mut cells, 3, 0);
        let pulsed = weights(&cells);
        let stuck: Vec<usize> = (0..born.len()).filter(|&i| pulsed[i] == programmed[i]).collect();
        assert!((stuck.len() as f64 - 0.25 * n).abs() < ERRORS * (n * 0.25 * 0.75).sqrt(), "{}", stuck.len());
        for i in stuck {
            assert_eq!(pulsed[i], born[i]);
            match at {
                StuckAt::Random => assert!(pulsed[i].abs() <= 1.0),
                StuckAt::High => assert_eq!(pulsed[i], 1.0),
                StuckAt::Low => assert_eq!(pulsed[i], -1.0),
            }
        }
    }
}

#[test]
fn a_single_device_takes_as_many_pulses_for_half_the_range() {
    let params = Params { gamma: 0.0, ..quiet() };
    let mut cells = array(&params, Sign::NonNegative, 0.0);
    let counts = pulse(&mut cells, 32, 0);
    assert!((weights(&cells)[5] - 0.5).abs() < 2e-5);
    assert_eq!(counts[Action::ProgramPulseUp], 32 * SHAPE.synapses() as u64);
    // From nothing to half of full conductance: a quarter of the levels on average.
    assert_eq!(counts[Action::PulseLevel], 32 * 64 * SHAPE.synapses() as u64);
}

#[test]
fn initial_programming_counts_the_pulses_from_zero() {
    let mut counts = Counts::default();
    let mut cells = array(&quiet(), Sign::Any, 0.0);
    let mut targets = vec![I8F24::ZERO; SHAPE.columns];
    targets[0] = I8F24::from_num(0.5);
    targets[1] = I8F24::from_num(-1);
    cells.program_row(0, &targets, &mut counts);
    assert_eq!((counts[Action::ProgramPulseUp], counts[Action::ProgramPulseDown]), (16, 32));
}

#[test]
fn more_noise_than_one_and_a_half_pulses_is_refused_in_words() {
    let params = Params { pulses: 128, pulse_noise: 0.03, ..quiet() };
    let message = params.check().expect_err("3.84 pulses").to_string();
    assert!(message.starts_with("`pulse_noise`: found 0.03 per range, which is 3.84 pulses"), "{message}");
    assert!(message.contains("at most 0.0117"), "{message}");
    assert!(Params { pulses: 64, pulse_noise: 0.01, ..quiet() }.check().is_ok());
    let per_pulse = Params { pulses: 1024, pulse_noise: 0.3, pulse_noise_per: NoisePer::Pulse, ..quiet() };
    assert!(per_pulse.check().is_ok());
}

#[test]
fn fewer_level_bits_only_coarsen_what_is_read() {
    let mut fine = array(&quiet(), Sign::Any, 0.3);
    let mut coarse = array(&Params { level_bits: 4, ..quiet() }, Sign::Any, 0.3);
    for update in 0..10 {
        pulse(&mut fine, 1, update);
        pulse(&mut coarse, 1, update);
        assert_eq!(digest(&fine), digest(&coarse), "the cells themselves are equal");
        assert!((weights(&fine)[0] - weights(&coarse)[0]).abs() <= 0.5 / 7.0 + 1e-4);
    }
}

#[test]
fn a_whole_row_and_its_cells_one_by_one_come_out_the_same() {
    let requests = |seed: i32| -> Vec<i32> {
        let sizes = [0, 1, -1, 2, -7, 16, 64, -65, 300, i32::MAX, i32::MIN];
        (0..SHAPE.columns as i32).map(|column| sizes[((column * 7 + seed) % 11) as usize]).collect()
    };
    for sign in [Sign::Any, Sign::NonNegative] {
        let params = Params { stuck: 0.1, spread: 0.2, pulse_noise: 0.01, w_max: 1.0, ..Params::default() };
        let (mut whole, mut singly) = (array(&params, sign, 0.3), array(&params, sign, 0.3));
        let (mut whole_counts, mut single_counts) = (Counts::default(), Counts::default());
        for row in 0..11 {
            let pulses = requests(row as i32);
            Cells::<I8F24>::pulse_row(&mut whole, row, &pulses, 2, &mut whole_counts);
            for column in 0..SHAPE.columns {
                let mut single = vec![0; SHAPE.columns];
                single[column] = pulses[column];
                Cells::<I8F24>::pulse_row(&mut singly, row, &single, 2, &mut single_counts);
            }
        }
        assert_eq!(digest(&whole), digest(&singly), "{sign:?}");
        assert_eq!(weights(&whole), weights(&singly), "{sign:?}");
        assert_eq!(whole_counts[Action::ProgramPulseUp], single_counts[Action::ProgramPulseUp]);
        assert_eq!(whole_counts[Action::ProgramPulseDown], single_counts[Action::ProgramPulseDown]);
    }
}
