//! Pulses of single cells, of rows, and of many rows together.

use super::*;

fn pulser(scheme: UpdateScheme, direct: bool) -> Pulser {
    let params = PulseParams { scheme, max_pulses: 16, accumulator_bits: 8, accumulator_fraction: 5, direct };
    Pulser::new(params, 1, 64, 5, 0)
}

#[test]
fn a_factor_is_right_to_its_mantissa() {
    for value in [1e-9, 0.1, 0.333, 1.0, 12.5, -0.7, 1e5] {
        let error = (Factor::nearest(value).value() - value).abs() / f64::abs(value);
        assert!(error < 2.0_f64 / f64::from(1 << 29), "{value}: {error}");
    }
    assert_eq!(Factor::nearest(0.0).value(), 0.0);
}

#[test]
fn rounding_is_to_the_nearest_pulse_and_capped() {
    let mut pulser = pulser(UpdateScheme::PulsesRounded, false);
    let factor = pulser.factor(0.1, 1.0);
    let codes: Vec<i64> = (-32..32).map(|i| i * 10 + 4).collect();
    let mut pulses = [0; 64];
    pulser.row(Row { row: 0, update: 0, factor }, None, &codes, true, &mut pulses);
    for (code, pulse) in codes.iter().zip(pulses) {
        assert_eq!(i64::from(pulse), ((*code as f64 * 0.1).round() as i64).clamp(-16, 16));
    }
}

#[test]
fn stochastic_pulses_and_accumulators_keep_the_mean() {
    for scheme in [UpdateScheme::PulsesStochastic, UpdateScheme::Accumulator] {
        let mut pulser = pulser(scheme, false);
        let factor = pulser.factor(0.013, 1.0);
        let (mut total, updates, code) = (0_i64, 2_000, 7);
        let mut pulses = [0; 64];
        for update in 0..updates {
            pulser.row(Row { row: 0, update, factor }, None, &[code; 64], true, &mut pulses);
            total += pulses.iter().map(|&p| i64::from(p)).sum::<i64>();
        }
        let n = f64::from(64 * updates as u32);
        let mean = 0.013 * code as f64;
        // Five standard errors of a coin with that mean; accumulators hold back less than one pulse each.
        let allowed = 5.0 * (mean * n).sqrt() + 64.0;
        assert!((total as f64 - mean * n).abs() < allowed, "{}: {total} against {}", scheme.word(), mean * n);
    }
}

#[test]
fn an_accumulator_saturates_and_moves_pulses_toward_zero() {
    let mut pulser = pulser(UpdateScheme::Accumulator, false);
    let factor = pulser.factor(1.0, 1.0);
    let mut pulses = [0; 64];
    pulser.row(Row { row: 0, update: 0, factor }, None, &[1_000; 64], true, &mut pulses);
    // 8 bits with 5 fraction bits hold 127/32: three whole pulses leave.
    assert!(pulses.iter().all(|&p| p == 3));
    assert_eq!(pulser.accumulator_bits(), 8);
}

#[test]
fn narrow_and_wide_codes_take_different_loops_to_the_same_pulses() {
    for scheme in [UpdateScheme::Accumulator, UpdateScheme::PulsesStochastic, UpdateScheme::PulsesRounded] {
        let (mut narrow, mut wide) = (pulser(scheme, false), pulser(scheme, false));
        let factor = narrow.factor(0.037, 1.0);
        for update in 0..50 {
            let mut codes: Vec<i64> = (0..64).map(|i| (i * 37 + update as i64 * 11) % 401 - 200).collect();
            let mut expected = [0; 64];
            narrow.row(Row { row: 0, update, factor }, None, &codes, true, &mut expected);
            // One wide code sends the whole row through the other loop.
            codes[63] = 1 << 40;
            let mut pulses = [0; 64];
            wide.row(Row { row: 0, update, factor }, None, &codes, false, &mut pulses);
            assert_eq!(pulses[..63], expected[..63], "{}, update {update}", scheme.word());
        }
    }
}

#[test]
fn a_direct_write_has_no_cap_and_no_noise() {
    let mut pulser = pulser(UpdateScheme::Accumulator, true);
    let factor = pulser.factor(0.5, 1.0);
    let mut pulses = [0; 64];
    pulser.row(Row { row: 0, update: 0, factor }, None, &[200_001; 64], true, &mut pulses);
    assert!(pulses.iter().all(|&p| p == 100_001));
}
