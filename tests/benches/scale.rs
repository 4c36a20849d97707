//! Large chips: from a thousand to a million LIF neurons with a hundred synapses each, a hundred steps at one
//! per cent activity, with mesh timing and full counting. Prints the processor time of loading and running,
//! synaptic events per second, and bytes per synapse; cost should grow linearly.
//!
//! `cargo bench -p equipoise-tests --bench scale` runs up to 100,000 neurons; `-- --million` goes on to a million.
//! With MALLOC_MMAP_THRESHOLD_=65536, so that glibc gives freed memory back at once, `-- --rate` says instead what rate
//! networks hold for a synapse.

mod clock;

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{LifParams, NeuronModel, Nudging, UpdateScheme};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Network, Params, Population, Unobserved, Weights, build};
use equipoise_crossbar::DeviceModel;
use equipoise_device::models::{ideal, soft_bounds};
use equipoise_neuron::Integrator;
use equipoise_tests::{bench_chip, connection, layered, mesh, population, sample};

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

/// A line of what the system says about this process, in bytes; 0 where the system does not say. `VmHWM` is the most
/// memory that it has had, `VmRSS` what it has.
fn memory_bytes(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// What a chip that has learned a sample holds for each synapse of a rate network with product latches, all
/// else of the chip included, its description left out.
fn rate_networks() {
    const LAYERS: [usize; 3] = [2048, 2048, 1024];
    let synapses = (LAYERS[0] * LAYERS[1] + LAYERS[1] * LAYERS[2]) as f64;
    let exact = DeviceModel::Ideal(ideal::Params { w_max: 2.0, weight_bits: 16 });
    let pulsed = DeviceModel::SoftBounds(soft_bounds::Params::default());
    for (name, device, update) in [
        ("16-bit ideal cells, written digitally", exact, UpdateScheme::PulsesRounded),
        ("soft-bounds cells, rounded pulses", pulsed.clone(), UpdateScheme::PulsesRounded),
        ("soft-bounds cells, accumulators", pulsed, UpdateScheme::Accumulator),
    ] {
        let mut params = bench_chip(layered(&LAYERS, &NeuronModel::default(), 0.01, 1));
        params.hardware.device = device;
        params.hardware.activity_bits = 8;
        params.hardware.core.neurons = 2048;
        params.hardware.core.arrays = 1024;
        params.learning.update = Some(update);
        (params.phases.free_steps, params.phases.nudged_steps) = (4, 2);
        let before = memory_bytes("VmRSS:");
        let mut chip = build(&params).expect("it fits");
        for instruction in sample(&vec![0.5; LAYERS[0]], 1, Nudging::OneSided) {
            chip.execute(&instruction, &mut Unobserved).expect("the program fits");
        }
        let bytes = (memory_bytes("VmRSS:") - before) as f64 / synapses;
        println!("{LAYERS:?}, {name}: {bytes:.1} B/synapse, digest {:016x}", chip.digest());
    }
}

fn main() {
    if std::env::args().any(|word| word == "--rate") {
        return rate_networks();
    }
    let sizes: &[u32] = if std::env::args().any(|word| word == "--million") {
        &[1_000, 10_000, 100_000, 1_000_000]
    } else {
        &[1_000, 10_000, 100_000]
    };
    println!(" neurons  cores    load_s     run_s  spikes/step  events/s    B/synapse  peak_GiB  digest");
    for &neurons in sizes {
        let start = clock::now_s();
        let mut params = Params { network: network(neurons), seed: 1, ..Params::default() };
        params.hardware.core.kind = CoreKind::Sram;
        params.hardware.core.neurons = PER_CORE;
        params.hardware.router = mesh(8);
        let mut chip = build(&params).expect("it fits");
        let loaded = clock::now_s() - start;
        let start = clock::now_s();
        for instruction in [
            Instruction::Present { input: [].into(), target: None },
            Instruction::Settle { steps: Some(STEPS) },
        ] {
            chip.execute(&instruction, &mut Unobserved).expect("the program fits");
        }
        let run = clock::now_s() - start;
        let spikes = chip.meter().counts[Action::Spike];
        let events = spikes as f64 * f64::from(FAN_OUT);
        let (synapses, peak) = (u64::from(neurons * FAN_OUT), memory_bytes("VmHWM:"));
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
