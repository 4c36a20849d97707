//! The picture of `study pipeline`: stretches of time in rows.

use super::pipeline::Seen;
use super::{Axis, Bar, Figure, Layer, Panel, Spans, Tone};
use equipoise_chip::Span;
use equipoise_chip::trail::{Cargo, PacketTrail, StepTrail};
use std::collections::BTreeSet;
use std::ops::Range;

/// Height of a bar that has its row for itself.
const BAR: f64 = 0.66;
/// Height of all packets of a row together.
const PACKETS: f64 = 0.84;
/// A packet is no higher than if it shared its row with so many others.
const FEWEST_LANES: usize = 4;

/// The picture, with at most `limit` rows for the step.
pub(super) fn figure(seen: &Seen, limit: usize) -> Figure {
    Figure { title: String::new(), columns: 1, panels: vec![controller(seen), step(seen, limit)] }
}

fn bar(row: f64, height: f64, cycles: &Range<u64>) -> Bar {
    Bar { row, height, from: cycles.start as f64, to: cycles.end as f64, label: String::new() }
}

fn layer(name: &str, tone: Tone, bars: Vec<Bar>) -> Layer {
    Layer::Spans(Spans { name: name.to_owned(), tone, bars })
}

/// One row for each state of the controller.
fn controller(seen: &Seen) -> Panel {
    let (mut still, mut steps) = (Vec::new(), [Vec::new(), Vec::new()]);
    for (row, span) in seen.states.iter().enumerate() {
        let whole = span.start..span.end;
        // The label belongs to the whole state, so a bar beneath its steps carries it.
        let (from, to) = (span.start, span.end);
        still.push(Bar { label: format!("[{from}, {to})"), ..bar(row as f64, BAR, &whole) });
        for (number, cycles) in seen.steps_of(span).iter().enumerate() {
            steps[number % 2].push(bar(row as f64, BAR, cycles));
        }
    }
    let [odd, even] = steps;
    let cycles = &seen.shown.cycles;
    let around = |span: &Span| span.start <= cycles.start && cycles.end <= span.end;
    let marked = seen.states.iter().position(around).map(|row| bar(row as f64, BAR, cycles));
    // A little room behind the last state, which may be a single cycle.
    let end = 1.005 * seen.states.last().map_or(1, |span| span.end) as f64;
    Panel {
        title: "The controller: one training sample".to_owned(),
        x: Axis::new("cycle", "").from_to(0.0, end.max(1.0)),
        y: Axis::of_rows(seen.states.iter().map(|span| span.state.to_owned()).collect()),
        layers: vec![
            layer("without steps", Tone::Hue(1), still),
            layer("odd steps of a phase", Tone::Hue(0), odd),
            layer("even steps", Tone::Hue(5), even),
            layer(&format!("step {}, shown in b", seen.shown.step), Tone::Ink, marked.into_iter().collect()),
        ],
    }
}

/// What stands in one row of the step's picture.
#[derive(Clone, Copy)]
enum Row {
    Core(usize),
    /// Packets from one core to another.
    Packets(usize, usize),
}

/// Every core, each followed by the packets that it sends.
fn rows(step: &StepTrail) -> Vec<Row> {
    let pairs: BTreeSet<(usize, usize)> = step.packets.iter().map(|p| (p.source, p.target)).collect();
    let of_core = |core: usize| {
        let sends = pairs.range((core, 0)..(core + 1, 0)).map(|&(from, to)| Row::Packets(from, to));
        [Row::Core(core)].into_iter().chain(sends).collect::<Vec<_>>()
    };
    (0..step.cores.len()).flat_map(of_core).collect()
}

fn step(seen: &Seen, limit: usize) -> Panel {
    let trail = &seen.shown;
    let mut rows = rows(trail);
    let left_out = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    let start = trail.cycles.start;
    let since = |cycles: &Range<u64>| cycles.start - start..cycles.end - start;
    let (mut reads, mut updates, mut activities, mut drives) = (vec![], vec![], vec![], vec![]);
    for (number, row) in rows.iter().enumerate() {
        let at = number as f64;
        match *row {
            Row::Core(core) => {
                let work = &trail.cores[core];
                let bars = [(&work.reading, &mut reads), (&work.updating, &mut updates)];
                for (cycles, bars) in bars.into_iter().filter(|(cycles, _)| !cycles.is_empty()) {
                    bars.push(bar(at, BAR, &since(cycles)));
                }
            }
            Row::Packets(from, to) => {
                let packets: Vec<&PacketTrail> =
                    trail.packets.iter().filter(|p| (p.source, p.target) == (from, to)).collect();
                for (packet, (offset, height)) in packets.iter().zip(lanes(&packets)) {
                    let bar = bar(at + offset, height, &since(&(packet.created..packet.arrived)));
                    match packet.cargo {
                        Cargo::Activity(_) => activities.push(bar),
                        Cargo::Drive(_) => drives.push(bar),
                    }
                }
            }
        }
    }
    let rest = if left_out > 0 { format!("; {left_out} more rows are left out") } else { String::new() };
    let cycles = (trail.cycles.end - start) as f64;
    Panel {
        title: format!("The pipeline: step {}, {cycles} cycles{rest}", trail.step),
        x: Axis::new("cycle of the step", "").from_to(0.0, cycles.max(1.0)),
        y: Axis::of_rows(rows.iter().map(|row| name(*row, &seen.cores)).collect()),
        layers: vec![
            layer("array reads", Tone::Hue(0), reads),
            layer("neuron updates", Tone::Hue(1), updates),
            layer("activities on their way", Tone::Hue(2), activities),
            layer("drives on their way", Tone::Hue(4), drives),
        ],
    }
}

fn name(row: Row, cores: &[String]) -> String {
    match row {
        Row::Core(core) => format!("core {core}: {}", cores.get(core).map_or("", String::as_str)),
        Row::Packets(from, to) => format!("{from} \u{2192} {to}"),
    }
}

/// The offset from the middle of the row and the height of every packet, so that none lies on another.
fn lanes(packets: &[&PacketTrail]) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..packets.len()).collect();
    order.sort_by_key(|&index| (packets[index].created, packets[index].arrived));
    let mut ends: Vec<u64> = Vec::new();
    let mut lane_of = vec![0; packets.len()];
    for index in order {
        let packet = packets[index];
        let free = ends.iter().position(|&end| end <= packet.created);
        let lane = free.unwrap_or(ends.len());
        ends.resize(ends.len().max(lane + 1), 0);
        // A packet of no cycles, on wires, takes its lane for one.
        ends[lane] = packet.arrived.max(packet.created + 1);
        lane_of[index] = lane;
    }
    let pitch = PACKETS / ends.len().max(FEWEST_LANES) as f64;
    let first = -0.5 * pitch * (ends.len() as f64 - 1.0);
    lane_of.into_iter().map(|lane| (first + pitch * lane as f64, 0.8 * pitch)).collect()
}
