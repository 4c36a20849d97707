//! Large chips: from a thousand to a million LIF neurons with a hundred synapses each, a hundred steps at one
//! per cent activity, with mesh timing and full counting. Prints how long loading and running take, synaptic
//! events per second, and bytes per synapse; cost should grow linearly.
//!
//! `cargo bench -p equipoise-tests --bench scale` runs up to 100,000 neurons; `-- --million` goes on to a million.
#![allow(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{LifParams, NeuronModel};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Network, Params, Population, Unobserved, Weights, build};
use equipoise_neuron::Integrator;
use equipoise_tests::{connection, mesh, population};
use std::time::Instant;

const FAN_OUT: u32 = 100;
const STEPS: u32 = 100;
/// Neurons of one core; a synapse reaches as far as half a core.
const PER_CORE: u32 = 16_384;

/// Integrators that a bias lets fire once in about a hundred steps, with weak synapses to neurons near by.
fn network(neurons: u32) -> Network {
    let draw = |kind: u32, count: usize| {
        let noise = Noise::at(1, Stream::of(StreamKind::Test, kind), 0);
        (0..count as u32).map(move |lane| noise.uniform(lane))
    };
    let reach = f64::from(neurons.min(PER_CORE));
    let offsets = draw(0, (neurons * FAN_OUT) as usize);
    let edges = offsets.enumerate().map(|(at, share)| {
        let source = at as u32 / FAN_OUT;
        let offset = (share * reach) as u32 + neurons - reach as u32 / 2;
        let weight = if at % 2 == 0 { 1.0 / 1024.0 } else { -1.0 / 1024.0 };
        Edge { source, target: (source + offset) % neurons, weight, delay: 1 }
    });
    let integrator = Integrator::Shift;
    let neuron = NeuronModel::Lif(LifParams { integrator, leak_shift: 0, ..LifParams::default() });
    let all = Population {
        bias: vec![0.01; neurons as usize],
        start: draw(1, neurons as usize).collect(),
        ..population("net", neurons as usize, Some(neuron))
    };
    Network {
        connections: vec![connection(0, 0, Weights::Edges(edges.collect()), 1)],
        populations: vec![all],
        ..Network::default()
    }
}

/// The most memory that the process has had, in bytes; 0 where the system does not say.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

fn main() {
    let sizes: &[u32] = if std::env::args().any(|word| word == "--million") {
        &[1_000, 10_000, 100_000, 1_000_000]
    } else {
        &[1_000, 10_000, 100_000]
    };
    println!(" neurons  cores    load_s     run_s  spikes/step  events/s    B/synapse  peak_GiB  digest");
    for &neurons in sizes {
        let start = Instant::now();
        let mut params = Params { network: network(neurons), seed: 1, ..Params::default() };
        params.hardware.core.kind = CoreKind::Sram;
        params.hardware.core.neurons = PER_CORE;
        params.hardware.router = mesh(8);
        let mut chip = build(&params).expect("it fits");
        let loaded = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for instruction in [
            Instruction::Present { input: [].into(), target: None },
            Instruction::Settle { steps: Some(STEPS) },
        ] {
            chip.execute(&instruction, &mut Unobserved).expect("the program fits");
        }
        let run = start.elapsed().as_secs_f64();
        let spikes = chip.meter().counts[Action::Spike];
        let events = spikes as f64 * f64::from(FAN_OUT);
        let (synapses, peak) = (u64::from(neurons * FAN_OUT), peak_bytes());
        println!(
            "{neurons:8} {:6} {loaded:9.3} {run:9.3} {:12} {:9.2e} {:12.1} {:9.2}  {:016x}",
            chip.record().cores.len(),
            spikes / u64::from(STEPS),
            events / run,
            peak as f64 / synapses as f64,
            peak as f64 / f64::from(1 << 30),
            chip.digest()
        );
    }
}
