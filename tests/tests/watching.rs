//! What is written down of a step that somebody watches: the hand-worked step of the machine's rules, cycle by
//! cycle, and that being watched changes nothing.

use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, TimedEvent};
use equipoise_chip::catalog::{NeuronModel, Nudging, RouterModel};
use equipoise_chip::params::Mesh;
use equipoise_chip::trail::{Cargo, Depth, StepTrail, Watch};
use equipoise_chip::{Clock, Machine, Observer, Params, Span, View, Weights, build};
use equipoise_tests::{bench_chip, connection, layered, mesh, on_change, population, ran, sample, uniform};

/// Keeps the trail of every step, and every state of the controller.
struct Watcher {
    watch: Watch,
    trails: Vec<StepTrail>,
    states: Vec<Span>,
}

impl Watcher {
    fn new(watch: Watch) -> Self {
        Self { watch, trails: Vec::new(), states: Vec::new() }
    }
}

impl Observer for Watcher {
    fn watches(&mut self, _: Clock) -> Watch {
        self.watch
    }
    fn step(&mut self, view: &dyn View) {
        self.trails.extend(view.trail().cloned());
    }
    fn state(&mut self, span: &Span, _: &dyn View) {
        self.states.push(*span);
    }
}

fn execute(chip: &mut dyn Machine, program: &[Instruction], observer: &mut dyn Observer) {
    for instruction in program {
        chip.execute(instruction, observer).expect("the test's program fits");
    }
}

fn watched(params: &Params, program: &[Instruction], watch: Watch) -> (Box<dyn Machine>, Watcher) {
    let (mut chip, mut watcher) = (build(params).expect("it fits"), Watcher::new(watch));
    execute(chip.as_mut(), program, &mut watcher);
    (chip, watcher)
}

/// 4-3-2, layers on (0,0), (1,0), (2,0), one array per layer.
fn row_of_three(router: RouterModel) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = router;
    params
}

/// Loads for one cycle, then takes two steps.
fn two_steps() -> [Instruction; 2] {
    [
        Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None },
        Instruction::Settle { steps: Some(2) },
    ]
}

#[test]
fn the_step_of_33_cycles_is_seen_as_it_was_worked_out_by_hand() {
    let (_, Watcher { trails, states, .. }) = watched(&row_of_three(mesh(1_000)), &two_steps(), Watch::Mesh);
    let load = states[0].end;
    assert_eq!(states[1], Span { state: "FREE", start: load, end: load + 66 });
    for (index, trail) in trails.iter().enumerate() {
        let start = load + 33 * index as u64;
        assert_eq!((trail.step, trail.cycles.clone()), (index as u64 + 1, start..start + 33));
        // The output core reads forward (12 cycles) and transposed (10), the hidden core forward alone and
        // waits for the last drive.
        let spans: Vec<[u64; 4]> = trail
            .cores
            .iter()
            .map(|c| [c.reading.start, c.reading.end, c.updating.start, c.updating.end].map(|t| t - start))
            .collect();
        assert_eq!(spans, [[0, 0, 0, 0], [0, 12, 27, 28], [0, 22, 22, 23]]);
        let packets: Vec<_> = trail
            .packets
            .iter()
            .map(|p| (p.source, p.target, p.cargo, p.created - start, p.arrived - start))
            .collect();
        let mut expected = Vec::new();
        expected.extend((0..4).map(|i| (0, 1, Cargo::Activity(i), 0, 3 + i as u64)));
        expected.extend((0..3).map(|i| (2, 1, Cargo::Drive(i), 22, 25 + i as u64)));
        expected.extend((0..3).map(|i| (1, 2, Cargo::Activity(i), 28, 31 + i as u64)));
        assert_eq!(packets, expected);
    }
}

#[test]
fn fifos_are_seen_to_fill_and_empty() {
    let (_, Watcher { trails, .. }) = watched(&row_of_three(mesh(1_000)), &two_steps(), Watch::Mesh);
    let start = trails[0].cycles.start;
    let of = |fifo: usize| -> Vec<(u64, u64)> {
        let mine = trails[0].depths.iter().filter(|d| d.fifo == fifo);
        mine.map(|&Depth { cycle, packets, .. }| (cycle - start, packets)).collect()
    };
    // Four inputs enter the local FIFO of node 0 at once and leave one by one; each is in the western FIFO of
    // node 1 two cycles later, for one cycle.
    assert_eq!(of(0), [(0, 4), (1, 3), (2, 2), (3, 1), (4, 0)]);
    assert_eq!(of(5 + 4), [(2, 1), (6, 0)]);
    // Drives leave node 2 at 22, activities node 1 at 28.
    assert_eq!(of(10), [(22, 3), (23, 2), (24, 1), (25, 0)]);
    assert_eq!(of(5 + 2), [(24, 1), (27, 0)]);
    assert_eq!(of(5), [(28, 3), (29, 2), (30, 1), (31, 0)]);
    let seen: u64 =
        trails[0].depths.iter().filter(|d| ![0, 5, 7, 9, 10, 14].contains(&d.fifo)).count() as u64;
    assert_eq!(seen, 0, "no other FIFO holds anything");
    let crossings: Vec<_> = trails[0].crossings.iter().map(|c| (c.cycle - start, c.source, c.fifo)).collect();
    let expected =
        (0..4).map(|t| (t, 0, 9)).chain((22..25).map(|t| (t, 2, 7))).chain((28..31).map(|t| (t, 1, 14)));
    assert_eq!(crossings, expected.collect::<Vec<_>>());
}

#[test]
fn back_pressure_keeps_a_fifo_at_its_depth() {
    let (_, Watcher { trails, .. }) = watched(&row_of_three(mesh(1)), &two_steps(), Watch::Mesh);
    assert_eq!(trails[0].cycles.end - trails[0].cycles.start, 41);
    assert!(trails[0].depths.iter().all(|d| d.packets <= 1));
    assert_eq!(trails[0].depths, {
        let late = trails[1].cycles.start - trails[0].cycles.start;
        trails[1].depths.iter().map(|d| Depth { cycle: d.cycle - late, ..*d }).collect::<Vec<_>>()
    });
}

/// Cut layers on a crowded mesh, delays, stale values and learning: steps of many lengths.
fn crowded() -> (Params, Vec<Instruction>) {
    let mut params = bench_chip(layered(&[9, 25, 20, 12], &NeuronModel::default(), 0.1, 5));
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (5, 4, 5);
    params.hardware.router = mesh(2);
    params.hardware.send = on_change(1.0 / 256.0);
    params.learning.nudging = Nudging::Centered;
    params.network.connections[1].delay = vec![2];
    params.network.connections[2].return_delay = vec![3];
    let input = |i: u32| uniform(9, 7, i).iter().map(|x| x.abs() as f32).collect::<Vec<_>>();
    (params, (0..3).flat_map(|i| sample(&input(i), i, Nudging::Centered)).collect())
}

/// A recording on spiking neurons.
fn spiking() -> (Params, Vec<Instruction>) {
    let lif = NeuronModel::defaults().into_iter().find(|n| n.kind() == "lif").expect("the family has it");
    let populations = vec![population("input", 3, None), population("out", 2, Some(lif))];
    let connections = vec![connection(0, 1, Weights::Dense(vec![0.9; 6]), 1)];
    let network = equipoise_chip::Network { populations, connections, input: Some(0), ..Default::default() };
    let events: Vec<TimedEvent> =
        [(0, 0), (0, 2), (1, 1), (3, 0), (3, 1)].map(|(step, axon)| TimedEvent { step, axon }).to_vec();
    let program = vec![
        Instruction::Events { events: events.into(), target: None },
        Instruction::Settle { steps: Some(6) },
    ];
    (bench_chip(network), program)
}

#[test]
fn being_watched_changes_no_bit_and_no_count() {
    for (params, program) in [crowded(), spiking()] {
        let unseen = ran(&params, &program);
        for watch in [Watch::Packets, Watch::Mesh] {
            let (seen, watcher) = watched(&params, &program, watch);
            assert_eq!(seen.digest(), unseen.digest(), "{watch:?}");
            assert_eq!(seen.record(), unseen.record(), "{watch:?}");
            assert_eq!(watcher.trails.len() as u64, seen.clock().step);
        }
    }
}

#[test]
fn every_packet_of_the_record_is_seen_once_and_arrives_within_its_step() {
    let (params, program) = crowded();
    let (chip, Watcher { trails, .. }) = watched(&params, &program, Watch::Mesh);
    let packets: u64 = trails.iter().map(|trail| trail.packets.len() as u64).sum();
    let hops: u64 = trails.iter().map(|trail| trail.crossings.len() as u64).sum();
    let record = chip.record();
    assert_eq!(packets, record.events.packets);
    assert_eq!(hops, record.links.iter().map(|link| link.packets).sum::<u64>());
    assert!(packets > 1_000, "{packets}");
    for trail in &trails {
        for p in &trail.packets {
            let (hops, cycles) = chip.distance(p.source, p.target);
            assert!(
                hops > 0 && p.arrived >= p.created + cycles && trail.cycles.contains(&(p.created)),
                "{p:?}"
            );
            assert!(p.arrived <= trail.cycles.end);
        }
        let last = |fifo| trail.depths.iter().rfind(|d| d.fifo == fifo).map(|d| d.packets);
        assert!(trail.depths.iter().all(|d| d.packets <= 2 && last(d.fifo) == Some(0)));
    }
}

#[test]
fn the_lines_of_a_recording_are_named_in_the_packets_of_their_steps() {
    let (params, program) = spiking();
    let (_, Watcher { trails, .. }) = watched(&params, &program, Watch::Packets);
    let lines = |trail: &StepTrail| -> Vec<Cargo> {
        trail.packets.iter().filter(|p| p.source == 0).map(|p| p.cargo).collect()
    };
    let expected: [&[usize]; 4] = [&[0, 2, 1], &[], &[0, 1], &[]];
    for (trail, expected) in trails.iter().zip(expected) {
        assert_eq!(lines(trail), expected.iter().map(|&line| Cargo::Activity(line)).collect::<Vec<_>>());
    }
}

#[test]
fn a_synapse_is_seen_with_its_weight_and_what_its_latches_hold() {
    let mut params = row_of_three(RouterModel::default());
    params.learning.latch.window = 1;
    let (chip, _) = watched(&params, &sample(&[0.5, 0.25, 1.0, 0.0], 1, Nudging::OneSided), Watch::Nothing);
    let weights = [0, 1].map(|connection| chip.weights(connection).values());
    for (connection, (rows, columns)) in [(4, 3), (3, 2)].into_iter().enumerate() {
        for (source, target) in (0..rows).flat_map(|s| (0..columns).map(move |t| (s, t))) {
            assert_eq!(
                chip.weight(connection, source, target),
                weights[connection][source * columns + target]
            );
        }
    }
    let gain = 1.0 / params.learning.beta;
    let estimate = chip.weight_estimate(0).values();
    for source in 0..4 {
        let [nudged, free] = chip.latch(0, source, 2);
        assert!(((nudged - free) * gain - estimate[source * 3 + 2]).abs() < 1e-12, "{source}");
    }
    let [nudged, free] = chip.latch(0, 3, 0);
    assert_eq!((nudged, free), (0.0, 0.0), "a silent input leaves nothing in its latches");
    let mut program = two_steps().to_vec();
    program.push(Instruction::Latch(LatchSlot::Free));
    let (chip, _) = watched(&params, &program, Watch::Nothing);
    let mut hidden = Vec::new();
    chip.activity(1, &mut hidden);
    let unit = 1.0 / f64::from(1_u32 << params.learning.latch.bits.max(8));
    assert!((chip.latch(0, 2, 1)[1] - f64::from(0.3_f32) * hidden[1]).abs() <= unit);
}
