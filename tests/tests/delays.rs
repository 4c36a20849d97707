//! Axonal delays: what leaves in step k is part of the drive that makes the state of step k + d.

use equipoise_base::Instruction;
use equipoise_base::instruction::Target;
use equipoise_chip::catalog::{NeuronModel, RouterModel};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{
    Connection, DelayRules, DistanceDelay, Edge, Network, Observer, Params, Population, View, Weights, build,
};
use equipoise_tests::delay_cases::{adder, alone, chip, follower, rate_policies};
use equipoise_tests::trail::watched;
use equipoise_tests::{connection, mesh, population};

const LONGEST: u32 = 1024;

/// Where the delay between two neurons is kept.
#[derive(Clone, Copy, Debug)]
enum Kept {
    /// In the axons of the connection.
    Axon,
    /// With the synapse.
    Synapse,
    /// In the returned direction of a symmetric synapse that leads the other way.
    Return,
}

/// Neuron 0, which a bias wakes in step 1, and a synapse of weight 1/2 (or one, for spikes) to neuron 1.
fn two_neurons(neuron: &NeuronModel, kept: Kept, delay: u32) -> Network {
    let weight = if matches!(neuron, NeuronModel::Rate(_)) { 0.5 } else { 1.0 };
    let alone = |name| population(name, 1, Some(neuron.clone()));
    let edge = |delay| Weights::Edges(vec![Edge { source: 0, target: 0, weight, delay }]);
    let synapse = match kept {
        Kept::Axon => connection(0, 1, Weights::Dense(vec![weight]), delay),
        Kept::Synapse => connection(0, 1, edge(delay), 1),
        Kept::Return => Connection {
            symmetric: true,
            return_delay: vec![delay],
            ..connection(1, 0, Weights::Dense(vec![weight]), 1)
        },
    };
    let first = Population { bias: vec![1.0], ..alone("first") };
    Network { populations: vec![first, alone("second")], connections: vec![synapse], ..Network::default() }
}

/// Remembers in which steps neuron 1 was not at zero: its state, or its spike.
#[derive(Default)]
struct Awake {
    step: u64,
    spiking: bool,
    steps: Vec<u64>,
    states: Vec<f64>,
    spikes: Vec<usize>,
}

impl Observer for Awake {
    fn step(&mut self, view: &dyn View) {
        self.step += 1;
        view.state(1, &mut self.states);
        view.spikes(1, &mut self.spikes);
        if if self.spiking { !self.spikes.is_empty() } else { self.states[0] != 0.0 } {
            self.steps.push(self.step);
        }
    }
}

/// The steps in which neuron 1 is awake, out of delay + 3.
fn awake(params: &Params, delay: u32, spiking: bool) -> Vec<u64> {
    let mut observer = Awake { spiking, ..Awake::default() };
    let mut chip = build(params).expect("it fits");
    let program = alone(delay + 3);
    for instruction in &program {
        chip.execute(instruction, &mut observer).expect("the program fits");
    }
    observer.steps
}

#[test]
fn a_value_arrives_exactly_d_steps_later_for_every_d_whatever_the_router_and_the_policy() {
    for delay in 1..=LONGEST {
        for router in [RouterModel::default(), mesh(2)] {
            for send in rate_policies() {
                let mut params = chip(two_neurons(&follower(), Kept::Axon, delay), CoreKind::Analog);
                (params.hardware.router, params.hardware.send) = (router.clone(), send);
                let d = u64::from(delay);
                assert_eq!(awake(&params, delay, false), [d + 1, d + 2, d + 3], "d = {d}, {router:?}");
            }
        }
    }
}

#[test]
fn a_spike_arrives_once_exactly_d_steps_later_for_every_d_whatever_the_router() {
    for delay in 1..=LONGEST {
        for router in [RouterModel::default(), mesh(2)] {
            // Neuron 0 fires in step 1 and rests for good.
            let mut params = chip(two_neurons(&adder(2 * LONGEST), Kept::Axon, delay), CoreKind::Analog);
            params.hardware.router = router.clone();
            assert_eq!(awake(&params, delay, true), [u64::from(delay) + 1], "d = {delay}, {router:?}");
        }
    }
}

#[test]
fn it_does_so_wherever_the_delay_is_kept_and_on_both_kinds_of_core() {
    for delay in 1..=LONGEST {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            for kept in [Kept::Axon, Kept::Synapse, Kept::Return] {
                let d = u64::from(delay);
                let held = awake(&chip(two_neurons(&follower(), kept, delay), kind), delay, false);
                assert_eq!(held, [d + 1, d + 2, d + 3], "d = {d}, {kept:?}, {}", kind.word());
                let spiking = chip(two_neurons(&adder(2 * LONGEST), kept, delay), kind);
                assert_eq!(awake(&spiking, delay, true), [d + 1], "d = {d}, {kept:?}, {}", kind.word());
            }
        }
    }
}

#[test]
fn delays_of_single_axons_are_their_own_in_both_directions() {
    let delays = [1, 5, 2, 9, 1, 7, 3, 4];
    let eight = |name| population(name, 8, Some(follower()));
    let pairs = || Weights::Dense((0..64).map(|at| if at / 8 == at % 8 { 0.5 } else { 0.0 }).collect());
    let forward = Connection { delay: delays.to_vec(), ..connection(0, 1, pairs(), 1) };
    let returned =
        Connection { symmetric: true, return_delay: delays.to_vec(), ..connection(1, 0, pairs(), 1) };
    for synapses in [forward, returned] {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            let network = Network {
                populations: vec![Population { bias: vec![1.0; 8], ..eight("first") }, eight("second")],
                connections: vec![synapses.clone()],
                ..Network::default()
            };
            let program = alone(12);
            let trail = watched(&chip(network, kind), &program, &[1]);
            for (neuron, &delay) in delays.iter().enumerate() {
                let expected: Vec<f64> = (1..=12).map(|k| if k > delay { 0.5 } else { 0.0 }).collect();
                assert_eq!(trail.state_of(0, neuron), expected, "neuron {neuron}, d = {delay}");
            }
        }
    }
}

#[test]
fn at_a_start_every_slot_of_a_delay_line_holds_the_start_state() {
    for kept in [Kept::Axon, Kept::Synapse, Kept::Return] {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            let mut network = two_neurons(&follower(), kept, 4);
            network.populations[0].bias = vec![0.0];
            network.populations[0].start = vec![0.75];
            let program = alone(5);
            let trail = watched(&chip(network, kind), &program, &[0, 1]);
            assert_eq!(trail.state_of(0, 0)[0], 0.0, "neuron 0 falls to its drive at once");
            let expected = [0.375, 0.375, 0.375, 0.375, 0.0];
            assert_eq!(trail.state_of(1, 0), expected, "{kept:?}, {}", kind.word());
        }
    }
}

#[test]
fn a_connection_without_synapses_has_no_weights_and_drives_nothing() {
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let mut network = two_neurons(&follower(), Kept::Synapse, 1);
        network.connections[0].weights = Weights::Edges(Vec::new());
        let params = chip(network, kind);
        assert_eq!(awake(&params, 5, false), [] as [u64; 0]);
        assert!(build(&params).expect("it fits").weights(0).values().iter().all(|&w| w == 0.0));
    }
}

/// Neuron 0 is nudged; neuron 1 hears half of it after 2 steps in free phases and after 5 in nudged ones.
fn changing(kept: Kept, kind: CoreKind) -> Params {
    let mut network = two_neurons(&follower(), kept, 2);
    network.populations[0].bias = vec![0.25];
    network.output = Some(0);
    let mut params = chip(network, kind);
    params.learning.beta = 0.5;
    let nudged = match kept {
        Kept::Axon => [vec![5], vec![]],
        // The synapse takes a step more than its axon.
        Kept::Synapse => [vec![4], vec![]],
        Kept::Return => [vec![], vec![5]],
    };
    params.delay_rules = vec![DelayRules { nudged, ..DelayRules::default() }];
    params
}

#[test]
fn delays_change_with_the_phase_and_what_is_in_flight_keeps_its_own() {
    let program = [
        Instruction::Present { input: [].into(), target: Some(Target::Values([1.0].into())) },
        Instruction::Settle { steps: Some(10) },
        Instruction::Nudge { index: 1, steps: Some(10) },
        Instruction::Settle { steps: Some(10) },
    ];
    for kept in [Kept::Axon, Kept::Synapse, Kept::Return] {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            let trail = watched(&changing(kept, kind), &program, &[0, 1]);
            let (nudged, heard) = (trail.state_of(0, 0), trail.state_of(1, 0));
            let (nudged, heard) = (|step: usize| nudged[step - 1], |step: usize| heard[step - 1]);
            let what = format!("{kept:?}, {}", kind.word());
            let late = |step: usize, delay: usize| heard(step) == 0.5 * nudged(step - delay);
            assert!(nudged(11) != nudged(10) && nudged(21) != nudged(20), "the nudge acts at once, {what}");
            assert!((3..=12).all(|step| late(step, 2)), "{what}");
            // In the gap before the first late value the last one is held.
            assert!((13..16).all(|step| heard(step) == heard(12)), "{what}");
            // What left in steps 11 to 17 arrives in steps 16 to 22, each at its time.
            assert!((16..=22).all(|step| late(step, 5)), "{what}");
            // What left in step 21 is faster and overtakes what left in steps 18 to 20.
            assert!((23..=30).all(|step| late(step, 2)), "{what}");
        }
    }
}

#[test]
fn delays_follow_the_way_between_cores_on_the_mesh() {
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let network = Network {
            populations: vec![
                Population { bias: vec![1.0; 2], ..population("first", 2, Some(follower())) },
                population("second", 1, Some(follower())),
            ],
            connections: vec![connection(0, 1, Weights::Dense(vec![0.5, 0.25]), 1)],
            ..Network::default()
        };
        let mut params = chip(network, kind);
        params.hardware.core.neurons = 1;
        let rule = DistanceDelay { base_steps: 1, steps_per_hop: 3.0, times: 1 };
        params.delay_rules = vec![DelayRules { distance: [Some(rule); 2], ..DelayRules::default() }];
        // Cores 0 and 1 in a row, core 2 above core 0: one hop and two, four steps and seven, from step 1.
        let heard = watched(&params, &alone(9), &[1]).state_of(0, 0);
        assert_eq!(heard, [0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.75, 0.75], "{}", kind.word());

        params.network.connections[0].symmetric = true;
        let error = build(&params).err().expect("two distances for one activity").to_string();
        assert!(error.contains("after 4 and 7 steps"), "{error}");
    }
}
