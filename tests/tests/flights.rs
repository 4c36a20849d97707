//! Values that are under way when something ends: what is on a line then is not delivered.

use equipoise_base::Instruction;
use equipoise_base::instruction::TimedEvent;
use equipoise_base::record::EventBook;
use equipoise_chip::catalog::{Free, NeuronModel, Nudging, PerCore, RouterModel, Sync};
use equipoise_chip::params::{BetweenSamples, CoreKind};
use equipoise_chip::{Connection, DelayRules, Edge, Network, Params, Weights};
use equipoise_tests::delay_cases::{adder, chip, recording};
use equipoise_tests::{bench_chip, connection, layered, mesh, population, ran, sample};

/// Without a barrier; every core steps in the same cycles.
fn free() -> Sync {
    Sync::Free(Free { period_cycles: PerCore::All(200), ..Free::default() })
}

fn events(params: &Params, program: &[Instruction]) -> EventBook {
    let events = ran(params, program).record().events;
    let ended = events.delivered + events.in_flight + events.dropped.values().sum::<u64>();
    assert_eq!(events.fan_out_total, ended, "{events:?}");
    events
}

fn dropped(events: &EventBook) -> Vec<(&str, u64)> {
    events.dropped.iter().map(|(reason, &values)| (&reason[..], values)).collect()
}

/// Input lines whose spikes one neuron hears after `delays`, kept in the axons or with the synapses.
fn keys(delays: &[u32], kind: CoreKind, by_synapse: bool) -> Params {
    let lines = delays.len();
    let edge =
        |(source, &delay): (usize, &u32)| Edge { source: source as u32, target: 0, weight: 0.5, delay };
    let synapses = if by_synapse {
        connection(0, 1, Weights::Edges(delays.iter().enumerate().map(edge).collect()), 1)
    } else {
        Connection { delay: delays.to_vec(), ..connection(0, 1, Weights::Dense(vec![0.5; lines]), 1) }
    };
    let network = Network {
        populations: vec![population("keys", lines, None), population("sum", 1, Some(adder(0)))],
        connections: vec![synapses],
        input: Some(0),
        ..Network::default()
    };
    chip(network, kind)
}

/// The same chips with both kinds of core, of delay and of pace.
fn every_kind(delays: &[u32], check: impl Fn(&Params)) {
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        for by_synapse in [false, true] {
            let mut params = keys(delays, kind, by_synapse);
            check(&params);
            params.hardware.sync = free();
            check(&params);
        }
    }
}

#[test]
fn a_spike_that_a_sample_is_too_short_for_is_dropped_and_not_delivered() {
    let ended = |params: &Params, steps| {
        let program = [recording(&[(0, 0)], steps).to_vec(), vec![Instruction::Done]].concat();
        events(params, &program)
    };
    every_kind(&[30], |params| {
        // It is part of the drive of step 30: its register has it when step 29 has ended.
        for (steps, delivered) in [(10, 0), (28, 0), (29, 1), (40, 1)] {
            let book = ended(params, steps);
            assert_eq!((book.emitted, book.delivered, book.in_flight), (1, delivered, 0), "{steps} steps");
            let reasons = if delivered == 1 { vec![] } else { vec![("sample_ended", 1)] };
            assert_eq!(dropped(&book), reasons, "{steps} steps");
        }
    });
}

#[test]
fn before_a_sample_is_done_the_spike_is_in_flight_and_the_next_sample_loses_it() {
    every_kind(&[30], |params| {
        let under_way = recording(&[(0, 0)], 10);
        let book = events(params, &under_way);
        assert_eq!((book.delivered, book.in_flight, dropped(&book)), (0, 1, vec![]));
        // The second sample is long enough for its own spike.
        let book = events(params, &[under_way, recording(&[(0, 0)], 40)].concat());
        assert_eq!((book.delivered, book.in_flight, dropped(&book)), (1, 0, vec![("sample_ended", 1)]));
    });
}

#[test]
fn every_axon_and_every_synapse_has_its_own_time() {
    every_kind(&[1, 30, 9, 12], |params| {
        // Three spikes in step 0, those of lines 0 and 2 arrive; of two in step 3 that of line 0 does.
        let spikes = [(0, 0), (0, 1), (0, 2), (3, 0), (3, 2)];
        let book = events(params, &[recording(&spikes, 10).to_vec(), vec![Instruction::Done]].concat());
        assert_eq!((book.fan_out_total, book.delivered, dropped(&book)), (5, 3, vec![("sample_ended", 2)]));
    });
}

#[test]
fn a_line_with_several_synapses_on_a_core_is_as_late_as_the_slowest() {
    let to = |target, delay| Edge { source: 0, target, weight: 0.5, delay };
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let mut params = keys(&[1, 1], kind, true);
        params.network.populations[1].size = 4;
        params.network.connections[0].weights = Weights::Edges(vec![to(0, 2), to(1, 30), to(3, 5)]);
        let book = |params: &Params| {
            let program = [recording(&[(0, 0), (0, 1)], 10).to_vec(), vec![Instruction::Done]].concat();
            let book = events(params, &program);
            (book.fan_out_total, book.delivered, book.dropped.values().sum::<u64>())
        };
        // Line 1 has no synapse: where its packet arrives nobody waits for it.
        assert_eq!(book(&params), (2, 1, 1), "{}", kind.word());
        // On two cores: the first has the synapses of delay 2 and 30, the second that of 5.
        params.hardware.core.neurons = 2;
        assert_eq!(book(&params), (4, 3, 1), "{}", kind.word());
    }
}

#[test]
fn spikes_listed_for_later_steps_than_the_sample_has_are_dropped() {
    every_kind(&[1], |params| {
        // A line twice in a step is one spike. Step 8 is sent when the eighth step ends.
        let spikes = [(0, 0), (8, 0), (9, 0), (9, 0), (400, 0)];
        let book = events(params, &recording(&spikes, 8));
        assert_eq!((book.emitted, book.fan_out_total, book.delivered), (4, 4, 2));
        assert_eq!(dropped(&book), [("not_played", 2)]);
        // One recording after the other, the first of which is not played at all.
        let unheard =
            [Instruction::Events { events: [TimedEvent { step: 0, axon: 0 }].into(), target: None }];
        let book = events(params, &[&unheard[..], &recording(&[(0, 0)], 8)].concat());
        assert_eq!((book.emitted, book.delivered), (2, 1));
        assert_eq!(dropped(&book), [("not_played", 1)]);
    });
}

/// 4-6-3 with hidden neurons on two cores and outputs on one; activities of the hidden layer take `delay` steps.
fn late(delay: u32, multicast: bool) -> Params {
    let mut params = bench_chip(layered(&[4, 6, 3], &NeuronModel::default(), 0.1, 5));
    params.hardware.hold_clamped = true;
    params.hardware.core.neurons = 3;
    params.hardware.router = mesh(4);
    if let RouterModel::Mesh(mesh) = &mut params.hardware.router {
        mesh.multicast = multicast;
    }
    params.network.connections[1].delay = vec![delay];
    params
}

/// The same chip without a barrier, on wires.
fn without_barrier(mut params: Params) -> Params {
    (params.hardware.router, params.hardware.sync) = (RouterModel::default(), free());
    params
}

const INPUT: [f32; 4] = [0.75, 0.25, 0.5, 1.0];

fn lessons(count: u32) -> Vec<Instruction> {
    (0..count).flat_map(|i| sample(&INPUT, i % 3, Nudging::OneSided)).collect()
}

#[test]
fn rate_values_on_lines_are_lost_sample_by_sample() {
    for params in [late(5, false), late(5, true), without_barrier(late(5, false))] {
        // 30 steps a sample: 6 activities to a core, 6 drives back; 4 inputs to two cores, once.
        let book = events(&params, &lessons(3));
        assert_eq!((book.fan_out_total, book.in_flight), (3 * (30 * (6 + 6) + 4 * 2), 0));
        // The values of the last four steps are still on their lines when a sample ends.
        assert_eq!(dropped(&book), [("sample_ended", 3 * 4 * 6)]);
        let mut carried = params;
        carried.phases.between_samples = BetweenSamples::Carry;
        let book = events(&carried, &lessons(3));
        assert_eq!((book.in_flight, dropped(&book)), (4 * 6, vec![]), "what carries over stays under way");
    }
}

#[test]
fn without_a_barrier_packets_and_lines_are_under_way_together() {
    let mut params = without_barrier(late(5, false));
    params.hardware.router = mesh(4);
    let book = events(&params, &lessons(3));
    // A packet misses the sample at its creation and is on its line a step later. The next sample waits for the last
    // packets, which land beside those of the step before and take their place. When the third sample is done they
    // have not landed.
    let lost = vec![("overtaken", 2 * 6), ("sample_ended", 3 * 4 * 6)];
    assert_eq!((book.in_flight, dropped(&book)), (6, lost));
}

#[test]
fn inputs_that_are_sent_again_at_every_step_are_on_their_lines_too() {
    let again = |mut params: Params| {
        params.network.connections[0].delay = vec![3];
        params.hardware.hold_clamped = false;
        let present = Instruction::Present { input: INPUT.into(), target: None };
        let book = events(&params, &[present, Instruction::Settle { steps: Some(10) }, Instruction::Done]);
        book.dropped["sample_ended"]
    };
    // What is loaded is there at once; what is sent again takes three steps, to both hidden cores. Without a barrier
    // inputs are sent when a step begins.
    assert_eq!(again(late(1, false)), 2 * 4 * 2);
    assert_eq!(again(without_barrier(late(1, false))), 4 * 2);
}

#[test]
fn a_restart_loses_what_left_since_the_free_phase() {
    for mut params in [late(5, false), without_barrier(late(5, false))] {
        params.learning.nudging = Nudging::Centered;
        let book = events(&params, &sample(&INPUT, 1, Nudging::Centered));
        // The last four steps of the first nudged phase are overwritten by the shadow registers; what these hold was sent
        // once and arrives again. The last four steps of the second are under way when the sample ends.
        assert_eq!(dropped(&book), [("restarted", 4 * 6), ("sample_ended", 4 * 6)]);
        assert_eq!(book.fan_out_total, 40 * (6 + 6) + 4 * 2);
        // A nudged phase shorter than the delay: what left before it, and is saved, is not lost with it.
        params.phases.nudged_steps = 2;
        let book = events(&params, &sample(&INPUT, 1, Nudging::Centered));
        assert_eq!(dropped(&book), [("restarted", 2 * 6), ("sample_ended", 4 * 6)]);
    }
}

#[test]
fn a_value_that_a_faster_one_overtakes_never_arrives() {
    let mut params = late(6, false);
    params.delay_rules =
        vec![DelayRules::default(), DelayRules { nudged: [vec![2], vec![]], ..DelayRules::default() }];
    let book = events(&params, &sample(&INPUT, 1, Nudging::OneSided));
    // Free steps 16 to 20 are under way with 22 to 26 as their ends. Nudged step 21 ends at 23: it overtakes those of 23
    // to 26, not that of 22. Step 30 is under way when the sample ends.
    assert_eq!(dropped(&book), [("overtaken", 4 * 6), ("sample_ended", 6)]);
}
