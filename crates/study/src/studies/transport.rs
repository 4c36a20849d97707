//! `study transport`: how the time in transport moves the edge of oscillation on a chip without a barrier.
//!
//! Every core of a square mesh holds one neuron that all others inhibit. Without a barrier a packet that misses a sample is
//! late by a step, so mesh size, FIFO depth and the ratio of the clocks decide at which gain the network begins to
//! oscillate. Two theories stand beside what the chip does: every packet as fast as in an empty mesh, and every packet as
//! slow as the slowest of a step that all take together.

use super::{Axis, Context, Figure, Findings, Layer, Number, Panel, Series, Study, Style, Table, Tone};
use crate::Error;
use crate::network::NetworkSpec;
use crate::sections::DelaySection;
use equipoise_base::{Digest, Instruction, Way};
use equipoise_chip::catalog::{Activation, Free, NeuronModel, PerCore, RateParams, RouterModel, Sync};
use equipoise_chip::params::Mesh;
use equipoise_chip::{
    Connection, Coupling, Machine, Network, Observer, Params, Population, Sign, View, Weights, build,
};
use equipoise_oracle as oracle;

/// The study.
pub struct Transport;

equipoise_base::params! {
    /// `[study]` of `study transport`.
    pub struct Keys {
        /// Sides of the square meshes, in cores, increasing.
        sides: Vec<u32> = vec![2, 3, 4, 5], "cores";
        /// Depths of the routers' FIFOs.
        fifo_depths: Vec<u32> = vec![1, 16], "packets";
        /// Periods of a core's step, against which the mesh runs its cycles; the shortest is the core's own pipeline.
        periods_cycles: Vec<u32> = vec![10, 14, 20, 28, 40, 56, 80], "cycles";
        /// The side for which periods are varied.
        shown_side: u32 = 4, "cores", 2..=16;
        /// The period for which sides are varied.
        shown_period_cycles: u32 = 20, "cycles", 1..=1_000_000;
        /// The share of the way to its target that a state moves in one step.
        a: f64 = 0.25, "1", 0.001..=1.0;
        /// Steps of each run.
        steps: u32 = 600, "steps", 20..=10_000_000;
        /// How narrowly the critical gain is sought, as a share of it.
        precision: f64 = 0.01, "1", 0.0001..=0.5;
    }
}

/// Gains between which the critical one is sought.
const GAINS: (f64, f64) = (1.0, 16.0);

/// A deviation of this size has grown as far as the activation lets it: it started ten thousand times smaller.
const SATURATED: f64 = 0.01;

/// Steps' worth of packets in flight at the end of a run from which on the mesh is said not to keep up: the delay then
/// grows for as long as the chip runs, and there is no edge to be sought.
const OVERLOADED: f64 = 4.0;

/// A chip to be tried.
#[derive(Clone, Copy)]
struct Point {
    side: u32,
    fifo_depth: u32,
    period: u32,
}

/// What became of it.
struct Outcome {
    point: Point,
    /// The gain from which on the chip oscillates; `None` if it does at none that was tried, or the mesh cannot keep up.
    critical: Option<f64>,
    /// The same if every packet took as long as in an empty mesh.
    empty: Option<f64>,
    /// The same if every packet were as slow as the last of a step that all take together.
    slowest: Option<f64>,
    /// Share of packets that were late.
    late: f64,
    /// Packets in flight at the end of a run, in steps' worth of packets: where it grows with the run, the mesh
    /// cannot keep up with the cores.
    backlog: f64,
    /// Cycles of a step under a barrier.
    barrier_cycles: f64,
    digest: u64,
}

impl Study for Transport {
    type Keys = Keys;
    const NAME: &'static str = "transport";
    const MEANING: &'static str = "Mesh size, FIFO depth and clock ratio without a barrier: how transport time moves the edge of oscillation.";
    const EXPERIMENT: &'static str = include_str!("transport.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        check(keys, context)?;
        let sides: Vec<u32> =
            context.either(keys.sides.clone(), keys.sides.iter().copied().take(2).collect());
        let periods: Vec<u32> = context
            .either(keys.periods_cycles.clone(), keys.periods_cycles.iter().copied().step_by(3).collect());
        let shown_side = context.either(keys.shown_side, *sides.last().unwrap_or(&keys.shown_side));
        let at = |side, fifo_depth, period| Point { side, fifo_depth, period };
        let by_side = keys.fifo_depths.iter().flat_map(|&depth| sides.iter().map(move |&side| (depth, side)));
        let mut points: Vec<Point> =
            by_side.map(|(depth, side)| at(side, depth, keys.shown_period_cycles)).collect();
        let first_of_periods = points.len();
        let by_period = keys.fifo_depths.iter().flat_map(|&depth| periods.iter().map(move |&p| (depth, p)));
        points.extend(by_period.map(|(depth, period)| at(shown_side, depth, period)));
        let outcomes = context.each(&points, |&point| outcome(point, keys, context))?;
        let mut digest = Digest::default();
        outcomes.iter().for_each(|outcome| digest.word(outcome.digest));
        let (of_sides, of_periods) = outcomes.split_at(first_of_periods);
        let x_side = Axis::new("side of the mesh", "cores");
        let x_period = Axis::new("period of a core's step", "cycles");
        let side = |outcome: &Outcome| f64::from(outcome.point.side);
        let period = |outcome: &Outcome| f64::from(outcome.point.period);
        let figure = Figure {
            title: String::new(),
            columns: 3,
            panels: vec![
                boundary(
                    format!("Period of {} cycles", keys.shown_period_cycles),
                    x_side,
                    of_sides,
                    keys,
                    side,
                ),
                boundary(
                    format!("{shown_side} x {shown_side} cores"),
                    x_period.clone(),
                    of_periods,
                    keys,
                    period,
                ),
                backlog(x_period, of_periods, keys, period),
            ],
        };
        Ok(Findings { numbers: numbers(&outcomes), table: table(&outcomes), figure, digest })
    }
}

fn check(keys: &Keys, context: &Context<'_>) -> Result<(), Error> {
    // What an earlier study left names the network of every experiment that names none.
    if let Some(entry) = context.root.get("network")
        && context.experiment.network != NetworkSpec::default()
    {
        let found = "a network of its own";
        return Err(context
            .error_at(&entry.key, found, "no [network]: the study builds one for each mesh")
            .into());
    }
    if context.experiment.delays != DelaySection::default() {
        let accepted = "no [delays]: the study is about the time that transport takes";
        return Err(context.error_at("delays", "delays of the network's own", accepted).into());
    }
    if !(2..=16).contains(&keys.sides.iter().copied().min().unwrap_or(0))
        || keys.sides.iter().any(|&side| side > 16)
    {
        return Err(context
            .error_at("study.sides", format!("{:?}", keys.sides), "sides from 2 to 16")
            .into());
    }
    if keys.fifo_depths.is_empty() || keys.fifo_depths.contains(&0) {
        let found = format!("{:?}", keys.fifo_depths);
        return Err(context.error_at("study.fifo_depths", found, "one or more depths from 1").into());
    }
    if keys.periods_cycles.is_empty() || keys.periods_cycles.contains(&0) {
        let found = format!("{:?}", keys.periods_cycles);
        return Err(context.error_at("study.periods_cycles", found, "one or more periods from 1").into());
    }
    let RouterModel::Mesh(_) = context.experiment.params(0)?.hardware.router else {
        return Err(context
            .error_at("hardware.router", "another router", "\"mesh\", whose FIFOs are varied")
            .into());
    };
    Ok(())
}

/// Neurons that all inhibit all, themselves included, with the gain over their number: at rest the eigenvalue of all
/// together is minus the gain, and the others are zero.
fn network(side: u32, gain: f64, a: f64, start: &[f64]) -> Network {
    let n = (side * side) as usize;
    let rate = RateParams { a, activation: Activation::Tanh, ..RateParams::default() };
    Network {
        populations: vec![Population {
            name: "all".to_owned(),
            size: n,
            neuron: Some(NeuronModel::Rate(rate)),
            sign: Sign::Any,
            bias: Vec::new(),
            start: start.to_vec(),
            bias_rate: 0.0,
        }],
        connections: vec![Connection {
            from: 0,
            to: 0,
            weights: Weights::Dense(vec![-gain / n as f64; n * n]),
            delay: vec![1],
            return_delay: vec![1],
            symmetric: false,
            rate: 0.0,
        }],
        ..Network::default()
    }
}

fn chip(point: Point, gain: f64, sync: Sync, keys: &Keys, context: &Context<'_>) -> Result<Params, Error> {
    let n = (point.side * point.side) as usize;
    // Rest is the equilibrium at every gain; the start is a little off it, in every mode.
    let start: Vec<f64> = (0..n).map(|i| 1e-6 * [1.0, 0.8, 1.1][i % 3]).collect();
    let mut params = context.experiment.params(0)?;
    params.network = network(point.side, gain, keys.a, &start);
    params.hardware.core.neurons = 1;
    params.hardware.mesh = Mesh::Fixed(point.side, point.side);
    params.hardware.sync = sync;
    if let RouterModel::Mesh(mesh) = &mut params.hardware.router {
        mesh.fifo_depth = point.fifo_depth;
    }
    Ok(params)
}

fn free(period: u32) -> Sync {
    let period_cycles = PerCore::All(period);
    Sync::Free(Free { period_cycles, ..Free::default() })
}

fn run(
    params: &Params,
    steps: u32,
    observer: &mut dyn Observer,
    context: &Context<'_>,
) -> Result<Box<dyn Machine>, Error> {
    let misfit = |message: String| context.experiment.misfit(&message);
    let mut machine = build(params).map_err(|error| misfit(error.to_string()))?;
    for instruction in
        [Instruction::Present { input: [].into(), target: None }, Instruction::Settle { steps: Some(steps) }]
    {
        machine.execute(&instruction, observer).map_err(|error| misfit(error.to_string()))?;
    }
    Ok(machine)
}

/// The largest state of each step.
#[derive(Default)]
struct Sizes {
    state: Vec<f64>,
    sizes: Vec<f64>,
}

impl Observer for Sizes {
    fn step(&mut self, view: &dyn View) {
        view.state(0, &mut self.state);
        self.sizes.push(self.state.iter().fold(0.0, |size: f64, u| size.max(u.abs())));
    }
}

impl Sizes {
    /// Did the deviation grow over the second half of the run, or is it there to stay?
    fn grew(&self) -> bool {
        let largest = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
        let half = self.sizes.len() / 2;
        let (third, last) = self.sizes[half..].split_at((self.sizes.len() - half) / 2);
        largest(last) > largest(third).min(SATURATED)
    }
}

fn outcome(point: Point, keys: &Keys, context: &Context<'_>) -> Result<Outcome, Error> {
    let steps = context.either(keys.steps, keys.steps.min(120));
    let precision = context.either(keys.precision, keys.precision.max(0.05));
    let (mut digest, mut late, mut backlog) = (Digest::default(), 0.0, 0.0);
    let packets_per_step = f64::from(point.side.pow(4) - point.side.pow(2));
    let mut grows = |gain| -> Result<(bool, f64), Error> {
        let params = chip(point, gain, free(point.period), keys, context)?;
        let mut sizes = Sizes::default();
        let machine = run(&params, steps, &mut sizes, context)?;
        digest.word(machine.digest());
        let events = machine.record().events;
        late = events.late as f64 / events.delivered.max(1) as f64;
        backlog = events.in_flight as f64 / packets_per_step;
        Ok((sizes.grew(), backlog))
    };
    let overloaded = grows(GAINS.0)?.1 > OVERLOADED;
    let critical = if overloaded { None } else { threshold(precision, |gain| Ok(grows(gain)?.0))? };
    let under_barrier =
        run(&chip(point, 1.0, Sync::default(), keys, context)?, 4, &mut Sizes::default(), context)?;
    let barrier_cycles = (under_barrier.clock().cycle as f64 / 4.0).round();
    let n = (point.side * point.side) as usize;
    let period = u64::from(point.period);
    let missed = |cycles: u64| cycles.div_ceil(period) as usize;
    let empty = |to: usize, from: usize| missed(under_barrier.distance(from, to).1);
    // A step under the barrier is a core's own work and then the transport of everything.
    let own = run(
        &chip(Point { side: 2, ..point }, 1.0, free(0), keys, context)?,
        1,
        &mut Sizes::default(),
        context,
    )?;
    let transport = (barrier_cycles as u64).saturating_sub(own.clock().cycle);
    let synapses = |gain| couplings(&chip(point, gain, Sync::default(), keys, context)?, context);
    let theory =
        |late: &dyn Fn(usize, usize) -> usize| predicted(n, precision / 4.0, keys.a, late, &synapses);
    Ok(Outcome {
        point,
        critical,
        empty: theory(&empty),
        // A step whose transport takes longer than a period overlaps the next one's: the barrier says nothing then.
        slowest: if transport <= period { theory(&|_, _| missed(transport)) } else { None },
        late,
        backlog,
        barrier_cycles,
        digest: digest.value(),
    })
}

/// The synapses of a chip, on time.
fn couplings(params: &Params, context: &Context<'_>) -> Result<Vec<oracle::Synapse>, Error> {
    let machine = build(params).map_err(|error| context.experiment.misfit(&error.to_string()))?;
    let mut synapses = Vec::new();
    machine.couplings(0, Way::Forward, &mut |Coupling { from, to, weight, .. }| {
        synapses.push(oracle::Synapse { to, from, delay: 0, weight });
    });
    Ok(synapses)
}

/// The gain from which on rest is unstable, by the exact discrete spectrum of the `synapses` that a chip of that gain
/// has; `None` where it cannot be found.
fn predicted(
    n: usize,
    precision: f64,
    a: f64,
    late: &dyn Fn(usize, usize) -> usize,
    synapses: &dyn Fn(f64) -> Result<Vec<oracle::Synapse>, Error>,
) -> Option<f64> {
    let neuron = oracle::Neuron::cohen_grossberg(oracle::Activation::Tanh, a);
    let other = |error: &dyn std::fmt::Display| Error::Other(error.to_string());
    threshold(precision, |gain| {
        let mut synapses = synapses(gain)?;
        for synapse in synapses.iter_mut().filter(|s| s.to != s.from) {
            synapse.delay = late(synapse.to, synapse.from);
        }
        let network = oracle::RateNetwork::new(vec![neuron; n], vec![0.0; n], synapses);
        let network = network.map_err(|error| other(&error))?;
        Ok(network.at(&vec![0.0; n]).dominant().map_err(|error| other(&error))?.is_unstable())
    })
    .ok()
    .flatten()
}

/// The gain from which on `is_above` holds, sought to a share `precision` of it; `None` beyond the last gain.
fn threshold(
    precision: f64,
    mut is_above: impl FnMut(f64) -> Result<bool, Error>,
) -> Result<Option<f64>, Error> {
    let (mut low, mut high) = GAINS;
    if !is_above(high)? {
        return Ok(None);
    }
    while high - low > precision * low {
        let middle = (low * high).sqrt();
        if is_above(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Some((low * high).sqrt()))
}

fn numbers(outcomes: &[Outcome]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let named = |what: &str, point: Point| {
        format!(
            "{what}, side {}, FIFO depth {}, period {} cycles",
            point.side, point.fifo_depth, point.period
        )
    };
    for outcome in outcomes {
        let number = Number::alone(named("critical gain", outcome.point), outcome.critical, "1");
        let number =
            number.beside(outcome.empty, "exact discrete spectrum, every packet as in an empty mesh");
        if !numbers.contains(&number) {
            numbers.push(number);
        }
        if outcome.backlog > OVERLOADED {
            let backlog = named("backlog of a mesh that cannot keep up", outcome.point);
            numbers.push(Number::alone(backlog, outcome.backlog, "steps"));
        }
    }
    numbers
}

fn table(outcomes: &[Outcome]) -> Table {
    let mut table = Table::new(&[
        ("side_cores", "side of the square mesh"),
        ("fifo_depth_packets", "depth of the routers' FIFOs"),
        ("period_cycles", "cycles of a core's step"),
        ("critical_gain", "gain from which on the chip oscillates"),
        ("critical_gain_empty", "theory: every packet takes as long as in an empty mesh"),
        (
            "critical_gain_slowest",
            "theory: every packet is as slow as the last of a step under a barrier, where that takes no longer than the period",
        ),
        ("late_share", "packets that missed the sample of a delay of one"),
        (
            "backlog_steps",
            "packets in flight at the end of a run, in steps' worth; large where the mesh cannot keep up",
        ),
        ("barrier_cycles", "cycles of the same step under a barrier"),
    ]);
    for outcome in outcomes {
        let Point { side, fifo_depth, period } = outcome.point;
        table.row(&[
            Some(f64::from(side)),
            Some(f64::from(fifo_depth)),
            Some(f64::from(period)),
            outcome.critical,
            outcome.empty,
            outcome.slowest,
            Some(outcome.late),
            Some(outcome.backlog),
            Some(outcome.barrier_cycles),
        ]);
    }
    table
}

fn of_depth<'a>(
    outcomes: &'a [Outcome],
    depth: u32,
    x: impl Fn(&Outcome) -> f64 + 'a,
    y: impl Fn(&Outcome) -> Option<f64> + 'a,
) -> Vec<(f64, f64)> {
    let chosen = outcomes.iter().filter(|outcome| outcome.point.fifo_depth == depth);
    chosen.map(|outcome| (x(outcome), y(outcome).unwrap_or(f64::NAN))).collect()
}

fn boundary(title: String, x: Axis, outcomes: &[Outcome], keys: &Keys, at: fn(&Outcome) -> f64) -> Panel {
    let mut layers = Vec::new();
    let deepest = keys.fifo_depths.iter().copied().max().unwrap_or(1);
    let theory = |name: &str, tone, y: fn(&Outcome) -> Option<f64>| {
        Layer::Series(Series::new(name, Style::Dashed, tone, of_depth(outcomes, deepest, at, y)))
    };
    layers.push(theory("theory, empty mesh", Tone::Ink, |outcome| outcome.empty));
    layers.push(theory("theory, all as slow as the last", Tone::Grey, |outcome| outcome.slowest));
    for (number, &depth) in keys.fifo_depths.iter().enumerate() {
        let points = of_depth(outcomes, depth, at, |outcome| outcome.critical);
        layers.push(Layer::Series(Series::new(
            format!("chip, FIFO depth {depth}"),
            Style::Linked,
            Tone::Hue(number),
            points,
        )));
    }
    Panel { title, x, y: Axis::new("critical gain", ""), layers }
}

fn backlog(x: Axis, outcomes: &[Outcome], keys: &Keys, at: fn(&Outcome) -> f64) -> Panel {
    let series = keys.fifo_depths.iter().enumerate().map(|(number, &depth)| {
        let points = of_depth(outcomes, depth, at, |outcome| Some(outcome.backlog));
        Layer::Series(Series::new(format!("FIFO depth {depth}"), Style::Linked, Tone::Hue(number), points))
    });
    let y = Axis::new("packets in flight at the end", "steps' worth").logarithmic();
    Panel { title: "Backlog".to_owned(), x, y, layers: series.collect() }
}
