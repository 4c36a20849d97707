//! Updates per second of the neuron models, in both formats.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::{Counts, Number};
use equipoise_neuron::{Activation, LifParams, NeuronModel, RateParams};
use fixed::types::{I8F24, I16F48};

const NEURONS: usize = 522;

fn measure<N: Number>(criterion: &mut Criterion, format: &str, name: &str, model: &NeuronModel) {
    let mut neurons = model.build(&[N::ZERO; NEURONS]);
    let bias = [N::nearest(0.01); NEURONS];
    let drive: Vec<i64> = (0..NEURONS).map(|i| N::nearest(i as f64 / 400.0).raw()).collect();
    let mut counts = Counts::default();
    let mut group = criterion.benchmark_group("update");
    group.throughput(Throughput::Elements(NEURONS as u64));
    group.bench_function(BenchmarkId::new(name, format), |bencher| {
        bencher.iter(|| neurons.update(std::hint::black_box(&drive), &bias, None, &mut counts));
    });
    group.finish();
}

fn models(criterion: &mut Criterion) {
    let rate = |params| NeuronModel::Rate(params);
    for (name, model) in [
        ("rate", rate(RateParams::default())),
        ("rate_8_bit_wires", rate(RateParams { activity_bits: 8, ..RateParams::default() })),
        ("rate_logistic", rate(RateParams { activation: Activation::Logistic, ..RateParams::default() })),
        ("lif", NeuronModel::Lif(LifParams::default())),
    ] {
        measure::<I8F24>(criterion, "I8F24", name, &model);
        measure::<I16F48>(criterion, "I16F48", name, &model);
    }
}

criterion_group!(benches, models);
criterion_main!(benches);
