//! What reads and writes count, against an event-by-event counter and hand-worked cases.

mod support;

use equipoise_base::{Action, Counts, Shape, Synapses, Way};
use equipoise_crossbar::{Adc, Blocks, Crossbar, DeviceModel, Params, Sign};
use equipoise_device::models::soft_bounds;
use fixed::types::I8F24;
use support::*;

const READ: [Action; 5] =
    [Action::ArrayRead, Action::RowDrive, Action::AdcConvert, Action::PartialAdd, Action::CellMac];

/// One step of a layered network: every matrix forward, all but the first transposed.
fn step_counts(layers: &[usize], params: &Params) -> Vec<u64> {
    let mut counts = Counts::default();
    for (index, pair) in layers.windows(2).enumerate() {
        let shape = Shape { rows: pair[0], columns: pair[1] };
        let mut crossbar = Crossbar::<I8F24>::new(params, shape, Sign::Any, 0, index as u32);
        let ways: &[Way] = if index == 0 { &[Way::Forward] } else { &Way::BOTH };
        for &way in ways {
            counts += &read_at(&mut crossbar, way, &vec![I8F24::ONE; shape.lines(way).0], 0).1;
        }
    }
    total(&counts, &READ)
}

#[test]
fn a_step_counts_what_an_event_by_event_counter_counts() {
    let text = include_str!("oracles/step_counts.json");
    let oracle: serde_json::Value = serde_json::from_str(text).expect("the oracle parses");
    for case in oracle["cases"].as_array().expect("a list") {
        let number = |value: &serde_json::Value| value.as_u64().expect("a number");
        let layers: Vec<usize> =
            case["n"].as_array().expect("a list").iter().map(|n| number(n) as usize).collect();
        let params = Params {
            array_rows: number(&case["R"]) as usize,
            array_columns: number(&case["C"]) as usize,
            ..Params::default()
        };
        let wanted = |key: &str| number(&case["per_step"][key]);
        // The drive that comes back to each hidden neuron is added by the chip.
        let returned: usize = layers[1..layers.len() - 1].iter().sum();
        let wanted = vec![
            wanted("tile_mvm"),
            wanted("dac"),
            wanted("adc"),
            wanted("psum_add") - returned as u64,
            wanted("cell_mac"),
        ];
        assert_eq!(step_counts(&layers, &params), wanted, "{layers:?}");
    }
}

#[test]
fn the_4_3_2_network_on_2_x_2_arrays_is_worked_by_hand() {
    let params = Params { array_rows: 2, array_columns: 2, ..Params::default() };
    // 8 partial additions of the step are 5 here and 3 returned drives.
    assert_eq!(step_counts(&[4, 3, 2], &params), [8, 15, 13, 5, 24]);
}

#[test]
fn serial_bits_multiply_everything_but_the_loads() {
    let shape = Shape { rows: 5, columns: 3 };
    let params =
        Params { array_rows: 2, array_columns: 2, activity_bits: 4, bit_serial: true, ..Params::default() };
    let mut crossbar = Crossbar::<I8F24>::new(&params, shape, Sign::Any, 0, 0);
    let (_, counts) = read_at(&mut crossbar, Way::Forward, &[I8F24::ONE; 5], 0);
    // 3 x 2 tiles, 4 bits; every line adds up 3 tiles of 4 bits, and the first of these is a load.
    assert_eq!(total(&counts, &READ), [24, 40, 36, 33, 60]);
}

#[test]
fn counts_do_not_depend_on_what_is_idle_or_unchanged() {
    let shape = Shape { rows: 5, columns: 3 };
    let (mut crossbar, _) = random::<I8F24>(&Params::default(), shape, 1.0, 2);
    let busy = read_at(&mut crossbar, Way::Forward, &[I8F24::ONE; 5], 0).1;
    let again = read_at(&mut crossbar, Way::Forward, &[I8F24::ONE; 5], 1).1;
    let idle = read_at(&mut crossbar, Way::Forward, &[I8F24::ZERO; 5], 2).1;
    assert_eq!(busy, again);
    assert_eq!(total(&busy, &READ), total(&idle, &READ));
    assert_eq!(idle[Action::ReadLevel], 0);
}

#[test]
fn a_pair_always_conducts_one_device_and_a_single_device_its_weight() {
    let cell = soft_bounds::Params { w_max: 1.0, programming_error: 0.0, ..soft_bounds::Params::default() };
    let params = Params { device: DeviceModel::SoftBounds(cell), activity_bits: 8, ..Params::default() };
    let shape = Shape { rows: 2, columns: 3 };
    let weights = [0.5, 0.25, 0.0, 1.0, 1.0, 0.125].map(I8F24::from_num);
    let activities = [I8F24::ONE, I8F24::from_num(51.0 / 255.0)];
    let levels = |sign: Sign, way: Way, x: &[I8F24]| {
        let mut crossbar = Crossbar::<I8F24>::new(&params, shape, sign, 0, 0);
        crossbar.program(&weights, &mut Counts::default());
        read_at(&mut crossbar, way, x, 0).1[Action::ReadLevel]
    };
    // Activity in 1/256: 256 and 51.2; pairs: 3 cells x 256 levels a row.
    assert_eq!(levels(Sign::Any, Way::Forward, &activities), 256 * 768 + 39_322);
    // Single devices: rows conduct 192 and 544 levels, columns 384, 320 and 32.
    assert_eq!(levels(Sign::NonNegative, Way::Forward, &activities), 256 * 192 + 27_853);
    let back = levels(Sign::NonNegative, Way::Transposed, &[I8F24::ZERO, I8F24::ONE, I8F24::ONE]);
    assert_eq!(back, 256 * 352);
}

#[test]
fn levels_follow_the_pulses() {
    let params = Params { device: ideal(1.0, 16), ..Params::default() };
    let mut crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 2, columns: 2 }, Sign::Any, 0, 0);
    let level = |crossbar: &mut Crossbar<I8F24>, way| {
        read_at(crossbar, way, &[I8F24::ZERO, I8F24::ONE], 0).1[Action::ReadLevel]
    };
    assert_eq!((level(&mut crossbar, Way::Forward), level(&mut crossbar, Way::Transposed)), (0, 0));
    // Cell [1][0] to minus one half, cell [1][1] to one: 128 and 256 levels.
    crossbar.pulse_row(1, &[-16_384, 40_000], 0, &mut Counts::default());
    assert_eq!(level(&mut crossbar, Way::Forward), 256 * 384);
    assert_eq!(level(&mut crossbar, Way::Transposed), 256 * 256);
}

#[test]
fn serial_bits_conduct_for_every_bit_that_is_set() {
    let shape = Shape { rows: 2, columns: 1 };
    let params = Params { activity_bits: 3, bit_serial: true, device: ideal(1.0, 16), ..Params::default() };
    for adc in [Adc::default(), Adc { bits: 8, ..Adc::default() }] {
        let params = Params { adc, ..params.clone() };
        let mut crossbar = Crossbar::<I8F24>::new(&params, shape, Sign::Any, 0, 0);
        crossbar.program(&[I8F24::ONE, I8F24::ONE], &mut Counts::default());
        // Codes 5 (two bits) and 4 (one bit) on cells of 256 levels.
        let x = [I8F24::from_num(5.0 / 7.0), I8F24::from_num(-4.0 / 7.0)];
        let (_, counts) = read_at(&mut crossbar, Way::Forward, &x, 0);
        assert_eq!(counts[Action::ReadLevel], 3 * 256 * 256);
    }
}

#[test]
fn every_clipped_conversion_is_counted() {
    let adc = Adc { bits: 4, range_forward: 1.0, ..Adc::default() };
    let params = Params { array_rows: 2, adc, device: ideal(1.0, 16), ..Params::default() };
    let mut crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 4, columns: 3 }, Sign::Any, 0, 0);
    // Two tiles of two rows. Column 0: 1.6 and -1.6, both beyond +-1; column 1: 0.5 and 1.2; column 2 inside.
    let weights = [0.8, 0.25, 0.3, 0.8, 0.25, 0.3, -0.8, 0.6, 0.3, -0.8, 0.6, 0.3].map(I8F24::from_num);
    crossbar.program(&weights, &mut Counts::default());
    let (drive, counts) = read_at(&mut crossbar, Way::Forward, &[I8F24::ONE; 4], 0);
    assert_eq!(counts[Action::AdcClip], 3);
    // LSB 1/8, codes -8 ..= 7: 7 - 8, 4 + 7, 5 + 5.
    assert_eq!(values::<I8F24>(&drive), [-1.0 / 8.0, 11.0 / 8.0, 10.0 / 8.0]);
}

#[test]
fn verifying_reads_are_counted_where_asked() {
    let mut counts = Counts::default();
    let params = Params { verify_reads: 5, ..Params::default() };
    let mut crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 4, columns: 3 }, Sign::Any, 0, 0);
    crossbar.program(&[I8F24::ZERO; 12], &mut counts);
    assert_eq!(counts[Action::ProgramVerify], 60);
    assert_eq!((counts[Action::ProgramPulseUp], counts[Action::ProgramPulseDown]), (0, 0));
}

#[test]
fn the_blocks_are_those_of_whole_arrays() {
    let adc = Adc { count: 16, ..Adc::default() };
    let params = Params { adc, ..Params::default() };
    let crossbar = Crossbar::<I8F24>::new(&params, Shape { rows: 784, columns: 500 }, Sign::Any, 0, 0);
    let wanted = Blocks {
        arrays: 28,
        cells: 28 * 128 * 128,
        cells_used: 392_000,
        devices: 2 * 28 * 128 * 128,
        row_drivers: 28 * 128,
        column_drivers: 28 * 128,
        converters: 28 * 16,
    };
    assert_eq!(crossbar.blocks(), wanted);
    assert_eq!(crossbar.update_rows(), 128);
    assert_eq!([0, 127, 128, 783].map(|row| crossbar.update_slot(row)), [0, 127, 0, 15]);
    assert_eq!(crossbar.bits().weights, 392_000 * 29, "8 x 2^24 and a sign");
}

#[test]
fn impossible_combinations_are_refused_in_words() {
    let shape = Shape { rows: 4, columns: 3 };
    let message =
        |params: &Params, shape: Shape| params.check::<I8F24>(shape).expect_err("refused").to_string();
    let serial = Params { bit_serial: true, ..Params::default() };
    assert!(message(&serial, shape).starts_with("`activity_bits`: found 0"));
    let cell = soft_bounds::Params { pulse_noise: 0.5, ..soft_bounds::Params::default() };
    let noisy = Params { device: DeviceModel::SoftBounds(cell), ..Params::default() };
    assert!(message(&noisy, shape).starts_with("`device.pulse_noise`"));
    let empty = Shape { rows: 0, columns: 3 };
    assert!(message(&Params::default(), empty).contains("a matrix of 0 x 3"));
    let huge = Shape { rows: 70_000, columns: 3 };
    assert!(message(&Params::default(), huge).contains("65536"));
}
