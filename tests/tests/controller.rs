//! The controller's states, cycle by cycle: the hand-worked cases on a 4-3-2 network, one array per layer.

use equipoise_base::instruction::LatchSlot;
use equipoise_base::record::{Block, Record};
use equipoise_base::{Action, Instruction, Phase};
use equipoise_chip::Params;
use equipoise_chip::catalog::{NeuronModel, Nudging, RouterModel};
use equipoise_chip::params::Mesh;
use equipoise_learning::timing::UpdateSlots;
use equipoise_tests::{bench_chip, layered, mesh, sample};

fn chip(nudging: Nudging, router: RouterModel) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.learning.nudging = nudging;
    params.hardware.update.slots = UpdateSlots::Fixed;
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = router;
    params
}

fn cycles(nudging: Nudging, router: RouterModel) -> u64 {
    let chip = equipoise_tests::ran(&chip(nudging, router), &sample(&[0.1, 0.2, 0.3, 0.4], 1, nudging));
    chip.record().cycles
}

#[test]
fn one_sided_and_centered_samples_on_ideal_wires_take_718_and_948_cycles() {
    assert_eq!(cycles(Nudging::OneSided, RouterModel::default()), 718);
    assert_eq!(cycles(Nudging::Centered, RouterModel::default()), 948);
}

#[test]
fn on_the_mesh_they_take_what_the_fifo_depth_allows() {
    for (depth, one_sided, centered) in [(1_000, 1018, 1348), (2, 1078, 1428), (1, 1258, 1668)] {
        assert_eq!(cycles(Nudging::OneSided, mesh(depth)), one_sided, "depth {depth}");
        assert_eq!(cycles(Nudging::Centered, mesh(depth)), centered, "depth {depth}");
    }
}

#[test]
fn every_state_begins_and_ends_in_the_cycle_worked_out_by_hand() {
    let params = chip(Nudging::OneSided, RouterModel::default());
    let mut chip = equipoise_chip::build(&params).expect("it fits");
    chip.keep_timeline(true);
    for instruction in sample(&[0.1, 0.2, 0.3, 0.4], 1, Nudging::OneSided) {
        chip.execute(&instruction, &mut equipoise_chip::Unobserved).expect("it fits");
    }
    let spans: Vec<_> = chip.timeline().iter().map(|s| (s.state, s.start, s.end)).collect();
    let expected = [
        ("LOAD", 0, 1),
        ("FREE", 1, 461),
        ("LATCH_F", 461, 462),
        ("NUDGE", 462, 692),
        ("LATCH_N", 692, 693),
        ("UPDATE", 693, 717),
        ("DONE", 717, 718),
    ];
    assert_eq!(spans, expected);
}

/// Counts of one action by phase, over all cores.
fn by_phase(record: &Record, action: Action) -> Vec<(Phase, u64)> {
    let count = |phase: Phase| record.total(|p| p == phase)[action];
    Phase::ALL.into_iter().map(|phase| (phase, count(phase))).filter(|(_, count)| *count > 0).collect()
}

#[test]
fn cycles_and_latched_words_are_booked_under_the_phase_of_their_state() {
    let record = equipoise_tests::ran(
        &chip(Nudging::OneSided, RouterModel::default()),
        &sample(&[0.1, 0.2, 0.3, 0.4], 1, Nudging::OneSided),
    )
    .record();
    let cycles: Vec<_> = Phase::ALL.into_iter().zip(record.phase_cycles).filter(|(_, c)| *c > 0).collect();
    let expected = [
        (Phase::Load, 1),
        (Phase::Free, 460),
        (Phase::Latch, 2),
        (Phase::Nudge, 230),
        (Phase::Update, 24),
        (Phase::Done, 1),
    ];
    assert_eq!(cycles, expected);
    // 4 x 3 + 3 x 2 products in each of LATCH_F and LATCH_N.
    assert_eq!(by_phase(&record, Action::LatchWrite), [(Phase::Latch, 2 * 18)]);
    assert_eq!(by_phase(&record, Action::LatchRead), [(Phase::Update, 2 * 18)]);
}

#[test]
fn controllers_work_while_they_latch_and_update_and_at_no_other_time() {
    let record = equipoise_tests::ran(
        &chip(Nudging::OneSided, RouterModel::default()),
        &sample(&[0.1, 0.2, 0.3, 0.4], 1, Nudging::OneSided),
    )
    .record();
    for core in &record.cores {
        let at_work = |phase: Phase| core.active[phase as usize].get(Block::Controller);
        let busy: Vec<_> = Phase::ALL.into_iter().map(|p| (p, at_work(p))).filter(|(_, c)| *c > 0).collect();
        // Inputs have no controller. The others latch twice for a cycle, and update for 24.
        let expected = if core.node == 0 { vec![] } else { vec![(Phase::Latch, 2), (Phase::Update, 24)] };
        assert_eq!(busy, expected, "core {}", core.node);
    }
}

#[test]
fn what_the_shadow_registers_take_and_give_back_is_counted() {
    let record = equipoise_tests::ran(
        &chip(Nudging::Centered, RouterModel::default()),
        &sample(&[0.1, 0.2, 0.3, 0.4], 1, Nudging::Centered),
    )
    .record();
    // Five states from -8 to 8 in steps of 2^-24, of 29 bits; without extra delays nothing else is on its way.
    let of = |action| {
        let found = by_phase(&record, action);
        found.into_iter().filter(|(phase, _)| matches!(phase, Phase::Free | Phase::Nudge)).collect::<Vec<_>>()
    };
    assert_eq!(of(Action::SramWrite), [(Phase::Free, 5 * 29)]);
    assert_eq!(of(Action::SramRead), [(Phase::Nudge, 5 * 29)]);
    assert_eq!(record.memory.restart, 5 * 29);
}

#[test]
fn a_read_out_takes_a_cycle_for_as_many_words_as_the_host_takes_in_one() {
    for (words, cycles) in [(1, 2), (2, 1), (4, 1)] {
        let mut params = chip(Nudging::OneSided, RouterModel::default());
        (params.hardware.host.words_per_cycle, params.hardware.activity_bits) = (words, 8);
        let asked = |program: &[Instruction]| equipoise_tests::ran(&params, program).record();
        let shown = [
            Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None },
            Instruction::Settle { steps: Some(3) },
        ];
        let (without, with) = (asked(&shown), asked(&[&shown[..], &[Instruction::ReadOut]].concat()));
        assert_eq!(with.cycles - without.cycles, cycles, "{words} words a cycle");
        assert_eq!(by_phase(&with, Action::HostOut), [(Phase::Evaluate, 2 * 8)]);
        assert_eq!(with.phase_cycles[Phase::Evaluate as usize], cycles);
    }
}

#[test]
fn what_biases_and_latches_hold_is_in_the_digest() {
    let digest_of = |bias: f64| {
        let mut params = chip(Nudging::OneSided, RouterModel::default());
        params.network.populations[2].bias = vec![0.0, bias];
        equipoise_tests::ran(&params, &[]).digest()
    };
    assert_eq!(digest_of(0.25), digest_of(0.25));
    assert_ne!(digest_of(0.25), digest_of(0.5), "before anything has run");
    // Latched after two steps of five or after three: all else is the same.
    let latched_after = |steps: u32| {
        let mut params = chip(Nudging::OneSided, RouterModel::default());
        params.network.populations[1].bias = vec![0.3; 3];
        params.hardware.latch_cycles = 0;
        let settle = |steps| Instruction::Settle { steps: Some(steps) };
        let present = Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None };
        let program = [present, settle(steps), Instruction::Latch(LatchSlot::Free), settle(5 - steps)];
        let machine = equipoise_tests::ran(&params, &program);
        let record = machine.record();
        (machine.digest(), record.cores, record.cycles)
    };
    let (early, late) = (latched_after(2), latched_after(3));
    assert_eq!((early.1, early.2), (late.1, late.2), "the same work in the same time");
    assert_eq!(latched_after(2).0, early.0);
    assert_ne!(early.0, late.0);
}
