//! `study circuits`: circuits side by side on one chip under one delay, and which of them it makes oscillate.
//!
//! Neurons that are joined by synapses, directly or through others, are one circuit. The default experiment shows that a
//! layered symmetric network at rest does not mind any uniform delay: its eigenvalues come in pairs +-lambda, at a minimum
//! of the energy all lie within -1 to 1, and `|z - (1-a)| >= a > a |lambda|` for every `|z| >= 1`, so no mode grows.
//! Lateral inhibition and E/I pairs have eigenvalues that leave the unit disc to the left or upwards.

use super::late_network::beside;
use super::{
    AtRest, Axis, Context, Figure, Findings, LateNetwork, Layer, Number, Oscillation, Panel, Pattern, Series,
    Stay, Study, Style, Table, Tone,
};
use crate::Error;
use equipoise_base::Digest;
use equipoise_oracle::stability::{Linearisation, Mode};
use equipoise_oracle::{Delays, Matrix};

/// The study.
pub struct Circuits;

equipoise_base::params! {
    /// `[study]` of `study circuits`.
    pub struct Keys {
        /// The longest uniform extra delay; 0 extra is the chip's delay of one step.
        longest: u32 = 30, "steps", 0..=100_000;
        /// Length of each run; its last half is looked at.
        steps: u32 = 20_000, "steps", 100..=100_000_000;
        /// How far the states start from their equilibrium.
        perturbation: f64 = 0.01, "1", 0.0..=100.0;
        /// Steps of the courses in the figure.
        shown: u32 = 200, "steps", 2..=100_000;
    }
}

/// Some of the chip's neurons, joined to each other and to no others.
struct Circuit {
    /// That of its first population.
    name: String,
    neurons: Vec<usize>,
    /// Largest size of an eigenvalue of its Jacobian.
    reach: f64,
    /// Its dominant mode at each extra delay from 0.
    modes: Vec<Mode>,
    /// What the chip showed at each.
    seen: Vec<Oscillation>,
    /// Swings up to these are rest.
    floors: Vec<f64>,
}

impl Study for Circuits {
    type Keys = Keys;
    const NAME: &'static str = "circuits";
    const MEANING: &'static str =
        "Circuits side by side under one delay: layered, laterally inhibited, E/I; which of them oscillate.";
    const EXPERIMENT: &'static str = include_str!("circuits.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        let network = LateNetwork::of(context, Pattern::Uniform)?;
        let Some(equilibrium) = network.equilibrium(context)? else {
            let found = "a network that comes to no equilibrium even without delays";
            return Err(context.error_at("network", found, "one that does").into());
        };
        let steps = context.either(keys.steps, keys.steps.min(2000));
        let delays: Vec<usize> = (0..=keys.longest as usize).collect();
        let start = beside(&equilibrium, keys.perturbation);
        let stays = context.each(&delays, |&d| network.run(context, d, &start, steps, steps / 2))?;
        let mut digest = Digest::default();
        stays.iter().for_each(|stay| digest.word(stay.digest));
        let linear = network.theory(context, 0)?.linearise(&equilibrium);
        let (names, rest) = (network.populations_of_neurons(), network.at_rest()?);
        let circuits = parts(&linear.jacobian).into_iter().map(|neurons| {
            let name = names[neurons[0]].clone();
            circuit(name, neurons, &linear, &stays, (&rest, steps))
        });
        let circuits = circuits.collect::<Result<Vec<_>, _>>()?;
        let last = &stays[stays.len() - 1];
        let figure = Figure {
            title: String::new(),
            columns: 3,
            panels: vec![
                amplitudes(&circuits),
                radii(&circuits),
                courses(&circuits, last, &equilibrium, keys),
            ],
        };
        let mut numbers = numbers(&circuits);
        numbers.extend(network.replaced_delay(context)?);
        Ok(Findings { numbers, table: table(&circuits), figure, digest })
    }
}

/// Groups of neurons that are joined, each in rising order; the groups in the order of their first neurons.
fn parts(jacobian: &Matrix) -> Vec<Vec<usize>> {
    let n = jacobian.nrows();
    let mut part: Vec<usize> = (0..n).collect();
    // The least number spreads along synapses until all that are joined have it.
    for _ in 0..n {
        for (i, j) in (0..n * n).map(|at| (at / n, at % n)) {
            if jacobian[(i, j)] != 0.0 {
                let least = part[i].min(part[j]);
                (part[i], part[j]) = (least, least);
            }
        }
    }
    let members = |first: usize| (0..n).filter(|&i| part[i] == first).collect::<Vec<_>>();
    (0..n).filter(|&i| part[i] == i).map(members).collect()
}

/// What theory says about some of the neurons, and what the chip showed.
fn circuit(
    name: String,
    neurons: Vec<usize>,
    whole: &Linearisation,
    stays: &[Stay],
    (rest, steps): (&AtRest, u32),
) -> Result<Circuit, Error> {
    let n = neurons.len();
    let own = Matrix::from_fn(n, n, |i, j| whole.jacobian[(neurons[i], neurons[j])]);
    let linear = Linearisation { jacobian: own, leak: whole.leak };
    let failed = |error| Error::Other(format!("the stability of `{name}`: {error}"));
    let reach = linear.eigenvalues().map_err(failed)?.iter().fold(0.0, |most: f64, z| most.max(z.norm()));
    let modes = (0..stays.len()).map(|d| linear.dominant(&Delays::Uniform(d)));
    let modes = modes.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let rest = rest.part(&neurons);
    let floor = |(d, mode)| rest.floor_near(&linear, &Delays::Uniform(d), mode, steps);
    let floors = modes.iter().enumerate().map(floor).collect();
    let own_states = |stay: &Stay| -> Vec<Vec<f64>> {
        stay.states.iter().map(|state| neurons.iter().map(|&i| state[i]).collect()).collect()
    };
    let seen = stays.iter().map(|stay| Oscillation::of(&own_states(stay))).collect();
    Ok(Circuit { name, neurons, reach, modes, seen, floors })
}

impl Circuit {
    fn predicted(&self) -> Option<usize> {
        self.modes.iter().position(Mode::is_unstable)
    }

    fn swings_on(&self, delay: usize) -> bool {
        self.seen[delay].is_sustained(self.floors[delay])
    }

    fn measured(&self) -> Option<usize> {
        (0..self.seen.len()).find(|&d| self.swings_on(d))
    }
}

fn numbers(circuits: &[Circuit]) -> Vec<Number> {
    let steps = |d: Option<usize>| d.map(|d| d as f64);
    let mut numbers = Vec::new();
    for circuit in circuits {
        let name = &circuit.name;
        let first = format!("first extra delay that oscillates, {name}");
        let first = Number::alone(first, steps(circuit.measured()), "steps");
        numbers.push(first.beside(steps(circuit.predicted()), "exact discrete spectrum"));
        if let Some(at) = circuit.measured() {
            let linear = circuit.predicted().and_then(|d| circuit.modes[d].period_steps());
            let period =
                Number::alone(format!("period at onset, {name}"), circuit.seen[at].period_steps, "steps");
            numbers.push(period.beside(linear, "angle of the dominant mode"));
        }
        numbers.push(Number::alone(format!("largest |eigenvalue|, {name}"), circuit.reach, "1"));
        let longest = circuit.seen.len() - 1;
        let swing = format!("peak to peak at extra delay {longest}, {name}");
        numbers.push(Number::alone(swing, circuit.seen[longest].swing, "1"));
    }
    numbers
}

fn table(circuits: &[Circuit]) -> Table {
    let mut table = Table::new(&[
        ("circuit", "number of the circuit, from 0, in the order of study.json"),
        ("extra_delay_steps", "steps beyond the chip's delay of one"),
        ("spectral_radius", "growth per step of the dominant mode, theory"),
        ("predicted_unstable", "1 where the spectral radius exceeds 1"),
        ("oscillates", "1 where the chip swings on"),
        ("amplitude", "largest peak-to-peak swing of a state u, last quarter of the run"),
        ("period_steps", "measured period"),
    ]);
    let flag = |yes: bool| Some(f64::from(u8::from(yes)));
    for (index, circuit) in circuits.iter().enumerate() {
        for (d, (mode, seen)) in circuit.modes.iter().zip(&circuit.seen).enumerate() {
            table.row(&[
                Some(index as f64),
                Some(d as f64),
                Some(mode.radius()),
                flag(mode.is_unstable()),
                flag(circuit.swings_on(d)),
                Some(seen.swing),
                seen.period_steps.filter(|_| circuit.swings_on(d)),
            ]);
        }
    }
    table
}

/// A value of each circuit against delay, as a series in the circuit's colour.
fn against_delay(circuits: &[Circuit], style: Style, value: impl Fn(&Circuit, usize) -> f64) -> Vec<Layer> {
    let series = |(index, circuit): (usize, &Circuit)| {
        // Points stand side by side, as many circuits are at rest together.
        let apart = if style == Style::Points { 0.2 } else { 0.0 };
        let beside = apart * (index as f64 - 0.5 * (circuits.len() - 1) as f64);
        let points = (0..circuit.seen.len()).map(|d| (d as f64 + beside, value(circuit, d))).collect();
        Layer::Series(Series::new(circuit.name.clone(), style, Tone::Hue(index), points))
    };
    circuits.iter().enumerate().map(series).collect()
}

fn amplitudes(circuits: &[Circuit]) -> Panel {
    let mut layers = against_delay(circuits, Style::Points, |circuit, d| circuit.seen[d].swing);
    for (index, circuit) in circuits.iter().enumerate() {
        let onset = circuit.predicted();
        layers.extend(onset.map(|d| Layer::Vertical(d as f64 - 0.5, String::new(), Tone::Hue(index))));
    }
    Panel {
        title: "Measured amplitude; lines: predicted onsets".to_owned(),
        x: Axis::new("extra delay", "steps"),
        y: Axis::new("peak to peak of u", ""),
        layers,
    }
}

fn radii(circuits: &[Circuit]) -> Panel {
    let mut layers = against_delay(circuits, Style::Line, |circuit, d| circuit.modes[d].radius());
    layers.insert(0, Layer::Horizontal(1.0, "stability limit".to_owned(), Tone::Ink));
    Panel {
        title: "Theory: growth of the dominant mode".to_owned(),
        x: Axis::new("extra delay", "steps"),
        y: Axis::new("spectral radius", ""),
        layers,
    }
}

/// The last steps of the run with the longest delay: in each circuit the neuron that swings furthest.
fn courses(circuits: &[Circuit], stay: &Stay, equilibrium: &[f64], keys: &Keys) -> Panel {
    let from = stay.states.len().saturating_sub(keys.shown as usize);
    let course = |(index, circuit): (usize, &Circuit)| {
        let neuron = circuit.neurons[circuit.seen[circuit.seen.len() - 1].neuron];
        let late = stay.states[from..].iter().enumerate();
        let points = late.map(|(k, state)| (k as f64, state[neuron] - equilibrium[neuron])).collect();
        Layer::Series(Series::new(circuit.name.clone(), Style::Line, Tone::Hue(index), points))
    };
    Panel {
        title: format!("The last steps at extra delay {}", keys.longest),
        x: Axis::new("step", ""),
        y: Axis::new("u \u{2212} equilibrium, one neuron of each", ""),
        layers: circuits.iter().enumerate().map(course).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_that_are_joined_through_others_are_one_circuit() {
        // 0 hears 4, 4 hears 2; 1 hears itself; 3 hears nobody.
        let mut jacobian = Matrix::zeros(5, 5);
        for (to, from) in [(0, 4), (4, 2), (1, 1)] {
            jacobian[(to, from)] = -0.5;
        }
        assert_eq!(parts(&jacobian), [vec![0, 2, 4], vec![1], vec![3]]);
    }
}
