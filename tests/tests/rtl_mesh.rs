//! The mesh against its Verilog reference: where every packet is in every cycle, on random traffic.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::Mesh;
use equipoise_router::transport::{Place, Snapshot};
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};
use equipoise_tests::rtl::{Bench, Waveform, compare, waveform};
use std::fmt::Write;
use std::path::PathBuf;

/// Ports of a router, local, north, east, south, west; and the port at the far end of the link behind each.
const PORTS: usize = 5;
const OPPOSITE: [usize; PORTS] = [0, 3, 4, 1, 2];

/// A mesh and what runs on it, each run on an empty mesh.
struct Case {
    extent: Extent,
    mesh: Mesh,
    runs: Vec<Vec<Packet>>,
}

/// How much was compared, and if it was hard enough.
#[derive(Debug, Default)]
struct Seen {
    packets: u64,
    cycles: u64,
    /// Values compared: a node has 5 grants, 5 FIFO contents, 5 credits, the packets outside, a delivery.
    signals: u64,
    /// Packets that arrived later than in an empty mesh.
    held_up: u64,
    /// FIFOs without room at the end of a cycle.
    full: u64,
}

fn mesh(fifo_depth: u32, router_cycles: u32, link_cycles: u32) -> Mesh {
    Mesh { fifo_depth, router_cycles, link_cycles, ..Mesh::default() }
}

/// The tag of the packet number `sequence` of a core: its id.
fn id(source: u32, sequence: u64) -> u64 {
    u64::from(source) << 16 | sequence
}

fn written(id: Option<u64>) -> String {
    id.map_or("-".to_owned(), |id| format!("{}.{}", id >> 16, id & 0xFFFF))
}

/// Random packets, to a hotspot or everywhere, in a burst or spread out.
fn random_packets(run: u64, nodes: u32, count: u32) -> Vec<Packet> {
    let noise = Noise::at(3, Stream::of(StreamKind::Test, 0), run);
    let spread = [5, 40, 120, 400][noise.below(0, 4) as usize];
    let (hotspot, share) = (noise.below(1, nodes), [0, 2, 10][noise.below(2, 3) as usize]);
    let mut sent = vec![0; nodes as usize];
    let packet = |number: u32| {
        let draw = |which, bound| noise.below(4 + 4 * number + which, bound);
        let (created_cycle, source) = (u64::from(draw(0, spread)), draw(1, nodes));
        let target = if draw(2, 10) < share { hotspot } else { draw(3, nodes) };
        let sequence = sent[source as usize];
        sent[source as usize] += 1;
        Packet { created_cycle, source, target, tag: id(source, sequence) }
    };
    (0..count).map(packet).collect()
}

/// 48 runs of 256 packets on 16 meshes.
fn random_cases() -> Vec<Case> {
    let widths = [4, 4, 4, 4, 4, 4, 4, 3, 4, 3, 2, 2, 4, 1, 2, 1];
    let heights = [4, 4, 4, 4, 4, 4, 4, 4, 2, 3, 3, 2, 1, 3, 1, 1];
    let case = |(number, (width, height)): (usize, (u32, u32))| {
        let extent = Extent { width, height };
        let depth = [1, 2, 3, 4, 8][number % 5];
        let (router, link) = ([1, 2, 1, 3][number % 4], [1, 0, 2][number % 3]);
        let packets = |run| random_packets(3 * number as u64 + run, width * height, 256);
        Case { extent, mesh: mesh(depth, router, link), runs: (0..3).map(packets).collect() }
    };
    widths.into_iter().zip(heights).enumerate().map(case).collect()
}

impl Case {
    /// The FIFO behind output `port` of `node`, numbered node times ports plus input port, if there is a link.
    fn behind(&self, node: usize, port: usize) -> Option<usize> {
        let (width, height) = (self.extent.width as usize, self.extent.height as usize);
        let (x, y) = (node % width, node / width);
        let there = match port {
            1 if y + 1 < height => node + width,
            2 if x + 1 < width => node + 1,
            3 if y > 0 => node - width,
            4 if x > 0 => node - 1,
            _ => return None,
        };
        Some(there * PORTS + OPPOSITE[port])
    }

    /// The bench's input file.
    fn file(&self) -> String {
        let mut text = format!("{}\n", self.runs.len());
        for packets in &self.runs {
            for source in 0..self.extent.nodes() as u32 {
                let mut own: Vec<&Packet> = packets.iter().filter(|p| p.source == source).collect();
                own.sort_by_key(|packet| (packet.created_cycle, packet.tag));
                writeln!(text, "{}", own.len()).expect("a string takes it");
                for Packet { created_cycle, tag, target, .. } in own {
                    writeln!(text, "{created_cycle} {} {target}", tag & 0xFFFF).expect("a string takes it");
                }
            }
        }
        text
    }

    fn rtl(&self, name: &str, macros: &[&str]) -> Waveform {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rtl-{name}"));
        let parameters = [
            ("WIDTH", u64::from(self.extent.width)),
            ("HEIGHT", u64::from(self.extent.height)),
            ("DEPTH", u64::from(self.mesh.fifo_depth)),
            ("T_R", u64::from(self.mesh.router_cycles)),
            ("T_L", u64::from(self.mesh.link_cycles)),
        ];
        let design = ["mesh", "mesh_router", "fifo", "delay_line"];
        waveform(&Bench::compile(&folder, "mesh_tb", &design, &parameters, macros).run(&self.file()))
    }

    fn simulator(&self, seen: &mut Seen) -> Waveform {
        let mut waveform = Waveform::new();
        for (run, packets) in self.runs.iter().enumerate() {
            self.simulate(run as u64, packets, &mut waveform, seen);
        }
        waveform
    }

    /// Stops the simulator after every cycle and writes down what is where.
    fn simulate(&self, run: u64, packets: &[Packet], waveform: &mut Waveform, seen: &mut Seen) {
        let router = RouterModel::Mesh(self.mesh.clone());
        let mut transport = router.build(self.extent.nodes(), self.extent).expect("a node per core");
        packets.iter().for_each(|&packet| transport.send(packet));
        let mut before = transport.snapshot();
        for cycle in 0.. {
            let mut deliveries = Vec::new();
            transport.clear_traffic();
            transport.advance(cycle, &mut deliveries);
            let after = transport.snapshot();
            let look = Look::of(self, cycle, &before, &after, &deliveries);
            look.agrees_with_the_books(self, transport.as_ref());
            let lines = look.lines(self);
            if !lines.is_empty() {
                waveform.insert((run, cycle), lines);
            }
            let late = |d: &&Delivery| {
                let latency = d.cycle - d.packet.created_cycle;
                latency > transport.zero_load_cycles(d.packet.source, d.packet.target)
            };
            seen.held_up += deliveries.iter().filter(late).count() as u64;
            let depth = self.mesh.fifo_depth as usize;
            seen.full += look.fifos.iter().filter(|fifo| fifo.len() == depth).count() as u64;
            before = after;
            if transport.in_flight() == 0 {
                seen.packets += packets.len() as u64;
                seen.cycles += cycle + 1;
                seen.signals += (cycle + 1) * self.extent.nodes() as u64 * 17;
                return;
            }
        }
    }
}

/// The signals of one cycle of the simulator; packets by their tag.
struct Look {
    /// By node and output port.
    grants: Vec<Option<u64>>,
    /// By node and input port, after the grants.
    fifos: Vec<Vec<u64>>,
    /// By node and input port: packets in the FIFO and on the way to it, at the start of the cycle.
    claimed: Vec<u32>,
    /// By node: packets outside the local FIFO.
    waiting: Vec<u32>,
    /// By node.
    delivered: Vec<Option<u64>>,
}

impl Look {
    fn of(case: &Case, cycle: u64, before: &Snapshot, after: &Snapshot, deliveries: &[Delivery]) -> Self {
        let nodes = case.extent.nodes();
        let mut look = Self {
            grants: vec![None; nodes * PORTS],
            fifos: vec![Vec::new(); nodes * PORTS],
            claimed: vec![0; nodes * PORTS],
            waiting: vec![0; nodes],
            delivered: vec![None; nodes],
        };
        let leads_to = |fifo: u32| {
            let outputs =
                (0..nodes * PORTS).find(|&o| case.behind(o / PORTS, o % PORTS) == Some(fifo as usize));
            outputs.expect("a packet on a wire is behind an output")
        };
        let router_cycles = u64::from(case.mesh.router_cycles);
        let link_cycles = u64::from(case.mesh.link_cycles);
        for flight in &before.flights {
            if let Place::Fifo(fifo) | Place::Wire { fifo, .. } = flight.place {
                look.claimed[fifo as usize] += 1;
            }
        }
        for flight in &after.flights {
            let packet = flight.packet;
            match flight.place {
                Place::Source if packet.created_cycle <= cycle => look.waiting[packet.source as usize] += 1,
                Place::Source => {}
                Place::Fifo(fifo) => look.fifos[fifo as usize].push(packet.tag),
                // What has the whole way before it was granted in this cycle.
                Place::Wire { fifo, due_cycle } if due_cycle == cycle + router_cycles + link_cycles => {
                    look.grants[leads_to(fifo)] = Some(packet.tag);
                }
                Place::Ejected { due_cycle } if due_cycle == cycle + router_cycles => {
                    look.grants[packet.target as usize * PORTS] = Some(packet.tag);
                }
                Place::Wire { .. } | Place::Ejected { .. } => {}
            }
        }
        for delivery in deliveries {
            assert_eq!(delivery.cycle, cycle, "a delivery is handed out in its cycle");
            let slot = &mut look.delivered[delivery.packet.target as usize];
            assert_eq!(slot.replace(delivery.packet.tag), None, "one delivery per node and cycle");
        }
        look
    }

    /// The books say that exactly the links with a grant were busy.
    fn agrees_with_the_books(&self, case: &Case, transport: &dyn Transport) {
        for (link, &packets) in transport.links().iter().zip(&transport.traffic().links) {
            let leads_there = |port: &usize| {
                case.behind(link.from as usize, *port).is_some_and(|fifo| fifo / PORTS == link.to as usize)
            };
            let port = (1..PORTS).find(leads_there).expect("a link has a port");
            let granted = self.grants[link.from as usize * PORTS + port].is_some();
            assert_eq!(packets, u64::from(granted), "{link:?}");
        }
    }

    /// One line for each node where anything is to be seen.
    fn lines(&self, case: &Case) -> std::collections::BTreeMap<u64, String> {
        let nodes = 0..case.extent.nodes();
        nodes.filter_map(|node| Some((node as u64, self.line(case, node)?))).collect()
    }

    fn line(&self, case: &Case, node: usize) -> Option<String> {
        let ports = node * PORTS..(node + 1) * PORTS;
        let depth = case.mesh.fifo_depth;
        let credits: Vec<u32> = (0..PORTS)
            .map(|port| depth - case.behind(node, port).map_or(0, |fifo| self.claimed[fifo]))
            .collect();
        let idle = self.grants[ports.clone()].iter().all(Option::is_none)
            && self.fifos[ports.clone()].iter().all(Vec::is_empty)
            && credits.iter().all(|&credit| credit == depth)
            && self.delivered[node].is_none();
        if idle {
            return None;
        }
        let mut line = "g".to_owned();
        self.grants[ports.clone()].iter().for_each(|&grant| line += &format!(" {}", written(grant)));
        line += " f";
        for fifo in &self.fifos[ports] {
            let ids: String = fifo.iter().map(|&id| written(Some(id)) + ",").collect();
            line += &format!(" [{ids}]");
        }
        line += " c";
        credits.iter().for_each(|credit| line += &format!(" {credit}"));
        Some(line + &format!(" w {} d {}", self.waiting[node], written(self.delivered[node])))
    }
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn on_twelve_thousand_random_packets_no_cycle_differs_from_the_rtl() {
    let (mut seen, mut different) = (Seen::default(), 0);
    for (number, case) in random_cases().iter().enumerate() {
        let found = compare(&case.simulator(&mut seen), &case.rtl(&format!("mesh-{number}"), &[]));
        different += found.cycles;
        assert_eq!(different, 0, "case {number}, {:?}: {}", case.mesh, found.first);
    }
    println!("{seen:?}, {different} differing cycles");
    assert!(seen.packets >= 10_000, "{seen:?}");
    assert!(seen.held_up > seen.packets / 2 && seen.full > seen.cycles, "a hard test: {seen:?}");
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn a_router_that_ignores_ages_or_frees_slots_late_is_found_out() {
    for defect in ["MUTANT_ID_ONLY", "MUTANT_LATE_CREDIT"] {
        let case = Case { runs: (0..3).map(|run| random_packets(run, 9, 256)).collect(), ..small(3, 3, 4) };
        let found = compare(&case.simulator(&mut Seen::default()), &case.rtl(defect, &[defect]));
        assert!(found.cycles > 0, "{defect}");
    }
}

/// A mesh with T_R = T_L = 1 and no packets.
fn small(width: u32, height: u32, depth: u32) -> Case {
    Case { extent: Extent { width, height }, mesh: mesh(depth, 1, 1), runs: Vec::new() }
}

/// The cycles in which the RTL delivers packets of (creation cycle, source, target), in their order.
fn delivered(mut case: Case, name: &str, packets: &[(u64, u32, u32)]) -> Vec<u64> {
    let packet = |(number, &(created_cycle, source, target)): (u64, &(u64, u32, u32))| Packet {
        created_cycle,
        source,
        target,
        tag: id(source, number),
    };
    case.runs = vec![(0..).zip(packets).map(packet).collect()];
    let waveform = case.rtl(name, &[]);
    let arrival = |packet: &Packet| {
        let seen = format!(" d {}", written(Some(packet.tag)));
        let cycles = waveform.iter().filter(|(_, nodes)| nodes.values().any(|line| line.ends_with(&seen)));
        cycles.map(|((_, cycle), _)| *cycle).next().expect("it arrives")
    };
    case.runs[0].iter().map(arrival).collect()
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn the_rtl_delivers_in_the_cycles_worked_out_by_hand() {
    assert_eq!(delivered(small(3, 1, 8), "by-age", &[(0, 2, 0), (2, 1, 0)]), [5, 6]);
    for (depth, cycles) in [(4, [5, 6, 7]), (2, [5, 6, 8]), (1, [5, 8, 11])] {
        assert_eq!(delivered(small(3, 1, depth), "by-depth", &[(0, 0, 2); 3]), cycles, "depth {depth}");
    }
    let hotspot = [0, 1, 2, 3, 5, 6, 7, 8].map(|source| (0, source, 4));
    assert_eq!(delivered(small(3, 3, 8), "hotspot", &hotspot), [5, 3, 6, 4, 7, 9, 8, 10]);
    assert_eq!(delivered(small(3, 3, 1), "full-hotspot", &hotspot), [6, 3, 9, 4, 5, 10, 7, 13]);
}
