//! Meshes and tori with virtual channels, packets of several flits and links between chips against an
//! independent, plain simulation of the same rules, packet by packet.

mod general;

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::{Mesh, Torus};
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, RouterModel};
use general::{General, PlainPacket};

/// Numbers below a bound, one after the other.
struct Draws(Noise, u32);

impl Draws {
    fn below(&mut self, bound: u32) -> u32 {
        self.1 += 1;
        self.0.below(self.1, bound)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }
}

fn random_case(draws: &mut Draws) -> General {
    let torus = draws.below(2) == 0;
    let flits = draws.one_of(&[1, 1, 2, 3, 5]);
    General {
        width: draws.one_of(&[1, 2, 3, 4, 5]),
        height: draws.one_of(&[1, 2, 3, 4]),
        torus,
        depth: draws.one_of(&[1, 2, 4]),
        channels: if torus { draws.one_of(&[2, 2, 3, 5]) } else { draws.one_of(&[1, 1, 2, 3]) },
        router_cycles: draws.one_of(&[1, 1, 3]),
        link_cycles: draws.one_of(&[0, 1, 1, 2]),
        flits,
        chip_width: draws.one_of(&[1, 2, 5, 5]),
        chip_link_cycles: draws.one_of(&[0, 1, 6]),
        chip_link_flits: flits + draws.one_of(&[0, 1, 4]),
    }
}

/// The model of a case: packets of 60 bits, which these widths cut into that many flits.
fn model(case: &General) -> RouterModel {
    let wires = |flits: u64| 60_u32.div_ceil(flits as u32);
    let General { depth, channels, router_cycles, link_cycles, .. } = *case;
    let keys = Mesh {
        fifo_depth: depth as u32,
        virtual_channels: channels as u32,
        router_cycles: router_cycles as u32,
        link_cycles: link_cycles as u32,
        flit_bits: 60,
        link_bits: wires(case.flits),
        chip_width: case.chip_width as u32,
        chip_link_cycles: case.chip_link_cycles as u32,
        chip_link_bits: wires(case.chip_link_flits),
        ..Mesh::default()
    };
    if !case.torus {
        return RouterModel::Mesh(keys);
    }
    RouterModel::Torus(Torus {
        fifo_depth: keys.fifo_depth,
        virtual_channels: keys.virtual_channels,
        router_cycles: keys.router_cycles,
        link_cycles: keys.link_cycles,
        flit_bits: keys.flit_bits,
        link_bits: keys.link_bits,
        chip_width: keys.chip_width,
        chip_link_cycles: keys.chip_link_cycles,
        chip_link_bits: keys.chip_link_bits,
        ..Torus::default()
    })
}

#[test]
fn random_traffic_arrives_packet_by_packet_as_in_the_plain_simulation() {
    for trial in 0..300 {
        let mut draws = Draws(Noise::at(13, Stream::of(StreamKind::Test, 4), trial), 0);
        let case = random_case(&mut draws);
        let nodes = (case.width * case.height) as u32;
        let (count, spread) = (draws.one_of(&[5, 60, 200]), draws.one_of(&[1, 20, 300]));
        let packets: Vec<Packet> = (0..count)
            .map(|tag| {
                let [cycle, source, target] = [spread, nodes, nodes].map(|bound| draws.below(bound));
                Packet { created_cycle: u64::from(cycle), source, target, tag }
            })
            .collect();
        let extent = Extent { width: case.width as u32, height: case.height as u32 };
        let mut fabric = model(&case).build(nodes as usize, extent).expect("a node per core");
        packets.iter().for_each(|&packet| fabric.send(packet));
        let came: Vec<Delivery> = std::iter::from_fn(|| fabric.next_delivery(FOREVER)).collect();
        assert_eq!(came, plainly(&case, &packets), "trial {trial}: {case:?}");
    }
}

fn plainly(case: &General, packets: &[Packet]) -> Vec<Delivery> {
    let mut sent = vec![0; case.width * case.height];
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
    case.run(&numbered, 50_000).iter().map(deliver).collect()
}
