//! What every model of the router family promises; a new model is tested by being in the list.

use equipoise_base::Digest;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::transport::{FOREVER, Flight, Place, Snapshot};
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};

const CORES: u32 = 9;
const EXTENT: Extent = Extent { width: 4, height: 4 };

fn every_model(test: impl Fn(&RouterModel, Box<dyn Transport>)) {
    for model in RouterModel::defaults() {
        test(&model, model.build(CORES as usize, EXTENT).expect("the default has room for nine cores"));
    }
}

/// Packets that meet: 200 in 40 cycles from `start` on.
fn load(start: u64) -> Vec<Packet> {
    let noise = Noise::at(3, Stream::of(StreamKind::Test, 1), 0);
    let packet = |i: u32| {
        let [cycle, source, target] =
            [(0, 40), (1, CORES), (2, CORES)].map(|(k, n)| noise.below(3 * i + k, n));
        Packet { created_cycle: start + u64::from(cycle), source, target, tag: u64::from(i) }
    };
    (0..200).map(packet).collect()
}

fn run(transport: &mut dyn Transport, packets: &[Packet]) -> Vec<Delivery> {
    packets.iter().for_each(|&packet| transport.send(packet));
    let mut deliveries = Vec::new();
    transport.advance(FOREVER, &mut deliveries);
    deliveries
}

fn digest(transport: &dyn Transport) -> u64 {
    let mut digest = Digest::default();
    transport.digest(&mut digest);
    digest.value()
}

#[test]
fn every_packet_arrives_once_and_not_before_its_time() {
    every_model(|model, mut transport| {
        let packets = load(0);
        let mut deliveries = run(&mut *transport, &packets);
        assert_eq!(transport.in_flight(), 0);
        for Delivery { cycle, packet } in &deliveries {
            let least = transport.zero_load_cycles(packet.source, packet.target);
            assert!(*cycle >= packet.created_cycle + least, "{}", model.kind());
        }
        let in_order = |a: &Delivery, b: &Delivery| (a.cycle, a.packet.target) <= (b.cycle, b.packet.target);
        assert!(deliveries.is_sorted_by(in_order), "{}", model.kind());
        deliveries.sort_by_key(|delivery| delivery.packet.tag);
        let arrived: Vec<Packet> = deliveries.iter().map(|delivery| delivery.packet).collect();
        assert_eq!(arrived, packets);
    });
}

#[test]
fn as_many_hops_are_known_as_links_lie_on_the_way() {
    for model in RouterModel::defaults() {
        for (width, height) in [(4, 4), (5, 3), (1, 7), (6, 1)] {
            let extent = Extent { width, height };
            let mut transport = model.build(extent.nodes(), extent).expect("a node per core");
            for (source, target) in (0..width * height).flat_map(|s| (0..width * height).map(move |t| (s, t)))
            {
                let way = transport.path(source, target).len() as u64;
                assert_eq!(
                    transport.hops(source, target),
                    way,
                    "{} {extent:?}: {source} to {target}",
                    model.kind()
                );
                transport.clear_traffic();
                let created_cycle = transport.now();
                run(&mut *transport, &[Packet { created_cycle, source, target, tag: 0 }]);
                assert_eq!(transport.traffic().hops[source as usize], way, "{}", model.kind());
            }
        }
    }
}

#[test]
fn the_order_in_which_cores_send_changes_nothing() {
    every_model(|_, mut transport| {
        let mut packets = load(0);
        let expected = run(&mut *transport, &packets);
        let traffic = transport.traffic().clone();
        transport.reset();
        transport.clear_traffic();
        // A stable sort keeps each source's own order.
        packets.sort_by_key(|packet| std::cmp::Reverse(packet.source));
        assert_eq!(run(&mut *transport, &packets), expected);
        assert_eq!(*transport.traffic(), traffic);
    });
}

#[test]
fn a_reset_transport_repeats_itself() {
    every_model(|_, mut transport| {
        let fresh = digest(&*transport);
        let first = run(&mut *transport, &load(0));
        transport.reset();
        assert_eq!(digest(&*transport), fresh);
        assert_eq!(run(&mut *transport, &load(0)), first);
        // Also from the middle of a load.
        transport.reset();
        load(0).iter().for_each(|&packet| transport.send(packet));
        transport.next_delivery(20);
        transport.reset();
        assert_eq!(digest(&*transport), fresh);
        assert_eq!(transport.in_flight(), 0);
        assert_eq!(run(&mut *transport, &load(0)), first);
    });
}

#[test]
fn the_same_load_later_gives_the_same_deliveries_later() {
    every_model(|_, mut transport| {
        let now = run(&mut *transport, &load(0));
        let traffic = transport.traffic().clone();
        transport.clear_traffic();
        let shift = 1_000_003;
        let later = run(&mut *transport, &load(shift));
        assert_eq!(now.len(), later.len());
        for (now, later) in now.iter().zip(&later) {
            assert_eq!((now.cycle + shift, now.packet.tag), (later.cycle, later.packet.tag));
        }
        assert_eq!(*transport.traffic(), traffic);
        // So a stretch of equal steps may be counted instead of simulated.
        let mut total = traffic.clone();
        total.add_times(&traffic, 2);
        assert_eq!(total.hops, traffic.hops.iter().map(|hops| 3 * hops).collect::<Vec<_>>());
    });
}

#[test]
fn stopping_anywhere_and_resuming_changes_nothing() {
    every_model(|model, mut whole| {
        let packets = load(0);
        let expected = run(&mut *whole, &packets);
        for stop in 0..expected.len() {
            let mut first = model.build(CORES as usize, EXTENT).expect("as before");
            packets.iter().for_each(|&packet| first.send(packet));
            let mut deliveries: Vec<Delivery> =
                (0..stop).filter_map(|_| first.next_delivery(FOREVER)).collect();
            let mut second = model.build(CORES as usize, EXTENT).expect("as before");
            second.resume(&first.snapshot());
            assert_eq!(digest(&*second), digest(&*first));
            assert_eq!((second.now(), second.in_flight()), (first.now(), first.in_flight()));
            second.advance(FOREVER, &mut deliveries);
            assert_eq!(deliveries, expected, "{} stopped after {stop}", model.kind());
        }
    });
}

#[test]
fn time_stands_just_behind_the_limit_when_nothing_more_arrives() {
    every_model(|_, mut transport| {
        assert_eq!(transport.next_delivery(FOREVER), None);
        assert_eq!(transport.now(), 0);
        assert_eq!(transport.next_delivery(41), None);
        assert_eq!(transport.now(), 42);
        transport.send(Packet { created_cycle: 42, source: 0, target: 0, tag: 9 });
        let delivery = transport.next_delivery(FOREVER).expect("it arrives");
        assert_eq!(delivery.cycle, 42 + transport.zero_load_cycles(0, 0));
        assert!(transport.now() <= delivery.cycle, "its core may answer in the cycle of arrival");
    });
}

#[test]
fn every_state_in_a_load_has_its_own_digest() {
    every_model(|_, mut transport| {
        load(0).iter().for_each(|&packet| transport.send(packet));
        let mut seen = vec![digest(&*transport)];
        while transport.next_delivery(FOREVER).is_some() {
            seen.push(digest(&*transport));
        }
        let states = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), states);
    });
}

#[test]
fn a_snapshots_digest_sees_where_every_packet_is() {
    let packet = Packet { created_cycle: 3, source: 1, target: 2, tag: 7 };
    let of = |sequence, place| {
        let flights = vec![Flight { packet, sequence, place }];
        let mut digest = Digest::default();
        Snapshot { now: 9, sequences: vec![5; 3], flights, ..Snapshot::default() }.digest(&mut digest);
        digest.value()
    };
    let digests = [
        of(4, Place::Source),
        of(5, Place::Source),
        of(4, Place::Fifo(0)),
        of(4, Place::Fifo(1)),
        of(4, Place::Wire { fifo: 0, due_cycle: 10 }),
        of(4, Place::Wire { fifo: 1, due_cycle: 10 }),
        of(4, Place::Wire { fifo: 0, due_cycle: 11 }),
        of(4, Place::Ejected { due_cycle: 10 }),
        of(4, Place::Ejected { due_cycle: 11 }),
    ];
    assert_eq!(digests.iter().collect::<std::collections::BTreeSet<_>>().len(), digests.len());
}

#[test]
fn a_mesh_with_fewer_nodes_than_cores_is_refused() {
    let error = RouterModel::defaults()[1].build(17, EXTENT).err().expect("sixteen nodes are too few");
    assert_eq!(error.to_string(), "a 4 x 4 mesh has 16 nodes for 17 cores");
}

/// A slot is taken from the cycle after a packet has won the link to the one in which it leaves: the time that the
/// statistics see it in the FIFO, and its flight of two cycles but for the one in which it joins.
#[test]
fn slots_are_taken_on_the_way_to_a_fifo_and_in_it() {
    every_model(|model, mut transport| {
        if !matches!(model, RouterModel::Mesh(_) | RouterModel::Torus(_)) {
            return;
        }
        transport.watch(true);
        run(&mut *transport, &load(0));
        let end = transport.now();
        let fifos = transport.statistics().expect("it is watched").fifos(end);
        let behind_links = fifos.iter().filter(|fifo| fifo.port != 0);
        let inside: f64 = behind_links.map(|fifo| fifo.mean_packets * end as f64).sum();
        let hops: u64 = transport.traffic().hops.iter().sum();
        let taken = transport.traffic().slot_cycles;
        assert!(
            (inside + hops as f64 - taken as f64).abs() < 1e-6 && hops > 100,
            "{}: {taken}",
            model.kind()
        );
        let most = fifos.iter().filter(|fifo| fifo.port != 0).map(|fifo| fifo.max_packets).max();
        assert!(transport.traffic().most_slots >= most.unwrap_or(0), "{}", model.kind());
        // Four directions of 4 x 4 nodes with their channels, four packets deep; a torus goes round.
        let slots = match model {
            RouterModel::Mesh(_) => 48 * 4,
            _ => 64 * 2 * 4,
        };
        assert_eq!(transport.slots(), slots);
    });
}
