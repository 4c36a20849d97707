//! What a person wants to know of a finished run.

use super::bill;
use super::numbers::{counted, glued, grouped, percent, si};
use super::page::Page;
use super::placement::placement;
use equipoise_base::record::{Clipped, MemoryBits, Oscillation, Record};
use equipoise_base::{Action, Phase};
use equipoise_energy::memory::{Crossover, Parts, bptt_steps};
use equipoise_study::run::Tally;
use equipoise_study::{Finished, Session, doubts};

/// Judged samples per class below which a class that was never predicted means nothing.
const ENOUGH: u64 = 5;

/// The end of a run.
pub fn closing(finished: &Finished, session: &Session) -> String {
    let (record, bill) = (&finished.run.record, &finished.bill);
    let mut page = Page::default();
    accuracy(&mut page, &finished.run.last);
    let work =
        [counted(record.updates, "update"), counted(record.steps, "step"), counted(record.cycles, "cycle")];
    page.line("work", &work.join(", "));
    bill::update(&mut page, record, bill);
    bill::energy(&mut page, bill);
    bill::priced_at(&mut page, bill);
    bill::cycles(&mut page, record, bill);
    time(&mut page, finished);
    bill::power_and_area(&mut page, bill);
    page.line("memory", &memory(&record.memory));
    learning(&mut page, record);
    traffic(&mut page, record);
    if let Some(placed) = &finished.run.placed {
        placement(&mut page, placed);
    }
    lateness(&mut page, record);
    settling(&mut page, record);
    gradient(&mut page, record, session);
    stability(&mut page, finished);
    clipped(&mut page, &record.clipped);
    doubts::of(session).iter().for_each(|doubt| page.line("warning", doubt));
    warnings(&mut page, record, &finished.run.last);
    page.line("digest", &format!("{:016x}", record.digest));
    finished.cuts.iter().for_each(|cut| page.line("probe", cut));
    page.line("results", &finished.folder.display().to_string());
    page.text()
}

fn accuracy(page: &mut Page, [train, test]: &[Tally; 2]) {
    let of = |tally: &Tally, what: &str| {
        let share = tally.accuracy().map(|share| percent(share, 2))?;
        Some(format!("{share} ({} of {} {what})", grouped(tally.correct), grouped(tally.samples)))
    };
    let last_epoch =
        train.accuracy().map(|share| format!("; {} in the last training epoch", percent(share, 2)));
    match (of(test, "test samples"), of(train, "training samples")) {
        (Some(test), _) => page.line("accuracy", &(test + &last_epoch.unwrap_or_default())),
        (None, Some(train)) => page.line("accuracy", &train),
        (None, None) => {}
    }
}

fn time(page: &mut Page, finished: &Finished) {
    let (updates, train) = (finished.run.record.updates, finished.run.train.as_secs_f64());
    let rate = match updates {
        0 => String::new(),
        _ if train == 0.0 => String::new(),
        _ => format!(", {} training samples/s", grouped((updates as f64 / train) as u64)),
    };
    let chip = si(finished.bill.chip_seconds, "s");
    let host = si(finished.run.wall.as_secs_f64(), "s");
    page.line("time", &format!("{chip} on the chip, {host} to simulate{rate}"));
}

/// Bits by what they hold; what there is none of is left out.
pub fn memory(bits: &MemoryBits) -> String {
    let MemoryBits { weights, latches, state, drives, axons, delays, routing, restart, io } = *bits;
    let parts = [
        (weights, "weights"),
        (latches, "latches"),
        (state, "state"),
        (drives, "held drives"),
        (axons, "axons"),
        (delays, "delays"),
        (routing, "routing"),
        (restart, "restart"),
        (io, "host registers"),
    ];
    let total: u64 = parts.iter().map(|(bits, _)| bits).sum();
    let shown = parts
        .iter()
        .filter(|(bits, _)| *bits > 0)
        .map(|(bits, name)| glued(&format!("{name} {}", grouped(*bits))));
    format!("{} bits: {}", grouped(total), shown.collect::<Vec<_>>().join(", "))
}

/// The memory that learning takes, beside its alternatives.
fn learning(page: &mut Page, record: &Record) {
    if record.updates == 0 {
        return;
    }
    let parts = Parts::of(&record.shape, bptt_steps(&record.shape));
    let others = [
        (parts.ep_product, "product latches"),
        (parts.ep_accumulate, "accumulating latches"),
        (parts.ep_state, "state latches"),
        (parts.bptt, "BPTT"),
    ];
    let list = others.map(|(kept, name)| glued(&format!("{name} {}", grouped(kept.bits())))).join(", ");
    page.more(&format!("to learn a sample: {list} bits"));
    let steps = counted(parts.bptt_steps, "step");
    let [ep, bptt] = [parts.ep_product, parts.bptt].map(|kept| grouped(kept.accumulators));
    let states = format!("states of {steps} and {bptt} bits of gradients");
    page.more(&match parts.accumulator_bits {
        0 => format!("latches without accumulators; BPTT's {states}"),
        _ => format!("latches with {ep} bits of update accumulators; BPTT's {states}"),
    });
    if let Some(crossover) = Crossover::of_latch_in_use(&record.shape) {
        let when = match crossover.steps() {
            0.0 => "however few steps BPTT unrolls".to_owned(),
            steps => format!("once BPTT unrolls more than {steps:.1} steps"),
        };
        page.more(&format!("the latch in use ({}) is smaller {when}", record.shape.latch));
    }
}

/// What moves on the mesh for one update, and what backpropagation through time would move on the same chip:
/// the same traffic in each of its 2 T steps.
fn traffic(page: &mut Page, record: &Record) {
    let training = record.total(Phase::trains);
    let steps: u64 = Phase::ALL.iter().filter(|p| p.trains()).map(|p| record.phase_steps[*p as usize]).sum();
    let hops = training[Action::PacketHop] + training[Action::ChipHop];
    let bits = training[Action::LinkBit] + training[Action::ChipLinkBit];
    if record.updates == 0 || steps == 0 || hops == 0 {
        return;
    }
    let counts = [training[Action::EventEmit], hops, bits];
    let [packets, hops, bits] = counts.map(|count| grouped(count / record.updates));
    page.line("traffic", &format!("{packets} packets, {hops} hops, {bits} bits per update"));
    let unrolled = 2 * bptt_steps(&record.shape);
    let [packets, hops, bits] = counts.map(|count| grouped(count / steps * unrolled));
    page.more(&format!("BPTT on this chip: {packets} packets, {hops} hops, {bits} bits"));
}

/// What came after its sample, where cores do not wait for each other.
fn lateness(page: &mut Page, record: &Record) {
    let events = &record.events;
    if events.late == 0 {
        return;
    }
    let share = percent(events.late as f64 / events.delivered as f64, 0);
    let late = grouped(events.late);
    page.line(
        "late",
        &format!("{late} values ({share} of all) missed the sample that a delay of one step meets"),
    );
}

fn settling(page: &mut Page, record: &Record) {
    let book = &record.settling;
    if book.phases == 0 {
        return;
    }
    let settled = book.phases - book.unsettled;
    let rest = match (book.refused, book.unsettled) {
        (0, 0) => String::new(),
        (0, _) if record.updates > 0 => "; updates were written all the same".to_owned(),
        (0, _) => String::new(),
        (refused, _) => format!("; {} refused", counted(refused, "update")),
    };
    let share = percent(settled as f64 / book.phases as f64, 0);
    let hidden = match book.classes.hidden {
        0 => String::new(),
        hidden => format!(", hidden by noise in {}", grouped(hidden)),
    };
    let of = format!("{} of {} phases ({share})", grouped(settled), grouped(book.phases));
    page.line("settled", &format!("{of}{hidden}{rest}"));
    if let Some(last) = &book.last_oscillation {
        oscillation(page, record, last);
    }
}

/// Phases that went round, and the last of them.
fn oscillation(page: &mut Page, record: &Record, last: &Oscillation) {
    let book = &record.settling;
    let count = book.oscillating;
    let rest = match (book.refused, record.updates) {
        (0, 0) => "",
        (0, _) => "; updates were written all the same",
        _ => "; no weights were written after them",
    };
    page.line("oscillated", &format!("{} of {} phases{rest}", grouped(count), grouped(book.phases)));
    let Oscillation { period_steps, amplitude, step, cycle, .. } = last;
    let amplitude = if *amplitude < 1e-3 { format!("{amplitude:.2e}") } else { format!("{amplitude:.4}") };
    let known = format!("known at step {} (cycle {})", grouped(*step), grouped(*cycle));
    page.more(&format!(
        "the last: period {period_steps:.2} steps, amplitude {amplitude} peak to peak, {known}"
    ));
    let neurons =
        format!("{} of {} neurons: {}", last.neurons.len(), last.taking_part, last.neurons.join(", "));
    let through = match last.connections.len() {
        0 => String::new(),
        _ => format!("; through {}", last.connections.join(", ")),
    };
    page.more(&format!("{neurons}{through}"));
}

fn gradient(page: &mut Page, record: &Record, session: &Session) {
    match record.gradient {
        Some(g) => {
            let numbers = format!(
                "cosine {:.4}, relative error {:.4}, norm ratio {:.4}",
                g.cosine, g.relative_error, g.norm_ratio
            );
            page.line("gradient", &format!("{numbers} (first training sample)"));
        }
        None if session.experiment.learning.measure_gradient => {
            page.line("gradient", "unknown: the network has no equilibrium to compare with");
        }
        None => {}
    }
}

/// What the chip could not take as it was given.
pub fn clipped(page: &mut Page, clipped: &Clipped) {
    let Clipped { weights, largest_change, inputs } = *clipped;
    if weights > 0 {
        let synapses = counted(weights, "start weight");
        page.line(
            "clipped",
            &format!("{synapses} to what devices or tables hold, the largest change {largest_change:.3e}"),
        );
    }
    if inputs > 0 {
        let values = counted(inputs, "input value");
        page.line("clipped", &format!("{values} to the range of registers, wires and drivers"));
    }
}

fn stability(page: &mut Page, finished: &Finished) {
    let known = match &finished.run.stability {
        None => return,
        Some(Err(why)) => return page.line("stability", &format!("not known: {why}")),
        Some(Ok(known)) => known,
    };
    let uniform = match (known.first_unstable_delay_steps, known.uniform_delay) {
        (Some(1), _) => "; unstable already with a common delay of 1 step".to_owned(),
        (Some(steps), _) => format!("; unstable with a common delay from {steps} steps on"),
        (None, "stable") => "; stable at every common delay".to_owned(),
        (None, _) => String::new(),
    };
    page.line("stability", &(margin(known.margin, known.spectral_radius, known.period_steps) + &uniform));
    if let Some(nudged) = &known.nudged {
        let margin = margin(nudged.margin, nudged.spectral_radius, nudged.period_steps);
        page.more(&format!("in nudged phases {margin}"));
    }
    if known.neurons_on_kink > 0 {
        page.more(&format!("{} on a kink of their response", counted(known.neurons_on_kink, "neuron")));
    }
}

/// `stable, margin 0.1922 per step (|z| 0.8078), swinging every 12.3 steps`.
fn margin(margin: f64, spectral_radius: f64, period_steps: Option<f64>) -> String {
    let swing = period_steps.map_or(String::new(), |period| format!(", swinging every {period:.1} steps"));
    let state = if margin < 0.0 { "unstable" } else { "stable" };
    format!("{state}, margin {margin:.4} per step (|z| {spectral_radius:.4}){swing}")
}

fn warnings(page: &mut Page, record: &Record, [train, test]: &[Tally; 2]) {
    let judged = if test.samples > 0 { test } else { train };
    if judged.samples < ENOUGH * judged.classes() {
        return;
    }
    let list = |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !record.classes_never_predicted.is_empty() {
        page.line("warning", &format!("classes never predicted: {}", list(&record.classes_never_predicted)));
    }
    if !record.outputs_never_active.is_empty() {
        let hint = if record.updates > 0 { "; a larger learning.beta keeps outputs alive" } else { "" };
        let outputs = list(&record.outputs_never_active);
        page.line("warning", &format!("outputs never above zero: {outputs}{hint}"));
    }
}
