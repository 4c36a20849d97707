//! Networks over several chips: links between chips have their own time and their own counts.

use equipoise_base::Action;
use equipoise_base::record::Record;
use equipoise_chip::catalog::{NeuronModel, Nudging, RouterModel};
use equipoise_chip::params::Mesh;
use equipoise_chip::{Params, build};
use equipoise_tests::trail::follow;
use equipoise_tests::{bench_chip, layered, mesh, sample};

/// 4-3-2 on a row of three cores, cut into chips of `chip_width` cores (0: one chip).
fn row_of_three(chip_width: u32, chip_link_cycles: u32) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = mesh(1_000);
    if let RouterModel::Mesh(mesh) = &mut params.hardware.router {
        (mesh.chip_width, mesh.chip_link_cycles) = (chip_width, chip_link_cycles);
    }
    params
}

fn lived(params: &Params) -> (Vec<Vec<Vec<f64>>>, Vec<u64>, Record) {
    let mut chip = build(params).expect("it fits");
    let trail = follow(chip.as_mut(), &sample(&[0.9, 0.2, 0.4, 0.7], 1, Nudging::default()), &[1, 2]);
    let cycles = trail.step_cycles();
    (trail.steps.into_iter().map(|step| step.states).collect(), cycles, chip.record())
}

fn count(record: &Record, action: Action) -> u64 {
    record.cores.iter().flat_map(|core| &core.counts).map(|counts| counts[action]).sum()
}

/// Of the 10 packets of a step (4 inputs, 3 drives, 3 activities) each takes one hop. With chips of two cores the hop
/// between cores 1 and 2 leaves a chip: 9 cycles in place of 1 there, for the drives and again for the activities.
#[test]
fn hops_between_chips_take_their_own_time_and_are_counted_apart() {
    let (states, cycles, one_chip) = lived(&row_of_three(0, 9));
    let (same_states, longer, two_chips) = lived(&row_of_three(2, 9));
    assert_eq!(states, same_states, "under a barrier transport changes no value");
    assert_eq!(cycles[0], 33);
    assert_eq!(longer[0], 33 + 2 * 8);
    let steps = one_chip.steps;
    assert_eq!((count(&one_chip, Action::PacketHop), count(&one_chip, Action::ChipHop)), (10 * steps, 0));
    assert_eq!(
        (count(&two_chips, Action::PacketHop), count(&two_chips, Action::ChipHop)),
        (4 * steps, 6 * steps)
    );
    let bits = |record| count(record, Action::LinkBit) + count(record, Action::ChipLinkBit);
    assert_eq!(bits(&one_chip), bits(&two_chips));
    assert_eq!(count(&two_chips, Action::ChipLinkBit), 6 * steps * 32);
}
