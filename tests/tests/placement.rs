//! Where cores sit: packets times hops as predicted and as counted, and no value changes under a barrier.

use equipoise_base::record::Record;
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{DeviceModel, Free, NeuronModel, Nudging, RouterModel, Sync, UpdateScheme};
use equipoise_chip::params::{Mesh, Placement};
use equipoise_chip::placement::Saving;
use equipoise_chip::{DelayRules, DistanceDelay, Machine, Params, Weights, build, placement_saving, plan};
use equipoise_tests::{bench_chip, layered, ran, sample};

/// Three layers on a mesh of four nodes: in order the last one lies across from the middle one.
fn three_layers() -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.router = routers().next().expect("a mesh");
    params
}

/// 6-12-8 cut into six cores, every one listening to several.
fn cut() -> Params {
    let mut params = bench_chip(layered(&[6, 12, 8], &NeuronModel::default(), 0.1, 5));
    params.hardware.core.neurons = 4;
    params.hardware.mesh = Mesh::Fixed(4, 3);
    params
}

fn routers() -> impl Iterator<Item = RouterModel> {
    RouterModel::defaults().into_iter().filter(RouterModel::has_routers)
}

/// The same router, whose packets divide on their way, on chips of two by two cores where it knows any.
fn multicasting(mut router: RouterModel) -> RouterModel {
    match &mut router {
        RouterModel::Ideal(_) => {}
        RouterModel::Mesh(keys) => (keys.multicast, keys.chip_width, keys.chip_height) = (true, 2, 2),
        RouterModel::Torus(keys) => (keys.multicast, keys.chip_width, keys.chip_height) = (true, 2, 2),
        RouterModel::ConcentratedMesh(keys) => (keys.multicast, keys.chip_width) = (true, 2),
        RouterModel::Tree(keys) => keys.multicast = true,
    }
    router
}

fn samples(params: &Params, count: u32) -> Vec<Instruction> {
    let lines = params.network.populations[0].size as u32;
    let input = |i: u32| (0..lines).map(|line| ((7 * line + 3 * i) % 10) as f32 / 10.0).collect::<Vec<_>>();
    (0..count).flat_map(|i| sample(&input(i), i % 2, params.learning.nudging)).collect()
}

fn hops(record: &Record) -> u64 {
    record.count(Action::PacketHop) + record.count(Action::ChipHop)
}

fn nodes(params: &Params) -> Vec<u32> {
    plan(params).expect("it fits").iter().map(|slice| slice.node).collect()
}

/// Placements of six cores on twelve nodes.
fn placements() -> [Placement; 4] {
    let population = |name: &str, nodes: &[u32]| (name.to_owned(), nodes.to_vec());
    let by_name =
        vec![population("layer2", &[9, 3]), population("layer0", &[4]), population("layer1", &[1, 11, 0])];
    let by_core = vec![11, 3, 7, 0, 2, 9];
    [Placement::Order, Placement::Traffic, Placement::Nodes(by_core), Placement::Populations(by_name)]
}

#[test]
fn a_running_chip_counts_the_hops_that_were_predicted() {
    for (router, hold) in routers().flat_map(|router| [(router.clone(), true), (multicasting(router), false)])
    {
        for placement in placements() {
            for sync in [Sync::default(), Sync::Free(Free::default())] {
                let mut params = cut();
                params.hardware.router = router.clone();
                params.hardware.hold_clamped = hold;
                params.hardware.placement = placement.clone();
                params.hardware.sync = sync;
                let Saving { placed, in_order, share } = placement_saving(&params).expect("it fits");
                if placement == Placement::Order {
                    assert_eq!((placed, share), (in_order, 0.0));
                }
                let record = ran(&params, &samples(&params, 2)).record();
                let predicted = placed.per_step * record.steps + placed.per_sample * 2;
                // Without a barrier each core makes steps of its own, and inputs begin anew in every phase.
                if matches!(params.hardware.sync, Sync::Barrier(_)) {
                    assert_eq!(hops(&record), predicted, "{} {placement:?} {hold}", router.kind());
                }
                let on_links: u64 = record.links.iter().map(|link| link.packets).sum();
                assert_eq!(hops(&record), on_links, "{} {placement:?}", router.kind());
                let seated: Vec<u32> = record.cores.iter().map(|core| core.node).collect();
                assert_eq!(seated, nodes(&params));
            }
        }
    }
}

#[test]
fn three_layers_on_four_nodes_are_neighbours_by_traffic_and_lie_across_in_order() {
    let mut params = three_layers();
    // Four inputs, three activities and three drives; the latter six take two links in order.
    let expect = |params: &Params, per_step| {
        let placed = placement_saving(params).expect("it fits").placed;
        assert_eq!((placed.per_step, placed.per_sample), (per_step, 0));
        assert_eq!(hops(&ran(params, &samples(params, 1)).record()), per_step * 30);
    };
    expect(&params, 4 + 2 * 6);
    params.hardware.placement = Placement::Traffic;
    expect(&params, 10);
    assert_eq!(placement_saving(&params).expect("it fits").share, 1.0 - 10.0 / 16.0);
    params.hardware.placement = Placement::Order;
    params.hardware.mesh = Mesh::Fixed(3, 1);
    expect(&params, 10);
}

#[test]
fn by_traffic_no_network_takes_more_hops_than_in_order() {
    for router in routers().flat_map(|router| [router.clone(), multicasting(router)]) {
        for (neurons, mesh) in
            [(4, Mesh::Fixed(4, 3)), (4, Mesh::Auto), (2, Mesh::Fixed(5, 5)), (26, Mesh::Auto)]
        {
            let mut params = cut();
            (params.hardware.core.neurons, params.hardware.mesh) = (neurons, mesh);
            params.hardware.router = router.clone();
            params.hardware.placement = Placement::Traffic;
            let saved = placement_saving(&params).expect("it fits").share;
            assert!((0.0..1.0).contains(&saved), "{} {neurons} {mesh:?}: {saved}", router.kind());
            assert_eq!(nodes(&params), nodes(&params), "a second search finds the same");
        }
    }
}

/// A learner with every kind of noise.
fn noisy() -> Params {
    let mut params = cut();
    params.network.populations[1..].iter_mut().for_each(|p| p.bias_rate = 0.1);
    let hardware = &mut params.hardware;
    hardware.array.cell_noise = 0.01;
    (hardware.adc.bits, hardware.adc.noise, hardware.adc.gain_spread) = (8, 0.01, 0.02);
    let device = DeviceModel::defaults().into_iter().find(|device| device.kind() == "soft_bounds");
    hardware.device = device.expect("a device");
    hardware.update.scheme = UpdateScheme::PulsesStochastic;
    hardware.router = routers().next().expect("a mesh");
    params.learning.nudging = Nudging::Centered;
    params
}

fn weights(chip: &dyn Machine, connection: usize) -> Vec<f64> {
    match chip.weights(connection) {
        Weights::Dense(weights) => weights,
        Weights::Edges(_) => panic!("every pair of layered neurons has a synapse"),
    }
}

#[test]
fn under_a_barrier_a_placement_changes_cycles_and_no_weight() {
    let learned = |placement: &Placement| {
        let mut params = noisy();
        params.hardware.placement = placement.clone();
        let chip = ran(&params, &samples(&params, 6));
        let weights: Vec<Vec<f64>> = (0..2).map(|connection| weights(&*chip, connection)).collect();
        let biases: Vec<Vec<f64>> = (1..3).map(|population| chip.biases(population)).collect();
        let record = chip.record();
        let elsewhere = [Action::PacketHop, Action::LinkBit];
        let mut counts = record.total(|_| true);
        elsewhere.into_iter().for_each(|action| counts[action] = 0);
        (
            (weights, biases, chip.outcome().outputs.clone(), counts, record.steps),
            hops(&record),
            record.cycles,
        )
    };
    let (values, in_order, cycles) = learned(&Placement::Order);
    assert!(values.0[0] != weights(&*ran(&noisy(), &[]), 0), "it learns");
    for placement in &placements()[1..] {
        let (same, hops, other_cycles) = learned(placement);
        assert!(same == values, "{placement:?} changes a value");
        assert_ne!((hops, other_cycles), (in_order, cycles), "{placement:?}");
    }
}

#[test]
fn routers_are_in_use_where_cores_sit_and_packets_pass() {
    let used = |nodes: &[u32]| {
        let mut params = bench_chip(layered(&[4, 3], &NeuronModel::default(), 0.1, 3));
        params.hardware.router = routers().next().expect("a mesh");
        params.hardware.mesh = Mesh::Fixed(4, 1);
        params.hardware.placement = Placement::Nodes(nodes.to_vec());
        ran(&params, &samples(&params, 1)).record().routers_in_use
    };
    assert_eq!((used(&[2, 3]), used(&[3, 1]), used(&[0, 3])), (2, 3, 4));
}

#[test]
fn delays_by_distance_follow_the_nodes() {
    let steps = |placement: Placement| {
        let mut params = three_layers();
        params.hardware.placement = placement;
        let distance = Some(DistanceDelay { base_steps: 1, steps_per_hop: 1.0, times: 1 });
        params.delay_rules = vec![DelayRules { distance: [distance; 2], ..DelayRules::default() }; 2];
        let mut chip = build(&params).expect("it fits");
        let mut changes = Watch { last: Vec::new(), steps: Vec::new() };
        for instruction in &samples(&params, 1)[..2] {
            chip.execute(instruction, &mut changes).expect("a sample");
        }
        changes.steps
    };
    // An input is there from the start; the output first moves when a hidden activity has come to it.
    assert_eq!(steps(Placement::Order)[0], 1 + 2 + 1);
    assert_eq!(steps(Placement::Nodes(vec![0, 1, 3]))[0], 1 + 1 + 1);
}

/// The steps in which the output's state moved.
struct Watch {
    last: Vec<f64>,
    steps: Vec<u64>,
}

impl equipoise_chip::Observer for Watch {
    fn step(&mut self, view: &dyn equipoise_chip::View) {
        let mut state = Vec::new();
        view.state(2, &mut state);
        if state.iter().any(|&u| u != 0.0) && state != self.last {
            self.steps.push(view.clock().step);
        }
        self.last = state;
    }
}

#[test]
fn a_table_that_does_not_fit_is_refused_with_its_key() {
    let refused = |placement: Placement| {
        let mut params = three_layers();
        params.hardware.placement = placement;
        build(&params).err().expect("a refusal").to_string()
    };
    let nodes = |nodes: &[u32]| Placement::Nodes(nodes.to_vec());
    let named = |list: &[(&str, &[u32])]| {
        Placement::Populations(
            list.iter().map(|(name, nodes)| ((*name).to_owned(), nodes.to_vec())).collect(),
        )
    };
    for (placement, message) in [
        (
            nodes(&[0, 1]),
            "`hardware.placement`: found 2 nodes; accepted: one for each of the 3 cores that the network takes",
        ),
        (
            nodes(&[0, 1, 1]),
            "`hardware.placement[2]`: found node 1 for core 2, on which core 1 sits; accepted: a node of its own for every core",
        ),
        (nodes(&[0, 4, 1]), "`hardware.placement[1]`: found node 4; accepted: a node from 0 to 3"),
        (
            named(&[("layer0", &[0]), ("layer1", &[1])]),
            "`hardware.placement`: found no nodes for population `layer2`; accepted: the nodes of every population",
        ),
        (
            named(&[("layer0", &[0]), ("layer3", &[1])]),
            "`hardware.placement.layer3`: found an unknown population; accepted: layer0, layer1, layer2",
        ),
        (
            named(&[("layer0", &[0]), ("layer1", &[1, 2]), ("layer2", &[3])]),
            "`hardware.placement.layer1`: found 2 nodes; accepted: one for each of the 1 core that population `layer1` takes",
        ),
        (
            named(&[("layer0", &[0]), ("layer1", &[0]), ("layer2", &[3])]),
            "`hardware.placement.layer1`: found node 0 for core 1, on which core 0 sits; accepted: a node of its own for every core",
        ),
    ] {
        assert_eq!(refused(placement), message);
    }
}
