//! Cores without a barrier: transport time is delay, and changes the state.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{
    Free, LifParams, NeuronModel, Nudging, PerCore, RateParams, RouterModel, SendPolicy, Sync,
};
use equipoise_chip::params::{CoreKind, Mesh};
use equipoise_chip::{Connection, Machine, Network, Params, Population, Weights, build};
use equipoise_tests::delay_cases::{adder, alone, chip, follower, rate_policies, recording};
use equipoise_tests::trail::{Trail, follow, watched};
use equipoise_tests::{bench_chip, connection, layered, mesh, population, ran, sample};

const LONGEST: u32 = 1024;

fn free(period: u32, offsets: &[u32]) -> Sync {
    let offset_cycles = if offsets.is_empty() { PerCore::All(0) } else { PerCore::Each(offsets.to_vec()) };
    Sync::Free(Free { period_cycles: PerCore::All(period), offset_cycles, delay_cycles: 0 })
}

/// 4-3-2 with layers on (0,0), (1,0), (2,0), one array per layer: 33 cycles a step under a barrier on the mesh.
fn row_of_three(router: RouterModel) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = router;
    params.network.populations[1..].iter_mut().for_each(|p| p.bias = vec![0.3; p.size]);
    params
}

/// Four training samples.
fn lessons(nudging: Nudging) -> Vec<Instruction> {
    let input = |i: u32| [0.9, 0.1 * i as f32, 0.4, 1.0 - 0.2 * i as f32];
    (0..4).flat_map(|i| sample(&input(i), i % 2, nudging)).collect()
}

/// States after every step, and the weights that were learned.
fn lived(params: &Params, program: &[Instruction]) -> (Vec<Vec<Vec<f64>>>, Vec<f64>, u64) {
    let mut machine = build(params).expect("it fits");
    let trail = follow(machine.as_mut(), program, &[1, 2]);
    let weights = (0..2).flat_map(|connection| machine.weights(connection).values()).collect();
    let states = trail.steps.into_iter().map(|step| step.states).collect();
    (states, weights, machine.record().events.late)
}

#[test]
fn a_period_of_33_with_phases_0_0_5_is_the_barrier_with_delays_of_one() {
    for nudging in [Nudging::OneSided, Nudging::Centered] {
        let mut params = row_of_three(mesh(1_000));
        params.learning.nudging = nudging;
        let (states, weights, _) = lived(&params, &lessons(nudging));
        params.hardware.sync = free(33, &[0, 0, 5]);
        let (free_states, free_weights, late) = lived(&params, &lessons(nudging));
        assert_eq!(free_states, states, "the state after every step");
        assert_eq!(free_weights, weights, "what was learned");
        assert_eq!(late, 0, "every packet makes its sample");
    }
}

#[test]
fn a_period_of_28_with_equal_phases_is_the_barrier_with_activities_of_delay_two() {
    let mut params = row_of_three(mesh(1_000));
    params.network.connections[1].delay = vec![2];
    let (states, weights, _) = lived(&params, &lessons(Nudging::OneSided));
    params.network.connections[1].delay = vec![1];
    params.hardware.sync = free(28, &[]);
    let (free_states, free_weights, late) = lived(&params, &lessons(Nudging::OneSided));
    assert_eq!(free_states, states, "the state after every step");
    assert_eq!(free_weights, weights, "what was learned");
    // Every activity of the three hidden neurons misses the sample at its creation, in 4 lessons of 30 steps;
    // but those of a lesson's last step land while the controller updates.
    assert_eq!(late, 4 * 29 * 3);
}

#[test]
fn on_wires_equal_periods_are_the_barrier() {
    for nudging in [Nudging::OneSided, Nudging::Centered] {
        let mut params = row_of_three(RouterModel::default());
        params.learning.nudging = nudging;
        let (states, weights, _) = lived(&params, &lessons(nudging));
        for period in [23, 24, 100] {
            params.hardware.sync = free(period, &[]);
            assert_eq!(lived(&params, &lessons(nudging)), (states.clone(), weights.clone(), 0), "{period}");
        }
    }
}

/// Neuron 0, which a bias wakes in step 1, and a synapse of delay `delay` to neuron 1 on the core next door.
fn pair(neuron: &NeuronModel, delay: u32) -> Network {
    let weight = if matches!(neuron, NeuronModel::Rate(_)) { 0.5 } else { 1.0 };
    let one = |name| population(name, 1, Some(neuron.clone()));
    let first = Population { bias: vec![1.0], ..one("first") };
    Network {
        populations: vec![first, one("second")],
        connections: vec![connection(0, 1, Weights::Dense(vec![weight]), delay)],
        ..Network::default()
    }
}

/// The steps in which neuron 1 is awake.
fn awake(params: &Params, steps: u32, spiking: bool) -> Vec<usize> {
    let trail: Trail = watched(params, &alone(steps), &[1]);
    if spiking {
        return trail.spike_steps(0, 0);
    }
    (1..=steps as usize).filter(|&k| trail.steps[k - 1].states[0][0] != 0.0).collect()
}

/// On wires a value makes the next sample; on the mesh of equal phases it comes three cycles after it, and the
/// period decides how many samples it misses.
#[test]
fn a_value_arrives_after_its_delay_and_the_periods_it_spent_in_transport_for_every_delay() {
    for delay in 1..=LONGEST {
        for (router, missed) in [(RouterModel::default(), 0), (mesh(2), 1)] {
            for send in rate_policies() {
                let mut params = chip(pair(&follower(), delay), CoreKind::Sram);
                (params.hardware.router, params.hardware.send) = (router.clone(), send);
                params.hardware.sync = free(0, &[]);
                let first = delay as usize + missed + 1;
                assert_eq!(
                    awake(&params, delay + 4, false),
                    (first..=delay as usize + 4).collect::<Vec<_>>()
                );
            }
            let mut params = chip(pair(&adder(2 * LONGEST), delay), CoreKind::Sram);
            (params.hardware.router, params.hardware.sync) = (router.clone(), free(8, &[]));
            assert_eq!(awake(&params, delay + 4, true), [delay as usize + missed + 1], "d = {delay}");
        }
    }
}

#[test]
fn held_back_packets_miss_as_many_samples_as_their_cycles_span() {
    for delay_cycles in [0, 1, 4, 5, 12, 13, 100] {
        let mut params = chip(pair(&follower(), 1), CoreKind::Sram);
        params.hardware.router = mesh(2);
        params.hardware.sync =
            Sync::Free(Free { period_cycles: PerCore::All(8), offset_cycles: PerCore::All(0), delay_cycles });
        // One hop: three cycles from creation to arrival.
        let missed = (delay_cycles as usize + 3).div_ceil(8);
        let steps = missed + 6;
        let expected: Vec<usize> = (missed + 2..=steps).collect();
        assert_eq!(awake(&params, steps as u32, false), expected, "{delay_cycles} cycles");
    }
}

/// A sender of twice the period: the listener samples a held register twice.
#[test]
fn a_slower_sender_is_heard_twice_and_a_faster_one_every_second_time() {
    let mut params = chip(pair(&follower(), 1), CoreKind::Sram);
    let periods = |first, second| {
        Sync::Free(Free {
            period_cycles: PerCore::Each(vec![first, second]),
            offset_cycles: PerCore::All(0),
            delay_cycles: 0,
        })
    };
    // In the time of three steps of the slower core the faster makes six.
    params.hardware.sync = periods(20, 10);
    let machine = ran(&params, &alone(3));
    let updates = |machine: &dyn Machine, core: usize| {
        let book = &machine.record().cores[core];
        book.counts.iter().map(|c| c[equipoise_base::Action::NeuronUpdate]).sum::<u64>()
    };
    assert_eq!((updates(&*machine, 0), updates(&*machine, 1)), (3, 6));
    assert_eq!(machine.clock().cycle, 60);
    params.hardware.sync = periods(10, 20);
    let machine = ran(&params, &alone(3));
    assert_eq!((updates(&*machine, 0), updates(&*machine, 1)), (6, 3));
    params.hardware.sync = periods(10, 15);
    let machine = ran(&params, &alone(3));
    assert_eq!((updates(&*machine, 0), updates(&*machine, 1)), (4, 3), "four tens fit into 45");
    assert_eq!(machine.clock().cycle, 45);
}

/// Layers cut over several cores on a narrow mesh with shallow FIFOs, recurrent, with many kinds of delay.
fn uneven(seed: u64) -> Params {
    let mut params = bench_chip(layered(&[9, 25, 20, 12], &NeuronModel::default(), 0.1, seed));
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (5, 4, 24);
    params.hardware.router = mesh(1);
    params.network.connections[1].delay = vec![2];
    params.network.connections[2].return_delay = vec![3];
    params.network.connections.push(Connection {
        symmetric: true,
        ..connection(1, 1, Weights::Dense(equipoise_tests::uniform(625, seed, 7)), 1)
    });
    params.hardware.sync = free(0, &[]);
    params
}

fn uneven_program() -> Vec<Instruction> {
    let input = |i: u32| [0.9, 0.1, 0.0, 0.4, 0.2, 0.7, 0.3, 0.5, 0.1 * i as f32];
    (0..3).flat_map(|i| sample(&input(i), i, Nudging::default())).collect()
}

#[test]
fn the_order_of_evaluation_and_threads_decide_nothing() {
    let params = uneven(4);
    let first = ran(&params, &uneven_program());
    let cores = first.record().cores.len();
    let mut other = build(&params).expect("it fits");
    other.set_core_order(&(0..cores).rev().collect::<Vec<_>>());
    other.set_threads(2);
    follow(other.as_mut(), &uneven_program(), &[]);
    assert_eq!(first.digest(), other.digest());
    assert_eq!(first.record(), other.record());
    assert!(first.record().events.late > 0, "a congested mesh delivers late");
}

#[test]
fn congestion_changes_the_state_where_a_barrier_would_only_wait() {
    let states = |depth: u32, sync: &Sync| {
        let mut params = uneven(4);
        params.hardware.router = mesh(depth);
        params.hardware.sync = sync.clone();
        watched(&params, &uneven_program(), &[1, 2, 3])
            .steps
            .into_iter()
            .map(|s| s.states)
            .collect::<Vec<_>>()
    };
    let barrier = Sync::default();
    assert_eq!(states(1, &barrier), states(8, &barrier));
    assert_ne!(states(1, &free(0, &[])), states(8, &free(0, &[])));
}

#[test]
fn books_balance_and_what_is_under_way_at_the_end_is_said_to_be() {
    for seed in 0..4 {
        let params = uneven(seed);
        let record = ran(&params, &uneven_program()).record();
        let events = &record.events;
        let count = |action| -> u64 {
            record.cores.iter().flat_map(|core| &core.counts).map(|counts| counts[action]).sum()
        };
        assert_eq!(events.fan_out_total, count(equipoise_base::Action::EventEmit));
        // Handed over to a core, some values were on its lines when a sample ended.
        let lost: u64 = events.dropped.values().sum();
        assert_eq!(events.fan_out_total, events.delivered + events.in_flight + lost);
        assert_eq!(events.delivered + lost, count(equipoise_base::Action::EventDeliver));
        assert_eq!(events.dropped.keys().collect::<Vec<_>>(), ["overtaken", "sample_ended"]);
        assert_eq!(
            count(equipoise_base::Action::PacketHop),
            record.links.iter().map(|link| link.packets).sum::<u64>()
        );
    }
}

/// The fixed point does not know how it was reached.
#[test]
fn a_free_chip_settles_where_a_barrier_settles() {
    let mut params = row_of_three(mesh(1));
    for connection in &mut params.network.connections {
        if let Weights::Dense(weights) = &mut connection.weights {
            weights.iter_mut().for_each(|w| *w *= 0.3);
        }
    }
    let program = [
        Instruction::Present { input: [0.9, 0.1, 0.5, 1.0].into(), target: None },
        Instruction::Settle { steps: Some(400) },
    ];
    let last =
        |params: &Params| watched(params, &program, &[1, 2]).steps.pop().expect("a step").states.concat();
    let barrier = last(&params);
    for (period, offsets) in [(0, vec![]), (23, vec![3, 11, 0]), (57, vec![])] {
        params.hardware.sync = free(period, &offsets);
        for (with, without) in last(&params).iter().zip(&barrier) {
            assert!((with - without).abs() <= 8.0 / f64::from(1 << 24), "{with} and {without}");
        }
    }
}

#[test]
fn a_recording_plays_at_the_pace_of_its_core() {
    let network = Network {
        populations: vec![population("keys", 2, None), population("sum", 1, Some(adder(0)))],
        connections: vec![Connection {
            delay: vec![2, 5],
            ..connection(0, 1, Weights::Dense(vec![0.6, 0.6]), 1)
        }],
        input: Some(0),
        ..Network::default()
    };
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let mut params = chip(network.clone(), kind);
        params.hardware.sync = free(0, &[]);
        let spikes = |params: &Params, events: &[(u32, u32)]| {
            watched(params, &recording(events, 40), &[1]).spike_steps(0, 0)
        };
        assert_eq!(spikes(&params, &[(0, 0), (0, 1)]), [5], "as under a barrier, on wires");
        assert_eq!(spikes(&params, &[(0, 0), (3, 0)]), [5], "the second of 0.6 comes at 3 + 2");
        params.hardware.router = mesh(2);
        // What was loaded is there; what plays later crosses the mesh and misses one sample.
        assert_eq!(spikes(&params, &[(0, 0), (3, 0)]), [6]);
    }
}

#[test]
fn what_cannot_run_without_a_barrier_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut Params)| {
        let mut params = row_of_three(mesh(4));
        params.hardware.sync = free(0, &[]);
        change(&mut params);
        match build(&params) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(refused(&|_| ()), "");
    assert_eq!(
        refused(&|params| params.hardware.sync = free(22, &[])),
        "core 2 needs 23 cycles for a step, and `hardware.sync.period_cycles` gives it 22; accepted: 23 or more, or 0 for as few as possible"
    );
    assert_eq!(
        refused(&|params| params.hardware.sync = free(33, &[0, 5])),
        "`hardware.sync.offset_cycles` has 2 numbers for 3 cores; accepted: one number for all, or 3"
    );
    assert!(
        refused(&|params| params.hardware.neuron.update_cycles = 0).contains("hardware.neuron.update_cycles")
    );
}

/// The default policy of sending is not the only one that runs free.
#[test]
fn spiking_networks_and_sparse_sending_run_free() {
    let lif = NeuronModel::Lif(LifParams::default());
    let rate = NeuronModel::Rate(RateParams::default());
    for (neuron, policy) in [(lif, SendPolicy::default()), (rate, equipoise_tests::on_change(1.0 / 64.0))] {
        let bias = |n| equipoise_tests::uniform(n, 5, 9).iter().map(|b| 0.8 + 0.5 * b).collect();
        let free_population =
            |name, n| Population { bias: bias(n), ..population(name, n, Some(neuron.clone())) };
        let network = Network {
            populations: vec![free_population("a", 12), free_population("b", 9)],
            connections: vec![
                connection(0, 1, Weights::Dense(equipoise_tests::uniform(108, 3, 1)), 2),
                connection(1, 0, Weights::Dense(equipoise_tests::uniform(108, 3, 2)), 1),
                connection(0, 0, Weights::Dense(equipoise_tests::uniform(144, 3, 3)), 1),
            ],
            ..Network::default()
        };
        let mut params = chip(network, CoreKind::Sram);
        params.hardware.core.neurons = 5;
        params.hardware.send = policy;
        let trail = |params: &Params| {
            let steps = watched(params, &alone(60), &[0, 1]).steps;
            steps.into_iter().map(|step| (step.states, step.spikes)).collect::<Vec<_>>()
        };
        let barrier = trail(&params);
        params.hardware.sync = free(2_000, &[]);
        assert_eq!(trail(&params), barrier, "on wires, with time enough for every read");
    }
}
