//! Hand-worked cases of what the plain mesh does not have: packets of several flits, links between chips,
//! multicast, rings, arbiters and statistics.

use equipoise_router::arbiter::ArbiterKind;
use equipoise_router::models::{ConcentratedMesh, Mesh, Torus};
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};

/// Deep enough that no case below ever fills a FIFO.
const DEEP: u32 = 1_000;

fn build(model: &RouterModel, width: u32, height: u32) -> Box<dyn Transport> {
    model.build((width * height) as usize, Extent { width, height }).expect("a node per core")
}

/// A mesh of packets of `flits` flits.
fn mesh_of_flits(flits: u32, fifo_depth: u32) -> Mesh {
    Mesh { fifo_depth, flit_bits: 8 * flits, link_bits: 8, ..Mesh::default() }
}

fn packet(created_cycle: u64, source: u32, target: u32, tag: u64) -> Packet {
    Packet { created_cycle, source, target, tag }
}

/// The cycle of arrival of each packet (created cycle, source, target), in the order given.
fn arrivals(transport: &mut dyn Transport, packets: &[(u64, u32, u32)]) -> Vec<u64> {
    for (tag, &(created_cycle, source, target)) in packets.iter().enumerate() {
        transport.send(packet(created_cycle, source, target, tag as u64));
    }
    let mut cycles = vec![0; packets.len()];
    while let Some(Delivery { cycle, packet }) = transport.next_delivery(FOREVER) {
        cycles[packet.tag as usize] = cycle;
    }
    cycles
}

/// A row of four nodes.
fn row(mesh: Mesh) -> Box<dyn Transport> {
    build(&RouterModel::Mesh(mesh), 4, 1)
}

#[test]
fn a_packet_of_three_flits_arrives_with_its_tail() {
    // Its head wins at 0, 2 and 4; the tail leaves two cycles after the head.
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, DEEP)), &[(0, 0, 2)]), [7]);
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, DEEP)), &[(7, 1, 1)]), [10]);
}

#[test]
fn a_link_takes_as_many_cycles_as_a_packet_has_flits() {
    // The first wins its links at 0, 2 and ejection at 4, the second three cycles later each.
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, DEEP)), &[(0, 0, 2), (0, 0, 2)]), [7, 10]);
    // Two that meet at (1,0): the older takes the link in [2, 5), the other from 5 on; it ejects in [7, 10).
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, DEEP)), &[(0, 0, 2), (2, 1, 2)]), [7, 10]);
}

#[test]
fn a_slot_is_free_when_the_tail_has_left_it() {
    // Depth 1: the first leaves node 0 in [0, 3), so the second enters and wins at 3 if the FIFO of node 1 is
    // free. The first wins there at 2 and leaves in [2, 5): the second wins at 5, at node 1 at 7, at 2 at 9.
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, 1)), &[(0, 0, 2), (0, 0, 2)]), [7, 12]);
    // Depth 2: the second wins at 3, is at node 1 at 5, when the link is free again, and at node 2 at 7.
    assert_eq!(arrivals(&mut *row(mesh_of_flits(3, 2)), &[(0, 0, 2), (0, 0, 2)]), [7, 10]);
}

#[test]
fn a_narrow_slow_link_between_chips_delays_and_counts() {
    let two_chips = |mesh| Mesh { chip_width: 2, chip_link_cycles: 5, ..mesh };
    // Node 0 to node 3: two links of one cycle and, between nodes 1 and 2, one of five.
    let mut wide = row(two_chips(Mesh::default()));
    assert_eq!(arrivals(&mut *wide, &[(0, 0, 3)]), [2 + 6 + 2 + 1]);
    assert_eq!((wide.traffic().hops[0], wide.traffic().chip_hops[0]), (3, 1));
    let crossing: Vec<_> = wide.links().iter().filter(|l| l.crosses_chips).map(|l| (l.from, l.to)).collect();
    assert_eq!(crossing, [(1, 2), (2, 1)]);
    // Eight of 32 wires: a packet takes the link for four cycles and goes on when its tail keeps up, three
    // cycles later. The second wins the link at 6, the slot behind the first.
    let mut narrow = row(two_chips(Mesh { chip_link_bits: 8, fifo_depth: DEEP, ..Mesh::default() }));
    assert_eq!(narrow.zero_load_cycles(0, 3), 14);
    assert_eq!(arrivals(&mut *narrow, &[(0, 0, 3), (0, 0, 3)]), [14, 18]);
    let busy = narrow.traffic().busy_cycles(narrow.links());
    assert_eq!(busy.iter().sum::<u64>(), 2 * (1 + 4 + 1));
}

#[test]
fn a_chip_border_like_any_other_link_changes_nothing() {
    let packets: Vec<(u64, u32, u32)> = (0..60).map(|i| (u64::from(i) / 4, i * 7 % 16, i * 5 % 16)).collect();
    let plain = Mesh { link_bits: 12, ..Mesh::default() };
    let cut = Mesh { chip_width: 2, chip_height: 3, chip_link_cycles: 1, chip_link_bits: 12, ..plain };
    let [plain, cut] =
        [plain, cut].map(|mesh| arrivals(&mut *build(&RouterModel::Mesh(mesh), 4, 4), &packets));
    assert_eq!(plain, cut);
}

/// (Target, cycle) of the deliveries of one packet of core `source` of a 4 x 4 mesh, and its hops.
fn multicast(mesh: Mesh, source: u32, targets: &[u32]) -> (Vec<(u32, u64)>, u64) {
    let mut mesh = build(&RouterModel::Mesh(mesh), 4, 4);
    mesh.send_to(packet(0, source, 0, 7), targets);
    assert_eq!(mesh.in_flight(), targets.len() as u64);
    let came: Vec<(u32, u64)> = std::iter::from_fn(|| mesh.next_delivery(FOREVER))
        .inspect(|d| assert_eq!((d.packet.source, d.packet.tag), (source, 7)))
        .map(|d| (d.packet.target, d.cycle))
        .collect();
    (came, mesh.traffic().hops[source as usize])
}

#[test]
fn a_packet_for_many_shares_the_links_of_its_tree() {
    let tree = Mesh { multicast: true, ..Mesh::default() };
    // From (0,0) to (1,0), (2,0), (2,1), (2,2) and itself: east twice, then north twice; each target is reached
    // as fast as alone.
    let (came, hops) = multicast(tree, 0, &[0, 1, 2, 6, 10]);
    assert_eq!(came, [(0, 1), (1, 3), (2, 5), (6, 7), (10, 9)]);
    assert_eq!(hops, 4);
    // One packet per target: they leave the core one per cycle, in the order of targets.
    let (came, hops) = multicast(Mesh::default(), 0, &[0, 1, 2, 6, 10]);
    assert_eq!(came, [(0, 1), (1, 4), (2, 7), (6, 10), (10, 13)]);
    assert_eq!(hops, 1 + 2 + 3 + 4);
}

#[test]
fn a_branch_that_must_wait_does_not_hold_the_others() {
    // The tree from (0,0) parts at (1,0): to its core (1), to the east (2) and to the north (5).
    let mut mesh = build(&RouterModel::Mesh(Mesh { multicast: true, ..Mesh::default() }), 4, 4);
    mesh.send_to(packet(1, 0, 0, 0), &[1, 2, 5]);
    // Four older packets of core 1, which take the link to the east in cycles 0 to 3.
    (0..4).for_each(|_| mesh.send(packet(0, 1, 2, 1)));
    let came: Vec<(u64, u32, u64)> = std::iter::from_fn(|| mesh.next_delivery(FOREVER))
        .map(|d| (d.cycle, d.packet.target, d.packet.tag))
        .collect();
    // The tree's head is at (1,0) at 3, when the fourth of the older packets leaves: it goes east at 4.
    let expected = [(3, 2, 1), (4, 1, 0), (4, 2, 1), (5, 2, 1), (6, 2, 1), (6, 5, 0), (7, 2, 0)];
    assert_eq!(came, expected);
}

#[test]
fn multicast_between_neighbours_of_a_concentrated_mesh_needs_no_link() {
    let model = ConcentratedMesh { multicast: true, ..ConcentratedMesh::default() };
    let mut mesh = build(&RouterModel::ConcentratedMesh(model), 4, 4);
    // Cores 0, 1, 4 and 5 share a router.
    mesh.send_to(packet(0, 0, 0, 0), &[0, 1, 4, 5, 15]);
    let came: Vec<(u32, u64)> =
        std::iter::from_fn(|| mesh.next_delivery(FOREVER)).map(|d| (d.packet.target, d.cycle)).collect();
    assert_eq!(came, [(0, 1), (1, 1), (4, 1), (5, 1), (15, 5)]);
    assert_eq!((mesh.traffic().packets[0], mesh.traffic().hops[0]), (1, 2));
}

#[test]
fn a_ring_is_gone_around_the_shorter_way_and_upward_in_doubt() {
    let mut torus = build(&RouterModel::Torus(Torus::default()), 6, 1);
    let link = |from: u32, to: u32, torus: &dyn Transport| {
        torus.links().iter().position(|l| (l.from, l.to) == (from, to)).expect("a link") as u32
    };
    let path = |nodes: &[u32]| nodes.windows(2).map(|n| link(n[0], n[1], &*torus)).collect::<Vec<_>>();
    assert_eq!(torus.path(0, 5), path(&[0, 5]));
    assert_eq!(torus.path(4, 0), path(&[4, 5, 0]));
    assert_eq!(torus.path(1, 5), path(&[1, 0, 5]));
    assert_eq!(torus.path(4, 1), path(&[4, 5, 0, 1]), "three either way");
    assert_eq!(arrivals(&mut *torus, &[(0, 4, 1)]), [7]);
}

/// The tags in their order of arrival when three cores around a fourth send two packets each at cycle 0.
fn served(arbiter: ArbiterKind) -> Vec<u64> {
    let mut mesh = build(&RouterModel::Mesh(Mesh { arbiter, ..Mesh::default() }), 3, 3);
    // South, east and west neighbours of the centre, by source 1, 5 and 3; they are at its router together.
    for tag in 0..2 {
        for source in [1, 3, 5] {
            mesh.send(packet(0, source, 4, 10 * u64::from(source) + tag));
        }
    }
    std::iter::from_fn(|| mesh.next_delivery(FOREVER)).map(|d| d.packet.tag).collect()
}

#[test]
fn arbiters_serve_in_their_own_orders() {
    // Inputs of the centre: north, east (source 5), south (source 1), west (source 3). All are equally old.
    assert_eq!(served(ArbiterKind::Oldest), [10, 11, 30, 31, 50, 51], "smallest source, then sequence");
    assert_eq!(served(ArbiterKind::RoundRobin), [50, 10, 30, 51, 11, 31], "in turn");
    assert_eq!(served(ArbiterKind::FixedPriority), [50, 51, 10, 11, 30, 31], "east first");
    assert_eq!(served(ArbiterKind::Matrix), [50, 10, 30, 51, 11, 31], "in turn while all ask");
}

/// The order in which packets (created cycle, source) to the centre of 3 x 3 arrive.
fn order(arbiter: ArbiterKind, packets: &[(u64, u32)]) -> Vec<u64> {
    let mut mesh = build(&RouterModel::Mesh(Mesh { arbiter, ..Mesh::default() }), 3, 3);
    for (&(created_cycle, source), tag) in packets.iter().zip(0..) {
        mesh.send(packet(created_cycle, source, 4, tag));
    }
    std::iter::from_fn(|| mesh.next_delivery(FOREVER)).map(|d| d.packet.tag).collect()
}

#[test]
fn round_robin_and_matrix_differ_when_an_input_paused() {
    // West, south and east are served one after the other; then south and west ask together.
    let paused = [(0, 3), (8, 1), (16, 5), (30, 1), (30, 3)];
    assert_eq!(order(ArbiterKind::RoundRobin, &paused), [0, 1, 2, 3, 4], "south follows east");
    assert_eq!(order(ArbiterKind::Matrix, &paused), [0, 1, 2, 4, 3], "west won longest ago");
}

#[test]
fn statistics_of_a_train_of_three_are_those_worked_by_hand() {
    let mut mesh = row(Mesh::default());
    mesh.watch(true);
    assert_eq!(arrivals(&mut *mesh, &[(0, 0, 2), (0, 0, 2), (0, 0, 2)]), [5, 6, 7]);
    let statistics = mesh.statistics().expect("it is watched");
    let latency = statistics.latency();
    assert_eq!((latency.min(), latency.max(), latency.mean()), (5, 7, 6.0));
    assert_eq!([1, 50, 95].map(|percent| latency.percentile(percent)), [5, 6, 7]);
    // All three enter node 0 at 0 and leave it in cycles 0, 1, 2: 1 + 2 + 3 packet-cycles. At nodes 1 and 2
    // each spends a cycle.
    let used: Vec<(usize, usize, u64, f64)> = statistics
        .fifos(10)
        .iter()
        .filter(|fifo| fifo.max_packets > 0)
        .map(|fifo| (fifo.router, fifo.port, fifo.max_packets, fifo.mean_packets))
        .collect();
    assert_eq!(used, [(0, 0, 3, 0.6), (1, 4, 1, 0.3), (2, 4, 1, 0.3)]);
    // Watching from the middle of a load counts what is there.
    mesh.reset();
    (0..3).for_each(|tag| mesh.send(packet(0, 0, 0, tag)));
    assert_eq!(mesh.next_delivery(0), None);
    mesh.watch(true);
    let depths: Vec<u64> =
        mesh.statistics().expect("watched").fifos(1).iter().map(|f| f.max_packets).collect();
    assert_eq!(depths.iter().sum::<u64>(), 2);
    mesh.watch(false);
    assert!(mesh.statistics().is_none());
}
