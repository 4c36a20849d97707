//! What exists on a chip, against numbers worked out by hand.

use equipoise_base::record::{Block, PerBlock, Record};
use equipoise_chip::catalog::Nudging;
use equipoise_chip::{Params, Unobserved, build};
use equipoise_study::Experiment;
use equipoise_tests::sample;

/// Layers on `edge-rram` with `rest` of an experiment.
fn edge(layers: &str, rest: &str) -> Params {
    let text = format!("chip = \"edge-rram\"\n[network]\nlayers = {layers}\n{rest}\n");
    let table = equipoise_trace::toml_tree::parse(&text, "chip.toml").expect("TOML");
    let experiment = Experiment::read(&table, None, None).expect("an experiment");
    experiment.params(1).expect("a network")
}

/// The record of a chip before it does anything.
fn at_rest(params: &Params) -> Record {
    build(params).expect("it fits").record()
}

/// Square millimetres and watts of a bit of SRAM: 124 um2 and 68 nW a kilobit.
const BIT: [f64; 2] = [124e-6 / 1024.0, 68e-9 / 1024.0];

fn inventory(rest: &str) -> PerBlock {
    at_rest(&edge("[64, 64, 10]", rest)).inventory
}

/// What a fourth core adds to a chip of which the network uses three.
fn unused_core(rest: &str) -> PerBlock {
    let chip = |mesh: &str| inventory(&format!("{rest}\n[hardware]\nmesh = {mesh}"));
    chip("[4, 1]").without(&chip("[3, 1]"))
}

#[test]
fn a_full_core_of_the_preset_has_what_its_keys_say() {
    let core = unused_core("");
    let expected = [
        (Block::Array, 16),
        (Block::Adc, 16 * 8),
        (Block::Dac, 16 * (64 + 64)),
        (Block::Neuron, 16),
        (Block::Router, 1),
        (Block::Controller, 1),
        // Two words of 10 bits at each of 64 x 64 cells of 16 arrays, and two for each of 256 biases.
        (Block::Latches, 1280 * 1024 + 2 * 256 * 10),
        (Block::Accumulators, 512 * 1024),
        (Block::State, 256 * 32),
        (Block::Drives, 256 * 32),
        (Block::Biases, 256 * 32),
        (Block::Restart, 256 * 32),
    ];
    for block in Block::ALL {
        let wanted = expected.iter().find(|(which, _)| *which == block).map_or(0, |(_, count)| *count);
        assert_eq!(core.get(block), wanted, "{}", block.name());
    }
}

/// Area and leakage of a full core, part by part, at these figures: latches and accumulators are most of it. The latches of
/// biases and the bias registers come on top.
#[test]
fn latches_and_accumulators_are_most_of_a_full_core() {
    let core = unused_core("");
    let bias_latches = 2 * 256 * 10;
    let registers = [Block::State, Block::Drives, Block::Restart].map(|block| core.get(block)).iter().sum();
    // How many; square millimetres and watts of one; square millimetres and microwatts of all.
    let parts = [
        (core.get(Block::Array), [499e-6, 10e-9], [0.0080, 0.16]),
        (core.get(Block::Adc), [1.45e-3, 0.516e-6], [0.1856, 66.0]),
        (core.get(Block::Dac), [13.6e-6, 1.01e-9], [0.0279, 2.07]),
        (core.get(Block::Neuron), [0.76e-3, 0.2e-6], [0.0122, 3.20]),
        (core.get(Block::Router), [5.7e-3, 2.34e-6], [0.0057, 2.34]),
        (core.get(Block::Controller), [1.9e-3, 0.5e-6], [0.0019, 0.50]),
        (core.get(Block::Latches) - bias_latches, BIT, [0.1587, 87.0]),
        (core.get(Block::Accumulators), BIT, [0.0635, 34.8]),
        (registers, BIT, [0.0030, 1.63]),
    ];
    let mut sums = [0.0; 2];
    for (count, [mm2, watts], wanted) in parts {
        let found = [count as f64 * mm2, count as f64 * watts * 1e6];
        assert!(
            (found[0] - wanted[0]).abs() < 5.1e-5 && (found[1] / wanted[1] - 1.0).abs() < 3e-3,
            "{found:?}"
        );
        sums = [sums[0] + found[0], sums[1] + found[1]];
    }
    assert!((sums[0] - 0.466381).abs() < 1e-6 && (sums[1] - 197.804).abs() < 1e-3, "{sums:?}");
}

#[test]
fn memories_follow_latch_array_and_scheme() {
    let latches =
        |core: PerBlock| core.get(Block::Latches) - if core.get(Block::Latches) > 50_000 { 5120 } else { 0 };
    let cells = 16 * 64 * 64;
    assert_eq!(
        latches(unused_core("[learning]\nlatch = { kind = \"accumulate\", bits = 12 }")),
        cells * 12 + 1024
    );
    let states = unused_core("[learning]\nlatch = { kind = \"state\", bits = 8 }");
    assert_eq!(states.get(Block::Latches), 16 * 2 * (64 + 64) * 8);
    let pulses = unused_core("[learning]\nupdate = \"pulses_rounded\"");
    assert_eq!(pulses.get(Block::Accumulators), 0);
    let wide = inventory("[hardware]\nmesh = [3, 1]\narray.rows = 128\nstate = \"i16f48\"\nlatch.bits = 0");
    assert_eq!(wide.get(Block::Accumulators), 3 * 16 * 128 * 64 * 8);
    assert_eq!(wide.get(Block::State), 3 * 256 * 64);
    let open = inventory("[hardware]\nmesh = [3, 1]\nhold_clamped = false");
    assert_eq!(open.get(Block::Drives), 0);
}

/// 203,264 synapses with two latches of 10 bits and an accumulator of 8, and two latches for each of 266 biases:
/// 0.69 mm2 and 0.38 mW that were on no bill.
#[test]
fn the_latches_and_accumulators_of_a_network_for_mnist_are_millions_of_bits() {
    let used = at_rest(&edge("[784, 256, 10]", "[hardware]\nmesh = \"auto\"")).in_use();
    let bits = used.get(Block::Latches) + used.get(Block::Accumulators);
    assert_eq!(bits, 28 * 203_264 + 20 * 266);
    let [mm2, watts] = BIT.map(|one| one * bits as f64);
    assert!((mm2 - 0.69).abs() < 0.005 && (watts - 0.378e-3).abs() < 1e-6, "{mm2} {watts}");
    // The circuits in use are those of before: 56 arrays with their converters and drivers, and what is one per core.
    let counts = [Block::Array, Block::Adc, Block::Dac, Block::Neuron, Block::Router, Block::Controller];
    let counts = counts.map(|block| used.get(block));
    assert_eq!(counts, [56, 56 * 8, 56 * 128, 5 * 16, 6, 5]);
}

#[test]
fn routers_are_those_of_the_topology() {
    let routers = |keys: &str| inventory(&format!("[hardware]\nmesh = [4, 4]\n{keys}")).get(Block::Router);
    assert_eq!(routers(""), 16);
    assert_eq!(routers("router = { kind = \"torus\" }"), 16);
    assert_eq!(routers("router = { kind = \"concentrated_mesh\", concentration = 4 }"), 4);
    assert_eq!(routers("router = { kind = \"tree\", arity = 4 }"), 5);
    assert_eq!(routers("router = { kind = \"tree\", arity = 2 }"), 8 + 4 + 2 + 1);
    assert_eq!(routers("router = { kind = \"ideal\" }"), 0);
    let cut = "router = { kind = \"mesh\", chip_width = 2, chip_height = 2 }";
    assert_eq!(routers(cut), 16);
}

#[test]
fn a_router_is_in_use_beside_a_core_and_where_packets_pass() {
    let used = |keys: &str| {
        let mut chip = build(&edge("[64, 64, 10]", keys)).expect("it fits");
        let before = chip.record().routers_in_use;
        for instruction in sample(&[0.5; 64], 1, Nudging::OneSided) {
            chip.execute(&instruction, &mut Unobserved).expect("a sample");
        }
        (before, chip.record().routers_in_use)
    };
    assert_eq!(used("[hardware]\nmesh = [4, 4]"), (3, 3));
    // Cores 0 and 1 sit at one leaf, core 2 at another: the root is passed, two leaves are not used.
    assert_eq!(used("[hardware]\nmesh = [4, 2]\nrouter = { kind = \"tree\", arity = 2 }"), (2, 3));
    assert_eq!(used("[hardware]\nmesh = [4, 4]\nrouter = { kind = \"ideal\" }"), (0, 0));
}

#[test]
fn nothing_is_used_that_does_not_exist_and_memory_bits_are_the_memories_in_use() {
    for (layers, rest) in [
        ("[64, 64, 10]", ""),
        ("[64, 64, 10]", "[learning]\nnudging = \"centered\"\n[delays]\nsteps = 3"),
        ("[64, 300, 10]", "[hardware]\nmesh = \"auto\"\nsync = \"free\""),
        ("[64, 64, 10]", "[hardware]\ncore.kind = \"sram\"\nmesh = [2, 3]"),
    ] {
        let record = at_rest(&edge(layers, rest));
        let (used, memory) = (record.in_use(), record.memory);
        assert_eq!(used.without(&record.inventory), PerBlock::default(), "{layers} {rest}");
        let pairs = [
            (Block::State, memory.state),
            (Block::Drives, memory.drives),
            (Block::Axons, memory.axons),
            (Block::Delays, memory.delays),
            (Block::Routing, memory.routing),
            (Block::Restart, memory.restart),
            (Block::Io, memory.io),
        ];
        for (block, bits) in pairs {
            assert_eq!(used.get(block), bits, "{} of {layers} {rest}", block.name());
        }
        assert_eq!(used.get(Block::Latches) + used.get(Block::Accumulators), memory.latches);
        assert!(used.get(Block::State) > 0 && used.get(Block::Axons) > 0 && used.get(Block::Io) > 0);
    }
}
