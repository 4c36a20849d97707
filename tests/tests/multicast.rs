//! Packets that divide on their way: the same values arrive, over fewer hops.

use equipoise_base::record::Record;
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{Free, NeuronModel, Nudging, RouterModel, Sync};
use equipoise_chip::{Params, build};
use equipoise_tests::trail::{follow, watched};
use equipoise_tests::{bench_chip, layered, mesh, sample};

/// 6-12-8 with layers cut into cores of four neurons, every core listening to several.
fn cut(multicast: bool) -> Params {
    let mut params = bench_chip(layered(&[6, 12, 8], &NeuronModel::default(), 0.1, 5));
    params.hardware.core.neurons = 4;
    params.hardware.router = mesh(2);
    if let RouterModel::Mesh(mesh) = &mut params.hardware.router {
        mesh.multicast = multicast;
    }
    params
}

fn program() -> Vec<Instruction> {
    let input = |i: u32| [0.9, 0.1, 0.3 * i as f32, 0.4, 0.2, 0.7];
    (0..3).flat_map(|i| sample(&input(i), i, Nudging::default())).collect()
}

fn count(record: &Record, action: Action) -> u64 {
    record.cores.iter().flat_map(|core| &core.counts).map(|counts| counts[action]).sum()
}

fn lived(params: &Params) -> (Vec<Vec<Vec<f64>>>, Record) {
    let mut chip = build(params).expect("it fits");
    let trail = follow(chip.as_mut(), &program(), &[1, 2]);
    (trail.steps.into_iter().map(|step| step.states).collect(), chip.record())
}

#[test]
fn under_a_barrier_multicast_changes_hops_and_no_value() {
    let (one_each, divided) = (lived(&cut(false)), lived(&cut(true)));
    assert_eq!(one_each.0, divided.0);
    let (one_each, divided) = (one_each.1, divided.1);
    // Per step: 6 inputs to 3 cores, 12 hidden to 2 cores; 12 drives back to the hidden cores from each of 2.
    let steps = one_each.steps;
    let (activities, drives) = (6 + 12, 12 * 2);
    assert_eq!(count(&one_each, Action::EventEmit), steps * (6 * 3 + 12 * 2 + drives));
    assert_eq!(count(&divided, Action::EventEmit), steps * (activities + drives));
    assert_eq!(divided.events.packets, steps * (activities + drives));
    assert_eq!(count(&one_each, Action::EventDeliver), count(&divided, Action::EventDeliver));
    assert_eq!(one_each.events.fan_out_total, divided.events.fan_out_total);
    assert!(count(&divided, Action::PacketHop) < count(&one_each, Action::PacketHop));
    let on_links: u64 = divided.links.iter().map(|link| link.packets).sum();
    assert_eq!(count(&divided, Action::PacketHop), on_links, "a hop counts once for all targets behind it");
}

#[test]
fn without_a_barrier_every_listener_gets_its_own_delivery() {
    for multicast in [false, true] {
        let mut params = cut(multicast);
        params.hardware.sync = Sync::Free(Free::default());
        let record = lived(&params).1;
        assert_eq!(record.events.fan_out_total, record.events.delivered + record.events.in_flight);
        assert_eq!(count(&record, Action::EventDeliver), record.events.delivered);
        let mut backwards = build(&params).expect("it fits");
        backwards.set_core_order(&(0..record.cores.len()).rev().collect::<Vec<_>>());
        follow(backwards.as_mut(), &program(), &[]);
        assert_eq!(backwards.record(), record, "the order of evaluation decides nothing");
    }
}

#[test]
fn without_a_barrier_periods_that_every_packet_makes_give_the_same_states_either_way() {
    let states = |multicast| {
        let mut params = cut(multicast);
        // Long enough for everything: every packet misses one sample and makes the next.
        let period_cycles = equipoise_chip::catalog::PerCore::All(200);
        params.hardware.sync = Sync::Free(Free { period_cycles, ..Free::default() });
        watched(&params, &program(), &[1, 2]).steps.into_iter().map(|step| step.states).collect::<Vec<_>>()
    };
    assert_eq!(states(false), states(true));
}
