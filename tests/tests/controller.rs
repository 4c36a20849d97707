//! The controller's states, cycle by cycle: the hand-worked cases on a 4-3-2 network, one array per layer.

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
