//! The mesh against an independent, plain simulation of the same rules, packet by packet, and its invariants.

mod reference;

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::Mesh;
use equipoise_router::transport::{FOREVER, Place};
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};
use reference::{Plain, PlainPacket};

/// Numbers below a bound, one after the other, from one address of the noise.
struct Draws {
    noise: Noise,
    lane: u32,
}

impl Draws {
    fn new(trial: u64) -> Self {
        Self { noise: Noise::at(11, Stream::of(StreamKind::Test, 0), trial), lane: 0 }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.lane += 1;
        u64::from(self.noise.below(self.lane, bound as u32))
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Random packets: uniform or to a hotspot, dense or with long silences, each source in the order of time or
/// not. The tag is the packet's number.
fn random_packets(draws: &mut Draws, nodes: u64) -> Vec<Packet> {
    let count = draws.one_of(&[5, 60, 300]);
    let spread = draws.one_of(&[1, 20, 100, 1000]);
    let hotspot = draws.below(nodes) as u32;
    let share = draws.one_of(&[0, 3, 10]);
    let packet = |tag| {
        let (created_cycle, source) = (draws.below(spread), draws.below(nodes) as u32);
        let uniform = draws.below(nodes) as u32;
        let target = if draws.below(10) < share { hotspot } else { uniform };
        Packet { created_cycle, source, target, tag }
    };
    let mut packets: Vec<Packet> = (0..count).map(packet).collect();
    if draws.below(2) == 0 {
        packets.sort_by_key(|packet| packet.created_cycle);
        packets.iter_mut().zip(0..).for_each(|(packet, tag)| packet.tag = tag);
    }
    packets
}

fn random_extent(draws: &mut Draws) -> Extent {
    Extent { width: draws.one_of(&[1, 2, 3, 4, 5]), height: draws.one_of(&[1, 2, 3, 4]) }
}

fn random_mesh(draws: &mut Draws) -> Mesh {
    Mesh {
        fifo_depth: draws.one_of(&[1, 2, 3, 4, 100]),
        router_cycles: draws.one_of(&[1, 1, 2, 3]),
        link_cycles: draws.one_of(&[0, 1, 1, 2, 5]),
        flit_bits: 32,
        ..Mesh::default()
    }
}

fn build(mesh: &Mesh, extent: Extent) -> Box<dyn Transport> {
    RouterModel::Mesh(mesh.clone()).build(extent.nodes(), extent).expect("a node per core")
}

fn plainly(mesh: &Mesh, extent: Extent, packets: &[Packet]) -> Vec<Delivery> {
    let plain = Plain {
        width: extent.width as usize,
        height: extent.height as usize,
        depth: mesh.fifo_depth as usize,
        router_cycles: u64::from(mesh.router_cycles),
        link_cycles: u64::from(mesh.link_cycles),
    };
    let mut sent = vec![0; plain.width * plain.height];
    let number = |packet: &Packet| {
        let (source, target) = (packet.source as usize, packet.target as usize);
        sent[source] += 1;
        PlainPacket { created: packet.created_cycle, source, sequence: sent[source] - 1, target }
    };
    let numbered: Vec<PlainPacket> = packets.iter().map(number).collect();
    let deliver = |(cycle, packet): &(u64, PlainPacket)| {
        let tag = numbered.iter().position(|p| p == packet).expect("only what was sent arrives");
        Delivery { cycle: *cycle, packet: packets[tag] }
    };
    plain.run(&numbered, 200_000).iter().map(deliver).collect()
}

fn all_deliveries(mesh: &mut dyn Transport) -> Vec<Delivery> {
    std::iter::from_fn(|| mesh.next_delivery(FOREVER)).collect()
}

#[test]
fn random_traffic_arrives_packet_by_packet_as_in_the_plain_simulation() {
    for trial in 0..400 {
        let mut draws = Draws::new(trial);
        let (extent, params) = (random_extent(&mut draws), random_mesh(&mut draws));
        let packets = random_packets(&mut draws, extent.nodes() as u64);
        let mut mesh = build(&params, extent);
        packets.iter().for_each(|&packet| mesh.send(packet));
        assert_eq!(
            all_deliveries(&mut *mesh),
            plainly(&params, extent, &packets),
            "trial {trial}: {params:?}"
        );
        assert_eq!(mesh.in_flight(), 0);
    }
}

#[test]
fn jumping_idle_stretches_changes_nothing() {
    for trial in 0..100 {
        let mut draws = Draws::new(1_000 + trial);
        let (extent, params) = (random_extent(&mut draws), random_mesh(&mut draws));
        let mut packets = random_packets(&mut draws, extent.nodes() as u64);
        packets.sort_by_key(|packet| packet.created_cycle);
        let mut jumping = build(&params, extent);
        packets.iter().for_each(|&packet| jumping.send(packet));
        let expected = all_deliveries(&mut *jumping);
        // Every cycle is simulated by itself, and a packet is known only from the cycle of its creation on.
        let mut walking = build(&params, extent);
        let (mut deliveries, mut sent) = (Vec::new(), 0);
        for cycle in 0.. {
            while packets.get(sent).is_some_and(|packet| packet.created_cycle == cycle) {
                walking.send(packets[sent]);
                sent += 1;
            }
            walking.advance(cycle, &mut deliveries);
            assert_eq!(walking.now(), cycle + 1);
            if deliveries.len() == packets.len() {
                break;
            }
        }
        assert_eq!(deliveries, expected, "trial {trial}: {params:?}");
        assert_eq!(walking.traffic(), jumping.traffic());
    }
}

#[test]
fn zero_load_latency_is_the_closed_form_for_every_pair() {
    for (router_cycles, link_cycles) in [(1, 1), (2, 0), (3, 4)] {
        let extent = Extent { width: 5, height: 3 };
        let params = Mesh { fifo_depth: 1, router_cycles, link_cycles, flit_bits: 8, ..Mesh::default() };
        let mut mesh = build(&params, extent);
        for (source, target) in (0..15).flat_map(|a| (0..15).map(move |b| (a, b))) {
            let hops = u64::from((source % 5_u32).abs_diff(target % 5) + (source / 5).abs_diff(target / 5));
            let expected = hops * u64::from(router_cycles + link_cycles) + u64::from(router_cycles);
            assert_eq!(mesh.zero_load_cycles(source, target), expected);
            mesh.send(Packet { created_cycle: mesh.now() + 3, source, target, tag: 0 });
            let delivery = mesh.next_delivery(FOREVER).expect("the packet arrives");
            assert_eq!(delivery.cycle - delivery.packet.created_cycle, expected, "{source} to {target}");
            assert_eq!(mesh.traffic().hops[source as usize], hops);
            mesh.clear_traffic();
        }
    }
}

#[test]
fn hops_links_and_bits_of_random_traffic_add_up() {
    let mut draws = Draws::new(5_000);
    let extent = Extent { width: 4, height: 3 };
    let params = Mesh { fifo_depth: 2, flit_bits: 24, ..Mesh::default() };
    let packets = random_packets(&mut draws, 12);
    let mut mesh = build(&params, extent);
    packets.iter().for_each(|&packet| mesh.send(packet));
    all_deliveries(&mut *mesh);
    let mut hops = [0; 12];
    let mut sent = [0; 12];
    // Crossings of each directed link, by walking x first and then y.
    let mut crossings = std::collections::BTreeMap::new();
    for packet in &packets {
        sent[packet.source as usize] += 1;
        let (mut at, to) = ([packet.source % 4, packet.source / 4], [packet.target % 4, packet.target / 4]);
        for axis in [0, 1] {
            while at[axis] != to[axis] {
                let from = at[1] * 4 + at[0];
                at[axis] = if at[axis] < to[axis] { at[axis] + 1 } else { at[axis] - 1 };
                *crossings.entry((from, at[1] * 4 + at[0])).or_insert(0) += 1;
                hops[packet.source as usize] += 1;
            }
        }
    }
    let traffic = mesh.traffic();
    assert_eq!((traffic.packets.as_slice(), traffic.hops.as_slice()), (sent.as_slice(), hops.as_slice()));
    assert_eq!(mesh.links().len(), 2 * (3 * 3 + 4 * 2));
    for (link, &packets) in mesh.links().iter().zip(&traffic.links) {
        assert_eq!(packets, crossings.get(&(link.from, link.to)).copied().unwrap_or(0), "{link:?}");
    }
    for (core, &hops) in hops.iter().enumerate() {
        let mut book = equipoise_base::Counts::default();
        traffic.count_into(core, &mut book);
        assert_eq!(book[equipoise_base::Action::PacketHop], hops);
        assert_eq!(book[equipoise_base::Action::LinkBit], 24 * hops);
    }
}

#[test]
fn no_fifo_ever_holds_or_is_promised_more_than_its_depth() {
    for fifo_depth in [1, 2, 3] {
        let mut draws = Draws::new(6_000);
        let extent = Extent { width: 4, height: 4 };
        let params = Mesh { fifo_depth, link_cycles: 2, ..Mesh::default() };
        let mut mesh = build(&params, extent);
        (0..2_000).for_each(|tag| {
            let (created_cycle, source, target) = (tag / 16, (tag % 16) as u32, draws.below(16) as u32);
            mesh.send(Packet { created_cycle, source, target, tag });
        });
        let mut fullest = 0;
        for cycle in 0..150 {
            while mesh.next_delivery(cycle).is_some() {}
            let mut claimed = [0; 16 * 5];
            for flight in mesh.snapshot().flights {
                if let Place::Fifo(fifo) | Place::Wire { fifo, .. } = flight.place {
                    claimed[fifo as usize] += 1;
                }
            }
            assert!(claimed.iter().all(|&packets| packets <= fifo_depth), "cycle {cycle}");
            fullest = fullest.max(claimed.into_iter().max().unwrap_or(0));
        }
        assert_eq!(fullest, fifo_depth, "the load is heavy enough to say something");
    }
}

#[test]
fn a_saturated_mesh_delivers_everything_in_bounded_time() {
    for fifo_depth in [1, 4] {
        let extent = Extent { width: 8, height: 8 };
        let params = Mesh { fifo_depth, ..Mesh::default() };
        let mut mesh = build(&params, extent);
        let mut draws = Draws::new(7_000);
        // Every core sends in every cycle for 2000 cycles: three to five times what the mesh carries.
        let cycles = 2_000;
        for created_cycle in 0..cycles {
            for source in 0..64 {
                let target = draws.below(64) as u32;
                mesh.send(Packet { created_cycle, source, target, tag: created_cycle });
            }
        }
        let mut last_of_pair = vec![None; 64 * 64];
        let mut arrived = 0;
        let mut end = 0;
        while let Some(Delivery { cycle, packet }) = mesh.next_delivery(FOREVER) {
            // One path per pair and FIFOs all along it: packets of a pair keep their order.
            let pair = (packet.source * 64 + packet.target) as usize;
            assert!(last_of_pair[pair].replace(packet.tag) <= Some(packet.tag));
            arrived += 1;
            end = cycle;
        }
        assert_eq!(arrived, cycles * 64);
        assert_eq!(mesh.traffic().packets.iter().sum::<u64>(), arrived);
        // A uniform load of one packet per core and cycle puts two packets per cycle on each of the 8 links
        // that cross the middle in one direction, so the mesh needs at least twice the time.
        assert!(end > 2 * cycles, "depth {fifo_depth}: {end}");
        assert!(end < 12 * cycles, "depth {fifo_depth}: {end}");
        println!("depth {fifo_depth}: {} packets per core and cycle", cycles as f64 / end as f64);
    }
}
