//! Workload A: a thousand integer leaky integrate-and-fire neurons on a whole digital chip, spike by spike the
//! naive loop. The net follows from one SplitMix64 stream; integers are in units of 1/64.

use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{LifParams, NeuronModel};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Network, Observer, Params, Population, View, Weights, build};
use equipoise_neuron::{Fires, Integrator};
use equipoise_tests::{bench_chip, connection, mesh, population};

const NEURONS: usize = 1_000;
const FAN_OUT: usize = 100;
const STEPS: usize = 1_000;
const THRESHOLD: i32 = 1_024;
const UNIT: f64 = 1.0 / 64.0;

/// How many spikes there were and the hash of all (step, neuron) pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Raster {
    spikes: u64,
    hash: u64,
}

impl Raster {
    const EMPTY: Self = Self { spikes: 0, hash: 0xcbf2_9ce4_8422_2325 };

    fn spike(&mut self, step: usize, neuron: usize) {
        self.spikes += 1;
        self.hash = (self.hash ^ ((step as u64) << 32 | neuron as u64)).wrapping_mul(0x0100_0000_01b3);
    }
}

/// The `n`-th draw of the workload.
fn draw(n: u64) -> u64 {
    let mut z = 20_250_101_u64.wrapping_add((n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Target and delay of synapse `synapse` of neuron `source`.
fn synapse(source: usize, synapse: usize, longest: usize) -> (usize, usize) {
    let r = draw((source * FAN_OUT + synapse) as u64);
    let other = ((r >> 32) % (NEURONS as u64 - 1)) as usize;
    (other + usize::from(other >= source), 1 + (r & 0xffff_ffff) as usize % longest)
}

/// One source in five inhibits, four times as strongly as the others excite.
fn weight(source: usize) -> i32 {
    if source % 5 == 4 { -128 } else { 32 }
}

fn bias(neuron: usize) -> i32 {
    48 + ((draw((1 << 40) + neuron as u64) >> 32) % 65) as i32
}

/// One loop over 32-bit integers that shares nothing with the chip.
fn naive(longest: usize) -> Raster {
    let slots = longest + 1;
    let (mut v, mut due) = (vec![0_i32; NEURONS], vec![0_i32; NEURONS * slots]);
    let mut raster = Raster::EMPTY;
    for step in 1..=STEPS {
        let now = step % slots * NEURONS;
        let mut fired = Vec::new();
        for i in 0..NEURONS {
            v[i] = v[i] * 15 / 16 + bias(i) + std::mem::take(&mut due[now + i]);
            if v[i] > THRESHOLD {
                v[i] = 0;
                fired.push(i);
            }
        }
        for source in fired {
            raster.spike(step, source);
            for (target, delay) in (0..FAN_OUT).map(|k| synapse(source, k, longest)) {
                due[(step + delay) % slots * NEURONS + target] += weight(source);
            }
        }
    }
    raster
}

/// The same net on SRAM tables of cores with `neurons_per_core` neurons.
fn chip(longest: usize, neurons_per_core: u32) -> Params {
    let lif = NeuronModel::Lif(LifParams {
        integrator: Integrator::Shift,
        fires: Fires::Above,
        threshold: f64::from(THRESHOLD) * UNIT,
        state_bits: 6,
        ..LifParams::default()
    });
    let edge = |source: usize, k: usize| {
        let (target, delay) = synapse(source, k, longest);
        let weight = f64::from(weight(source)) * UNIT;
        Edge { source: source as u32, target: target as u32, weight, delay: delay as u32 }
    };
    let edges = (0..NEURONS).flat_map(|i| (0..FAN_OUT).map(move |k| edge(i, k))).collect();
    let net = Population {
        bias: (0..NEURONS).map(|i| f64::from(bias(i)) * UNIT).collect(),
        ..population("net", NEURONS, Some(lif))
    };
    let recurrent = connection(0, 0, Weights::Edges(edges), 1);
    let network = Network { populations: vec![net], connections: vec![recurrent], ..Network::default() };
    let mut params = bench_chip(network);
    params.hardware.core.kind = CoreKind::Sram;
    params.hardware.core.neurons = neurons_per_core;
    // Nine bits over +-2 hold -2 and 1/2 exactly.
    (params.hardware.table.weight_bits, params.hardware.table.weight_range) = (9, 2.0);
    params.hardware.router = mesh(4);
    params
}

struct Watch {
    step: usize,
    raster: Raster,
    spikes: Vec<usize>,
}

impl Observer for Watch {
    fn step(&mut self, view: &dyn View) {
        self.step += 1;
        view.spikes(0, &mut self.spikes);
        self.spikes.iter().for_each(|&neuron| self.raster.spike(self.step, neuron));
    }
}

#[test]
fn every_spike_of_a_thousand_neurons_on_four_cores_is_the_naive_loops() {
    // Spikes and hashes of 1,000 neurons and 1,000 steps; those of D = 6 are published with the workload.
    for (longest, spikes, hash) in [
        (1, 46_106, 0xaec5_e915_36fa_84ef),
        (6, 45_948, 0x929b_d3bf_bbc2_3c00),
        (8, 45_796, 0xfbf9_8662_6930_23f6),
    ] {
        let expected = Raster { spikes, hash };
        assert_eq!(naive(longest), expected, "the loop itself, D = {longest}");
        for (neurons_per_core, cores) in [(1_000, 1), (250, 4), (300, 4)] {
            let mut chip = build(&chip(longest, neurons_per_core)).expect("it fits");
            let mut watch = Watch { step: 0, raster: Raster::EMPTY, spikes: Vec::new() };
            for instruction in [
                Instruction::Present { input: [].into(), target: None },
                Instruction::Settle { steps: Some(STEPS as u32) },
            ] {
                chip.execute(&instruction, &mut watch).expect("the program fits");
            }
            assert_eq!(watch.raster, expected, "D = {longest}, {neurons_per_core} neurons per core");
            let record = chip.record();
            assert_eq!(record.cores.len(), cores);
            assert_eq!(record.count(Action::Spike), spikes);
            assert_eq!(record.count(Action::NeuronUpdate), (NEURONS * STEPS) as u64);
            assert_eq!(record.events.emitted, spikes);
            assert_eq!(
                record.count(Action::EventDeliver),
                spikes * (cores as u64 - 1),
                "to every other core"
            );
        }
    }
}

#[test]
fn packets_carried_together_take_the_cycles_and_links_of_packets_hop_by_hop() {
    for (longest, neurons_per_core) in [(6, 63), (1, 250)] {
        let params = chip(longest, neurons_per_core);
        let [together, hop_by_hop] = [true, false].map(|reuse| {
            let mut chip = build(&params).expect("it fits");
            chip.reuse_schedules(reuse);
            for instruction in [
                Instruction::Present { input: [].into(), target: None },
                Instruction::Settle { steps: Some(150) },
            ] {
                chip.execute(&instruction, &mut equipoise_chip::Unobserved).expect("the program fits");
            }
            chip
        });
        assert!(together.record().links.iter().all(|link| link.packets > 0), "every link is used");
        assert_eq!(together.record(), hop_by_hop.record());
        assert_eq!(together.digest(), hop_by_hop.digest());
    }
}
