//! What every device model promises: these tests loop over the family's list.

use equipoise_base::{Action, Counts, Digest, Requests, Shape};
use equipoise_device::{ArraySpec, Cells, Conduction, DeviceModel, Sign};
use fixed::types::I8F24;

const SHAPE: Shape = Shape { rows: 24, columns: 37 };

/// Every model, for arrays of both signs, with a name for messages.
fn every_array() -> impl Iterator<Item = (String, DeviceModel, Sign)> {
    DeviceModel::defaults().into_iter().flat_map(|model| {
        [Sign::Any, Sign::NonNegative].map(|sign| (format!("{} {sign:?}", model.kind()), model.clone(), sign))
    })
}

fn build(model: &DeviceModel, sign: Sign, seed: u64, index: u32) -> Box<dyn Cells<I8F24>> {
    model.check().expect("defaults are accepted");
    model.build(ArraySpec { shape: SHAPE, sign, seed, index })
}

/// Targets between the ends of the range, different in every cell.
fn targets(model: &DeviceModel, sign: Sign, row: usize) -> Vec<I8F24> {
    (0..SHAPE.columns)
        .map(|column| {
            let share = ((row * 31 + column * 17) % 101) as f64 / 101.0;
            let share = if sign == Sign::Any { 2.0 * share - 1.0 } else { share };
            I8F24::from_num(share * model.w_max() * 0.9)
        })
        .collect()
}

fn program(cells: &mut dyn Cells<I8F24>, model: &DeviceModel, sign: Sign) -> Counts {
    let mut counts = Counts::default();
    for row in 0..SHAPE.rows {
        cells.program_row(row, &targets(model, sign, row), &mut counts);
    }
    counts
}

fn programmed(model: &DeviceModel, sign: Sign, seed: u64, index: u32) -> Box<dyn Cells<I8F24>> {
    let mut cells = build(model, sign, seed, index);
    program(cells.as_mut(), model, sign);
    cells
}

fn digest(cells: &dyn Cells<I8F24>) -> u64 {
    let mut digest = Digest::default();
    cells.digest(&mut digest);
    digest.value()
}

fn weights(cells: &dyn Cells<I8F24>) -> Vec<f64> {
    let (codes, scale) = (cells.codes(), cells.scale());
    (0..codes.len()).map(|cell| codes.at(cell) as f64 * scale.weight_per_code).collect()
}

fn pulse_all(cells: &mut dyn Cells<I8F24>, pulses: i32, update: u64) -> Counts {
    let mut counts = Counts::default();
    for row in 0..SHAPE.rows {
        cells.pulse_row(row, &[pulses; SHAPE.columns], update, &mut counts);
    }
    counts
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn one_seed_gives_one_array_and_digest() {
    for (name, model, sign) in every_array() {
        let mut one = programmed(&model, sign, 3, 5);
        let mut two = programmed(&model, sign, 3, 5);
        for update in 0..4 {
            pulse_all(one.as_mut(), 1 - 2 * (update as i32 % 2), update);
            pulse_all(two.as_mut(), 1 - 2 * (update as i32 % 2), update);
        }
        assert_eq!(weights(one.as_ref()), weights(two.as_ref()), "{name}");
        assert_eq!(digest(one.as_ref()), digest(two.as_ref()), "{name}");
    }
}

#[test]
fn programming_hits_the_targets_without_bias() {
    for (name, model, sign) in every_array() {
        let cells = programmed(&model, sign, 1, 0);
        let wanted = (0..SHAPE.rows).flat_map(|row| targets(&model, sign, row));
        let errors: Vec<f64> = weights(cells.as_ref())
            .iter()
            .zip(wanted)
            .map(|(w, target)| (w - target.to_num::<f64>()) / model.w_max())
            .collect();
        let rms = errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64;
        let standard_error = rms.sqrt() / (errors.len() as f64).sqrt();
        assert!(rms.sqrt() < 0.025, "{name}: rms error {}", rms.sqrt());
        assert!(mean(&errors).abs() <= 5.0 * standard_error, "{name}: bias {}", mean(&errors));
    }
}

/// A cell without errors is programmed to what the model says that it holds, to the step of its read codes.
#[test]
fn what_a_cell_is_said_to_hold_is_what_programming_leaves_in_it() {
    for (name, model, sign) in every_array() {
        let model = model.noiseless();
        let mut cells = build(&model, sign, 1, 0);
        let sizes = [0.0, 0.1, 0.5, 0.999, 1.0, 1.001, 3.0];
        let wanted: Vec<I8F24> = (0..SHAPE.columns)
            .map(|column| {
                let size = sizes[column % sizes.len()] * model.w_max();
                I8F24::from_num(if sign == Sign::Any && column % 2 == 1 { -size } else { size })
            })
            .collect();
        cells.program_row(0, &wanted, &mut Counts::default());
        let mut held = wanted;
        cells.hold(&mut held);
        let step = cells.scale().weight_per_code;
        for (column, (held, found)) in held.iter().zip(weights(cells.as_ref())).enumerate() {
            assert!(
                (held.to_num::<f64>() - found).abs() <= 0.5 * step + 1e-7,
                "{name}, {column}: {held} and {found}"
            );
        }
    }
}

#[test]
fn up_raises_and_down_lowers_by_the_grain() {
    for (name, model, sign) in every_array() {
        for direction in [1, -1] {
            // All cells in the middle of their range, where a step has its nominal size.
            let middle = if sign == Sign::Any { 0.0 } else { 0.5 * model.w_max() };
            let mut cells = build(&model, sign, 9, 2);
            for row in 0..SHAPE.rows {
                let row_targets = [I8F24::from_num(middle); SHAPE.columns];
                cells.program_row(row, &row_targets, &mut Counts::default());
            }
            let before = weights(cells.as_ref());
            pulse_all(cells.as_mut(), direction, 0);
            let steps: Vec<f64> = weights(cells.as_ref())
                .iter()
                .zip(&before)
                .map(|(after, before)| {
                    (after - before) * f64::from(direction) / cells.grain().weight_per_pulse
                })
                .collect();
            let squares: f64 = steps.iter().map(|s| (s - mean(&steps)) * (s - mean(&steps))).sum();
            let variance = squares / steps.len() as f64;
            let standard_error = (variance / steps.len() as f64).sqrt();
            assert!((mean(&steps) - 1.0).abs() <= 5.0 * standard_error + 1e-9, "{name}: {}", mean(&steps));
        }
    }
}

#[test]
fn no_number_of_pulses_leaves_the_range() {
    for (name, model, sign) in every_array() {
        let mut cells = programmed(&model, sign, 2, 0);
        for (update, pulses) in [i32::MAX, i32::MIN, 1, i32::MAX].into_iter().enumerate() {
            pulse_all(cells.as_mut(), pulses, update as u64);
            let max = cells.scale().max;
            let least = if sign == Sign::Any { -max } else { 0 };
            assert!((0..cells.codes().len()).all(|i| (least..=max).contains(&cells.codes().at(i))), "{name}");
        }
    }
}

#[test]
fn noiseless_cells_reach_the_very_ends() {
    for (name, model, sign) in every_array() {
        let model = model.noiseless();
        let mut cells = programmed(&model, sign, 2, 0);
        let max = cells.scale().max;
        pulse_all(cells.as_mut(), i32::MAX, 1);
        assert!((0..cells.codes().len()).all(|cell| cells.codes().at(cell) == max), "{name}");
        pulse_all(cells.as_mut(), -i32::MAX, 2);
        let low = if sign == Sign::Any { -max } else { 0 };
        assert!((0..cells.codes().len()).all(|cell| cells.codes().at(cell) == low), "{name}");
    }
}

#[test]
fn no_request_changes_and_counts_nothing() {
    for (name, model, sign) in every_array() {
        let mut cells = programmed(&model, sign, 4, 0);
        let before = (digest(cells.as_ref()), weights(cells.as_ref()));
        let counts = pulse_all(cells.as_mut(), 0, 7);
        assert_eq!(counts, Counts::default(), "{name}");
        assert_eq!((digest(cells.as_ref()), weights(cells.as_ref())), before, "{name}");
    }
}

#[test]
fn the_digest_changes_with_any_single_cell() {
    for (name, model, sign) in every_array() {
        let model = model.noiseless();
        for (row, column) in [(0, 0), (3, 11), (23, 36)] {
            let mut cells = programmed(&model, sign, 4, 0);
            let before = digest(cells.as_ref());
            let mut pulses = [0; SHAPE.columns];
            pulses[column] = 1;
            cells.pulse_row(row, &pulses, 0, &mut Counts::default());
            assert_ne!(digest(cells.as_ref()), before, "{name} {row} {column}");
        }
        // A pulse that cannot move a cell changes nothing.
        let mut cells = programmed(&model, sign, 4, 0);
        pulse_all(cells.as_mut(), i32::MAX, 0);
        let at_the_end = digest(cells.as_ref());
        pulse_all(cells.as_mut(), 1, 1);
        assert_eq!(digest(cells.as_ref()), at_the_end, "{name}");
    }
}

#[test]
fn rows_do_not_touch_each_other_and_their_order_does_not_matter() {
    for (name, model, sign) in every_array() {
        let mut forth = programmed(&model, sign, 6, 1);
        let mut back = programmed(&model, sign, 6, 1);
        let before = weights(forth.as_ref());
        let pulses: Vec<i32> = (0..SHAPE.columns as i32).map(|column| column % 5 - 2).collect();
        let rows: Vec<usize> = (0..SHAPE.rows).step_by(2).collect();
        for &row in &rows {
            forth.pulse_row(row, &pulses, 8, &mut Counts::default());
        }
        for &row in rows.iter().rev() {
            back.pulse_row(row, &pulses, 8, &mut Counts::default());
        }
        assert_eq!(digest(forth.as_ref()), digest(back.as_ref()), "{name}");
        for row in (1..SHAPE.rows).step_by(2) {
            let range = row * SHAPE.columns..(row + 1) * SHAPE.columns;
            assert_eq!(weights(forth.as_ref())[range.clone()], before[range], "{name}");
        }
    }
}

#[test]
fn a_cells_noise_does_not_depend_on_what_its_row_is_asked() {
    for (name, model, sign) in every_array() {
        let mut alone = programmed(&model, sign, 6, 1);
        let mut among = programmed(&model, sign, 6, 1);
        let mut single = [0; SHAPE.columns];
        single[9] = 3;
        alone.pulse_row(5, &single, 2, &mut Counts::default());
        among.pulse_row(5, &[3; SHAPE.columns], 2, &mut Counts::default());
        let cell = 5 * SHAPE.columns + 9;
        assert_eq!(alone.codes().at(cell), among.codes().at(cell), "{name}");
    }
}

/// Pulses for three rows of a few columns, or of all; rows of pulses are padded with zeros, and one has none.
#[test]
fn rows_that_go_together_are_pulsed_as_single_ones() {
    let (rows, most) = ([2, 3, SHAPE.rows as u32 - 1], [4, 0, 4]);
    for (name, model, sign) in every_array() {
        let all: Vec<u32> = (0..SHAPE.columns as u32).collect();
        for listed in [&[1, 9, 35, 36][..], &all] {
            let stride = listed.len() + 5;
            let mut pulses = vec![0; 3 * stride];
            for row in [0, 2] {
                for (i, slot) in pulses[row * stride..][..listed.len()].iter_mut().enumerate() {
                    *slot = (3 * row as i32 + i as i32) % 9 - 4;
                }
            }
            let mut single = programmed(&model, sign, 6, 1);
            let mut together = programmed(&model, sign, 6, 1);
            let (mut single_counts, mut counts) = (Counts::default(), Counts::default());
            for row in [0, 2] {
                let mut whole = [0; SHAPE.columns];
                let asked = listed.iter().zip(&pulses[row * stride..]);
                asked.for_each(|(&column, &pulses)| whole[column as usize] = pulses);
                single.pulse_row(rows[row] as usize, &whole, 3, &mut single_counts);
            }
            let columns = (listed.len() < SHAPE.columns).then_some(listed);
            let requests = Requests { rows: &rows, columns, pulses: &pulses, stride, most: &most };
            together.pulse_rows(requests, 3, &mut counts);
            assert_eq!(
                digest(together.as_ref()),
                digest(single.as_ref()),
                "{name}, {} columns",
                listed.len()
            );
            assert_ne!(digest(single.as_ref()), digest(programmed(&model, sign, 6, 1).as_ref()), "{name}");
            assert_eq!(counts, single_counts, "{name}, {} columns", listed.len());
        }
    }
}

#[test]
fn pulses_are_counted_by_direction_and_direct_writes_once() {
    for (name, model, sign) in every_array() {
        let mut cells = programmed(&model, sign, 6, 1);
        let mut counts = Counts::default();
        let mut pulses = [0; SHAPE.columns];
        pulses[..4].copy_from_slice(&[3, -2, 1, -5]);
        cells.pulse_row(7, &pulses, 0, &mut counts);
        let wanted = if cells.grain().direct { (2, 2) } else { (4, 7) };
        let found = (counts[Action::ProgramPulseUp], counts[Action::ProgramPulseDown]);
        assert_eq!(found, wanted, "{name}");
        assert!(counts[Action::PulseLevel] <= 256 * (wanted.0 + wanted.1), "{name}");
        if cells.conduction() == Conduction::Complementary {
            assert_eq!(counts[Action::PulseLevel], 256 * (wanted.0 + wanted.1), "{name}");
        }
    }
}

#[test]
fn non_negative_arrays_never_weigh_below_zero() {
    for model in DeviceModel::defaults() {
        let mut cells = build(&model, Sign::NonNegative, 3, 0);
        assert!(weights(cells.as_ref()).iter().all(|&w| w == 0.0), "{}: born at zero", model.kind());
        for row in 0..SHAPE.rows {
            let row_targets = [I8F24::from_num(-1); SHAPE.columns];
            cells.program_row(row, &row_targets, &mut Counts::default());
        }
        pulse_all(cells.as_mut(), -3, 0);
        assert!(weights(cells.as_ref()).iter().all(|&w| w >= 0.0), "{}", model.kind());
    }
}

#[test]
fn codes_stay_within_the_bits_that_the_cell_claims() {
    for (name, model, sign) in every_array() {
        let cells = build(&model, sign, 0, 0);
        let sign_bit = u32::from(sign == Sign::Any);
        assert!(cells.scale().max < 1 << (cells.bits_per_cell() - sign_bit), "{name}");
        assert!(cells.scale().max >= 1 << (cells.bits_per_cell() - sign_bit - 1), "{name}");
    }
}
