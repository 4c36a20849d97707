//! A list of synapses is read back from a chip as a list, wherever its synapses are kept.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{NeuronModel, Nudging, RateParams};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Connection, Edge, Network, Params, Population, Unobserved, Weights, build};
use equipoise_tests::{bench_chip, connection, population, sample};

fn edge(source: u32, target: u32, weight: f64, delay: u32) -> Edge {
    Edge { source, target, weight, delay }
}

/// Three inputs and four neurons on two cores, joined by a few synapses, two of which are parallel.
fn params(kind: CoreKind, edges: Vec<Edge>, rate: f64) -> Params {
    let rates = NeuronModel::Rate(RateParams::default());
    let populations: Vec<Population> =
        vec![population("input", 3, None), population("output", 4, Some(rates))];
    let connections = vec![Connection { rate, ..connection(0, 1, Weights::Edges(edges), 1) }];
    let network = Network { populations, connections, input: Some(0), output: Some(1), ..Network::default() };
    let mut params = bench_chip(network);
    (params.hardware.core.kind, params.hardware.core.neurons) = (kind, 2);
    params.hardware.table.weight_bits = 16;
    params
}

/// Weights that every store holds exactly: multiples of 1/64 below 1.
fn edges() -> Vec<Edge> {
    vec![
        edge(2, 3, 0.5, 1),
        edge(0, 1, -0.25, 3),
        edge(0, 1, 0.75, 1),
        edge(2, 0, 0.125, 2),
        edge(1, 2, 0.0, 1),
    ]
}

#[test]
fn a_list_of_synapses_is_read_back_in_order_each_with_its_own_delay() {
    let wanted = vec![
        edge(0, 1, 0.75, 1),
        edge(0, 1, -0.25, 3),
        edge(1, 2, 0.0, 1),
        edge(2, 0, 0.125, 2),
        edge(2, 3, 0.5, 1),
    ];
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        for rate in [0.0, 0.1] {
            let chip = build(&params(kind, edges(), rate)).expect("it fits");
            let Weights::Edges(found) = chip.weights(0) else { panic!("a list") };
            for (found, wanted) in found.iter().zip(&wanted) {
                let near = (found.weight - wanted.weight).abs() < 1e-3;
                assert!(near && Edge { weight: wanted.weight, ..*found } == *wanted, "{found:?} {wanted:?}");
            }
            assert_eq!(found.len(), wanted.len(), "{} {rate}", kind.word());
        }
    }
}

#[test]
fn synapses_that_share_a_cell_are_one_and_those_of_a_table_stay_apart() {
    let parallel = vec![edge(0, 0, 0.25, 1), edge(0, 0, 0.5, 1)];
    let read = |kind| build(&params(kind, parallel.clone(), 0.0)).expect("it fits").weights(0).values();
    let cell = read(CoreKind::Analog);
    assert!(cell.len() == 1 && (cell[0] - 0.75).abs() < 1e-3, "{cell:?}");
    assert_eq!(read(CoreKind::Sram), [0.25, 0.5]);
}

#[test]
fn an_estimate_stands_in_the_place_of_its_weight_and_parallel_synapses_have_one_latch() {
    let mut edges = edges();
    edges.push(edge(2, 3, 0.5, 1));
    let mut params = params(CoreKind::Sram, edges, 0.1);
    params.network.populations[1].bias_rate = 0.1;
    params.learning.latch.bits = 0;
    let mut chip = build(&params).expect("it fits");
    let mut program = sample(&[1.0, 0.5, 0.25], 3, Nudging::OneSided);
    program.retain(|instruction| !matches!(instruction, Instruction::Update));
    for instruction in &program {
        chip.execute(instruction, &mut Unobserved).expect("the program fits");
    }
    let (Weights::Edges(weights), Weights::Edges(estimates)) = (chip.weights(0), chip.weight_estimate(0))
    else {
        panic!("lists")
    };
    let place = |edges: &[Edge]| edges.iter().map(|e| (e.source, e.target, e.delay)).collect::<Vec<_>>();
    assert_eq!(place(&weights), place(&estimates));
    let of = |source, target| estimates.iter().filter(move |e| (e.source, e.target) == (source, target));
    let at = |source, target| of(source, target).map(|e| e.weight).collect::<Vec<_>>();
    let [pulled, bias] = [at(2, 3), vec![chip.bias_estimate(1)[3]]];
    // Output 3 is pulled up; a synapse's product is its input times what the output's bias sees.
    assert!((pulled[0] - 0.25 * bias[0]).abs() < 1e-6 && pulled[0] > 0.01, "{pulled:?} {bias:?}");
    assert_eq!(pulled[1], 0.0, "the second of two parallel synapses has no latch");
}
