//! `study bistability`: where it depends on the start whether a late network comes to rest.
//!
//! Below its linear limit a deviation that is small enough dies down; one that is large enough may not. The chip starts
//! near the equilibrium and further and further away, at delays around the limit, and so does the oracle's double-precision
//! simulation of the same equations.

use super::{
    Axis, Context, Figure, Findings, LateNetwork, Layer, Number, Oscillation, Panel, Pattern, Series, Study,
    Style, Table, Tone,
};
use crate::Error;
use equipoise_base::Digest;

/// The study.
pub struct Bistability;

equipoise_base::params! {
    /// `[study]` of `study bistability`.
    pub struct Keys {
        /// How far the states start from their equilibrium, increasing.
        starts: Vec<f64> = vec![0.001, 0.1, 0.5, 1.0, 2.0], "1", 0.0..=1000.0;
        /// Direction of the starts, one number per neuron through all free populations; empty for all neurons alike.
        direction: Vec<f64> = Vec::new(), "1", -1.0..=1.0;
        /// Extra delays, increasing; empty for those around the linear limit. 0 extra is the chip's delay of one step.
        delays: Vec<u32> = Vec::new(), "steps", 0..=100_000;
        /// How many delays on either side of the linear limit.
        around: u32 = 4, "steps", 1..=1000;
        /// The longest extra delay at which the linear limit is looked for.
        longest: u32 = 100, "steps", 1..=10_000;
        /// How one number becomes the delays of all synapses.
        pattern: Pattern = Pattern::Uniform, "";
        /// Length of each run; its last half is looked at.
        steps: u32 = 40_000, "steps", 1000..=100_000_000;
        /// The neuron whose course is shown, counted through all free populations.
        neuron: usize = 0, "";
    }
}

/// Swings below this are rounding's, on a chip of wide words and in double precision; a chip may ask for more.
const FLOOR: f64 = 1e-9;
/// Steps of the courses in the figure, at most.
const SHOWN_STEPS: usize = 400;

/// A network at rest.
struct Rest {
    network: LateNetwork,
    equilibrium: Vec<f64>,
    /// First extra delay that linear theory calls unstable.
    limit: Option<usize>,
    /// Swings of the chip up to this are noise and rounding.
    floor: f64,
}

/// What one start came to at one delay.
struct Fate {
    chip: Oscillation,
    /// Swings of the chip up to this are noise and rounding.
    floor: f64,
    oracle: Oscillation,
    /// The last states of the neuron that is shown.
    course: Vec<f64>,
    digest: u64,
}

impl Fate {
    fn cycles(&self) -> bool {
        self.chip.is_sustained(self.floor)
    }
}

impl Study for Bistability {
    type Keys = Keys;
    const NAME: &'static str = "bistability";
    const MEANING: &'static str =
        "Several starts at delays around the linear limit: which come to rest, which go on swinging.";
    const EXPERIMENT: &'static str = include_str!("bistability.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        let rest = rest(keys, context)?;
        let delays = delays(keys, context, rest.limit)?;
        let steps = context.either(keys.steps, keys.steps.min(16_000));
        let points: Vec<(usize, f64)> =
            delays.iter().flat_map(|&d| keys.starts.iter().map(move |&start| (d, start))).collect();
        let fates = context.each(&points, |&(d, start)| fate(&rest, d, start, steps, keys, context))?;
        let mut digest = Digest::default();
        fates.iter().for_each(|fate| digest.word(fate.digest));
        let grid = Grid { delays, starts: &keys.starts, fates };
        let figure = Figure {
            title: String::new(),
            columns: 2,
            panels: vec![amplitudes(&grid, &rest), courses(&grid, keys)],
        };
        let mut numbers = numbers(&grid, &rest);
        numbers.extend(rest.network.replaced_delay(context)?);
        Ok(Findings { numbers, table: table(&grid), figure, digest })
    }
}

/// All fates: for each delay one per start.
struct Grid<'a> {
    delays: Vec<usize>,
    starts: &'a [f64],
    fates: Vec<Fate>,
}

impl Grid<'_> {
    /// Each delay with its fates, in the order of the starts.
    fn rows(&self) -> impl Iterator<Item = (usize, &[Fate])> {
        self.delays.iter().copied().zip(self.fates.chunks(self.starts.len()))
    }

    /// The delays at which some starts come to rest and others do not.
    fn bistable(&self) -> Vec<usize> {
        self.rows().filter(|(_, fates)| is_bistable(fates, Fate::cycles)).map(|(d, _)| d).collect()
    }
}

fn is_bistable(fates: &[Fate], cycles: impl Fn(&Fate) -> bool) -> bool {
    fates.iter().any(&cycles) && !fates.iter().all(&cycles)
}

fn rest(keys: &Keys, context: &Context<'_>) -> Result<Rest, Error> {
    let network = LateNetwork::of(context, keys.pattern)?;
    if keys.neuron >= network.neurons() {
        let found = format!("neuron {} of {}", keys.neuron, network.neurons());
        let accepted = format!("a number below {}", network.neurons());
        return Err(context.error_at("study.neuron", found, accepted).into());
    }
    if !keys.direction.is_empty() && keys.direction.len() != network.neurons() {
        let found = format!("{} numbers for {} neurons", keys.direction.len(), network.neurons());
        return Err(context.error_at("study.direction", found, "one per neuron, or none").into());
    }
    let Some(equilibrium) = network.equilibrium(context)? else {
        let found = "a network that comes to no equilibrium even without delays";
        return Err(context.error_at("network", found, "one that does").into());
    };
    let linear = network.theory(context, 0)?.linearise(&equilibrium);
    let limit = linear.first_unstable(&network.unit_delays(context)?, keys.longest as usize);
    let limit = limit.map_err(|error| Error::Other(format!("the stability of the network: {error}")))?;
    let floor = network.at_rest()?.floor(keys.steps);
    Ok(Rest { network, equilibrium, limit: limit.map(|(d, _)| d), floor })
}

/// The delays to look at.
fn delays(keys: &Keys, context: &Context<'_>, limit: Option<usize>) -> Result<Vec<usize>, Error> {
    let increasing = keys.starts.windows(2).all(|pair| pair[0] < pair[1]);
    if keys.starts.len() < 2 || !increasing {
        let found = format!("{:?}", keys.starts);
        return Err(context.error_at("study.starts", found, "two or more numbers, increasing").into());
    }
    if keys.delays.windows(2).any(|pair| pair[0] >= pair[1]) {
        let found = format!("{:?}", keys.delays);
        return Err(context.error_at("study.delays", found, "whole numbers, increasing").into());
    }
    match (keys.delays.is_empty(), limit) {
        (false, _) => Ok(keys.delays.iter().map(|&d| d as usize).collect()),
        (true, Some(limit)) => {
            let around = keys.around as usize;
            Ok((limit.saturating_sub(around)..=limit + around).collect())
        }
        (true, None) => {
            let found = format!("no delays, for a network without a linear limit up to {}", keys.longest);
            Err(context.error_at("study.delays", found, "a list of delays").into())
        }
    }
}

fn fate(
    rest: &Rest,
    extra: usize,
    distance: f64,
    steps: u32,
    keys: &Keys,
    context: &Context<'_>,
) -> Result<Fate, Error> {
    let push = |i: usize| distance * keys.direction.get(i).copied().unwrap_or(1.0);
    let start: Vec<f64> = rest.equilibrium.iter().enumerate().map(|(i, u)| u + push(i)).collect();
    let stay = rest.network.run(context, extra, &start, steps, steps / 2)?;
    let simulated = rest.network.theory(context, extra)?.simulate(&start, steps as usize);
    let late = simulated.len() - stay.states.len();
    let shown = stay.states.len().saturating_sub(SHOWN_STEPS);
    Ok(Fate {
        chip: Oscillation::of(&stay.states),
        floor: FLOOR.max(rest.floor),
        oracle: Oscillation::of(&simulated[late..]),
        course: stay.states[shown..].iter().map(|state| state[keys.neuron]).collect(),
        digest: stay.digest,
    })
}

fn numbers(grid: &Grid<'_>, rest: &Rest) -> Vec<Number> {
    const ORACLE: &str = "double-precision simulation";
    let steps = |d: Option<usize>| d.map(|d| d as f64);
    let flag = |yes: bool| f64::from(u8::from(yes));
    let bistable = grid.bistable();
    // What the smallest start does is the linear theory's business.
    let measured = grid.rows().find(|(_, fates)| fates[0].cycles()).map(|(d, _)| d);
    let name = "first extra delay at which the smallest start swings on";
    let limit = Number::alone(name, steps(measured), "steps");
    let mut numbers = vec![
        limit.beside(steps(rest.limit), "exact discrete spectrum"),
        Number::alone("first bistable extra delay", steps(bistable.first().copied()), "steps"),
        Number::alone("last bistable extra delay", steps(bistable.last().copied()), "steps"),
    ];
    for (d, fates) in grid.rows() {
        let of_oracle = is_bistable(fates, |fate| fate.oracle.is_sustained(FLOOR));
        let name = format!("bistable at extra delay {d}");
        let bistable = Number::alone(name, flag(is_bistable(fates, Fate::cycles)), "1");
        numbers.push(bistable.beside(flag(of_oracle), ORACLE));
        for (fate, start) in fates.iter().zip(grid.starts).filter(|(fate, _)| fate.cycles()) {
            let name = format!("peak to peak at extra delay {d} from {start} away");
            numbers.push(Number::alone(name, fate.chip.swing, "1").beside(fate.oracle.swing, ORACLE));
        }
    }
    numbers
}

fn table(grid: &Grid<'_>) -> Table {
    let mut table = Table::new(&[
        ("extra_delay_steps", "steps beyond the chip's delay of one"),
        ("start", "distance of the start from the equilibrium"),
        ("swings_on", "1 where the chip does not come to rest"),
        ("amplitude", "largest peak-to-peak swing of a state u, last quarter of the run"),
        ("growth", "that swing over the one a quarter earlier"),
        ("period_steps", "measured period"),
        ("oracle_amplitude", "the same swing in double precision"),
    ]);
    for (d, fates) in grid.rows() {
        for (fate, start) in fates.iter().zip(grid.starts) {
            table.row(&[
                Some(d as f64),
                Some(*start),
                Some(f64::from(u8::from(fate.cycles()))),
                Some(fate.chip.swing),
                Some(fate.chip.growth),
                fate.chip.period_steps.filter(|_| fate.cycles()),
                Some(fate.oracle.swing),
            ]);
        }
    }
    table
}

/// Amplitude against delay, one set of points for each start.
fn amplitudes(grid: &Grid<'_>, rest: &Rest) -> Panel {
    let mut layers = Vec::new();
    if let Some(limit) = rest.limit {
        layers.push(Layer::Vertical(limit as f64 - 0.5, "linear limit".to_owned(), Tone::Ink));
    }
    // The far starts first, so that what the near ones do lies on top.
    for (index, start) in grid.starts.iter().enumerate().rev() {
        // Side by side, as most starts come to one of two ends.
        let beside = 0.13 * (index as f64 - 0.5 * (grid.starts.len() - 1) as f64);
        let points = grid.rows().map(|(d, fates)| (d as f64 + beside, fates[index].chip.swing)).collect();
        let name = format!("start {start} away");
        layers.push(Layer::Series(Series::new(name, Style::Points, Tone::Hue(index), points)));
    }
    Panel {
        title: "Amplitude by start".to_owned(),
        x: Axis::new("extra delay", "steps"),
        y: Axis::new("peak to peak of u", ""),
        layers,
    }
}

/// Two courses at the last bistable delay, or else at the last delay.
fn courses(grid: &Grid<'_>, keys: &Keys) -> Panel {
    let shown = grid.bistable().last().copied().or(grid.delays.last().copied()).unwrap_or(0);
    let fates = grid.rows().find(|(d, _)| *d == shown).map_or(&[][..], |(_, fates)| fates);
    let ends = [grid.starts.len() - 1, 0];
    let course = |index: usize| {
        let points = fates[index].course.iter().enumerate().map(|(k, &u)| (k as f64, u)).collect();
        let name = format!("start {} away", grid.starts[index]);
        Layer::Series(Series::new(name, Style::Line, Tone::Hue(index), points))
    };
    Panel {
        title: format!("The last steps of two runs, extra delay {shown}"),
        x: Axis::new("step", ""),
        y: Axis::new(format!("state u of neuron {}", keys.neuron), ""),
        layers: ends.map(course).to_vec(),
    }
}
