//! `study delay`: at which delay a network begins to oscillate, how far it then swings, and how fast.
//!
//! For every gain the equilibrium is found and the exact discrete spectrum around it says which delays are unstable; beside
//! it stands what the chip does when it starts a little off that equilibrium.

use super::late_network::beside;
use super::oscillation::growth_per_step;
use super::{
    Axis, Context, Figure, Findings, HeatMap, LateNetwork, Layer, Number, Oscillation, Panel, Pattern,
    Series, Study, Style, Table, Tone,
};
use crate::Error;
use equipoise_base::Digest;
use equipoise_oracle::critical_delay::{CriticalDelay, Onset, critical_delay};
use equipoise_oracle::stability::{Linearisation, Mode};

/// The study.
pub struct Delay;

equipoise_base::params! {
    /// `[study]` of `study delay`.
    pub struct Keys {
        /// Factors on the couplings between neurons, increasing; each has an operating point of its own.
        gains: Vec<f64> = (8..=40).map(|twentieths| f64::from(twentieths) / 20.0).collect(), "1", 0.0..=1000.0;
        /// The gain of the bifurcation diagram and the growth rates: the nearest of `gains`.
        shown_gain: f64 = 1.0, "1", 0.0..=1000.0;
        /// The longest extra delay; 0 extra is the chip's delay of one step.
        longest: u32 = 40, "steps", 0..=100_000;
        /// How one number becomes the delays of all synapses.
        pattern: Pattern = Pattern::Uniform, "";
        /// Length of each run; its last half is looked at.
        steps: u32 = 8000, "steps", 100..=100_000_000;
        /// How far the states start from their equilibrium.
        perturbation: f64 = 0.01, "1", 0.0..=100.0;
        /// Swings of a state below this are rest; at least what the chip's words, converters and noise make of a network
        /// that stands still, which is known.
        floor: f64 = 0.0, "1", 0.0..=1000.0;
        /// The neuron of the bifurcation diagram, counted through all free populations.
        neuron: usize = 0, "";
    }
}

/// A deviation so small that its growth is that of the linear theory.
const TINY: f64 = 1e-6;
/// So many LSB are so much that rounding does not matter.
const ABOVE_ROUNDING: f64 = 65_536.0;
/// A spectral radius this close to 1 decides nothing within the length of a run.
const MARGINAL: f64 = 1e-3;

/// One gain: the network and what theory says about it.
struct Row {
    gain: f64,
    network: LateNetwork,
    equilibrium: Vec<f64>,
    /// The dominant mode for each extra delay from 0, and what is rest there; empty where the network has no equilibrium.
    modes: Vec<Mode>,
    floors: Vec<f64>,
    /// Onset in continuous time, for a uniform delay.
    onset: Option<Onset>,
}

/// What the chip did at one gain and delay.
struct Cell {
    seen: Oscillation,
    /// Swings up to this are rest.
    floor: f64,
    sustained: bool,
    /// Least and greatest state of the neuron of the diagram.
    extremes: (f64, f64),
    digest: u64,
}

impl Study for Delay {
    type Keys = Keys;
    const NAME: &'static str = "delay";
    const MEANING: &'static str = "Delay x gain: predicted stability over measured amplitude; bifurcation diagram; period against theory.";
    const EXPERIMENT: &'static str = include_str!("delay.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        let network = LateNetwork::of(context, keys.pattern)?;
        check(keys, context, &network)?;
        let steps = context.either(keys.steps, keys.steps.min(1500));
        let gains = context.either(keys.gains.clone(), thinned(&keys.gains, keys.shown_gain));
        let rows = context.each(&gains, |&gain| row(&network, gain, steps, keys, context))?;
        let points: Vec<(usize, usize)> =
            (0..rows.len()).flat_map(|row| (0..=keys.longest as usize).map(move |d| (row, d))).collect();
        let cells = context.each(&points, |&(r, d)| cell(&rows[r], d, steps, keys, context))?;
        let cells: Vec<&[Cell]> = cells.chunks(keys.longest as usize + 1).collect();
        let shown = nearest(&gains, keys.shown_gain);
        let mut digest = Digest::default();
        cells.iter().copied().flatten().for_each(|cell| digest.word(cell.digest));
        let mut numbers = Vec::new();
        agreement(&mut numbers, &rows, &cells);
        growth(&mut numbers, &mut digest, &rows[shown], context)?;
        onsets(&mut numbers, &rows, &cells);
        numbers.extend(network.replaced_delay(context)?);
        let figure = Figure {
            title: String::new(),
            columns: 3,
            panels: vec![
                map(&rows, &cells),
                diagram(&rows[shown], cells[shown], keys),
                periods(&rows, &cells),
            ],
        };
        Ok(Findings { numbers, table: table(&rows, &cells), figure, digest })
    }
}

fn check(keys: &Keys, context: &Context<'_>, network: &LateNetwork) -> Result<(), Error> {
    if keys.gains.is_empty() || keys.gains.windows(2).any(|pair| pair[0] >= pair[1]) {
        let found = format!("{:?}", keys.gains);
        return Err(context.error_at("study.gains", found, "one or more numbers, increasing").into());
    }
    if keys.neuron >= network.neurons() {
        let found = format!("neuron {} of {}", keys.neuron, network.neurons());
        let accepted = format!("a number below {}", network.neurons());
        return Err(context.error_at("study.neuron", found, accepted).into());
    }
    Ok(())
}

/// About ten gains, the shown one among them.
fn thinned(gains: &[f64], shown: f64) -> Vec<f64> {
    let stride = gains.len().div_ceil(9).max(1);
    let shown = nearest(gains, shown);
    (0..gains.len()).filter(|i| i % stride == shown % stride).map(|i| gains[i]).collect()
}

fn nearest(gains: &[f64], wanted: f64) -> usize {
    let distance = |i: &usize| (gains[*i] - wanted).abs();
    (0..gains.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
}

/// Theory at one gain.
fn row(
    network: &LateNetwork,
    gain: f64,
    steps: u32,
    keys: &Keys,
    context: &Context<'_>,
) -> Result<Row, Error> {
    let network = network.scaled(gain);
    let Some(equilibrium) = network.equilibrium(context)? else {
        let equilibrium = vec![0.0; network.neurons()];
        return Ok(Row { gain, network, equilibrium, modes: Vec::new(), floors: Vec::new(), onset: None });
    };
    let linear = network.theory(context, 0)?.linearise(&equilibrium);
    let unit = network.unit_delays(context)?;
    let modes = (0..=keys.longest as usize).map(|d| linear.dominant(&unit.times(d)));
    let modes = modes.collect::<Result<Vec<_>, _>>().map_err(no_eigenvalues)?;
    let onset = if keys.pattern == Pattern::Uniform { continuous_onset(&linear)? } else { None };
    let rest = network.at_rest()?;
    let floor = |(d, mode)| rest.floor_near(&linear, &unit.times(d), mode, steps);
    let floors = modes.iter().enumerate().map(floor).collect();
    Ok(Row { gain, network, equilibrium, modes, floors, onset })
}

fn continuous_onset(linear: &Linearisation) -> Result<Option<Onset>, Error> {
    match critical_delay(&linear.eigenvalues().map_err(no_eigenvalues)?) {
        CriticalDelay::Oscillates(onset) => Ok(Some(onset)),
        CriticalDelay::UnstableWithoutDelay | CriticalDelay::StableForEveryDelay => Ok(None),
    }
}

fn no_eigenvalues(error: equipoise_oracle::NoEigenvalues) -> Error {
    Error::Other(format!("the stability of the network: {error}"))
}

impl Row {
    /// The first extra delay that theory calls unstable, as far as was looked.
    fn predicted(&self) -> Option<usize> {
        self.modes.iter().position(Mode::is_unstable)
    }

    /// A critical delay of the continuous theory in steps: a time constant has 1 / a of them.
    fn continuous_steps(&self) -> Option<f64> {
        self.onset.map(|onset| onset.tau / self.network.leak())
    }
}

/// The chip at one gain and delay.
fn cell(row: &Row, extra: usize, steps: u32, keys: &Keys, context: &Context<'_>) -> Result<Cell, Error> {
    let start = beside(&row.equilibrium, keys.perturbation);
    let stay = row.network.run(context, extra, &start, steps, steps / 2)?;
    let seen = Oscillation::of(&stay.states);
    let late = stay.states[stay.states.len() / 2..].iter().map(|state| state[keys.neuron]);
    let extremes = late.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), u| (low.min(u), high.max(u)));
    let at_rest = match row.floors.get(extra) {
        Some(&floor) => floor,
        None => row.network.at_rest()?.floor(steps),
    };
    let floor = keys.floor.max(at_rest);
    Ok(Cell { sustained: seen.is_sustained(floor), seen, floor, extremes, digest: stay.digest })
}

fn measured(cells: &[Cell]) -> Option<usize> {
    cells.iter().position(|cell| cell.sustained)
}

/// In how many points the chip does what theory says.
fn agreement(numbers: &mut Vec<Number>, rows: &[Row], cells: &[&[Cell]]) {
    let pairs = rows.iter().zip(cells).flat_map(|(row, cells)| row.modes.iter().zip(*cells));
    let clear: Vec<bool> = pairs
        .filter(|(mode, _)| (mode.radius() - 1.0).abs() > MARGINAL)
        .map(|(mode, cell)| mode.is_unstable() == cell.sustained)
        .collect();
    let share = clear.iter().filter(|agrees| **agrees).count() as f64 / clear.len() as f64;
    let name = "share of points, spectral radius further than 1e-3 from 1, that do what theory predicts";
    numbers.push(
        Number::alone(name, (!clear.is_empty()).then_some(share), "1").beside(1.0, "exact discrete spectrum"),
    );
    let all: usize = rows.iter().map(|row| row.modes.len()).sum();
    numbers.push(Number::alone("points so compared", clear.len() as f64, "points"));
    numbers.push(Number::alone("points in all", all as f64, "points"));
}

/// Growth per step of a tiny deviation on either side of the onset.
fn growth(
    numbers: &mut Vec<Number>,
    digest: &mut Digest,
    row: &Row,
    context: &Context<'_>,
) -> Result<(), Error> {
    let Some(onset) = row.predicted() else { return Ok(()) };
    for extra in onset.saturating_sub(1)..=onset {
        let mode = &row.modes[extra];
        // So long that other modes have died down, so short that this one stays between rounding and the nonlinearity.
        let steps = (8.0 / (mode.radius() - 1.0).abs().max(2.0 * MARGINAL)) as u32;
        let size = TINY.max(row.network.lsb() * ABOVE_ROUNDING);
        let start = beside(&row.equilibrium, size);
        let stay = row.network.run(context, extra, &start, steps, steps / 2)?;
        digest.word(stay.digest);
        let neuron = Oscillation::of(&stay.states).neuron;
        let course: Vec<f64> = stay.states.iter().map(|state| state[neuron]).collect();
        let per_step = growth_per_step(&course);
        let name = format!("growth per step of a tiny deviation, gain {}, extra delay {extra}", row.gain);
        numbers.push(Number::alone(name, per_step, "1").beside(mode.radius(), "spectral radius"));
    }
    Ok(())
}

/// First unstable delays and periods, gain by gain.
fn onsets(numbers: &mut Vec<Number>, rows: &[Row], cells: &[&[Cell]]) {
    for (row, cells) in rows.iter().zip(cells) {
        let (predicted, found) = (row.predicted(), measured(cells));
        let steps = |d: Option<usize>| d.map(|d| d as f64);
        let name = format!("first extra delay that oscillates, gain {}", row.gain);
        numbers.push(
            Number::alone(name, steps(found), "steps").beside(steps(predicted), "exact discrete spectrum"),
        );
        if let Some(continuous) = row.continuous_steps() {
            let name = format!("the same against continuous time, gain {}", row.gain);
            numbers.push(Number::alone(name, steps(found), "steps").beside(continuous, "tau_c / a"));
        }
        if let Some(at) = found {
            let linear = predicted.and_then(|d| row.modes[d].period_steps());
            let name = format!("period at onset, gain {}", row.gain);
            let period = Number::alone(name, cells[at].seen.period_steps, "steps");
            numbers.push(period.beside(linear, "angle of the dominant mode"));
        }
    }
}

fn table(rows: &[Row], cells: &[&[Cell]]) -> Table {
    let mut table = Table::new(&[
        ("gain", "factor on the couplings"),
        ("extra_delay_steps", "steps beyond the chip's delay of one"),
        ("spectral_radius", "growth per step of the dominant mode, theory"),
        ("linear_period_steps", "period of the dominant mode, theory"),
        ("predicted_unstable", "1 where the spectral radius exceeds 1"),
        ("oscillates", "1 where the chip swings on"),
        ("amplitude", "largest peak-to-peak swing of a state u, last quarter of the run"),
        ("rest", "the swing that noise and rounding make at an equilibrium"),
        ("growth", "that swing over the one a quarter earlier"),
        ("period_steps", "measured period"),
        ("lowest", "least state of the neuron of the diagram"),
        ("highest", "greatest state of that neuron"),
    ]);
    let flag = |yes: bool| Some(f64::from(u8::from(yes)));
    for (row, cells) in rows.iter().zip(cells) {
        for (extra, cell) in cells.iter().enumerate() {
            let mode = row.modes.get(extra);
            table.row(&[
                Some(row.gain),
                Some(extra as f64),
                mode.map(Mode::radius),
                mode.and_then(Mode::period_steps),
                mode.and_then(|mode| flag(mode.is_unstable())),
                flag(cell.sustained),
                Some(cell.seen.swing),
                Some(cell.floor),
                Some(cell.seen.growth),
                cell.seen.period_steps.filter(|_| cell.sustained),
                Some(cell.extremes.0),
                Some(cell.extremes.1),
            ]);
        }
    }
    table
}

/// The map: amplitude in colour, the boundary of theory over it.
fn map(rows: &[Row], cells: &[&[Cell]]) -> Panel {
    let gains: Vec<f64> = rows.iter().map(|row| row.gain).collect();
    let delays: Vec<f64> = (0..cells[0].len()).map(|d| d as f64).collect();
    let (x_edges, y_edges) = (HeatMap::edges(&gains), HeatMap::edges(&delays));
    let top = y_edges[delays.len()];
    let mut boundary: Vec<(f64, f64)> = Vec::new();
    for (row, sides) in rows.iter().zip(x_edges.windows(2)) {
        let height = row.predicted().map_or(f64::NAN, |d| d as f64 - 0.5);
        if height.is_finite() && boundary.last().is_some_and(|(_, before)| before.is_nan()) {
            // The boundary comes in from above the map.
            boundary.push((sides[0], top));
        }
        boundary.extend(sides.iter().map(|&side| (side, height)));
    }
    let below_top = |row: &Row| row.continuous_steps().filter(|d| *d < top).unwrap_or(f64::NAN);
    let continuous: Vec<(f64, f64)> = rows.iter().map(|row| (row.gain, below_top(row))).collect();
    let values = (0..delays.len()).flat_map(|d| cells.iter().map(move |column| Some(column[d].seen.swing)));
    let x = Axis::new("gain of the couplings", "").from_to(x_edges[0], x_edges[gains.len()]);
    let y = Axis::new("extra delay", "steps").from_to(y_edges[0], top);
    let label = "peak to peak of u".to_owned();
    let heat = HeatMap { label, unit: "", values: values.collect(), x_edges, y_edges };
    let mut layers = vec![
        Layer::Heat(heat),
        Layer::Series(Series::new("predicted boundary (discrete)", Style::Line, Tone::Hue(1), boundary)),
    ];
    if continuous.iter().any(|(_, d)| d.is_finite()) {
        layers.push(Layer::Series(Series::new(
            "continuous \u{3c4}c/a",
            Style::Dashed,
            Tone::Ink,
            continuous,
        )));
    }
    Panel { title: "Measured amplitude".to_owned(), x, y, layers }
}

/// The bifurcation diagram at one gain.
fn diagram(row: &Row, cells: &[Cell], keys: &Keys) -> Panel {
    let at = |value: fn(&Cell) -> f64| cells.iter().enumerate().map(move |(d, cell)| (d as f64, value(cell)));
    let extremes: Vec<(f64, f64)> = at(|cell| cell.extremes.0).chain(at(|cell| cell.extremes.1)).collect();
    let rest = row.equilibrium[keys.neuron];
    let mut layers = vec![
        Layer::Horizontal(rest, "equilibrium".to_owned(), Tone::Grey),
        Layer::Series(Series::new("extremes of u", Style::Points, Tone::Hue(0), extremes)),
    ];
    if let Some(d) = row.predicted() {
        layers.push(Layer::Vertical(d as f64 - 0.5, "predicted onset".to_owned(), Tone::Hue(1)));
    }
    Panel {
        title: format!("Neuron {} at gain {}", keys.neuron, row.gain),
        x: Axis::new("extra delay", "steps"),
        y: Axis::new(format!("state u of neuron {}", keys.neuron), ""),
        layers,
    }
}

/// Periods at the onset against gain.
fn periods(rows: &[Row], cells: &[&[Cell]]) -> Panel {
    let linear = rows.iter().filter_map(|row| Some((row.gain, row.modes[row.predicted()?].period_steps()?)));
    let seen = rows.iter().zip(cells);
    let seen = seen.filter_map(|(row, cells)| Some((row.gain, cells[measured(cells)?].seen.period_steps?)));
    let continuous = rows.iter().filter(|row| row.predicted().is_some());
    let continuous: Vec<_> =
        continuous.filter_map(|row| Some((row.gain, row.onset?.period() / row.network.leak()))).collect();
    let mut layers = vec![
        Layer::Series(Series::new("discrete theory", Style::Line, Tone::Hue(1), linear.collect())),
        Layer::Series(Series::new("measured", Style::Points, Tone::Hue(0), seen.collect())),
    ];
    if !continuous.is_empty() {
        layers.push(Layer::Series(Series::new(
            "continuous 2\u{3c0}/(a\u{3c9})",
            Style::Dashed,
            Tone::Ink,
            continuous,
        )));
    }
    Panel {
        title: "Period at the first unstable delay".to_owned(),
        x: Axis::new("gain of the couplings", ""),
        y: Axis::new("period", "steps"),
        layers,
    }
}
