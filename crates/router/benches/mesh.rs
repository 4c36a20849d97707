//! Packet-hops per second of an 8 x 8 mesh: uniform load near saturation, beyond it, and far below it.
//!
//! Each line's digest (of all deliveries and the books) is printed, so that a faster simulator can be seen to
//! simulate the same.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::Digest;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::models::Mesh;
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};

const SIDE: u32 = 8;
const CORES: u32 = SIDE * SIDE;
const CYCLES: u64 = 4_000;

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

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mesh_8x8_uniform");
    for (name, rate, fifo_depth) in [
        ("near_saturation_depth_4", 0.36, 4),
        ("near_saturation_deep", 0.38, 1_000),
        ("overload_depth_4", 0.60, 4),
        ("tenth_of_saturation_depth_4", 0.03, 4),
        ("hundredth_of_saturation_depth_4", 0.003, 4),
    ] {
        let params = Mesh { fifo_depth, ..Mesh::default() };
        let Ok(mut mesh) =
            RouterModel::Mesh(params).build(CORES as usize, Extent { width: SIDE, height: SIDE })
        else {
            continue;
        };
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

criterion_group!(mesh, benches);
criterion_main!(mesh);
