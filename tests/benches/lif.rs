//! Workload A: synaptic events per second of the chip's blocks and of the naive loop, in one run.

#[path = "../tests/workload/mod.rs"]
mod workload;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use workload::{FAN_OUT, Workload};

const STEPS: usize = 1_000;

fn lif(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lif");
    group.sample_size(10);
    for (neurons, max_delay) in [(1_000, 6), (10_000, 1), (10_000, 6), (10_000, 8)] {
        let workload = Workload::new(neurons, max_delay);
        let mut chip = workload.chip();
        let (naive, ours) = (workload.naive(STEPS), chip.run(STEPS));
        assert_eq!(naive, ours, "both run the same net");
        println!(
            "N = {neurons}, D = {max_delay}: {} spikes, hash {:016x}, digest {:016x}",
            ours.spikes,
            ours.hash,
            chip.digest()
        );
        group.throughput(Throughput::Elements(ours.spikes * FAN_OUT as u64));
        let name = format!("{neurons}_neurons_delay_{max_delay}");
        group.bench_function(BenchmarkId::new("naive", &name), |bencher| {
            bencher.iter(|| workload.naive(STEPS));
        });
        group.bench_function(BenchmarkId::new("chip", &name), |bencher| {
            bencher.iter_batched_ref(|| workload.chip(), |chip| chip.run(STEPS), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, lif);
criterion_main!(benches);
