//! Arrangements against all that there are.

use super::*;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::{Extent, RouterModel};

fn transport(model: &RouterModel, width: u32, height: u32) -> Box<dyn Transport> {
    let extent = Extent { width, height };
    model.build(extent.nodes(), extent).expect("a node per core")
}

fn with_routers() -> impl Iterator<Item = RouterModel> {
    RouterModel::defaults().into_iter().filter(RouterModel::has_routers)
}

/// Packets between random pairs of `cores` cores.
fn random(cores: u32, pairs: u32, seed: u64) -> Vec<(u32, u32, u64)> {
    let noise = Noise::at(seed, Stream::of(StreamKind::Test, 0), 0);
    let pair = |i: u32| {
        let source = noise.below(3 * i, cores);
        let target = (source + 1 + noise.below(3 * i + 1, cores - 1)) % cores;
        (source, target, 1 + u64::from(noise.below(3 * i + 2, 9)))
    };
    (0..pairs).map(pair).collect()
}

/// A chain of cores: each exchanges packets with the next.
fn chain(cores: u32) -> Vec<(u32, u32, u64)> {
    (1..cores).flat_map(|core| [(core - 1, core, 10), (core, core - 1, 10)]).collect()
}

/// Hops by the links of every route.
fn hops(flows: &[(u32, u32, u64)], nodes: &[u32], transport: &dyn Transport) -> u64 {
    let links = |&(source, target, packets): &(u32, u32, u64)| {
        packets * transport.path(nodes[source as usize], nodes[target as usize]).len() as u64
    };
    flows.iter().map(links).sum()
}

/// The fewest hops of all arrangements, one after the other.
fn fewest(
    flows: &[(u32, u32, u64)],
    cores: usize,
    nodes: u32,
    transport: &dyn Transport,
    at: &mut Vec<u32>,
) -> u64 {
    if at.len() == cores {
        return hops(flows, at, transport);
    }
    let mut least = u64::MAX;
    for node in (0..nodes).filter(|node| !at.contains(node)).collect::<Vec<_>>() {
        at.push(node);
        least = least.min(fewest(flows, cores, nodes, transport, at));
        at.pop();
    }
    least
}

fn is_an_arrangement(nodes: &[u32], on: u32) -> bool {
    let mut sorted = nodes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len() == nodes.len() && sorted.iter().all(|&node| node < on)
}

#[test]
fn the_exact_method_finds_the_fewest_hops_of_all_arrangements_and_the_other_never_more_than_in_order() {
    let mut as_good = 0;
    let mut tried = 0;
    for model in with_routers() {
        for (cores, width, height) in [(2, 3, 2), (3, 2, 2), (4, 5, 1), (5, 3, 2), (6, 3, 2)] {
            let transport = transport(&model, width, height);
            for seed in 0..4 {
                let flows = random(cores, 2 * cores, seed);
                let demand = Demand::of(cores as usize, &flows);
                let nodes = width * height;
                let fewest = fewest(&flows, cores as usize, nodes, &*transport, &mut Vec::new());
                let exact = exact::best(&demand, &*transport, nodes as usize).expect("few arrangements");
                let found = exchange::good(&demand, &*transport, nodes as usize);
                let in_order: Vec<u32> = (0..cores).collect();
                let [exact, found, in_order] = [exact, found, in_order].map(|at| {
                    assert!(is_an_arrangement(&at, nodes), "{at:?} on {nodes}");
                    hops(&flows, &at, &*transport)
                });
                assert_eq!(exact, fewest, "{} {width} x {height}, {cores} cores, seed {seed}", model.kind());
                assert!(found <= in_order && found >= fewest);
                as_good += u32::from(found == fewest);
                tried += 1;
            }
        }
    }
    assert!(as_good > tried * 9 / 10, "{as_good} of {tried} exchanges found the fewest");
}

#[test]
fn a_chain_lies_along_a_snake_and_a_second_search_finds_the_same() {
    for model in with_routers().filter(|model| ["mesh", "torus"].contains(&model.kind())) {
        let (transport, demand) = (transport(&model, 10, 10), Demand::of(100, &chain(100)));
        let found = exchange::good(&demand, &*transport, 100);
        assert!(is_an_arrangement(&found, 100));
        assert_eq!(hops(&chain(100), &found, &*transport), 2 * 10 * 99, "every hop is one link");
        assert_eq!(exchange::good(&demand, &*transport, 100), found);
    }
}

#[test]
fn on_large_chips_exchanges_save_what_order_wastes() {
    for model in with_routers() {
        let transport = transport(&model, 8, 8);
        let flows = random(60, 180, 1);
        let found = exchange::good(&Demand::of(60, &flows), &*transport, 64);
        assert!(is_an_arrangement(&found, 64));
        let in_order: Vec<u32> = (0..60).collect();
        let [found, in_order] = [found, in_order].map(|at| hops(&flows, &at, &*transport));
        assert!(10 * found < 8 * in_order, "{}: {found} of {in_order}", model.kind());
    }
}

#[test]
fn the_smallest_mesh_is_near_square_and_large_enough() {
    for (cores, mesh) in [(1, (1, 1)), (2, (2, 1)), (3, (2, 2)), (6, (3, 2)), (9, (3, 3)), (10, (4, 3))] {
        assert_eq!(smallest_mesh(cores), mesh, "{cores}");
    }
}
