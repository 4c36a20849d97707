//! Equilibrium propagation, 784-512-10, online, 20 free and 4 nudged steps: samples per second of the bare
//! mathematics and of simulated chips that learn the same samples in the same run, and their ratio.
//!
//! `cargo bench -p equipoise-tests --bench ep`; with EQUIPOISE_DATA set the samples are an epoch of MNIST, otherwise
//! made up with as many bright pixels. Both sides take turns and their best turns count, so that what else the
//! machine does falls out; the means say how an epoch goes as a whole, for chips become faster as fewer neurons move.
//! The digests say that a faster chip is still the same chip.

mod bare;
#[path = "../clock/mod.rs"]
mod clock;
mod samples;

use bare::{Bare, Settings};
use equipoise_chip::catalog::Nudging;
use equipoise_chip::{Machine, Params, Unobserved, build};
use equipoise_study::Experiment;
use equipoise_tests::sample;
use samples::Samples;

/// The chips: a name and what their experiment says beyond the network.
const CHIPS: [(&str, &str, &str); 3] = [
    (
        "ideal, 16-bit activities and weights",
        "ideal",
        "activity_bits = 16\ndevice.weight_bits = 16\nrouter.kind = \"mesh\"",
    ),
    ("ideal, full width", "ideal", "router.kind = \"mesh\""),
    ("edge-rram", "edge-rram", "mesh = \"auto\""),
];

/// Samples of one turn.
const TURN: usize = 1_000;

fn main() {
    // `cargo test --benches` runs this once through, without meaning to measure.
    let turns = if std::env::args().any(|argument| argument == "--bench") { 60 } else { 1 };
    let samples = Samples::load(turns * TURN);
    println!("{} samples, {:.1} bright pixels on average", samples.name, samples.bright());
    // A word on the command line chooses among the chips by name.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (name, chip, hardware) in CHIPS.into_iter().filter(|(name, ..)| name.contains(&wanted)) {
        let params = params(chip, hardware);
        let mut machine = build(&params).expect("the benchmark's chip can be built");
        let mut bare = Bare::new(settings(&params), 1);
        let (mut bare_s, mut chip_s) = (Vec::new(), Vec::new());
        let (mut bare_right, mut chip_right) = (0, 0);
        for turn in 0..turns {
            bare_s.push(seconds_each(TURN, |i| {
                let (input, class) = samples.at(turn * TURN + i);
                bare_right += usize::from(bare.train(input, class as usize));
            }));
            chip_s.push(seconds_each(TURN, |i| {
                let (input, class) = samples.at(turn * TURN + i);
                chip_right += usize::from(train(machine.as_mut(), input, class));
            }));
        }
        println!("{name}: digest {:016x}", machine.digest());
        for (what, seconds, right) in [("bare", &bare_s, bare_right), ("chip", &chip_s, chip_right)] {
            println!(
                "  {what} {:.0} samples/s ({:.1} us; {:.1} us in the mean of all turns), {:.1} % right while learning",
                1.0 / best(seconds),
                1e6 * best(seconds),
                1e6 * mean(seconds),
                100.0 * right as f64 / (turns * TURN) as f64
            );
        }
        println!(
            "  ratio 1/{:.2} of the best turns, 1/{:.2} of the means",
            best(&chip_s) / best(&bare_s),
            mean(&chip_s) / mean(&bare_s)
        );
    }
}

fn best(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().sum::<f64>() / seconds.len() as f64
}

/// Seconds of one call of `work`, called `count` times.
fn seconds_each(count: usize, work: impl FnMut(usize)) -> f64 {
    let start = clock::now_s();
    (0..count).for_each(work);
    (clock::now_s() - start) / count as f64
}

/// The chip of a preset, overlaid with `hardware`.
fn params(chip: &str, hardware: &str) -> Params {
    let [inputs, hidden, outputs] = bare::SHAPE;
    let text = format!(
        "chip = \"{chip}\"\n[network]\nlayers = [{inputs}, {hidden}, {outputs}]\n\
         [phases]\nfree_steps = 20\nnudged_steps = 4\n[hardware]\n{hardware}\n"
    );
    let table = equipoise_trace::toml_tree::parse(&text, "ep.toml").expect("the experiment is TOML");
    let experiment = Experiment::read(&table, None, None).expect("the experiment is accepted");
    experiment.params(60_000).expect("the network fits")
}

/// The bare loop learns as the chip does.
fn settings(params: &Params) -> Settings {
    Settings {
        free_steps: params.phases.free_steps as usize,
        nudged_steps: params.phases.nudged_steps as usize,
        beta: params.learning.beta as f32,
        rates: [0, 1].map(|connection| params.network.connections[connection].rate as f32),
    }
}

/// One training sample; returns true if the free phase classified it correctly.
fn train(machine: &mut dyn Machine, input: &[f32], class: u32) -> bool {
    for instruction in sample(input, class, Nudging::OneSided) {
        machine.execute(&instruction, &mut Unobserved).expect("the program fits");
    }
    machine.outcome().correct() == Some(true)
}
