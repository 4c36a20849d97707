//! `summary.json`: the numbers of a run that scripts rely on.

use crate::placed::Placed;
use crate::run::Run;
use crate::stability::Stability;
use equipoise_base::Action;
use equipoise_base::record::{Clipped, GradientFidelity, MemoryBits, Oscillation, PhaseClasses, Record};
use equipoise_energy::bill::{Bill, Energy, Range};
use equipoise_energy::breakdown::Breakdown;
use equipoise_energy::efficiency::Efficiency;
use equipoise_energy::memory::{Alternatives, Crossover, Parts, alternatives, bptt_steps};
use equipoise_energy::point::PricedAt;
use equipoise_energy::power::Power;
use equipoise_energy::utilisation::Utilisation;
use serde::Serialize;
use std::collections::BTreeMap;

/// The format's name.
pub const FORMAT: &str = "equipoise-summary-1";

/// The whole file. Absent things are `null`, never invented.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    format: &'static str,
    version: &'static str,
    title: &'a str,
    chip: &'a str,
    seed: u64,
    digest: String,
    steps: u64,
    cycles: u64,
    chip_seconds: f64,
    wall_seconds: f64,
    train_seconds: f64,
    updates: u64,
    /// Shares classified correctly: in the last training epoch, and in the last evaluation.
    pub accuracy: Accuracy,
    events: Events<'a>,
    actions: BTreeMap<&'static str, u64>,
    energy_j: &'a Energy,
    energy_range_j: Range,
    priced_at: &'a BTreeMap<String, PricedAt>,
    area_mm2: Option<f64>,
    breakdown: &'a Breakdown,
    latency_s_per_update: Option<f64>,
    power_w: Power,
    efficiency: Efficiency,
    utilisation: Utilisation,
    memory_bits: Memory,
    settling: Settling<'a>,
    gradient: Option<GradientFidelity>,
    clipped: Clipping,
    stability: Option<&'a Stability>,
    /// Why the stability that was asked for is not known.
    stability_unknown: Option<&'a str>,
    /// Where the cores sit and what that saves, unless they sit in order.
    placement: Option<&'a Placed>,
}

/// Shares classified correctly.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Accuracy {
    /// In the last epoch of training, before each sample's update.
    pub train: Option<f64>,
    /// In the last evaluation.
    pub test: Option<f64>,
}

/// What the chip could not take as it was.
#[derive(Debug, Serialize)]
struct Clipping {
    /// Start weights that their store changed.
    weights: u64,
    /// The largest of these changes.
    largest_change: f64,
    /// Input values beyond what registers, wires and drivers hold.
    inputs: u64,
    /// Conversions that met the end of the converter's range.
    conversions: u64,
}

#[derive(Debug, Serialize)]
struct Events<'a> {
    emitted: u64,
    fan_out_total: u64,
    delivered: u64,
    in_flight: u64,
    dropped: &'a BTreeMap<String, u64>,
    late: u64,
    packets: u64,
    hops: u64,
    bits: u64,
}

#[derive(Debug, Serialize)]
struct Memory {
    #[serde(flatten)]
    bits: MemoryBits,
    alternatives: Alternatives,
    parts: Parts,
    bptt_crossover_steps: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Settling<'a> {
    phases: u64,
    unsettled: u64,
    oscillating: u64,
    refused: u64,
    steps_median: Option<u32>,
    steps_p95: Option<u32>,
    /// How many phases came to what.
    classes: PhaseClasses,
    last_oscillation: Option<LastOscillation<'a>>,
}

/// As in the record, with the phase by its name.
#[derive(Debug, Serialize)]
struct LastOscillation<'a> {
    phase: &'static str,
    period_steps: f64,
    amplitude: f64,
    exact: bool,
    neurons: &'a [String],
    taking_part: u64,
    connections: &'a [String],
    step: u64,
    cycle: u64,
}

impl<'a> LastOscillation<'a> {
    fn new(oscillation: &'a Oscillation) -> Self {
        let Oscillation { phase, neurons, connections, .. } = oscillation;
        let &Oscillation { period_steps, amplitude, exact, taking_part, step, cycle, .. } = oscillation;
        let phase = phase.name();
        Self { phase, period_steps, amplitude, exact, neurons, taking_part, connections, step, cycle }
    }
}

impl<'a> Summary<'a> {
    /// The summary of a run with its bill.
    #[must_use]
    pub fn new(run: &'a Run, bill: &'a Bill) -> Self {
        let record = &run.record;
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            title: &record.title,
            chip: &record.chip,
            seed: record.seed,
            digest: format!("{:016x}", record.digest),
            steps: record.steps,
            cycles: record.cycles,
            chip_seconds: bill.chip_seconds,
            wall_seconds: run.wall.as_secs_f64(),
            train_seconds: run.train.as_secs_f64(),
            updates: record.updates,
            accuracy: Accuracy { train: run.last[0].accuracy(), test: run.last[1].accuracy() },
            events: events(record),
            actions: record.total(|_| true).iter().map(|(action, count)| (action.name(), count)).collect(),
            energy_j: &bill.energy_j,
            energy_range_j: bill.energy_range_j,
            priced_at: &bill.priced_at,
            area_mm2: bill.area_mm2,
            breakdown: &bill.breakdown,
            latency_s_per_update: bill.latency_s_per_update,
            power_w: bill.power_w,
            efficiency: bill.efficiency,
            utilisation: bill.utilisation,
            memory_bits: memory(record),
            settling: settling(record),
            gradient: record.gradient,
            clipped: clipping(record),
            stability: run.stability.as_ref().and_then(|known| known.as_ref().ok()),
            stability_unknown: run
                .stability
                .as_ref()
                .and_then(|known| known.as_ref().err())
                .map(String::as_str),
            placement: run.placed.as_ref(),
        }
    }
}

fn clipping(record: &Record) -> Clipping {
    let Clipped { weights, largest_change, inputs } = record.clipped;
    Clipping { weights, largest_change, inputs, conversions: record.count(Action::AdcClip) }
}

fn events(record: &Record) -> Events<'_> {
    let book = &record.events;
    Events {
        emitted: book.emitted,
        fan_out_total: book.fan_out_total,
        delivered: book.delivered,
        in_flight: book.in_flight,
        dropped: &book.dropped,
        late: book.late,
        packets: book.packets,
        hops: record.count(Action::PacketHop) + record.count(Action::ChipHop),
        bits: record.count(Action::LinkBit) + record.count(Action::ChipLinkBit),
    }
}

fn memory(record: &Record) -> Memory {
    let (shape, steps) = (&record.shape, bptt_steps(&record.shape));
    Memory {
        bits: record.memory,
        alternatives: alternatives(shape, steps),
        parts: Parts::of(shape, steps),
        bptt_crossover_steps: Crossover::of_latch_in_use(shape).map(Crossover::steps),
    }
}

fn settling(record: &Record) -> Settling<'_> {
    let book = &record.settling;
    let quantile = |share: f64| (book.phases > 0).then(|| book.quantile(share));
    Settling {
        phases: book.phases,
        unsettled: book.unsettled,
        oscillating: book.oscillating,
        refused: book.refused,
        steps_median: quantile(0.5),
        steps_p95: quantile(0.95),
        classes: book.classes,
        last_oscillation: book.last_oscillation.as_ref().map(LastOscillation::new),
    }
}
