//! `study load`: how long packets take, and how many arrive, while every core sends at random at a given rate.
//!
//! Theory gives the two ends of each curve: the mean latency of a packet that meets no other, and the rate at which the
//! busiest link or port of a core is always busy.

use super::load_figure::figure;
use super::{Context, Findings, Number, Study, Table};
use crate::Error;
use equipoise_base::Digest;
use equipoise_base::config::Value;
use equipoise_base::params::Field;
use equipoise_chip::catalog::load::{self, Bounds, LoadPoint, Pattern};
use equipoise_chip::catalog::{ArbiterKind, Extent, RouterModel, TooFewNodes};

/// The study.
pub struct Load;

equipoise_base::choice! {
    /// A router that the study knows.
    pub enum Topology {
        /// Two-dimensional mesh.
        Mesh = "mesh",
        /// Mesh whose rows and columns are closed to rings.
        Torus = "torus",
        /// Mesh of routers that serve several cores each.
        ConcentratedMesh = "concentrated_mesh",
        /// Tree with the cores at its leaves.
        Tree = "tree",
    }
}

equipoise_base::params! {
    /// `[study]` of `study load`.
    pub struct Keys {
        /// The topologies that are compared.
        topologies: Vec<Topology> = Topology::ALL.iter().map(|&(topology, ..)| topology).collect(), "";
        /// Cores along each side of the square.
        side: u32 = 8, "cores", 2..=64;
        /// Who sends to whom.
        pattern: Pattern = Pattern::Uniform, "";
        /// Offered loads, increasing, as shares of the rate at which the busiest link or port is always busy.
        loads: Vec<f64> = vec![0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.1, 1.3], "1", 0.001..=100.0;
        /// Cycles of warm-up, and as many in which packets are marked and measured.
        cycles: u64 = 6000, "cycles", 100..=10_000_000;
        /// The topology for which arbiters and FIFO depths are varied.
        shown: Topology = Topology::Mesh, "";
        /// The arbiters that are compared.
        arbiters: Vec<ArbiterKind> = ArbiterKind::ALL.iter().map(|&(arbiter, ..)| arbiter).collect(), "";
        /// The depths of FIFOs that are compared.
        fifo_depths: Vec<u32> = vec![1, 2, 4, 16], "packets", 1..=1_000_000;
    }
}

/// Measured cycles of a quick study.
const QUICK_CYCLES: u64 = 400;

/// Routers under load.
pub(super) struct Curve {
    /// What is varied between the curves of a panel, in words.
    pub name: String,
    /// What theory says.
    pub bounds: Bounds,
    /// What was measured, by rate.
    pub points: Vec<LoadPoint>,
}

/// The curves of the study.
pub(super) struct Curves {
    pub topologies: Vec<Curve>,
    pub arbiters: Vec<Curve>,
    pub depths: Vec<Curve>,
}

impl Study for Load {
    type Keys = Keys;
    const NAME: &'static str = "load";
    const MEANING: &'static str =
        "Load-latency curves of topologies, arbiters and FIFO depths between zero load and saturation.";
    const EXPERIMENT: &'static str = include_str!("load.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        check(keys, context)?;
        let own = &context.experiment.hardware.router;
        let shown = model(keys.shown, own);
        let mut routers: Vec<(String, RouterModel)> = Vec::new();
        for &topology in &keys.topologies {
            routers.push((spoken(topology.word()), model(topology, own)));
        }
        for &arbiter in &keys.arbiters {
            routers.push((spoken(arbiter.word()), with(&shown, "arbiter", arbiter.write())));
        }
        for &depth in &keys.fifo_depths {
            let name = format!("FIFO depth {depth}");
            routers.push((name, with(&shown, "fifo_depth", depth.write())));
        }
        let mut curves = context.each(&routers, |(name, model)| curve(name, model, keys, context))?;
        let depths = curves.split_off(keys.topologies.len() + keys.arbiters.len());
        let arbiters = curves.split_off(keys.topologies.len());
        let curves = Curves { topologies: curves, arbiters, depths };
        Ok(Findings {
            numbers: numbers(&curves),
            table: table(&curves),
            figure: figure(&curves, keys),
            digest: digest(&curves),
        })
    }
}

fn check(keys: &Keys, context: &Context<'_>) -> Result<(), Error> {
    if keys.loads.is_empty() || keys.loads.windows(2).any(|pair| pair[0] >= pair[1]) {
        let found = format!("{:?}", keys.loads);
        return Err(context.error_at("study.loads", found, "one or more numbers, increasing").into());
    }
    if keys.topologies.is_empty() {
        return Err(context.error_at("study.topologies", "[]", "one or more topologies").into());
    }
    Ok(())
}

/// A word of a file in a legend.
pub(super) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}

/// The router of that kind with what the chip's own router has of its keys; the rest has its defaults.
fn model(topology: Topology, own: &RouterModel) -> RouterModel {
    let of_kind = |router: &RouterModel| router.kind() == topology.word();
    let default = RouterModel::defaults().into_iter().find(of_kind).unwrap_or_default();
    let keys = own.write_section().entries.into_iter().filter(|entry| entry.key != "kind");
    keys.fold(default, |router, entry| with(&router, &entry.key, entry.node.value))
}

/// `router` with another value of a key; the same where it does not have the key, or not this value.
fn with(router: &RouterModel, key: &str, value: Value) -> RouterModel {
    let mut section = router.write_section();
    let place = section.place.clone();
    section.set(key, place, value.built_in());
    RouterModel::read_section(&section).unwrap_or_else(|_| router.clone())
}

fn curve(name: &str, model: &RouterModel, keys: &Keys, context: &Context<'_>) -> Result<Curve, Error> {
    let extent = Extent { width: keys.side, height: keys.side };
    let cores = extent.nodes();
    let refused = |error: TooFewNodes| context.experiment.misfit(&error.to_string());
    let bounds = load::bounds(model, cores, extent, keys.pattern).map_err(refused)?;
    // A core creates at most a packet per cycle.
    let rates = keys.loads.iter().map(|share| share * bounds.saturation).filter(|rate| *rate <= 1.0);
    let rates: Vec<f64> = rates.step_by(context.either(1, 4)).collect();
    let cycles = context.either(keys.cycles, keys.cycles.min(QUICK_CYCLES));
    let seed = context.experiment.seed;
    let points = load::curve(model, cores, extent, keys.pattern, &rates, cycles, seed).map_err(refused)?;
    Ok(Curve { name: name.to_owned(), bounds, points })
}

const RATE: &str = "packets/core/cycle";

fn numbers(curves: &Curves) -> Vec<Number> {
    let mut numbers = Vec::new();
    for curve in &curves.topologies {
        let Curve { name, bounds, points } = curve;
        if let Some(first) = points.first() {
            let share = first.offered / bounds.saturation;
            let name = format!("mean latency at {share:.3} of the bound, {name}");
            let latency = Number::alone(name, first.mean_latency_cycles, "cycles");
            numbers.push(
                latency.beside(bounds.zero_load_latency_cycles, "zero load, from the routes of all pairs"),
            );
        }
        numbers.push(largest(curve));
    }
    numbers.extend(curves.arbiters.iter().chain(&curves.depths).map(largest));
    numbers
}

/// The largest throughput that was seen.
fn largest(curve: &Curve) -> Number {
    let accepted = curve.points.iter().map(|point| point.accepted).reduce(f64::max);
    let number = Number::alone(format!("largest accepted throughput, {}", curve.name), accepted, RATE);
    number.beside(curve.bounds.saturation, "the busiest link or port always busy")
}

fn table(curves: &Curves) -> Table {
    let mut table = Table::new(&[
        ("varied", "0 topology, 1 arbiter, 2 FIFO depth"),
        ("curve", "place in the list of what is varied, from 0"),
        ("offered", "packets that a core creates per cycle, on average"),
        ("accepted", "packets delivered per core and cycle"),
        ("mean_latency_cycles", "from creation to delivery; of what arrived"),
        ("p95_latency_cycles", "95 of 100 marked packets take no longer"),
        ("max_latency_cycles", "the longest latency"),
        ("packets", "marked packets"),
        ("undelivered", "marked packets that had not arrived when the measurement ended"),
        ("busiest_link", "share of cycles in which the busiest link was busy"),
        ("zero_load_latency_cycles", "mean latency of packets that meet no other, theory"),
        ("saturation", "rate at which the busiest link or port is always busy, theory"),
    ]);
    for (varied, curves) in [&curves.topologies, &curves.arbiters, &curves.depths].into_iter().enumerate() {
        for (number, curve) in curves.iter().enumerate() {
            for point in &curve.points {
                let LoadPoint { p95_latency_cycles, max_latency_cycles, packets, undelivered, .. } = *point;
                let count = |count: u64| Some(count as f64);
                // Nobody knows how long those took that never arrived.
                let arrived = packets > undelivered;
                table.row(&[
                    Some(varied as f64),
                    Some(number as f64),
                    Some(point.offered),
                    Some(point.accepted),
                    arrived.then_some(point.mean_latency_cycles),
                    count(p95_latency_cycles).filter(|_| arrived),
                    count(max_latency_cycles).filter(|_| arrived),
                    count(packets),
                    count(undelivered),
                    Some(point.busiest_link),
                    Some(curve.bounds.zero_load_latency_cycles),
                    Some(curve.bounds.saturation),
                ]);
            }
        }
    }
    table
}

fn digest(curves: &Curves) -> Digest {
    let mut digest = Digest::default();
    let all = [&curves.topologies, &curves.arbiters, &curves.depths].into_iter().flatten();
    for point in all.flat_map(|curve| &curve.points) {
        let LoadPoint { packets, undelivered, p95_latency_cycles, max_latency_cycles, .. } = *point;
        for word in [packets, undelivered, p95_latency_cycles, max_latency_cycles] {
            digest.word(word);
        }
        digest.word(point.accepted.to_bits());
        digest.word(point.mean_latency_cycles.to_bits());
    }
    digest
}
