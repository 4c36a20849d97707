//! Converters and noise against their definitions, hand-worked cases and statistics.

mod support;

use equipoise_base::{Action, Counts, Number, Shape, Synapses, Way};
use equipoise_crossbar::{Adc, Crossbar, Params, Sign};
use fixed::types::I8F24;
use support::*;

/// Standard errors that a statistic may be off.
const ERRORS: f64 = 5.0;

fn with_adc(adc: Adc) -> Params {
    Params { adc, device: ideal(2.0, 16), ..Params::default() }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / values.len() as f64
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let products: Vec<f64> = {
        let (centre_a, centre_b) = (mean(a), mean(b));
        a.iter().zip(b).map(|(a, b)| (a - centre_a) * (b - centre_b)).collect()
    };
    mean(&products) / (variance(a) * variance(b)).sqrt()
}

/// Gaussian samples: mean and variance within [`ERRORS`] standard errors.
fn assert_gaussian(samples: &[f64], wanted_mean: f64, wanted_variance: f64, what: &str) {
    let n = samples.len() as f64;
    let (m, v) = (mean(samples), variance(samples));
    let mean_error = ERRORS * (wanted_variance / n).sqrt();
    assert!((m - wanted_mean).abs() < mean_error, "{what}: mean {m}, not {wanted_mean} +- {mean_error}");
    let variance_error = ERRORS * wanted_variance * (2.0 / n).sqrt();
    assert!((v - wanted_variance).abs() < variance_error, "{what}: variance {v}, not {wanted_variance}");
}

/// What a read at each of `steps` steps differs from the noiseless sums, step by step and line by line.
fn deviations(crossbar: &mut Crossbar<I8F24>, way: Way, x: &[I8F24], steps: u64) -> Vec<f64> {
    let truth = plain(crossbar.shape(), &floats(&held_weights(crossbar)), way, &floats(x));
    (0..steps)
        .flat_map(|step| {
            let drive = values::<I8F24>(&read_at(crossbar, way, x, step).0);
            drive.into_iter().zip(&truth).map(|(found, truth)| found - truth).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_converter_rounds_to_its_nearest_code_and_clips_at_both_ends() {
    let shape = Shape { rows: 1, columns: 1 };
    for (bits, range) in [(6, 1.0), (1, 0.5), (8, 2.0), (4, 0.3)] {
        for way in Way::BOTH {
            let adc = Adc { bits, range_forward: range, range_transposed: range, ..Adc::default() };
            let mut crossbar = Crossbar::<I8F24>::new(&with_adc(adc), shape, Sign::Any, 0, 0);
            crossbar.program(&[I8F24::ONE], &mut Counts::default());
            let lsb = 2.0 * range / f64::from(1_u32 << bits);
            let half = f64::from(1_u32 << (bits - 1));
            let mut last = f64::MIN;
            for at in -600..=600 {
                let x = I8F24::from_num(f64::from(at) * range / 500.0);
                let (drive, counts) = read_at(&mut crossbar, way, &[x], 0);
                let code = (x.to_num::<f64>() / lsb + 0.5).floor();
                let wanted = code.clamp(-half, half - 1.0) * lsb;
                let found = values::<I8F24>(&drive)[0];
                assert!((found - wanted).abs() <= 0.6 / f64::from(1 << 24), "{bits} bits: {found} {wanted}");
                assert!(found >= last, "the transfer is monotone");
                last = found;
                let clipped = code < -half || code > half - 1.0;
                assert_eq!(counts[Action::AdcClip], u64::from(clipped), "{bits} bits at {x}");
            }
        }
    }
}

#[test]
fn converters_of_more_bits_err_less_at_two_to_the_minus_bits() {
    let shape = Shape { rows: 64, columns: 512 };
    let x: Vec<I8F24> = activities(64, &mut Lcg(4));
    for bits in 4..=16 {
        let adc = Adc { bits, range_forward: 8.0, ..Adc::default() };
        let (mut crossbar, _) = random::<I8F24>(&with_adc(adc), shape, 0.5, 9);
        let errors = deviations(&mut crossbar, Way::Forward, &x, 1);
        let lsb = 16.0 / f64::from(1_u32 << bits);
        assert!(errors.iter().all(|error| error.abs() <= 0.5 * lsb + 1e-7), "{bits} bits");
        // A uniform error: its square is LSB^2 / 12, known from 512 lines to sqrt(4/5 / 512).
        let square = errors.iter().map(|e| e * e).sum::<f64>() / 512.0;
        let ratio = square / (lsb * lsb / 12.0);
        assert!((ratio - 1.0).abs() < ERRORS * (0.8 / 512.0_f64).sqrt(), "{bits} bits: {ratio}");
    }
}

#[test]
fn every_tile_has_its_own_converter_and_codes_add_up() {
    // Two tiles whose sums cancel in the whole but clip on their own.
    let adc = Adc { bits: 8, range_forward: 1.0, ..Adc::default() };
    let params = Params { array_rows: 1, ..with_adc(adc) };
    let mut crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 2, columns: 1 }, Sign::Any, 0, 0);
    crossbar.program(&[1.5, -1.5].map(I8F24::from_num), &mut Counts::default());
    let (drive, counts) = read_at(&mut crossbar, Way::Forward, &[I8F24::ONE; 2], 0);
    // 127 - 128 codes of 1/128.
    assert_eq!((values::<I8F24>(&drive)[0], counts[Action::AdcClip]), (-1.0 / 128.0, 2));
}

#[test]
fn conversion_noise_has_the_stated_share_of_the_range() {
    let shape = Shape { rows: 20, columns: 30 };
    let x: Vec<I8F24> = activities(30, &mut Lcg(4));
    for (way, range, tiles, bits) in [
        (Way::Forward, 2.0, 1, 0),
        (Way::Transposed, 0.5, 1, 0),
        (Way::Forward, 2.0, 4, 0),
        (Way::Forward, 2.0, 4, 9),
    ] {
        let adc = Adc { noise: 0.01, bits, ..Adc::default() };
        let params = Params { array_rows: 20 / tiles, ..with_adc(adc) };
        let (mut crossbar, _) = random::<I8F24>(&params, shape, 0.1, 9);
        let lines = shape.lines(way).0;
        let found = deviations(&mut crossbar, way, &x[..lines], 2_000);
        let lsb = if bits == 0 { 0.0 } else { 2.0 * range / f64::from(1_u32 << bits) };
        let sigma = 0.01 * range;
        let wanted = tiles as f64 * (sigma * sigma + lsb * lsb / 12.0);
        assert_gaussian(&found, 0.0, wanted, &format!("{way:?} {tiles} tiles {bits} bits"));
        assert!(
            (crossbar.read_noise(way) / wanted.sqrt() - 1.0).abs() < 1e-9,
            "{}",
            crossbar.read_noise(way)
        );
    }
}

#[test]
fn noises_of_lines_steps_ways_and_arrays_are_independent() {
    let shape = Shape { rows: 24, columns: 24 };
    let adc = Adc { noise: 0.01, range_transposed: 2.0, ..Adc::default() };
    let x = vec![I8F24::ONE; 24];
    let samples = |index: u32, way: Way, first: u64| {
        let mut crossbar = Crossbar::<I8F24>::new(&with_adc(adc.clone()), shape, Sign::Any, 7, index);
        (first..first + 1_000)
            .flat_map(|step| values::<I8F24>(&read_at(&mut crossbar, way, &x, step).0))
            .collect::<Vec<_>>()
    };
    let base = samples(0, Way::Forward, 0);
    let limit = ERRORS / (base.len() as f64).sqrt();
    for other in
        [samples(1, Way::Forward, 0), samples(0, Way::Transposed, 0), samples(0, Way::Forward, 1_000)]
    {
        assert!(correlation(&base, &other).abs() < limit);
    }
    // Neighbouring lines of one read.
    assert!(correlation(&base[1..], &base[..base.len() - 1]).abs() < limit);
    assert_eq!(base, samples(0, Way::Forward, 0));
}

#[test]
fn cell_noise_is_what_one_draw_per_cell_would_give() {
    let shape = Shape { rows: 50, columns: 8 };
    let sigma = 0.03 * 2.0; // of w_max = 2
    let mut lcg = Lcg(21);
    for activity_bits in [0, 6] {
        let params = Params { array_rows: 20, activity_bits, cell_noise: 0.03, ..with_adc(Adc::default()) };
        let (mut crossbar, weights) = random::<I8F24>(&params, shape, 0.5, 9);
        for way in Way::BOTH {
            let lines = shape.lines(way);
            // Activities on the drivers' grid, so that the explicit sums see the same ones.
            let x: Vec<I8F24> = (0..lines.0).map(|_| I8F24::nearest(lcg.below(64) as f64 / 63.0)).collect();
            let found = deviations(&mut crossbar, way, &x, 3_000);
            let (x, weights) = (floats(&x), floats(&weights));
            let truth = plain(shape, &weights, way, &x);
            // The explicit form: every cell of every read draws its own Gaussian (sum of 12 uniforms).
            let explicit: Vec<f64> = (0..3_000)
                .flat_map(|_| {
                    let noisy: Vec<f64> = weights
                        .iter()
                        .map(|w| w + sigma * ((0..12).map(|_| lcg.unit()).sum::<f64>() - 6.0))
                        .collect();
                    let drive = plain(shape, &noisy, way, &x);
                    drive.into_iter().zip(&truth).map(|(a, b)| a - b).collect::<Vec<_>>()
                })
                .collect();
            let exact = sigma * sigma * x.iter().map(|x| x * x).sum::<f64>();
            let at_most = (sigma * sigma * lines.0 as f64).sqrt();
            assert!((crossbar.read_noise(way) / at_most - 1.0).abs() < 1e-9, "all lines at full activity");
            assert_gaussian(&explicit, 0.0, exact, "one draw per cell");
            assert_gaussian(&found, 0.0, exact, "one draw per line");
        }
    }
}

#[test]
fn cell_noise_of_serial_bits_adds_up_by_their_worth() {
    let shape = Shape { rows: 50, columns: 8 };
    let params = Params { activity_bits: 3, bit_serial: true, cell_noise: 0.03, ..with_adc(Adc::default()) };
    let (mut crossbar, _) = random::<I8F24>(&params, shape, 0.5, 9);
    // Codes 5 = 101 on 20 lines, 3 = 011 (negative) on 10: bits set on 30, 10 and 20 lines.
    let mut x = vec![I8F24::ZERO; 50];
    x[..20].fill(I8F24::from_num(5.0 / 7.0));
    x[20..30].fill(I8F24::from_num(-3.0 / 7.0));
    let found = deviations(&mut crossbar, Way::Forward, &x, 5_000);
    let cell = 0.06 / 7.0;
    assert_gaussian(&found, 0.0, cell * cell * (30.0 + 4.0 * 10.0 + 16.0 * 20.0), "bits of worth 1, 2, 4");
    let at_most = cell * (50.0 * (1.0 + 4.0 + 16.0_f64)).sqrt();
    assert!((crossbar.read_noise(Way::Forward) / at_most - 1.0).abs() < 1e-9, "all bits set on all lines");
}

#[test]
fn gains_and_offsets_are_static_and_spread_as_stated() {
    let shape = Shape { rows: 4, columns: 2_000 };
    let x = vec![I8F24::ONE; 4];
    let read_twice = |adc: Adc| {
        let params = Params { array_columns: 2_000, ..with_adc(adc) };
        let mut crossbar = Crossbar::<I8F24>::new(&params, shape, Sign::Any, 5, 2);
        crossbar.program(&vec![I8F24::from_num(0.25); shape.synapses()], &mut Counts::default());
        let first = values::<I8F24>(&read_at(&mut crossbar, Way::Forward, &x, 0).0);
        assert_eq!(first, values::<I8F24>(&read_at(&mut crossbar, Way::Forward, &x, 9).0));
        first
    };
    let gains = read_twice(Adc { gain_spread: 0.05, ..Adc::default() });
    assert_gaussian(&gains, 1.0, 0.05 * 0.05, "gains on a sum of one");
    let offsets = read_twice(Adc { offset_spread: 0.02, ..Adc::default() });
    assert_gaussian(&offsets, 1.0, 0.04 * 0.04, "offsets of 2 % of R = 2");
    assert!(correlation(&gains, &offsets).abs() < ERRORS / 2_000.0_f64.sqrt());
}

#[test]
fn serial_bits_are_converted_one_by_one() {
    // w = 1 and x = 5/7: bits 1, 0, 1 of three; a set bit's sum is 1, clipped to 7/8 by 4 bits over +-1.
    let adc = Adc { bits: 4, range_forward: 1.0, ..Adc::default() };
    let params = Params { activity_bits: 3, bit_serial: true, ..with_adc(adc) };
    let mut crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 1, columns: 1 }, Sign::Any, 0, 0);
    crossbar.program(&[I8F24::ONE], &mut Counts::default());
    let (drive, counts) = read_at(&mut crossbar, Way::Forward, &[I8F24::from_num(5.0 / 7.0)], 0);
    assert!((values::<I8F24>(&drive)[0] - 0.625).abs() < 1e-7);
    assert_eq!(counts[Action::AdcClip], 2);
    let (drive, _) = read_at(&mut crossbar, Way::Forward, &[I8F24::from_num(-5.0 / 7.0)], 0);
    assert!((values::<I8F24>(&drive)[0] + 5.0 / 7.0).abs() < 1e-7, "-1 is a code of its own");
}

#[test]
fn serial_and_parallel_bits_agree_within_their_converters_steps() {
    let shape = Shape { rows: 40, columns: 30 };
    let x: Vec<I8F24> = activities(40, &mut Lcg(3));
    for (bits, activity_bits) in [(12, 8), (14, 5), (16, 20)] {
        let adc = Adc { bits, range_forward: 32.0, ..Adc::default() };
        let parallel = Params { activity_bits, array_rows: 16, ..with_adc(adc) };
        let serial = Params { bit_serial: true, ..parallel.clone() };
        let wanted = read(&mut random::<I8F24>(&parallel, shape, 1.0, 2).0, Way::Forward, &x);
        let found = read(&mut random::<I8F24>(&serial, shape, 1.0, 2).0, Way::Forward, &x);
        // Three tiles: half a step each, and half a step of each bit in proportion to its worth.
        let limit = 3.0 * 64.0 / f64::from(1_u32 << bits);
        for (found, wanted) in values::<I8F24>(&found).iter().zip(values::<I8F24>(&wanted)) {
            assert!((found - wanted).abs() <= limit, "{bits} bits: {found} {wanted}");
        }
        // Without converters the two are the same sums.
        let exact = |params: &Params| {
            let params = Params { adc: Adc::default(), ..params.clone() };
            read(&mut random::<I8F24>(&params, shape, 1.0, 2).0, Way::Forward, &x)
        };
        assert_eq!(exact(&serial), exact(&parallel));
    }
}

#[test]
fn noisy_reads_have_the_same_bits_in_any_order() {
    let shape = Shape { rows: 33, columns: 21 };
    let adc = Adc { bits: 8, noise: 0.02, gain_spread: 0.02, offset_spread: 0.01, ..Adc::default() };
    let params = Params { array_rows: 10, cell_noise: 0.01, activity_bits: 8, ..with_adc(adc) };
    let x = Way::BOTH.map(|way| activities::<I8F24>(shape.lines(way).0, &mut Lcg(6)));
    let run = |order: &[(Way, u64)]| {
        let (mut crossbar, _) = random::<I8F24>(&params, shape, 0.5, 2);
        let mut drives: Vec<_> = order
            .iter()
            .map(|&(way, step)| {
                let (drive, counts) = read_at(&mut crossbar, way, &x[way as usize], step);
                (way as usize, step, drive, counts[Action::AdcClip])
            })
            .collect();
        drives.sort();
        drives
    };
    let order: Vec<(Way, u64)> = (0..10).flat_map(|step| Way::BOTH.map(|way| (way, step))).collect();
    let wanted = run(&order);
    assert_eq!(run(&order.iter().rev().copied().collect::<Vec<_>>()), wanted);
    let mut shuffled = order;
    let mut lcg = Lcg(1);
    for i in (1..shuffled.len()).rev() {
        shuffled.swap(i, lcg.below(i + 1));
    }
    assert_eq!(run(&shuffled), wanted);
}
