//! What a running chip counts is what the closed forms say.

use equipoise_base::{Action, Counts, Instruction};
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::{Machine, Params, Unobserved, build};
use equipoise_energy::counts::{Layered, Program};
use equipoise_tests::{bench_chip, layered, ran, sample};
use proptest::prelude::*;

/// Everything that the closed forms speak of.
const IN_CLOSED_FORM: [Action; 11] = [
    Action::Step,
    Action::ArrayRead,
    Action::RowDrive,
    Action::AdcConvert,
    Action::PartialAdd,
    Action::CellMac,
    Action::NeuronUpdate,
    Action::EventEmit,
    Action::EventDeliver,
    Action::LatchWrite,
    Action::UpdateMultiply,
];

fn chip(layers: &[usize], rows: u32, columns: u32, arrays: u32) -> Params {
    let mut params = bench_chip(layered(layers, &NeuronModel::default(), 0.1, 3));
    params.hardware.array.rows = rows;
    params.hardware.array.columns = columns;
    params.hardware.core.arrays = arrays;
    params
}

/// A sample's input; its values count nothing.
fn input(lines: usize) -> Vec<f32> {
    (0..lines).map(|i| (i % 7) as f32 / 7.0).collect()
}

/// What the training instructions of one sample counted.
fn trained(params: &Params) -> Counts {
    let lines = params.network.populations[0].size;
    let chip = ran(params, &sample(&input(lines), 0, params.learning.nudging));
    chip.record().total(equipoise_base::Phase::trains)
}

fn expect(counts: &Counts, wanted: &[(Action, u64)]) {
    for &(action, count) in wanted {
        assert_eq!(counts[action], count, "{}", action.name());
    }
}

fn step_of(chip: &mut dyn Machine) -> Counts {
    let before = chip.meter().counts;
    chip.execute(&Instruction::Settle { steps: Some(1) }, &mut Unobserved).expect("a step");
    let mut step = chip.meter().counts;
    before.iter().for_each(|(action, count)| step[action] -= count);
    step
}

#[test]
fn a_step_of_4_3_2_on_2x2_arrays_counts_what_is_worked_out_by_hand() {
    let mut chip = build(&chip(&[4, 3, 2], 2, 2, 8)).expect("it fits");
    let present = Instruction::Present { input: input(4).into(), target: None };
    chip.execute(&present, &mut Unobserved).expect("four values");
    for _ in 0..3 {
        expect(
            &step_of(chip.as_mut()),
            &[
                (Action::Step, 1),
                (Action::ArrayRead, 8),
                (Action::RowDrive, 15),
                (Action::AdcConvert, 13),
                (Action::PartialAdd, 8),
                (Action::CellMac, 24),
                (Action::EventEmit, 10),
                (Action::EventDeliver, 10),
                (Action::NeuronUpdate, 5),
            ],
        );
    }
}

#[test]
fn an_update_of_784_512_10_on_128x128_arrays_counts_the_published_numbers() {
    let mut params = chip(&[784, 512, 10], 128, 128, 28);
    params.learning.nudging = Nudging::Centered;
    assert_eq!((params.phases.free_steps, params.phases.nudged_steps), (20, 10));
    expect(
        &trained(&params),
        &[
            (Action::Step, 40),
            (Action::ArrayRead, 1440),
            (Action::RowDrive, 147_520),
            (Action::AdcConvert, 165_440),
            (Action::PartialAdd, 144_560),
            (Action::CellMac, 16_465_920),
            (Action::LatchWrite, 813_056),
            (Action::UpdateMultiply, 813_056),
        ],
    );
}

#[test]
fn held_inputs_are_sent_and_read_in_the_first_step_of_a_presentation_only() {
    let mut params = chip(&[4, 3, 2], 2, 2, 8);
    params.hardware.hold_clamped = true;
    let form = Layered::new(&[4, 3, 2], 2, 2).expect("a network");
    let mut chip = build(&params).expect("it fits");
    for _ in 0..2 {
        let present = Instruction::Present { input: input(4).into(), target: None };
        chip.execute(&present, &mut Unobserved).expect("four values");
        for expected in [form.step(), form.held_step(), form.held_step()] {
            let step = step_of(chip.as_mut());
            for action in IN_CLOSED_FORM {
                assert_eq!(step[action], expected[action], "{}", action.name());
            }
        }
    }
}

/// Cores over which layer l is cut: each holds as many columns of tiles as its arrays can feed.
fn cut(layers: &[usize], rows: usize, columns: usize, arrays: usize) -> Vec<u64> {
    let cores = |pair: &[usize]| pair[1].div_ceil(arrays / pair[0].div_ceil(rows) * columns) as u64;
    std::iter::once(1).chain(layers.windows(2).map(cores)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_sample_of_any_small_network_counts_its_closed_form(
        layers in prop::collection::vec(1_usize..14, 2..5),
        (rows, columns) in (1_usize..7, 1_usize..7),
        spare_arrays in 0_usize..20,
        (free_steps, nudged_steps) in (1_u32..4, 1_u32..4),
        nudging in prop::sample::select(vec![Nudging::OneSided, Nudging::Negative, Nudging::Centered]),
        biases in any::<bool>(),
    ) {
        // The least that a core must have is one column of tiles.
        let arrays = layers.iter().map(|n| n.div_ceil(rows)).max().unwrap_or(1) + spare_arrays;
        let mut params = chip(&layers, rows as u32, columns as u32, arrays as u32);
        (params.phases.free_steps, params.phases.nudged_steps) = (free_steps, nudged_steps);
        params.learning.nudging = nudging;
        let sizes: Vec<u64> = layers.iter().map(|&n| n as u64).collect();
        let mut form = Layered::new(&sizes, rows as u64, columns as u64)
            .expect("a network")
            .cut(&cut(&layers, rows, columns, arrays));
        if biases {
            params.network.populations[1..].iter_mut().for_each(|p| p.bias_rate = 0.1);
            form = form.with_register_biases();
        }
        let expected = form.ep_update(Program {
            free_steps: u64::from(free_steps),
            nudged_steps: u64::from(nudged_steps),
            nudged_phases: u64::from(nudging.phases()),
        });
        let counted = trained(&params);
        for action in IN_CLOSED_FORM {
            prop_assert_eq!(counted[action], expected[action], "{}", action.name());
        }
    }
}
