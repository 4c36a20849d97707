//! The ideal cell: exact numbers of the state's or of fewer bits.

use equipoise_base::{Action, Counts, Number, Shape};
use equipoise_device::models::ideal::Params;
use equipoise_device::{ArraySpec, Cells, Codes, DeviceModel, Sign};
use fixed::types::{I8F24, I16F48};

fn build<N: Number>(params: &Params, sign: Sign) -> Box<dyn Cells<N>> {
    params.check().expect("accepted");
    let shape = Shape { rows: 1, columns: 3 };
    DeviceModel::Ideal(params.clone()).build(ArraySpec { shape, sign, seed: 0, index: 0 })
}

fn codes<N: Number>(cells: &dyn Cells<N>) -> Vec<i64> {
    (0..3).map(|cell| cells.codes().at(cell)).collect()
}

#[test]
fn at_the_states_width_a_weight_is_the_number_itself() {
    let weights = [0.123_456_7, -3.25, 1.0 / 3.0];
    let mut narrow = build::<I8F24>(&Params::default(), Sign::Any);
    narrow.program_row(0, &weights.map(I8F24::nearest), &mut Counts::default());
    assert_eq!(codes(narrow.as_ref()), weights.map(|w| I8F24::nearest(w).raw()));
    let mut wide = build::<I16F48>(&Params::default(), Sign::Any);
    wide.program_row(0, &weights.map(I16F48::nearest), &mut Counts::default());
    assert_eq!(codes(wide.as_ref()), weights.map(|w| I16F48::nearest(w).raw()));
    for (code, weight) in codes(wide.as_ref()).into_iter().zip(weights) {
        assert_eq!(wide.scale().weight::<I16F48>(code), I16F48::nearest(weight));
    }
}

#[test]
fn sixteen_bits_make_sixteen_bit_codes_rounded_to_nearest() {
    let params = Params { w_max: 1.0, weight_bits: 16 };
    let mut cells = build::<I8F24>(&params, Sign::Any);
    let lsb = 1.0 / 32_768.0;
    cells.program_row(0, &[10.4 * lsb, -10.6 * lsb, 2.0].map(I8F24::nearest), &mut Counts::default());
    assert!(matches!(cells.codes(), Codes::Narrow(_)));
    assert_eq!(codes(cells.as_ref()), [10, -11, 32_767]);
    assert_eq!(cells.grain().weight_per_pulse, lsb);
    cells.pulse_row(0, &[-25, 1, 5], 0, &mut Counts::default());
    assert_eq!(codes(cells.as_ref()), [-15, -10, 32_767]);
    cells.pulse_row(0, &[0, 65_535, -65_534], 0, &mut Counts::default());
    assert_eq!(codes(cells.as_ref()), [-15, 32_767, -32_767]);
}

#[test]
fn pulses_meet_the_levels_of_the_cells_that_are_asked() {
    let mut cells = build::<I8F24>(&Params { w_max: 1.0, weight_bits: 16 }, Sign::Any);
    cells.program_row(0, &[0.5, -0.25, 0.75].map(I8F24::nearest), &mut Counts::default());
    let mut counts = Counts::default();
    cells.pulse_row(0, &[7, -1, 0], 0, &mut counts);
    assert_eq!(counts[Action::PulseLevel], 128 + 64);
}

#[test]
fn a_pulse_of_the_wide_format_lets_32_bits_cross_the_range() {
    let mut cells = build::<I16F48>(&Params { w_max: 8.0, weight_bits: 0 }, Sign::Any);
    assert_eq!(cells.grain().weight_per_pulse, 1.0 / f64::from(1 << 27));
    cells.pulse_row(0, &[-i32::MAX, 1 << 27, 0], 0, &mut Counts::default());
    assert_eq!(codes(cells.as_ref()), [-(8 << 48), 1 << 48, 0]);
    cells.pulse_row(0, &[i32::MAX, -1, 0], 0, &mut Counts::default());
    assert_eq!(codes(cells.as_ref()), [(8 << 48) - (1 << 21), (1 << 48) - (1 << 21), 0]);
}

#[test]
fn widening_the_weight_halves_its_error_with_every_bit() {
    let weights = [0.123_456_7, -0.777_777, 1.0 / 3.0].map(I8F24::nearest);
    for weight_bits in 4..=20_u32 {
        let mut cells = build::<I8F24>(&Params { w_max: 1.0, weight_bits }, Sign::Any);
        cells.program_row(0, &weights, &mut Counts::default());
        for (code, weight) in codes(cells.as_ref()).into_iter().zip(weights) {
            let lsb = cells.scale().weight_per_code;
            assert_eq!(lsb * f64::from(1_u32 << (weight_bits - 1)), 1.0);
            assert!((code as f64 * lsb - weight.value()).abs() <= 0.5 * lsb);
        }
    }
}

#[test]
fn too_few_bits_for_so_large_a_weight_are_refused() {
    let refusal = Params { w_max: 100.0, weight_bits: 4 }.check().expect_err("4 bits");
    assert!(
        refusal.to_string().contains("0 (the state's width) or 8 to 32 bits for w_max = 100"),
        "{refusal}"
    );
    assert!(Params { w_max: 1.0, weight_bits: 1 }.check().is_err());
    assert!(Params { w_max: 0.25, weight_bits: 2 }.check().is_ok());
}
