//! The samples that both sides learn.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_study::Experiment;
use equipoise_trace::data_source::Loaded;

const WIDTH: usize = 784;
const CLASSES: u32 = 10;

/// Labelled samples.
pub struct Samples {
    pub name: &'static str,
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

impl Samples {
    /// The first `count` of MNIST where EQUIPOISE_DATA has it, else made-up ones.
    pub fn load(count: usize) -> Self {
        let text = "[data]\nsource = \"idx:mnist\"\n";
        let table = equipoise_trace::toml_tree::parse(text, "ep.toml").expect("the experiment is TOML");
        let experiment = Experiment::read(&table, None, None).expect("the experiment is accepted");
        let Ok(Loaded::Samples(data)) = experiment.load_data() else { return Self::made_up(count) };
        let (mut inputs, mut labels) = (data.train.inputs, data.train.labels);
        inputs.truncate(count * WIDTH);
        labels.truncate(count);
        Self { name: "MNIST", inputs, labels }
    }

    /// Ten patterns with 150 bright pixels each, a fifth of which wander from sample to sample.
    fn made_up(count: usize) -> Self {
        let noise = |stream, time| Noise::at(1, Stream::of(StreamKind::Test, stream), time);
        let (mut inputs, mut labels) = (vec![0.0; count * WIDTH], Vec::new());
        for (index, input) in inputs.chunks_exact_mut(WIDTH).enumerate() {
            let class = index as u32 * 7 % CLASSES;
            let (pattern, own) = (noise(class, 0), noise(CLASSES, index as u64));
            for lane in 0..165 {
                let wanders = own.below(3 * lane, 5) == 0;
                let pixel = if wanders {
                    own.below(3 * lane + 1, WIDTH as u32)
                } else {
                    pattern.below(lane, WIDTH as u32)
                };
                input[pixel as usize] = 0.2 + 0.8 * own.uniform(3 * lane + 2) as f32;
            }
            labels.push(class);
        }
        Self { name: "made-up", inputs, labels }
    }

    /// Sample `index` and its class.
    pub fn at(&self, index: usize) -> (&[f32], u32) {
        let index = index % self.labels.len();
        (&self.inputs[index * WIDTH..][..WIDTH], self.labels[index])
    }

    /// Mean number of pixels that are not zero.
    pub fn bright(&self) -> f64 {
        self.inputs.iter().filter(|x| **x != 0.0).count() as f64 / self.labels.len() as f64
    }
}
