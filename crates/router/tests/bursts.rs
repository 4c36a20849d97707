//! Traffic that is carried at once against the same packets sent one by one and simulated hop by hop.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::Mesh;
use equipoise_router::transport::{Burst, FOREVER};
use equipoise_router::{Extent, Packet, RouterModel, Traffic, Transport};

/// Sends every packet and returns the cycle of the last delivery.
fn one_by_one(mesh: &mut dyn Transport, bursts: &[Burst<'_>]) -> u64 {
    for burst in bursts {
        for &target in burst.targets {
            let packet = Packet { created_cycle: burst.created_cycle, source: burst.source, target, tag: 0 };
            (0..burst.packets).for_each(|_| mesh.send(packet));
        }
    }
    std::iter::from_fn(|| mesh.next_delivery(FOREVER)).map(|delivery| delivery.cycle).max().unwrap_or(0)
}

fn both(mesh: &Mesh, extent: Extent, bursts: &[Burst<'_>]) -> [(u64, Traffic); 2] {
    let build = || RouterModel::Mesh(mesh.clone()).build(extent.nodes(), extent).expect("a node per core");
    let (mut walking, mut carrying) = (build(), build());
    let last = one_by_one(&mut *walking, bursts);
    // Twice, so that what a first load leaves behind would show.
    assert!(carrying.carry(bursts).is_some(), "{mesh:?} carries bursts");
    carrying.clear_traffic();
    let carried = carrying.carry(bursts).expect("again");
    assert_eq!((carrying.in_flight(), carrying.now()), (0, 0));
    [(last, walking.traffic().clone()), (carried, carrying.traffic().clone())]
}

#[test]
fn random_bursts_end_in_the_cycle_in_which_their_packets_one_by_one_do() {
    for trial in 0..300 {
        let noise = Noise::at(5, Stream::of(StreamKind::Test, 0), trial);
        let mut lane = 0;
        let mut below = |bound: usize| {
            lane += 1;
            noise.below(lane, bound as u32) as usize
        };
        let extent = Extent { width: 1 + below(9) as u32, height: 1 + below(5) as u32 };
        let nodes = extent.nodes();
        let mesh = Mesh {
            fifo_depth: [1, 2, 3, 4, 8][below(5)],
            router_cycles: 1 + below(3) as u32,
            link_cycles: [0, 1, 1, 4][below(4)],
            flit_bits: 24,
            ..Mesh::default()
        };
        let (spread, most, share) = ([1, 30, 400][below(3)], [3, 40][below(2)], 1 + below(4));
        let targets: Vec<Vec<u32>> = (0..nodes)
            .map(|core| (0..nodes).filter(|&to| to != core && below(4) < share).map(|to| to as u32).collect())
            .collect();
        let bursts: Vec<Burst<'_>> = (0..nodes)
            .map(|core| Burst {
                created_cycle: below(spread) as u64,
                source: core as u32,
                packets: 6 + below(most) as u32,
                targets: &targets[core],
            })
            .collect();
        let packets: usize = bursts.iter().map(|b| b.packets as usize * b.targets.len()).sum();
        if packets < 4 * nodes {
            continue;
        }
        let [walked, carried] = both(&mesh, extent, &bursts);
        assert_eq!(walked, carried, "trial {trial}: {mesh:?} on {extent:?}");
    }
}

#[test]
fn fabrics_with_other_rules_leave_bursts_to_their_owner() {
    let extent = Extent { width: 3, height: 2 };
    let targets = [1, 2, 5];
    let burst = [Burst { created_cycle: 4, source: 0, packets: 50, targets: &targets }];
    let carries = |model: &RouterModel| {
        let mut transport = model.build(extent.nodes(), extent).expect("a node per core");
        transport.carry(&burst).is_some()
    };
    let one_flit = Mesh::default();
    assert!(carries(&RouterModel::Mesh(one_flit.clone())));
    for other in [
        Mesh { multicast: true, ..one_flit.clone() },
        Mesh { link_bits: 8, ..one_flit.clone() },
        Mesh { virtual_channels: 2, ..one_flit.clone() },
        Mesh { chip_width: 2, ..one_flit.clone() },
        Mesh { fifo_depth: 1000, ..one_flit.clone() },
        Mesh { arbiter: equipoise_router::arbiter::ArbiterKind::RoundRobin, ..one_flit },
    ] {
        assert!(!carries(&RouterModel::Mesh(other.clone())), "{other:?}");
    }
    for model in RouterModel::defaults().iter().filter(|model| model.kind() != "mesh") {
        assert!(!carries(model), "{}", model.kind());
    }
}
