//! Multiply-adds per second of reads with held activities: dense, and with delays of its own per synapse.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::{Axons, Counts, Delay, Number, Shape, Synapses, Way};
use equipoise_synapse_table::{Carried, Edge, SynapseTable, TableParams, Traffic};
use fixed::types::{I8F24, I16F48};

const SHAPE: Shape = Shape { rows: 784, columns: 512 };

/// A full table whose delays run from 1 to `max_delay`, or a dense one.
fn table<N: Number>(max_delay: u32) -> SynapseTable<N> {
    let traffic = Traffic { carried: Carried::Held { activity_bits: 8 }, transposed: true };
    let synapses = 0..SHAPE.synapses() as u32;
    let edges: Vec<Edge<N>> = synapses
        .map(|i| Edge {
            source: i / SHAPE.columns as u32,
            target: i % SHAPE.columns as u32,
            weight: N::nearest(f64::from(i % 97) / 97.0 - 0.5),
            delay: Delay::new(1 + i.wrapping_mul(2_654_435_761) % max_delay).unwrap_or(Delay::ONE),
        })
        .collect();
    SynapseTable::from_edges(SHAPE, &edges, &TableParams::default(), traffic, &mut Counts::default())
        .unwrap_or_else(|error| panic!("the edges make a table: {error}"))
}

fn measure<N: Number>(criterion: &mut Criterion, format: &str) {
    let mut group = criterion.benchmark_group("held");
    group.throughput(Throughput::Elements(SHAPE.synapses() as u64));
    for max_delay in [1, 4] {
        for (way, name) in [(Way::Forward, "forward"), (Way::Transposed, "transposed")] {
            let mut table = table::<N>(max_delay);
            let (driving, read_out) = SHAPE.lines(way);
            let value: Vec<N> = (0..driving).map(|i| N::nearest((i + 1) as f64 / 1000.0)).collect();
            let (mut drive, mut counts) = (vec![0; read_out], Counts::default());
            let id = BenchmarkId::new(format!("{name}_{format}"), format!("delay_{max_delay}"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    table.read(way, Axons::held(&value), 0, &mut drive, &mut counts);
                });
            });
        }
    }
    group.finish();
}

fn held(criterion: &mut Criterion) {
    measure::<I8F24>(criterion, "I8F24");
    measure::<I16F48>(criterion, "I16F48");
}

criterion_group!(benches, held);
criterion_main!(benches);
