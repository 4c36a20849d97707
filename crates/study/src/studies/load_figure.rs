//! The pictures of `study load`.

use super::load::{Curve, Curves, Keys, spoken};
use super::{Axis, Figure, Layer, Panel, Series, Style, Tone};
use equipoise_chip::catalog::load::LoadPoint;

/// Latencies beyond so many times the largest one at zero load say how long the run was, not how fast the router is.
const TALLEST: f64 = 20.0;

pub(super) fn figure(curves: &Curves, keys: &Keys) -> Figure {
    let (shown, side) = (spoken(keys.shown.word()), keys.side);
    let pattern = spoken(keys.pattern.word());
    Figure {
        title: String::new(),
        columns: 2,
        panels: vec![
            topologies(&curves.topologies, format!("Latency, {side} x {side} cores, {pattern} traffic")),
            throughput(&curves.topologies),
            compared(&curves.arbiters, format!("{shown}: arbiters"), "95th percentile of latency", |point| {
                point.p95_latency_cycles as f64
            }),
            compared(&curves.depths, format!("{shown}: depths of FIFOs"), "mean latency", |point| {
                point.mean_latency_cycles
            }),
        ],
    }
}

fn rates(log: bool) -> Axis {
    let axis = Axis::new("offered", "packets/core/cycle");
    if log { axis.logarithmic() } else { axis }
}

/// The latency that the pictures of these curves end at.
fn tallest(curves: &[Curve]) -> f64 {
    let zero = curves.iter().map(|curve| curve.bounds.zero_load_latency_cycles);
    TALLEST * zero.fold(1.0, f64::max)
}

/// From a little below the shortest latency at zero load to where a curve says nothing any more.
fn latency_axis(label: &str, curves: &[Curve]) -> Axis {
    let zero = curves.iter().map(|curve| curve.bounds.zero_load_latency_cycles);
    let top = tallest(curves);
    Axis::new(label, "cycles").logarithmic().from_to(0.7 * zero.fold(top, f64::min), top)
}

/// The points at which everything arrived within the height of the picture (where packets are missing, the slowest ones
/// are), and the line on which the curve leaves it.
fn latencies(
    curve: &Curve,
    name: &str,
    style: Style,
    tone: Tone,
    top: f64,
    latency: fn(&LoadPoint) -> f64,
) -> [Layer; 2] {
    let at = |point: &LoadPoint| (point.offered, latency(point));
    let shown = |point: &&LoadPoint| point.undelivered == 0 && point.packets > 0 && latency(point) <= top;
    let points: Vec<(f64, f64)> = curve.points.iter().take_while(shown).map(at).collect();
    let next = curve.points.get(points.len()).map(at).filter(|(_, latency)| *latency > top);
    let mut line = if style == Style::Linked { points.clone() } else { Vec::new() };
    if let (Some(&last), Some(next)) = (line.last(), next) {
        let share = libm::log(top / last.1) / libm::log(next.1 / last.1);
        line.push((last.0 + share * (next.0 - last.0), top));
    }
    let series = |name: &str, style, points| Layer::Series(Series::new(name, style, tone, points));
    [series("", Style::Line, line), series(name, style, points)]
}

/// What stands in a legend without a curve of its own.
fn meaning(name: &str, style: Style) -> Layer {
    Layer::Series(Series::new(name, style, Tone::Ink, Vec::new()))
}

/// The latency at zero load, up to the rate at which no more goes.
fn zero_load(curve: &Curve, name: &str, tone: Tone) -> Layer {
    let first = curve.points.first().map_or(0.0, |point| point.offered);
    let latency = curve.bounds.zero_load_latency_cycles;
    let ends = [first, curve.bounds.saturation].map(|rate| (rate, latency));
    Layer::Series(Series::new(name, Style::Dashed, tone, ends.to_vec()))
}

fn topologies(curves: &[Curve], title: String) -> Panel {
    let mut layers = Vec::new();
    let top = tallest(curves);
    for (hue, curve) in curves.iter().enumerate() {
        let tone = Tone::Hue(hue);
        layers.push(Layer::Vertical(curve.bounds.saturation, String::new(), tone));
        layers.push(zero_load(curve, "", tone));
        layers.extend(latencies(curve, "", Style::Dots, tone, top, |p| p.p95_latency_cycles as f64));
        layers.extend(latencies(curve, &curve.name, Style::Linked, tone, top, |p| p.mean_latency_cycles));
    }
    layers.push(meaning("95th percentile", Style::Dots));
    layers.push(meaning("zero load", Style::Dashed));
    layers.push(meaning("saturation bound", Style::Line));
    Panel { title, x: rates(true), y: latency_axis("mean latency", curves), layers }
}

fn throughput(curves: &[Curve]) -> Panel {
    let points = || curves.iter().flat_map(|curve| &curve.points).map(|point| point.offered);
    let ends = [points().fold(f64::INFINITY, f64::min), points().fold(0.0, f64::max)];
    let diagonal = ends.map(|rate| (rate, rate)).to_vec();
    let mut layers =
        vec![Layer::Series(Series::new("all that is offered", Style::Dashed, Tone::Ink, diagonal))];
    for (hue, curve) in curves.iter().enumerate() {
        let tone = Tone::Hue(hue);
        let accepted = curve.points.iter().map(|point| (point.offered, point.accepted)).collect();
        layers.push(Layer::Horizontal(curve.bounds.saturation, String::new(), tone));
        layers.push(Layer::Series(Series::new(curve.name.clone(), Style::Linked, tone, accepted)));
    }
    layers.push(meaning("saturation bound", Style::Line));
    Panel {
        title: "Throughput".to_owned(),
        x: rates(true),
        y: Axis::new("accepted", "packets/core/cycle").logarithmic(),
        layers,
    }
}

/// One topology, something about it varied.
fn compared(curves: &[Curve], title: String, label: &str, latency: fn(&LoadPoint) -> f64) -> Panel {
    let mut layers = Vec::new();
    if let Some(curve) = curves.first() {
        layers.push(zero_load(curve, "zero load (mean)", Tone::Ink));
        layers.push(Layer::Vertical(curve.bounds.saturation, "saturation bound".to_owned(), Tone::Ink));
    }
    let top = tallest(curves);
    for (hue, curve) in curves.iter().enumerate() {
        layers.extend(latencies(curve, &curve.name, Style::Linked, Tone::Hue(hue), top, latency));
    }
    let last = curves.iter().map(|curve| 1.1 * curve.bounds.saturation).fold(0.0, f64::max);
    Panel { title, x: rates(false).from_to(0.0, last), y: latency_axis(label, curves), layers }
}
