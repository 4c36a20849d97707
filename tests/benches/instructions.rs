//! Fixed small pieces of work on the main paths, for counting instructions: `tests/instructions.sh` runs them
//! under valgrind and holds the counts against `tests/instructions.csv`.
//!
//! `instructions PATH TURNS` builds what PATH names and lets it work TURNS times; no turn is the set-up alone, which
//! the script subtracts. Without arguments it prints the names of the paths. Every run prints a number that
//! depends on the results, so that no work can be left out by the compiler.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Axons, Counts, Digest, Instruction, Number, Shape, Synapses, Way};
use equipoise_chip::catalog::{Free, LifParams, NeuronModel, Nudging, PerCore, Sync};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Machine, Network, Params, Population, Unobserved, Weights, build};
use equipoise_crossbar::{Adc, Crossbar, DeviceModel, Sign};
use equipoise_device::models::soft_bounds;
use equipoise_neuron::Integrator;
use equipoise_router::models::Mesh;
use equipoise_router::transport::FOREVER;
use equipoise_router::{Extent, Packet};
use equipoise_study::Experiment;
use equipoise_tests::{bench_chip, connection, layered, mesh, population, sample, uniform};
use fixed::types::I8F24;

/// Builds something and lets it work for a number of turns; returns a digest of what came out.
type Path = fn(u64) -> u64;

const PATHS: [(&str, Path); 7] = [
    ("train-ideal", train_ideal),
    ("train-edge-rram", train_edge_rram),
    ("noisy-read", noisy_read),
    ("pulse-update", pulse_update),
    ("lif-network", lif_network),
    ("mesh-under-load", mesh_under_load),
    ("free-running", free_running),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let path = words.first().and_then(|wanted| PATHS.iter().find(|(name, _)| name == wanted));
    let turns = words.get(1).and_then(|word| word.parse().ok());
    match (path, turns) {
        (Some((_, path)), Some(turns)) => println!("{:016x}", path(turns)),
        _ => PATHS.iter().for_each(|(name, _)| println!("{name}")),
    }
}

fn execute(machine: &mut dyn Machine, program: &[Instruction]) {
    for instruction in program {
        machine.execute(instruction, &mut Unobserved).expect("the program fits");
    }
}

/// Online training: a turn is four samples with one pixel in five bright.
fn train(params: &Params, inputs: usize, turns: u64) -> u64 {
    let mut machine = build(params).expect("the chip can be built");
    for index in 0..4 * turns {
        let pixels = uniform(inputs, 5, index as u32);
        let input: Vec<f32> = pixels.iter().map(|&v| if v > 0.6 { v as f32 } else { 0.0 }).collect();
        execute(machine.as_mut(), &sample(&input, index as u32 % 10, Nudging::OneSided));
    }
    machine.digest()
}

/// 784-512-10 on a preset, 20 free and 4 nudged steps, overlaid with `hardware`.
fn preset(chip: &str, hardware: &str) -> Params {
    let text = format!(
        "chip = \"{chip}\"\n[network]\nlayers = [784, 512, 10]\n\
         [phases]\nfree_steps = 20\nnudged_steps = 4\n[hardware]\n{hardware}\n"
    );
    let table = equipoise_trace::toml_tree::parse(&text, "guard.toml").expect("the experiment is TOML");
    let experiment = Experiment::read(&table, None, None).expect("the experiment is accepted");
    experiment.params(60_000).expect("the network fits")
}

fn train_ideal(turns: u64) -> u64 {
    let hardware = "activity_bits = 16\ndevice.weight_bits = 16\nrouter.kind = \"mesh\"";
    train(&preset("ideal", hardware), 784, turns)
}

fn train_edge_rram(turns: u64) -> u64 {
    train(&preset("edge-rram", "mesh = \"auto\""), 784, turns)
}

const ARRAY: Shape = Shape { rows: 512, columns: 512 };

/// A programmed array of noisy cells with 8-bit converters.
fn array() -> Crossbar<I8F24> {
    let adc = Adc { bits: 8, noise: 0.01, gain_spread: 0.02, offset_spread: 0.005, ..Adc::default() };
    let device = DeviceModel::SoftBounds(soft_bounds::Params::default());
    let params = equipoise_crossbar::Params { device, activity_bits: 8, adc, ..Default::default() };
    params.check::<I8F24>(ARRAY).expect("the parameters are accepted");
    let mut crossbar = Crossbar::<I8F24>::new(&params, ARRAY, Sign::Any, 1, 0);
    let weights: Vec<I8F24> =
        uniform(ARRAY.rows * ARRAY.columns, 2, 0).iter().map(|w| I8F24::nearest(0.1 * w)).collect();
    crossbar.program(&weights, &mut Counts::default());
    crossbar
}

/// A turn reads 512 x 512 ten times each way, with new activities every time.
fn noisy_read(turns: u64) -> u64 {
    let (mut crossbar, mut digest) = (array(), Digest::default());
    let inputs: Vec<Vec<I8F24>> = (0..4)
        .map(|stream| uniform(512, 3, stream).iter().map(|x| I8F24::nearest(x.abs())).collect())
        .collect();
    let (mut drive, mut counts) = (vec![0; 512], Counts::default());
    for time in 0..10 * turns {
        for way in Way::BOTH {
            drive.fill(0);
            let axons = Axons::held(&inputs[time as usize % inputs.len()]);
            crossbar.read(way, axons, time, &mut drive, &mut counts);
            digest.words(drive.iter().map(|&raw| raw as u64));
        }
    }
    digest.value()
}

/// A turn asks for -3 to 3 pulses of every cell.
fn pulse_update(turns: u64) -> u64 {
    let (mut crossbar, mut digest) = (array(), Digest::default());
    let pulses: Vec<i32> = uniform(512, 4, 0).iter().map(|u| (3.5 * u) as i32).collect();
    let mut counts = Counts::default();
    for time in 0..512 * turns {
        let row = time as usize % ARRAY.rows;
        crossbar.pulse_row(row, &pulses, time, &mut counts);
    }
    crossbar.digest(&mut digest);
    digest.value()
}

/// 2,000 integrators on four cores with fifty synapses each; a bias lets each fire once in about a hundred
/// steps. A turn is 100 steps with mesh timing.
fn lif_network(turns: u64) -> u64 {
    const NEURONS: u32 = 2_000;
    let noise = |kind: u32| Noise::at(1, Stream::of(StreamKind::Test, kind), 0);
    let synapse = |at: u32| Edge {
        source: at / 50,
        target: noise(0).below(at, NEURONS),
        weight: if at.is_multiple_of(2) { 1.0 / 64.0 } else { -1.0 / 64.0 },
        delay: 1 + at % 3,
    };
    let integrator = Integrator::Shift;
    let neuron = NeuronModel::Lif(LifParams { integrator, leak_shift: 0, ..LifParams::default() });
    let net = Population {
        bias: vec![0.01; NEURONS as usize],
        start: (0..NEURONS).map(|lane| noise(1).uniform(lane)).collect(),
        ..population("net", NEURONS as usize, Some(neuron))
    };
    let edges = Weights::Edges((0..50 * NEURONS).map(synapse).collect());
    let connections = vec![connection(0, 0, edges, 1)];
    let mut params = bench_chip(Network { populations: vec![net], connections, ..Network::default() });
    (params.hardware.core.kind, params.hardware.core.neurons) = (CoreKind::Sram, NEURONS / 4);
    params.hardware.router = mesh(4);
    let mut machine = build(&params).expect("it fits");
    execute(machine.as_mut(), &[Instruction::Present { input: [].into(), target: None }]);
    for _ in 0..turns {
        execute(machine.as_mut(), &[Instruction::Settle { steps: Some(100) }]);
    }
    machine.digest()
}

/// A turn is 500 cycles of uniform load near the saturation of 8 x 8 nodes, and the way home of what is left.
fn mesh_under_load(turns: u64) -> u64 {
    const CORES: u32 = 64;
    let mut packets = Vec::new();
    for created_cycle in 0..500 {
        let noise = Noise::at(1, Stream::of(StreamKind::Test, 2), created_cycle);
        for source in (0..CORES).filter(|source| noise.uniform(2 * source) < 0.36) {
            let target = noise.below(2 * source + 1, CORES);
            packets.push(Packet { created_cycle, source, target, tag: packets.len() as u64 });
        }
    }
    let extent = Extent { width: 8, height: 8 };
    let mut transport = Mesh::default().build(CORES as usize, extent).expect("a node per core");
    let mut digest = Digest::default();
    for _ in 0..turns {
        transport.reset();
        for due in packets.chunk_by(|a, b| a.created_cycle == b.created_cycle) {
            due.iter().for_each(|&packet| transport.send(packet));
            while let Some(delivery) = transport.next_delivery(due[0].created_cycle) {
                digest.word(delivery.cycle);
            }
        }
        while let Some(delivery) = transport.next_delivery(FOREVER) {
            digest.word(delivery.cycle);
        }
    }
    digest.value()
}

/// 64-64-10 on cores of 16 neurons without a barrier, packets on the mesh; turns as in training.
fn free_running(turns: u64) -> u64 {
    let mut params = bench_chip(layered(&[64, 64, 10], &NeuronModel::default(), 0.01, 1));
    params.hardware.core.neurons = 16;
    params.hardware.core.arrays = 64;
    params.hardware.router = mesh(4);
    let (period_cycles, offset_cycles) = (PerCore::All(200), PerCore::All(0));
    params.hardware.sync = Sync::Free(Free { period_cycles, offset_cycles, delay_cycles: 0 });
    params.phases.nudged_steps = 4;
    train(&params, 64, turns)
}
