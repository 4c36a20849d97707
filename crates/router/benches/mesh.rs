//! Packet-hops per second of an 8 x 8 mesh: uniform load near saturation, beyond it, and far below it, and of
//! the same load in the plain simulation that the tests compare with, in the same run.
//!
//! Each line's digest (of all deliveries and the books) is printed, so that a faster simulator can be seen to
//! simulate the same.

#[path = "../tests/reference/mod.rs"]
mod reference;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::Digest;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::Mesh;
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, Transport};
use reference::{Plain, PlainPacket};

const SIDE: u32 = 8;
const CORES: u32 = SIDE * SIDE;
const CYCLES: u64 = 4_000;
/// The plain simulation is too slow for more.
const PLAIN_CYCLES: u64 = 100;

/// Every core creates a packet for a random core with this probability in each cycle.
fn uniform_load(rate: f64) -> Vec<Packet> {
    let mut packets = Vec::new();
    for created_cycle in 0..CYCLES {
        let noise = Noise::at(1, Stream::of(StreamKind::Test, 2), created_cycle);
        for source in 0..CORES {
            if noise.uniform(2 * source) < rate {
                let target = noise.below(2 * source + 1, CORES);
                packets.push(Packet { created_cycle, source, target, tag: packets.len() as u64 });
            }
        }
    }
    packets
}

/// Sends the packets as time goes by and returns the cycle in which the last one arrives.
fn run(mesh: &mut dyn Transport, packets: &[Packet], mut arrived: impl FnMut(&Delivery)) -> u64 {
    mesh.reset();
    mesh.clear_traffic();
    for due in packets.chunk_by(|a, b| a.created_cycle == b.created_cycle) {
        due.iter().for_each(|&packet| mesh.send(packet));
        while let Some(delivery) = mesh.next_delivery(due[0].created_cycle) {
            arrived(&delivery);
        }
    }
    let mut end = 0;
    while let Some(delivery) = mesh.next_delivery(FOREVER) {
        arrived(&delivery);
        end = delivery.cycle;
    }
    end
}

/// The default mesh but for its depth.
fn mesh_of_depth(fifo_depth: u32) -> Box<dyn Transport> {
    let params = Mesh { fifo_depth, ..Mesh::default() };
    let extent = Extent { width: SIDE, height: SIDE };
    params.build(CORES as usize, extent).expect("a node per core")
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mesh_8x8_uniform");
    for (name, rate, fifo_depth) in [
        ("near_saturation_depth_4", 0.36, 4),
        ("near_saturation_deep", 0.38, 1_000),
        ("overload_depth_4", 0.60, 4),
        ("tenth_of_saturation_depth_4", 0.03, 4),
        ("hundredth_of_saturation_depth_4", 0.003, 4),
    ] {
        let mut mesh = mesh_of_depth(fifo_depth);
        let packets = uniform_load(rate);
        let mut digest = Digest::default();
        let mut latency = 0;
        let end = run(&mut *mesh, &packets, |delivery| {
            digest.word(delivery.cycle);
            digest.word(delivery.packet.tag);
            latency += delivery.cycle - delivery.packet.created_cycle;
        });
        let hops: u64 = mesh.traffic().hops.iter().sum();
        digest.words(mesh.traffic().links.iter().copied());
        println!(
            "{name}: {} packets, {hops} hops, done in cycle {end} of {CYCLES} with load, mean latency {:.1}, \
             digest {:016x}",
            packets.len(),
            latency as f64 / packets.len() as f64,
            digest.value()
        );
        group.throughput(Throughput::Elements(hops));
        group.bench_function(name, |bencher| bencher.iter(|| run(&mut *mesh, &packets, |_| ())));
    }
    group.finish();
}

/// The beginning of the load near saturation, as both simulations read it.
fn short_load() -> (Vec<Packet>, Vec<PlainPacket>) {
    let mut packets = uniform_load(0.36);
    packets.retain(|packet| packet.created_cycle < PLAIN_CYCLES);
    let mut sent = vec![0; CORES as usize];
    let number = |packet: &Packet| {
        let source = packet.source as usize;
        sent[source] += 1;
        let target = packet.target as usize;
        PlainPacket { created: packet.created_cycle, source, sequence: sent[source] - 1, target }
    };
    let plain = packets.iter().map(number).collect();
    (packets, plain)
}

/// Seconds of the fastest of several runs: what is left of it when others use the machine too.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn fastest(runs: u32, mut work: impl FnMut()) -> f64 {
    let timed = (0..runs).map(|_| {
        let start = std::time::Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    timed.fold(f64::INFINITY, f64::min)
}

fn baseline(criterion: &mut Criterion) {
    let plain =
        Plain { width: SIDE as usize, height: SIDE as usize, depth: 4, router_cycles: 1, link_cycles: 1 };
    let (packets, plain_packets) = short_load();
    let mut mesh = mesh_of_depth(4);
    run(&mut *mesh, &packets, |_| ());
    let hops: u64 = mesh.traffic().hops.iter().sum();
    let slow = fastest(5, || assert_eq!(plain.run(&plain_packets, 10_000).len(), packets.len()));
    let fast = fastest(200, || assert!(run(&mut *mesh, &packets, |_| ()) > 0));
    println!(
        "near saturation, {PLAIN_CYCLES} cycles: {:.2} million packet-hops/s, plain {:.3}, ratio {:.0}",
        hops as f64 / fast / 1e6,
        hops as f64 / slow / 1e6,
        slow / fast
    );
    let mut group = criterion.benchmark_group("mesh_8x8_short");
    group.throughput(Throughput::Elements(hops)).sample_size(10);
    group.bench_function("fabric", |bencher| bencher.iter(|| run(&mut *mesh, &packets, |_| ())));
    group.bench_function("plain", |bencher| bencher.iter(|| plain.run(&plain_packets, 10_000).len()));
    group.finish();
}

criterion_group!(mesh, benches, baseline);
criterion_main!(mesh);
