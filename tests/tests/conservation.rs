//! The books balance: events against what the neurons did, cores against totals, links against hops.

use equipoise_base::instruction::TimedEvent;
use equipoise_base::record::Record;
use equipoise_base::{Action, Counts, Instruction, Phase};
use equipoise_chip::catalog::{LifParams, NeuronModel};
use equipoise_chip::placement::Slice;
use equipoise_chip::{Network, Params, Weights, build, plan};
use equipoise_tests::trail::{Trail, follow};
use equipoise_tests::{bench_chip, connection, layered, mesh, on_change, population};
use proptest::prelude::*;

/// Moves of activities that are sent, where only moves are.
const THRESHOLD: f64 = 1.0 / 64.0;

/// How many values the axons of one population send, step by step: an independent reading of the send policy.
/// All neurons start at zero.
fn sent_values(trail: &Trail, which: usize, changes_only: bool) -> Vec<u64> {
    let size = trail.steps.first().map_or(0, |step| step.activities[which].len());
    let mut last = vec![0.0; size];
    let mut sends = |activities: &Vec<f64>| {
        let mut count = 0;
        for (last, &now) in last.iter_mut().zip(activities) {
            if !changes_only || (now - *last).abs() >= THRESHOLD {
                (*last, count) = (now, count + 1);
            }
        }
        count
    };
    trail.steps.iter().map(|step| sends(&step.activities[which])).collect()
}

/// Cores that hold a part of each population.
fn cores_of(slices: &[Slice], population: usize) -> u64 {
    slices.iter().filter(|slice| slice.population == population).count() as u64
}

/// Values sent, values owed to listeners, and values on lines at the end, over all steps of a layered run: activities
/// go to every core of the layer above (those of the output layer to nobody), where those of the last steps wait,
/// one step fewer than their delay; every core of a layer returns one drive per neuron of the layer below (but the
/// inputs), which is there at once.
fn events_by_hand(
    trail: &Trail,
    slices: &[Slice],
    sizes: &[usize],
    delays: &[u32],
    changes_only: bool,
) -> (u64, u64, u64) {
    let (mut emitted, mut owed, mut on_lines) = (0, 0, 0);
    let steps = trail.steps.len() as u64;
    for (layer, &size) in sizes.iter().enumerate() {
        let above = cores_of(slices, layer + 1);
        let (sent, drives) = match layer {
            0 => (vec![size as u64; trail.steps.len()], 0),
            _ => (sent_values(trail, layer - 1, changes_only), steps * size as u64 * above),
        };
        let values: u64 = sent.iter().sum();
        emitted += values + drives;
        owed += values * above + drives;
        if above > 0 {
            on_lines += sent.iter().rev().take(delays[layer] as usize - 1).sum::<u64>() * above;
        }
    }
    (emitted, owed, on_lines)
}

/// Links between the mesh nodes of two cores.
fn distance(a: usize, b: usize, width: usize) -> u64 {
    ((a % width).abs_diff(b % width) + (a / width).abs_diff(b / width)) as u64
}

fn total_by_hand(record: &Record, action: Action) -> u64 {
    let in_core = |counts: &[Counts]| counts.iter().map(|phase| phase[action]).sum::<u64>();
    record.cores.iter().map(|core| in_core(&core.counts)).sum()
}

fn check_books(record: &Record, cores: usize, in_flight: u64) {
    let events = &record.events;
    assert_eq!(record.cores.len(), cores);
    let dropped: u64 = events.dropped.values().sum();
    assert_eq!(events.fan_out_total, events.delivered + events.in_flight + dropped);
    assert_eq!((events.in_flight, events.late), (in_flight, 0), "a barrier waits for every packet");
    assert_eq!(record.count(Action::EventEmit), record.count(Action::EventDeliver));
    assert_eq!(record.count(Action::EventEmit), events.packets);
    for &action in Action::ALL {
        assert_eq!(record.count(action), total_by_hand(record, action), "{}", action.name());
    }
    let on_links: u64 = record.links.iter().map(|link| link.packets).sum();
    assert_eq!(on_links, record.count(Action::PacketHop), "every hop is a packet on a link");
    assert_eq!(record.count(Action::LinkBit), 32 * on_links);
    assert_eq!(record.phase_cycles.iter().sum::<u64>(), record.cycles);
    assert_eq!(record.phase_steps.iter().sum::<u64>(), record.steps);
    assert_eq!(record.count(Action::Step), record.steps);
    assert_eq!(record.count(Action::Barrier), record.steps);
}

fn params(layers: &[usize], delays: &[u32], changes_only: bool, seed: u64) -> Params {
    let mut params = bench_chip(layered(layers, &NeuronModel::default(), 0.1, seed));
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (5, 3, 3);
    params.hardware.router = mesh(2);
    if changes_only {
        params.hardware.send = on_change(THRESHOLD);
    }
    for (connection, &delay) in params.network.connections.iter_mut().zip(delays) {
        (connection.delay, connection.return_delay) = (vec![delay], vec![delay + 1]);
    }
    params
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_value_that_is_sent_reaches_every_core_that_listens(
        layers in prop::collection::vec(1_usize..13, 2..5),
        delays in prop::collection::vec(1_u32..5, 3),
        changes_only in any::<bool>(),
        seed in 0_u64..1_000,
    ) {
        let params = params(&layers, &delays, changes_only, seed);
        let slices = plan(&params).expect("it fits");
        let mut chip = build(&params).expect("it fits");
        let free: Vec<usize> = (1..layers.len()).collect();
        let program = [
            Instruction::Present { input: vec![0.7; layers[0]].into(), target: None },
            Instruction::Settle { steps: Some(12) },
        ];
        let trail = follow(chip.as_mut(), &program, &free);
        let record = chip.record();
        let (emitted, owed, on_lines) = events_by_hand(&trail, &slices, &layers, &delays, changes_only);
        check_books(&record, slices.len(), on_lines);
        prop_assert_eq!(record.events.dropped.len(), 0);
        prop_assert_eq!((record.events.emitted, record.events.fan_out_total), (emitted, owed));
        prop_assert_eq!(record.total(|phase| phase == Phase::Free)[Action::EventEmit], owed);
    }
}

#[test]
fn hops_are_the_distances_between_the_cores_that_talk() {
    let layers = [7, 9, 8, 5];
    let params = params(&layers, &[1, 2, 1], false, 4);
    let slices = plan(&params).expect("it fits");
    let width = (1..).find(|w| w * w >= slices.len()).expect("a side");
    let steps = 12;
    let mut hops = 0;
    for (a, from) in slices.iter().enumerate() {
        for (b, to) in slices.iter().enumerate().filter(|(_, to)| to.population == from.population + 1) {
            let activities = from.range.len() as u64;
            // The drives of a transposed read go back, one per neuron below, but none to the inputs.
            let drives = if from.population == 0 { 0 } else { from.range.len() as u64 };
            assert!(!to.range.is_empty());
            hops += steps * (activities + drives) * distance(a, b, width);
        }
    }
    let program = [
        Instruction::Present { input: vec![0.7; 7].into(), target: None },
        Instruction::Settle { steps: Some(steps as u32) },
    ];
    let record = equipoise_tests::ran(&params, &program).record();
    assert!(slices.len() > 6, "layers are cut: {slices:?}");
    assert_eq!(record.count(Action::PacketHop), hops);
}

#[test]
fn every_spike_of_a_recording_is_an_event_for_every_core_that_listens() {
    let lif = NeuronModel::Lif(LifParams::default());
    let network = Network {
        populations: vec![population("keys", 3, None), population("net", 6, Some(lif))],
        connections: vec![connection(0, 1, Weights::Dense(vec![0.1; 18]), 2)],
        input: Some(0),
        ..Network::default()
    };
    let mut params = bench_chip(network);
    params.hardware.core.neurons = 2;
    params.hardware.router = mesh(2);
    // Two lines spike in step 0, others later, the last one after the end.
    let recorded = [(0, 0), (0, 2), (1, 1), (4, 0), (4, 1), (4, 2), (9, 0)];
    let events = recorded.map(|(step, axon)| TimedEvent { step, axon }).into();
    let program = [Instruction::Events { events, target: None }, Instruction::Settle { steps: Some(8) }];
    let record = equipoise_tests::ran(&params, &program).record();
    check_books(&record, 4, 0);
    // Six are sent and delivered; the seventh would have been sent after the end.
    assert_eq!((record.events.emitted, record.events.fan_out_total), (7, 3 * 7));
    assert_eq!((record.events.delivered, record.events.dropped["not_played"]), (3 * 6, 3));
}
