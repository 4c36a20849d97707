//! What is about to run, and what would run.

use super::bill;
use super::closing::{clipped, memory};
use super::numbers::{counted, grouped, si};
use super::page::{Page, plain};
use super::placement::placement;
use equipoise_chip::SettleRule;
use equipoise_chip::placement::Slice;
use equipoise_study::delays_in_use::DelaysInUse;
use equipoise_study::estimate::Estimate;
use equipoise_study::placed::Placed;
use equipoise_study::{Session, doubts};

/// What is about to run, in a line, and what is doubtful about it.
pub fn opening(session: &Session) -> String {
    let doubts = doubts::of(session).into_iter().map(|doubt| format!("\nwarning: {doubt}"));
    std::iter::once(headline(session)).chain(doubts).collect()
}

fn headline(session: &Session) -> String {
    let samples = session.samples().map_or(String::new(), |n| format!(", {} presentations", grouped(n)));
    let experiment = &session.experiment;
    let (title, chip, seed) = (&experiment.title, &experiment.preset.name, experiment.seed);
    plain(&format!("{title}: {} on {chip}{samples}, seed {seed}", shape(session)))
}

/// The network's shape: `64-64-10`, or its populations.
fn shape(session: &Session) -> String {
    let network = &session.params.network;
    if network.layers.is_empty() {
        let populations = network.populations.iter().map(|p| format!("{} {}", p.size, p.name));
        return populations.collect::<Vec<_>>().join(" + ");
    }
    network.layers.iter().map(ToString::to_string).collect::<Vec<_>>().join("-")
}

/// How a session would sit on its chip, and what it would take.
pub fn plan(session: &Session, slices: &[Slice], placed: Option<&Placed>, estimate: &Estimate) -> String {
    let network = &session.params.network;
    let mut page = Page::default();
    page.line("run", &headline(session));
    doubts::of(session).iter().for_each(|doubt| page.line("warning", doubt));
    page.line("cores", &slices.len().to_string());
    for (index, population) in network.populations.iter().enumerate() {
        page.more(&cores_of(index, &population.name, slices));
    }
    if let Some(placed) = placed {
        placement(&mut page, placed);
    }
    let synapses: u64 = network.connections.iter().map(|c| network.synapses(c)).sum();
    let plastic = network.plastic_synapses();
    let neurons = counted(network.free_neurons(), "neuron");
    page.line(
        "network",
        &format!("{}, {} plastic; {neurons}", counted(synapses, "synapse"), grouped(plastic)),
    );
    page.line("phases", &phases(session));
    page.line("delays", &delays(&estimate.delays));
    clipped(&mut page, &estimate.clipped);
    page.line("memory", &memory(&estimate.memory));
    // Pairs of cells with their spread, codes and accumulators take about this much of the host's memory.
    let host_bytes = synapses as f64 * 24.0 + network.free_neurons() as f64 * 200.0;
    page.more(&format!("about {} to simulate", si(host_bytes, "B")));
    bill::area(&mut page, &estimate.area_mm2);
    page.line("samples", &grouped(estimate.samples));
    if let Some(time) = estimate.time {
        let chip = si(time.cycles as f64 / session.experiment.preset.prices.clock_hz(), "s");
        let host = si(time.host.as_secs_f64(), "s");
        let from = counted(time.from, "sample");
        page.line("time", &format!("about {chip} on the chip, {host} to simulate (from {from})"));
    }
    bill::incomplete(&estimate.unpriced).iter().for_each(|lacks| page.line("bill", lacks));
    page.text()
}

/// `hidden1: 512 neurons on cores 1 to 8`.
fn cores_of(population: usize, name: &str, slices: &[Slice]) -> String {
    let cores: Vec<usize> = (0..slices.len()).filter(|&core| slices[core].population == population).collect();
    let size: usize = cores.iter().map(|&core| slices[core].range.len()).sum();
    let place = match cores[..] {
        [] => "no core".to_owned(),
        [only] => format!("core {only}"),
        [first, .., last] => format!("cores {first} to {last}"),
    };
    format!("{name}: {} on {place}{}", counted(size as u64, "neuron"), nodes_of(&cores, slices))
}

/// ` (nodes 3, 1, 4)` of cores that do not all sit on the nodes of their own numbers.
fn nodes_of(cores: &[usize], slices: &[Slice]) -> String {
    if cores.iter().all(|&core| slices[core].node as usize == core) {
        return String::new();
    }
    let nodes: Vec<String> = cores.iter().map(|&core| slices[core].node.to_string()).collect();
    format!(" (node{} {})", if nodes.len() == 1 { "" } else { "s" }, nodes.join(", "))
}

/// `1 to 7 steps in free phases, 9 steps in nudged ones`.
fn delays(delays: &DelaysInUse) -> String {
    let range = |(least, most): (u32, u32)| match least == most {
        true => counted(most.into(), "step"),
        false => format!("{} to {}", grouped(least.into()), counted(most.into(), "step")),
    };
    let (free, nudged) = (range(delays.free), range(delays.nudged));
    let own = if free == nudged { free } else { format!("{free} in free phases, {nudged} in nudged ones") };
    match delays.transport {
        None => own,
        Some(steps) => {
            let steps = counted(steps, "step");
            format!("{own}; without a barrier up to {steps} of the slowest core more, in an empty mesh")
        }
    }
}

fn phases(session: &Session) -> String {
    let phases = &session.params.phases;
    let steps = |steps: u32, kind: &str| match phases.settle.rule {
        SettleRule::Steps => counted(steps.into(), &format!("{kind} step")),
        SettleRule::Tolerance => format!("{kind} until settled, at most {} steps", phases.settle.limit),
    };
    if session.params.network.plastic_synapses() == 0 {
        return steps(phases.free_steps, "free");
    }
    let nudging = session.params.learning.nudging;
    let times = if nudging.phases() == 1 { String::new() } else { format!("{} x ", nudging.phases()) };
    let (free, nudged) = (steps(phases.free_steps, "free"), steps(phases.nudged_steps, "nudged"));
    format!("{free}, then {times}{nudged} ({})", nudging.word())
}
