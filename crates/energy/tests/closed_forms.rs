//! The closed forms against worked numbers, a stored oracle, and a walk over every cell.

mod tree;

use equipoise_base::record::LearningShape;
use equipoise_base::{Action, Counts};
use equipoise_energy::counts::{Layered, Program};
use equipoise_energy::memory::{Crossover, Kept, Parts, alternatives, bptt_steps, ep_state_with_inputs};
use equipoise_energy::traffic::{self, Traffic};
use proptest::prelude::*;
use serde_json::Value;

fn layered(layers: &[u64], rows: u64, columns: u64) -> Layered {
    Layered::new(layers, rows, columns).expect("a network")
}

fn shape(layers: &[u64], bits: (u64, u64, u64), steps: (u64, u64, u64)) -> LearningShape {
    let network = layered(layers, 1, 1);
    LearningShape {
        synapses: network.synapses(),
        free_neurons: network.free_neurons(),
        input_neurons: layers[0],
        free_steps: steps.0,
        nudged_steps: steps.1,
        nudged_phases: steps.2,
        state_bits: bits.0,
        latch_bits: bits.1,
        accumulator_bits: 0,
        gradient_bits: bits.2,
        latch: "product".to_owned(),
        layers: layers.to_vec(),
    }
}

fn expect(counts: &Counts, wanted: &[(Action, u64)]) {
    for &(action, count) in wanted {
        assert_eq!(counts[action], count, "{}", action.name());
    }
}

#[test]
fn a_step_of_4_3_2_on_2x2_arrays() {
    expect(
        &layered(&[4, 3, 2], 2, 2).step(),
        &[
            (Action::ArrayRead, 8),
            (Action::RowDrive, 15),
            (Action::AdcConvert, 13),
            (Action::PartialAdd, 8),
            (Action::CellMac, 24),
            (Action::EventEmit, 10),
            (Action::EventDeliver, 10),
            (Action::NeuronUpdate, 5),
            (Action::Step, 1),
        ],
    );
}

#[test]
fn an_update_of_784_512_10_on_128x128_arrays() {
    let network = layered(&[784, 512, 10], 128, 128);
    let program = Program { free_steps: 20, nudged_steps: 10, nudged_phases: 2 };
    expect(
        &network.ep_update(program),
        &[
            (Action::Step, 40),
            (Action::ArrayRead, 1440),
            (Action::RowDrive, 147_520),
            (Action::AdcConvert, 165_440),
            (Action::PartialAdd, 144_560),
            (Action::CellMac, 16_465_920),
            (Action::LatchWrite, 813_056),
            (Action::UpdateMultiply, 813_056),
        ],
    );
    let bptt = network.bptt(30);
    expect(&bptt.relaxation, &[(Action::Step, 60), (Action::CellMac, 24_698_880)]);
    assert_eq!(bptt.gradient_macs, 12_349_440);
    assert_eq!((bptt.state_writes, bptt.state_reads), (15_660, 15_660));
    let priced = bptt.actions(8);
    expect(
        &priced,
        &[(Action::UpdateMultiply, 12_349_440), (Action::SramWrite, 125_280), (Action::SramRead, 125_280)],
    );
}

#[test]
fn register_biases_add_two_writes_and_products_per_free_neuron() {
    let program = Program { free_steps: 5, nudged_steps: 3, nudged_phases: 1 };
    let with = layered(&[4, 3, 2], 2, 2).with_register_biases().ep_update(program);
    let without = layered(&[4, 3, 2], 2, 2).ep_update(program);
    expect(&without, &[(Action::LatchWrite, 36), (Action::UpdateMultiply, 36)]);
    expect(&with, &[(Action::LatchWrite, 46), (Action::UpdateMultiply, 46)]);
}

#[test]
fn events_of_a_layer_go_to_every_core_that_holds_a_part_of_it() {
    // Activities 4 x 3 + 3 x 2, drives 3 x 2.
    let cut = layered(&[4, 3, 2], 2, 2).cut(&[1, 3, 2]).step();
    expect(&cut, &[(Action::EventEmit, 24), (Action::EventDeliver, 24), (Action::ArrayRead, 8)]);
}

#[test]
fn a_held_input_saves_the_read_and_the_packets_of_the_first_matrix() {
    let network = layered(&[4, 3, 2], 2, 2);
    let (step, held) = (network.step(), network.held_step());
    // W_1: 2 x 2 arrays, 4 lines x 2, 3 columns x 2 conversions, 3 additions, 12 cells, 4 activities.
    for (action, saved) in [
        (Action::ArrayRead, 4),
        (Action::RowDrive, 8),
        (Action::AdcConvert, 6),
        (Action::PartialAdd, 3),
        (Action::CellMac, 12),
        (Action::EventEmit, 4),
        (Action::NeuronUpdate, 0),
    ] {
        assert_eq!(step[action] - held[action], saved, "{}", action.name());
    }
}

#[test]
fn a_network_needs_two_layers_and_no_zeros() {
    assert_eq!(Layered::new(&[4], 2, 2), None);
    assert_eq!(Layered::new(&[4, 0, 2], 2, 2), None);
    assert_eq!(Layered::new(&[4, 2], 0, 2), None);
    assert_eq!(Layered::new(&[4, 2], 2, 0), None);
}

#[test]
fn memory_of_784_512_10_and_of_4_3_2() {
    let big = shape(&[784, 512, 10], (8, 8, 24), (20, 10, 2));
    let bits = alternatives(&big, 30);
    assert_eq!((bits.ep_product, bits.ep_accumulate), (6_504_448, 3_252_224));
    assert_eq!((bits.ep_state, ep_state_with_inputs(&big), bits.bptt), (8352, 20_896, 9_881_952));
    assert_eq!(bptt_steps(&big), 30);
    let small = shape(&[4, 3, 2], (8, 8, 16), (5, 3, 1));
    let bits = alternatives(&small, 8);
    assert_eq!((bits.ep_product, bits.ep_accumulate), (288, 144));
    assert_eq!((bits.ep_state, ep_state_with_inputs(&small), bits.bptt), (80, 144, 608));
    assert_eq!(bptt_steps(&small), 8);
}

/// The case of `docs/memory.md`: 64-64-10 with product latches of 10 bits, accumulators of 8, states of 29.
#[test]
fn accumulators_are_part_of_what_the_default_network_needs() {
    let mut shape = shape(&[64, 64, 10], (29, 10, 24), (20, 6, 1));
    shape.accumulator_bits = 8;
    let parts = Parts::of(&shape, bptt_steps(&shape));
    let kept = |latched, accumulators| Kept { latched, accumulators };
    assert_eq!((parts.synapses, parts.free_neurons, parts.bptt_steps), (4736, 74, 26));
    assert_eq!(parts.ep_product, kept(94_720, 37_888));
    assert_eq!(parts.ep_accumulate, kept(47_360, 37_888));
    assert_eq!(parts.ep_state, kept(4292, 37_888));
    assert_eq!(parts.bptt, kept(55_796, 113_664));
    let bits = alternatives(&shape, 26);
    assert_eq!(
        (bits.ep_product, bits.ep_accumulate, bits.ep_state, bits.bptt),
        (132_608, 85_248, 42_180, 169_460)
    );
    assert_eq!(Crossover::of_latch_in_use(&shape).expect("a latch").to_string(), "8.8");
}

#[test]
fn crossovers_are_always_smaller_in_both_examples_and_1557_and_7_steps_without_accumulators() {
    for (layers, gradient_bits, in_place) in
        [(&[784, 512, 10][..], 24, "1557.6"), (&[4, 3, 2][..], 16, "7.2")]
    {
        let mut shape = shape(layers, (8, 8, gradient_bits), (20, 10, 1));
        let shown = |shape: &LearningShape| Crossover::of_latch_in_use(shape).expect("a latch");
        assert_eq!(shown(&shape).to_string(), "always smaller");
        assert_eq!(shown(&shape).steps(), 0.0);
        shape.gradient_bits = 0;
        assert_eq!(shown(&shape).to_string(), in_place);
        let product = shown(&shape).steps();
        shape.latch = "accumulate".to_owned();
        assert!((shown(&shape).steps() - product / 2.0).abs() < 1e-9);
        shape.latch = "state".to_owned();
        assert_eq!(shown(&shape).to_string(), "2.0", "state latches equal two stored steps");
        shape.latch = "none".to_owned();
        assert_eq!(shown(&shape).to_string(), "always smaller");
        shape.latch = "unheard of".to_owned();
        assert_eq!(Crossover::of_latch_in_use(&shape), None);
    }
}

#[test]
fn at_the_crossover_bptt_needs_as_many_bits_as_the_latch() {
    let shape = shape(&[20, 12, 3], (8, 10, 4), (20, 10, 1));
    let steps = Crossover::of_latch_in_use(&shape).expect("a latch").steps();
    let below = alternatives(&shape, steps.floor() as u64);
    let above = alternatives(&shape, steps.floor() as u64 + 1);
    assert!(steps > 1.0 && below.bptt <= below.ep_product && above.bptt > above.ep_product, "{steps}");
}

#[test]
fn traffic_of_4_3_2_in_a_row_and_of_its_update() {
    let network = layered(&[4, 3, 2], 2, 2);
    let row = [(0, 0), (1, 0), (2, 0)];
    let step = traffic::step(&network, &row, 32).expect("a node per layer");
    assert_eq!(step, Traffic { packets: 10, hops: 10, bits: 320 });
    // The drives and activities between hidden and output layer now take three links.
    let apart = traffic::step(&network, &[(0, 0), (1, 0), (2, 2)], 32).expect("a node per layer");
    assert_eq!(apart, Traffic { packets: 10, hops: 22, bits: 704 });
    assert_eq!(traffic::step(&network, &row[..2], 32), None);
    let program = Program { free_steps: 5, nudged_steps: 3, nudged_phases: 1 };
    let (ep, bptt) = traffic::ep_beside_bptt(step, program, 8);
    assert_eq!((ep.packets, bptt.packets), (80, 160));
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn list(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(|v| v.as_u64().expect("a number")).collect()
}

/// The oracle's names of the counters whose definitions agree with ours.
const SAME: [(&str, Action); 6] = [
    ("tile_mvm", Action::ArrayRead),
    ("dac", Action::RowDrive),
    ("adc", Action::AdcConvert),
    ("psum_add", Action::PartialAdd),
    ("cell_mac", Action::CellMac),
    ("neuron_update", Action::NeuronUpdate),
];

/// Every case that the oracle file stores, with the layers and bits of the last added from its name.
fn oracle_cases() -> Vec<Value> {
    let path = tree::repository("tests/oracles/seed/h_counts.json");
    let text = std::fs::read_to_string(path).expect("the oracle");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let mut cases = all["cases"].as_array().expect("cases").clone();
    let mut big = all["mnist_784_512_10"].clone();
    big["n"] = serde_json::json!([784, 512, 10]);
    big["bits"] = serde_json::json!({ "state": 8, "latch": 8, "grad": 24 });
    cases.push(big);
    cases
}

#[test]
fn counts_agree_with_every_stored_case_of_the_oracle() {
    let cases = oracle_cases();
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let layers = list(&case["n"]);
        let network = layered(&layers, number(case, "R"), number(case, "C"));
        let program = Program {
            free_steps: number(case, "Tf"),
            nudged_steps: number(case, "Tn"),
            nudged_phases: number(case, "K"),
        };
        let (step, ep, bptt) =
            (network.step(), network.ep_update(program), network.bptt(number(case, "T_bptt")));
        for (name, action) in SAME {
            assert_eq!(step[action], number(&case["per_step"], name), "step {name}");
            assert_eq!(ep[action], number(&case["EP"], name), "EP {name}");
            assert_eq!(bptt.relaxation[action], number(&case["BPTT"], name), "BPTT {name}");
        }
        assert_eq!(ep[Action::Step], number(&case["EP"], "steps"));
        assert_eq!(ep[Action::LatchWrite], number(&case["EP"], "latch_write"));
        assert_eq!(ep[Action::UpdateMultiply], number(&case["EP"], "correlation_mult"));
        assert_eq!(bptt.relaxation[Action::Step], number(&case["BPTT"], "steps"));
        assert_eq!(bptt.gradient_macs, number(&case["BPTT"], "grad_mac"));
        assert_eq!(bptt.state_writes, number(&case["BPTT"], "state_write"));
        assert_eq!(bptt.state_reads, number(&case["BPTT"], "state_read"));
        // The oracle sends one value per neuron of the upper layer downward; a transposed read yields one per
        // neuron of the lower layer.
        let upper: u64 = layers[2..].iter().sum();
        let lower: u64 = layers[1..layers.len() - 1].iter().sum();
        assert_eq!(step[Action::EventEmit] + upper, number(&case["per_step"], "packets") + lower);
    }
}

#[test]
fn memory_agrees_with_every_stored_case_of_the_oracle() {
    for case in oracle_cases() {
        let bits = &case["bits"];
        let words = (number(bits, "state"), number(bits, "latch"), number(bits, "grad"));
        let steps = (number(&case, "Tf"), number(&case, "Tn"), number(&case, "K"));
        let shape = shape(&list(&case["n"]), words, steps);
        let found = alternatives(&shape, number(&case, "T_bptt"));
        let mem = &case["mem"];
        assert_eq!(found.ep_product, number(mem, "ep_product_latch_bits"));
        assert_eq!(found.ep_accumulate, number(mem, "ep_stream_accum_bits"));
        assert_eq!(ep_state_with_inputs(&shape), number(mem, "ep_state_latch_bits"));
        assert_eq!(found.bptt, number(mem, "bptt_bits"));
        let crossover = Crossover::of_latch_in_use(&shape).expect("a latch").raw();
        assert!((crossover - mem["bptt_T_crossover"].as_f64().expect("a number")).abs() < 1e-9);
    }
}

/// Counts one step by visiting every array, line and cell.
fn walk(layers: &[usize], rows: usize, columns: usize) -> Counts {
    let mut counts = Counts::default();
    counts.add(Action::Step, 1);
    for upper in 1..layers.len() {
        let (inputs, outputs) = (layers[upper - 1], layers[upper]);
        for transposed in [false, true] {
            if transposed && upper == 1 {
                continue;
            }
            let mut loaded = vec![false; if transposed { inputs } else { outputs }];
            for row in (0..inputs).step_by(rows) {
                for column in (0..outputs).step_by(columns) {
                    counts.add(Action::ArrayRead, 1);
                    let lines: Vec<usize> = (row..inputs.min(row + rows)).collect();
                    let posts: Vec<usize> = (column..outputs.min(column + columns)).collect();
                    let (driven, read) = if transposed { (posts, lines) } else { (lines, posts) };
                    for _ in &driven {
                        counts.add(Action::RowDrive, 1);
                    }
                    for &line in &read {
                        counts.add(Action::AdcConvert, 1);
                        if std::mem::replace(&mut loaded[line], true) {
                            counts.add(Action::PartialAdd, 1);
                        }
                        for _ in &driven {
                            counts.add(Action::CellMac, 1);
                        }
                    }
                }
            }
            // One value per neuron of the lower layer crosses, up as an activity or down as a drive.
            for _ in 0..inputs {
                counts.add(Action::EventEmit, 1);
                counts.add(Action::EventDeliver, 1);
                if transposed {
                    counts.add(Action::PartialAdd, 1);
                }
            }
        }
        for _ in 0..outputs {
            counts.add(Action::NeuronUpdate, 1);
        }
    }
    counts
}

proptest! {
    #[test]
    fn a_step_equals_a_walk_over_every_cell(
        layers in prop::collection::vec(1_usize..12, 2..6),
        rows in 1_usize..7,
        columns in 1_usize..7,
    ) {
        let sizes: Vec<u64> = layers.iter().map(|&n| n as u64).collect();
        let step = layered(&sizes, rows as u64, columns as u64).step();
        prop_assert_eq!(step, walk(&layers, rows, columns));
    }

    #[test]
    fn packets_are_the_events_and_hops_the_links_on_their_way(
        layers in prop::collection::vec(1_u64..12, 2..6),
        nodes in prop::collection::vec((0_u64..4, 0_u64..4), 6),
        bits in 1_u64..64,
    ) {
        let network = layered(&layers, 3, 3);
        let found = traffic::step(&network, &nodes[..layers.len()], bits).expect("a node per layer");
        prop_assert_eq!(found.packets, network.step()[Action::EventEmit]);
        let mut hops = 0;
        for upper in 1..layers.len() {
            for _ in 0..layers[upper - 1] * if upper == 1 { 1 } else { 2 } {
                let (mut at, to) = (nodes[upper - 1], nodes[upper]);
                while at != to {
                    if at.0 != to.0 { at.0 = if at.0 < to.0 { at.0 + 1 } else { at.0 - 1 } }
                    else { at.1 = if at.1 < to.1 { at.1 + 1 } else { at.1 - 1 } }
                    hops += 1;
                }
            }
        }
        prop_assert_eq!((found.hops, found.bits), (hops, hops * bits));
    }
}
