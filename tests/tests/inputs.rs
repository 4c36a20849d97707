//! What enters the chip: presentations, recordings, and clamped populations that keep their values.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{LifParams, NeuronModel};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Network, Params, Population, Unobserved, Weights, build};
use equipoise_tests::delay_cases::{follower, recording};
use equipoise_tests::trail::{follow, watched};
use equipoise_tests::{bench_chip, connection, on_change, population};

/// Two input lines of weights 1/2 and 1/4 to one neuron; delay of the axons.
fn two_lines(neuron: NeuronModel, delay: u32) -> Params {
    let network = Network {
        populations: vec![population("lines", 2, None), population("sum", 1, Some(neuron))],
        connections: vec![connection(0, 1, Weights::Dense(vec![0.5, 0.25]), delay)],
        input: Some(0),
        ..Network::default()
    };
    bench_chip(network)
}

/// A rate neuron sees a recorded spike for one step, `delay` steps after it; before step 0 the lines were
/// silent. Holding the drive of clamped inputs must not freeze it, nor must the way a core keeps its delays.
#[test]
fn a_recording_drives_a_rate_neuron_spike_by_spike() {
    let events = [(0, 0), (3, 0), (3, 1), (4, 1)];
    for delay in [1, 2, 4] {
        let mut expected = vec![0.0; 12];
        for (step, line) in events {
            expected[(step + delay) as usize - 1] += if line == 0 { 0.5 } else { 0.25 };
        }
        for hold_clamped in [false, true] {
            for kind in [CoreKind::Analog, CoreKind::Sram] {
                for by_synapse in [false, true] {
                    for send in [Default::default(), on_change(0.5)] {
                        let mut params = two_lines(follower(), delay);
                        if by_synapse {
                            let edge = |(source, weight)| Edge { source, target: 0, weight, delay };
                            let edges = [(0, 0.5), (1, 0.25)].map(edge).to_vec();
                            params.network.connections = vec![connection(0, 1, Weights::Edges(edges), 1)];
                        }
                        params.hardware.hold_clamped = hold_clamped;
                        (params.hardware.core.kind, params.hardware.send) = (kind, send);
                        let what = format!("d = {delay}, hold {hold_clamped}, {}, {by_synapse}", kind.word());
                        let mut chip = build(&params).expect("it fits");
                        for _ in 0..2 {
                            let trail = follow(chip.as_mut(), &recording(&events, 12), &[1]);
                            assert_eq!(trail.state_of(0, 0), expected, "{what}");
                            // A presentation in between leaves nothing behind.
                            let present = Instruction::Present { input: [1.0, 1.0].into(), target: None };
                            let settle = Instruction::Settle { steps: Some(6) };
                            let held = follow(chip.as_mut(), &[present, settle], &[1]).state_of(0, 0);
                            assert_eq!(held, [0.75; 6], "{what}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_clamped_population_that_is_not_the_input_keeps_its_values() {
    let mut params = two_lines(follower(), 1);
    let context = Population { start: vec![0.5, 1.0, 0.0], ..population("context", 3, None) };
    params.network.populations.push(context);
    params.network.connections.push(connection(2, 1, Weights::Dense(vec![0.25, 0.125, 1.0]), 1));
    for hold_clamped in [false, true] {
        params.hardware.hold_clamped = hold_clamped;
        let program = [
            Instruction::Present { input: [1.0, 0.0].into(), target: None },
            Instruction::Settle { steps: Some(3) },
            Instruction::Present { input: [0.0, 1.0].into(), target: None },
            Instruction::Settle { steps: Some(3) },
        ];
        let trail = watched(&params, &program, &[1]);
        let (first, second) = (0.5 + 0.25, 0.25 + 0.25);
        assert_eq!(trail.state_of(0, 0), [first, first, first, second, second, second]);
    }
}

/// Lines that only spiking neurons listen to carry spikes; a value has no place on them.
#[test]
fn values_for_lines_that_carry_spikes_are_refused() {
    let mut chip = build(&two_lines(NeuronModel::Lif(LifParams::default()), 1)).expect("it fits");
    let present = Instruction::Present { input: [0.3, 0.9].into(), target: None };
    let refusal = chip.execute(&present, &mut Unobserved).expect_err("values on spike lines").to_string();
    assert!(refusal.contains("spikes") && refusal.contains("accepted: `events`"), "{refusal}");
}
