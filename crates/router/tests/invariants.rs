//! What holds for every topology, arbiter, depth, number of channels and length of packets.

use equipoise_base::Digest;
use equipoise_base::config::{Node, Place as FilePlace, Value};
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};

const EXTENT: Extent = Extent { width: 5, height: 4 };
const CORES: u32 = 20;

/// A model from words, as a file would write it.
fn model(kind: &str, keys: &[(&str, Value)]) -> RouterModel {
    let at = FilePlace::whole("test");
    let mut table = equipoise_base::params::written_table(vec![("kind", Value::Text(kind.into()))]);
    for (key, value) in keys {
        table.set(key, at.clone(), Node { place: at.clone(), value: value.clone() });
    }
    RouterModel::read_section(&table).expect("the keys are the model's")
}

fn number(value: u32) -> Value {
    Value::Integer(i64::from(value))
}

const ARBITERS: [&str; 4] = ["oldest", "round_robin", "fixed_priority", "matrix"];

/// Every topology, on one chip and on several, with its numbers of virtual channels.
fn topologies() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let chips = |mut keys: Vec<(&'static str, Value)>| {
        let narrow = [("chip_width", 2), ("chip_height", 2), ("chip_link_cycles", 3), ("chip_link_bits", 9)];
        keys.extend(narrow.map(|(key, value)| (key, number(value))));
        keys
    };
    let mut all = Vec::new();
    for channels in [1, 2, 3] {
        let keys = vec![("virtual_channels", number(channels))];
        all.push(("mesh", keys.clone()));
        all.push(("tree", [keys.clone(), vec![("arity", number(3))]].concat()));
        all.push(("concentrated_mesh", keys.clone()));
        if channels > 1 {
            all.push(("torus", keys.clone()));
            all.push(("torus", chips(keys.clone())));
        } else {
            all.push(("mesh", chips(keys.clone())));
            all.push(("concentrated_mesh", chips(keys)));
        }
    }
    all
}

/// Calls `test` for topology x channels x arbiter x depth x flits x multicast.
fn every_configuration(test: impl Fn(&str, &RouterModel)) {
    for (kind, own) in topologies() {
        for arbiter in ARBITERS {
            for depth in [1, 2, 4] {
                // Flits of 32 bits, and of 11: three per packet.
                for (link_bits, multicast) in [(0, false), (11, false), (0, true), (11, true)] {
                    let mut keys = own.clone();
                    keys.push(("arbiter", Value::Text(arbiter.into())));
                    keys.push(("fifo_depth", number(depth)));
                    keys.push(("link_bits", number(link_bits)));
                    keys.push(("multicast", Value::Bool(multicast)));
                    let name = format!("{kind} {keys:?}");
                    test(&name, &model(kind, &keys));
                }
            }
        }
    }
}

fn build(model: &RouterModel) -> Box<dyn Transport> {
    model.build(CORES as usize, EXTENT).expect("a seat per core")
}

/// A packet and its targets.
type Sending = (Packet, Vec<u32>);

/// Every core sends in every cycle, for `cycles` cycles: more than any topology carries. One packet in four
/// has up to five targets. The tag is the packet's number.
fn overload(cycles: u64) -> Vec<Sending> {
    let mut sendings = Vec::new();
    for created_cycle in 0..cycles {
        let noise = Noise::at(5, Stream::of(StreamKind::Test, 3), created_cycle);
        for source in 0..CORES {
            let many = noise.below(8 * source, 4) == 0;
            let mut targets: Vec<u32> =
                (1..=if many { 5 } else { 1 }).map(|k| noise.below(8 * source + k, CORES)).collect();
            targets.sort_unstable();
            targets.dedup();
            let tag = sendings.len() as u64;
            sendings.push((Packet { created_cycle, source, target: targets[0], tag }, targets));
        }
    }
    sendings
}

fn send_all(transport: &mut dyn Transport, sendings: &[Sending]) {
    sendings.iter().for_each(|(packet, targets)| transport.send_to(*packet, targets));
}

fn drain(transport: &mut dyn Transport) -> Vec<Delivery> {
    std::iter::from_fn(|| transport.next_delivery(FOREVER)).collect()
}

/// Nothing lost, nothing doubled, nothing early, order of every pair kept.
fn check(name: &str, transport: &dyn Transport, sendings: &[Sending], deliveries: &[Delivery]) {
    let mut owed: Vec<(u64, u32)> =
        sendings.iter().flat_map(|(packet, targets)| targets.iter().map(|&t| (packet.tag, t))).collect();
    let mut came: Vec<(u64, u32)> = deliveries.iter().map(|d| (d.packet.tag, d.packet.target)).collect();
    owed.sort_unstable();
    came.sort_unstable();
    assert_eq!(came, owed, "{name}");
    assert_eq!(transport.in_flight(), 0, "{name}");
    let mut last_of_pair = vec![None; (CORES * CORES) as usize];
    for pair in deliveries.windows(2) {
        let place = |d: &Delivery| (d.cycle, d.packet.target);
        assert!(place(&pair[0]) < place(&pair[1]), "{name}: by cycle, then target, one at a time");
    }
    for Delivery { cycle, packet } in deliveries {
        let (sent, _) = &sendings[packet.tag as usize];
        assert_eq!((packet.source, packet.created_cycle), (sent.source, sent.created_cycle), "{name}");
        let least = transport.zero_load_cycles(packet.source, packet.target);
        assert!(*cycle >= packet.created_cycle + least, "{name}");
        let last = &mut last_of_pair[(packet.source * CORES + packet.target) as usize];
        assert!(last.replace(packet.tag) < Some(packet.tag), "{name}: order of a pair");
    }
}

#[test]
fn an_overload_arrives_once_and_in_order_everywhere() {
    let sendings = overload(30);
    every_configuration(|name, model| {
        let mut transport = build(model);
        send_all(&mut *transport, &sendings);
        let deliveries = drain(&mut *transport);
        check(name, &*transport, &sendings, &deliveries);
    });
}

fn digest(transport: &dyn Transport) -> u64 {
    let mut digest = Digest::default();
    transport.digest(&mut digest);
    digest.value()
}

#[test]
fn stopping_and_resuming_in_an_overload_changes_nothing() {
    let sendings = overload(6);
    every_configuration(|name, model| {
        let mut whole = build(model);
        send_all(&mut *whole, &sendings);
        let expected = drain(&mut *whole);
        for stop in [3, 40, 41, 90] {
            let mut first = build(model);
            send_all(&mut *first, &sendings);
            let mut deliveries: Vec<Delivery> =
                (0..stop).filter_map(|_| first.next_delivery(FOREVER)).collect();
            let mut second = build(model);
            second.resume(&first.snapshot());
            assert_eq!(second.snapshot(), first.snapshot(), "{name} stopped after {stop}");
            deliveries.extend(drain(&mut *second));
            assert_eq!(deliveries, expected, "{name} stopped after {stop}");
            drain(&mut *first);
            assert_eq!(digest(&*second), digest(&*first), "{name} stopped after {stop}");
        }
    });
}

#[test]
fn idle_jumps_and_watching_change_nothing() {
    // Bursts with silences between them.
    let mut sendings = overload(5);
    for (packet, _) in &mut sendings {
        packet.created_cycle *= 97;
    }
    every_configuration(|name, model| {
        let mut jumping = build(model);
        send_all(&mut *jumping, &sendings);
        let expected = drain(&mut *jumping);
        // Every cycle by itself, and packets are known only from the cycle of their creation on.
        let mut walking = build(model);
        walking.watch(true);
        let (mut deliveries, mut sent) = (Vec::new(), 0);
        let end = expected.last().expect("something arrives").cycle;
        for cycle in 0..=end {
            while sendings.get(sent).is_some_and(|(packet, _)| packet.created_cycle == cycle) {
                walking.send_to(sendings[sent].0, &sendings[sent].1);
                sent += 1;
            }
            walking.advance(cycle, &mut deliveries);
        }
        assert_eq!(deliveries, expected, "{name}");
        assert_eq!(walking.traffic(), jumping.traffic(), "{name}");
        let statistics = walking.statistics().expect("it is watched");
        assert_eq!(statistics.latency().count(), expected.len() as u64, "{name}");
    });
}

#[test]
fn zero_load_latency_is_the_closed_form_for_every_pair_and_topology() {
    let (width, height) = (EXTENT.width, EXTENT.height);
    let ring = |a: u32, b: u32, side: u32| a.abs_diff(b).min(side - a.abs_diff(b));
    let hops_of = |kind: &str, a: u32, b: u32| -> u32 {
        let ((ax, ay), (bx, by)) = ((a % width, a / width), (b % width, b / width));
        match kind {
            "mesh" => ax.abs_diff(bx) + ay.abs_diff(by),
            "torus" => ring(ax, bx, width) + ring(ay, by, height),
            "concentrated_mesh" => (ax / 2).abs_diff(bx / 2) + (ay / 2).abs_diff(by / 2),
            // Up to the lowest router above both, and down again.
            _ => 2 * (0..).find(|&up| a / 4_u32.pow(up + 1) == b / 4_u32.pow(up + 1)).expect("the root"),
        }
    };
    for kind in ["mesh", "torus", "concentrated_mesh", "tree"] {
        for (link_bits, flits) in [(0, 1), (11, 3)] {
            let keys =
                [("router_cycles", number(2)), ("link_cycles", number(3)), ("link_bits", number(link_bits))];
            let mut transport = build(&model(kind, &keys));
            for (source, target) in (0..CORES).flat_map(|a| (0..CORES).map(move |b| (a, b))) {
                let hops = u64::from(hops_of(kind, source, target));
                let expected = hops * (2 + 3) + 2 + flits - 1;
                assert_eq!(transport.zero_load_cycles(source, target), expected, "{kind} {source} {target}");
                assert_eq!(transport.path(source, target).len() as u64, hops);
                let created_cycle = transport.now() + 7;
                transport.send(Packet { created_cycle, source, target, tag: 0 });
                let delivery = transport.next_delivery(FOREVER).expect("it arrives");
                assert_eq!(delivery.cycle - created_cycle, expected, "{kind} {source} {target}");
            }
        }
    }
}

/// A load that never lets the sources run dry: every core has at least one packet waiting at any time.
fn saturate(name: &str, model: &RouterModel, cycles: u64) {
    let mut transport = build(model);
    let mut next_tag = vec![0_u64; CORES as usize];
    let mut expected = vec![0_u64; (CORES * CORES) as usize];
    let mut tags = vec![std::collections::VecDeque::new(); (CORES * CORES) as usize];
    let mut arrived = 0_u64;
    let window = 1_000;
    for start in (0..cycles).step_by(window) {
        let before = arrived;
        // As many packets as a core could ever inject in the window wait at its start.
        for source in 0..CORES {
            let noise = Noise::at(9, Stream::of(StreamKind::Test, source), start);
            let waiting: u64 = next_tag[source as usize] - expected[source as usize];
            for lane in 0..(window as u64).saturating_sub(waiting) as u32 {
                let target = noise.below(lane, CORES);
                let tag = next_tag[source as usize];
                next_tag[source as usize] += 1;
                tags[(source * CORES + target) as usize].push_back(tag);
                transport.send(Packet { created_cycle: start, source, target, tag });
            }
        }
        while let Some(Delivery { packet, .. }) = transport.next_delivery(start + window as u64 - 1) {
            let pair = (packet.source * CORES + packet.target) as usize;
            assert_eq!(tags[pair].pop_front(), Some(packet.tag), "{name}: order of a pair");
            expected[packet.source as usize] += 1;
            arrived += 1;
        }
        assert!(arrived > before, "{name}: nothing moved from {start} on");
    }
    let sent: u64 = next_tag.iter().sum();
    assert_eq!(transport.in_flight(), sent - arrived, "{name}");
    let rest = drain(&mut *transport).len() as u64;
    assert_eq!(arrived + rest, sent, "{name}");
}

#[test]
fn a_million_cycles_of_saturation_know_no_deadlock() {
    let depth = |depth| ("fifo_depth", number(depth));
    let arbiter = ("arbiter", Value::Text("round_robin".into()));
    saturate("torus", &model("torus", &[depth(1), arbiter]), 1_000_000);
    saturate("mesh", &model("mesh", &[depth(1)]), 1_000_000);
}

#[test]
fn saturation_knows_no_deadlock_anywhere() {
    every_configuration(|name, model| saturate(name, model, 1_000));
}
