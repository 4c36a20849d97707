//! Noise-free reads against plain sums.

mod support;

use equipoise_base::{Axons, Counts, Number, Rounding, Shape, SpikeSet, Synapses, Way};
use equipoise_crossbar::{Adc, Crossbar, Params, Sign};
use fixed::types::{I8F24, I16F48};
use support::*;

/// Shapes with tiles that fit, tiles that do not, one line, narrow (mirrored) and wide ones.
const SHAPES: [(usize, usize); 7] = [(8, 8), (7, 5), (1, 1), (23, 70), (70, 3), (5, 64), (130, 65)];

fn tiled(weight_bits: u32, activity_bits: u32, w_max: f64) -> Params {
    Params {
        array_rows: 4,
        array_columns: 3,
        activity_bits,
        device: ideal(w_max, weight_bits),
        ..Params::default()
    }
}

/// The exact drive in raw words: `sum of raw products / 2^fraction`, rounded once, ties up.
fn exact_raw<N: Number>(shape: Shape, weights: &[N], way: Way, x: &[N]) -> Vec<i64> {
    let (driving, lines) = shape.lines(way);
    (0..lines)
        .map(|line| {
            let weight = |from: usize| match way {
                Way::Forward => weights[from * shape.columns + line],
                Way::Transposed => weights[line * shape.columns + from],
            };
            let sum: i128 =
                (0..driving).map(|from| i128::from(x[from].raw()) * i128::from(weight(from).raw())).sum();
            let raw = Rounding::Nearest.shift_wide(sum, N::FRACTION);
            raw.clamp(N::MIN.raw().into(), N::MAX.raw().into()) as i64
        })
        .collect()
}

fn full_width_reads_are_exact<N: Number>(weight_bits: u32, w_max: f64, activity_size: f64) {
    let mut lcg = Lcg(5);
    for (rows, columns) in SHAPES {
        let shape = Shape { rows, columns };
        let (mut crossbar, weights) = random::<N>(&tiled(weight_bits, 0, w_max), shape, w_max, 17);
        for way in Way::BOTH {
            let x: Vec<N> =
                (0..shape.lines(way).0).map(|_| N::nearest(activity_size * lcg.signed())).collect();
            assert_eq!(
                read(&mut crossbar, way, &x),
                exact_raw(shape, &weights, way, &x),
                "{shape:?} {way:?}"
            );
        }
    }
}

#[test]
fn full_width_reads_are_the_exact_sums_rounded_once() {
    full_width_reads_are_exact::<I8F24>(0, 8.0, 1.0);
    full_width_reads_are_exact::<I8F24>(16, 1.0, 1.0);
    full_width_reads_are_exact::<I16F48>(0, 8.0, 1.0);
    full_width_reads_are_exact::<I16F48>(16, 1.0, 1.0);
    full_width_reads_are_exact::<I16F48>(24, 2.0, 200.0);
}

#[test]
fn sums_beyond_64_bits_are_exact_too_and_saturate_only_at_the_end() {
    // 130 products of up to 2^31 * 2^31 do not fit 64 bits; many sums do not even fit the format.
    full_width_reads_are_exact::<I8F24>(0, 127.0, 127.0);
}

#[test]
fn rounded_activities_and_weights_give_the_exact_sums_of_their_codes() {
    let mut lcg = Lcg(6);
    for (weight_bits, activity_bits) in
        [(16, 8), (16, 15), (16, 16), (2, 15), (2, 17), (8, 4), (12, 1), (20, 8), (0, 8), (16, 20), (0, 24)]
    {
        for (rows, columns) in SHAPES {
            let shape = Shape { rows, columns };
            let params = tiled(weight_bits, activity_bits, 1.0);
            let (mut crossbar, weights) = random::<I8F24>(&params, shape, 1.0, 23);
            let full = f64::from((1_u32 << activity_bits) - 1);
            for (way, samples) in Way::BOTH.into_iter().flat_map(|way| [(way, false), (way, true)]) {
                // Samples of 8 bits have a factor in common on wider wires.
                let value = |value: f64| if samples { (255.0 * value).round() / 255.0 } else { value };
                let x: Vec<I8F24> =
                    (0..shape.lines(way).0).map(|_| I8F24::nearest(value(lcg.signed()))).collect();
                let driven: Vec<f64> = x
                    .iter()
                    .map(|x| (x.value().abs() * full + 0.5).floor() / full * x.value().signum())
                    .collect();
                let wanted = plain(shape, &floats(&weights), way, &driven);
                for (raw, wanted) in read(&mut crossbar, way, &x).into_iter().zip(wanted) {
                    let error = raw as f64 - wanted * f64::from(1 << 24);
                    assert!(error.abs() <= 0.5 + 1e-4, "{weight_bits} x {activity_bits} bits: {error} LSB");
                }
            }
        }
    }
}

#[test]
fn a_transposed_read_is_the_forward_read_of_the_transposed_matrix() {
    let mut lcg = Lcg(7);
    let adc = Adc { bits: 6, range_forward: 1.5, range_transposed: 1.5, ..Adc::default() };
    for (rows, columns) in SHAPES {
        for adc in [Adc::default(), adc.clone()] {
            let shape = Shape { rows, columns };
            let mut params = tiled(16, 8, 1.0);
            params.adc = adc;
            let (mut crossbar, weights) = random::<I8F24>(&params, shape, 1.0, 29);
            let flipped = Shape { rows: columns, columns: rows };
            (params.array_rows, params.array_columns) = (params.array_columns, params.array_rows);
            let mut other = Crossbar::<I8F24>::new(&params, flipped, Sign::Any, 1, 1);
            let transposed: Vec<I8F24> =
                (0..shape.synapses()).map(|i| weights[i % rows * columns + i / rows]).collect();
            other.program(&transposed, &mut Counts::default());
            let x: Vec<I8F24> = activities(columns, &mut lcg);
            assert_eq!(read(&mut crossbar, Way::Transposed, &x), read(&mut other, Way::Forward, &x));
            let x: Vec<I8F24> = activities(rows, &mut lcg);
            assert_eq!(read(&mut crossbar, Way::Forward, &x), read(&mut other, Way::Transposed, &x));
        }
    }
}

#[test]
fn reads_replace_what_the_drive_held() {
    let shape = Shape { rows: 6, columns: 4 };
    let (mut crossbar, _) = random::<I8F24>(&tiled(0, 0, 8.0), shape, 1.0, 3);
    let x = vec![I8F24::ONE; 6];
    let alone = read(&mut crossbar, Way::Forward, &x);
    let mut drive = vec![1000; 4];
    crossbar.read(Way::Forward, Axons::held(&x), 1, &mut drive, &mut Counts::default());
    assert_eq!(drive, alone);
}

#[test]
fn spikes_read_as_activities_of_one() {
    let shape = Shape { rows: 30, columns: 20 };
    for activity_bits in [0, 8] {
        for way in Way::BOTH {
            let (mut crossbar, _) = random::<I8F24>(&tiled(16, activity_bits, 1.0), shape, 1.0, 3);
            let lines = shape.lines(way).0;
            let (mut spikes, mut x) = (SpikeSet::new(lines), vec![I8F24::ZERO; lines]);
            for line in [0, 3, 17] {
                spikes.insert(line);
                x[line] = I8F24::ONE;
            }
            let held = read(&mut crossbar, way, &x);
            let mut drive = vec![0; shape.lines(way).1];
            let axons = Axons { value: &x, spikes: Some(&spikes) };
            crossbar.read(way, axons, 0, &mut drive, &mut Counts::default());
            assert_eq!(drive, held);
        }
    }
}

/// Reads, repeated reads, small changes of activities and pulses in a random order.
fn history_does_not_matter(params: &Params, shape: Shape, size: f64, seed: u64) {
    let (mut crossbar, _) = random::<I8F24>(params, shape, size, seed);
    let mut lcg = Lcg(seed + 1);
    let mut x = Way::BOTH.map(|way| activities::<I8F24>(shape.lines(way).0, &mut lcg));
    for round in 0..60 {
        let way = Way::BOTH[lcg.below(2)];
        let held = &mut x[way as usize];
        match lcg.below(5) {
            0 => {}
            4 => held.iter_mut().for_each(|x| *x += I8F24::nearest(1e-3 * size * lcg.signed())),
            1 => held.iter_mut().for_each(|x| *x = I8F24::nearest(size * lcg.signed())),
            2 => {
                let line = lcg.below(held.len());
                held[line] = I8F24::nearest(size * lcg.signed());
            }
            _ => {
                let pulses: Vec<i32> = (0..shape.columns).map(|_| lcg.below(2001) as i32 - 1000).collect();
                crossbar.pulse_row(lcg.below(shape.rows), &pulses, round, &mut Counts::default());
            }
        }
        let mut fresh = Crossbar::<I8F24>::new(params, shape, Sign::Any, seed, 3);
        fresh.program(&held_weights(&crossbar), &mut Counts::default());
        let (mut drive, mut counts) = read_at(&mut crossbar, way, &x[way as usize], round);
        let (fresh_drive, fresh_counts) = read_at(&mut fresh, way, &x[way as usize], round);
        assert_eq!(drive, fresh_drive, "{shape:?} {way:?} round {round}");
        assert_eq!(counts, fresh_counts, "{shape:?} {way:?} round {round}");
        // Once more: nothing has changed.
        (drive, counts) = read_at(&mut crossbar, way, &x[way as usize], round);
        assert_eq!((drive, counts), (fresh_drive, fresh_counts), "{shape:?} {way:?} round {round} again");
    }
}

#[test]
fn a_read_does_not_depend_on_the_reads_before_it() {
    for (rows, columns) in SHAPES {
        let shape = Shape { rows, columns };
        for (weight_bits, activity_bits) in [(16, 8), (16, 15), (16, 16), (16, 0), (0, 0), (20, 12)] {
            history_does_not_matter(&tiled(weight_bits, activity_bits, 1.0), shape, 1.0, 31);
        }
        // Largest words: sums of differences would not fit where the sums themselves do.
        history_does_not_matter(&tiled(0, 0, 127.0), shape, 127.0, 37);
        let mut params = tiled(16, 8, 1.0);
        params.adc = Adc { bits: 5, noise: 0.02, gain_spread: 0.1, offset_spread: 0.02, ..Adc::default() };
        history_does_not_matter(&params, shape, 1.0, 41);
        params.bit_serial = true;
        params.cell_noise = 0.02;
        history_does_not_matter(&params, shape, 1.0, 43);
        params.adc = Adc { bits: 5, ..Adc::default() };
        params.cell_noise = 0.0;
        history_does_not_matter(&params, shape, 1.0, 47);
    }
}

#[test]
fn full_scale_weights_and_activities_overflow_nothing() {
    for (rows, columns) in [(600, 70), (70, 600), (600, 3)] {
        for activity_bits in [8, 10, 12, 14, 15] {
            let shape = Shape { rows, columns };
            let params = Params { activity_bits, device: ideal(1.0, 16), ..Params::default() };
            let mut crossbar = Crossbar::<I8F24>::new(&params, shape, Sign::Any, 0, 0);
            crossbar.program(&vec![-I8F24::ONE; shape.synapses()], &mut Counts::default());
            for way in Way::BOTH {
                let driving = shape.lines(way).0;
                let mut x = vec![-I8F24::ONE; driving];
                // All lines, then a third of them from one end to the other, so that differences are taken.
                for turned in [0, driving / 3] {
                    x[..turned].fill(I8F24::ONE);
                    let wanted = (driving - 2 * turned) as f64 * 32_767.0 / 32_768.0;
                    let wanted = wanted.min(I8F24::MAX.value());
                    let found = values::<I8F24>(&read(&mut crossbar, way, &x));
                    assert!(
                        found.iter().all(|f| (f - wanted).abs() < 1e-7),
                        "{shape:?} {activity_bits} bits"
                    );
                }
            }
        }
    }
}

#[test]
fn differences_that_their_words_cannot_hold_are_not_taken() {
    let shape = Shape { rows: 40, columns: 64 };
    // Largest weights: four lines from 63 to -63 fit 64 bits at both ends, but not on the way.
    // Smaller ones: a line from 100 to -100 fits, but its difference is no 32-bit word.
    for (w_max, lines, size) in [(127.0, 4, 63.0), (8.0, 1, 100.0)] {
        let params = Params { device: ideal(w_max, 0), ..Params::default() };
        let mut crossbar = Crossbar::<I8F24>::new(&params, shape, Sign::Any, 0, 0);
        crossbar.program(&vec![I8F24::nearest(w_max); shape.synapses()], &mut Counts::default());
        let weights = held_weights(&crossbar);
        let mut x = vec![I8F24::nearest(0.01); 40];
        for sign in [1.0, -1.0, 1.0] {
            x[..lines].fill(I8F24::nearest(sign * size));
            let found = read(&mut crossbar, Way::Forward, &x);
            assert_eq!(found, exact_raw(shape, &weights, Way::Forward, &x), "{w_max} {sign}");
        }
    }
}

#[test]
fn widening_the_words_brings_reads_to_real_numbers_at_two_to_the_minus_bits() {
    let shape = Shape { rows: 96, columns: 40 };
    let mut lcg = Lcg(12);
    let weights: Vec<f64> = (0..shape.synapses()).map(|_| lcg.signed()).collect();
    let x: Vec<f64> = (0..shape.rows).map(|_| lcg.unit()).collect();
    let truth = plain(shape, &weights, Way::Forward, &x);
    let rms_error = |bits: u32| {
        let params = Params { activity_bits: bits - 1, device: ideal(1.0, bits), ..Params::default() };
        let mut crossbar = Crossbar::<I16F48>::new(&params, shape, Sign::Any, 0, 0);
        let wide = |values: &[f64]| values.iter().map(|&v| I16F48::nearest(v)).collect::<Vec<_>>();
        crossbar.program(&wide(&weights), &mut Counts::default());
        let found = values::<I16F48>(&read(&mut crossbar, Way::Forward, &wide(&x)));
        let squares: f64 = found.iter().zip(&truth).map(|(a, b)| (a - b) * (a - b)).sum();
        (squares / truth.len() as f64).sqrt()
    };
    // Roundings of n weights (uniform, times activities) and n activities (times weights) are independent:
    // an error of LSB sqrt((sum x^2 + sum w^2) / 12), with mean squares of 1/3 for both; LSB 2^(1 - bits).
    for bits in 4..=24 {
        let lsb = 2.0 / f64::from(1_u32 << bits);
        let expected = lsb * (96.0 * 2.0 / 3.0 / 12.0_f64).sqrt();
        let ratio = rms_error(bits) / expected;
        // 40 lines with almost independent errors: the rms is known to 1/sqrt(80); five of those.
        assert!((ratio - 1.0).abs() < 5.0 / 80.0_f64.sqrt(), "{bits} bits: {ratio}");
    }
}

#[test]
fn a_wide_ideal_array_is_the_oracle_to_its_last_bit() {
    let shape = Shape { rows: 300, columns: 50 };
    let (mut crossbar, weights) = random::<I16F48>(&tiled(0, 0, 1.0), shape, 1.0, 3);
    let x: Vec<I16F48> = activities(300, &mut Lcg(8));
    let truth = plain(shape, &floats(&weights), Way::Forward, &floats(&x));
    for (found, truth) in values::<I16F48>(&read(&mut crossbar, Way::Forward, &x)).iter().zip(truth) {
        assert!((found - truth).abs() < 1e-13, "{found} {truth}");
    }
}

#[test]
fn non_negative_arrays_clip_at_zero() {
    let shape = Shape { rows: 2, columns: 2 };
    let mut crossbar = Crossbar::<I8F24>::new(&tiled(0, 0, 1.0), shape, Sign::NonNegative, 0, 0);
    crossbar.program(&[0.5, -0.5, -0.25, 0.25].map(I8F24::nearest), &mut Counts::default());
    assert_eq!(values::<I8F24>(&read(&mut crossbar, Way::Forward, &[I8F24::ONE; 2])), [0.5, 0.25]);
    let down = i32::from(i16::MIN) << 9;
    crossbar.pulse_row(0, &[down, down], 0, &mut Counts::default());
    assert_eq!(values::<I8F24>(&read(&mut crossbar, Way::Forward, &[I8F24::ONE; 2])), [0.0, 0.25]);
}
