//! `study limit-cycle`: what can be learned on a sustained oscillation, and by whom.
//!
//! Below the critical delay the three neurons settle, and EP's estimate on the chip is the gradient. Beyond it they
//! oscillate for ever: backpropagation through time still has the gradient, EP's estimate has more to do with the phase in
//! which it is latched. So BPTT learns a trajectory there and EP does not. The network and its tasks are the oracle's
//! ([`equipoise_oracle::limit_cycle`]); the chip makes the first of them, on either side of the critical delay.

mod drawing;
mod on_chip;
mod reference;

use super::{Context, Findings, Number, Oscillation, Study, Table};
use crate::Error;
use equipoise_base::Digest;
use equipoise_oracle::limit_cycle::{
    Amplitude, Case, Curve, Latch, LearningRule, Method, StaticTarget, Task, Trajectory, learn,
};
use equipoise_oracle::{Delays, Fidelity, finite_difference};
use on_chip::ThreeNeurons;

/// The study.
pub struct LimitCycle;

equipoise_base::params! {
    /// `[study]` of `study limit-cycle`.
    pub struct Keys {
        /// Extra delays at which a static target is learned, increasing; 0 extra is the chip's delay of one step.
        delays: Vec<u32> = vec![0, 2, 4, 6, 8, 10, 11, 12, 13, 14, 16, 20, 30], "steps", 0..=1000;
        /// The static target of the output neuron's state; the chip is told it in 32 bits.
        target: f64 = 0.1, "1", -1.0..=1.0;
        /// Length of the free and of each nudged phase; the last 300 steps are looked at.
        steps: usize = 3000, "steps", 600..=100_000_000;
        /// Extra delay at which an amplitude and a trajectory are to be learned.
        learning_delay: u32 = 20, "steps", 0..=300;
        /// Updates of the trajectory task.
        updates: usize = 300, "updates", 1..=1_000_000;
        /// Steps of the courses in the figure, at most the trajectory's 400.
        shown: usize = 160, "steps", 2..=400;
    }
}

/// Where differences are taken for a gradient: both of their errors, of fourth order and of rounding, are then near 1e-10.
const SPACING: f64 = 1e-4;
/// Delays up to which a critical one is looked for.
const LONGEST: usize = 300;
/// The steps of a pass at which it is latched to see what the phase does: about two periods.
const LATCH_STEPS: std::ops::Range<usize> = 300..400;
/// Steps of the trajectory.
const TRAJECTORY_STEPS: usize = 400;
/// Seed of the phases that one of the ways to latch draws.
const PHASES: u64 = 5;

/// The ways to learn, with their names in numbers and figures.
const METHODS: [(Method, &str); 4] = [
    (Method::Bptt, "BPTT"),
    (Method::EpAtFixedStep, "EP, fixed step"),
    (Method::EpAtRandomPhase(PHASES), "EP, random phase"),
    (Method::EpAveraged, "EP, window average"),
];

/// What one delay does to the estimates of a static target's gradient.
struct Point {
    delay: u32,
    spectral_radius: f64,
    /// The chip's latches against the gradient of the loss that the nudge descends.
    chip: Fidelity,
    /// EP of the oracle, latched at the end, against the same.
    end: Fidelity,
    /// Latches averaged over the last 300 steps.
    window: Fidelity,
    /// BPTT against differences of its own loss.
    bptt_error: f64,
    chip_swing: Oscillation,
    oracle_swing: Oscillation,
    oscillates: bool,
    digest: u64,
}

/// What the latch's phase does, at the delay of learning.
struct Phases {
    /// Cosine to the true gradient for each of [`LATCH_STEPS`].
    cosines: Vec<f64>,
    /// That of latches averaged over the window.
    window: f64,
}

/// All that was found.
struct Found {
    points: Vec<Point>,
    /// First extra delay that the spectrum calls unstable.
    critical: Option<usize>,
    phases: Phases,
    task: Trajectory,
    /// In the order of [`METHODS`].
    curves: Vec<Curve>,
}

impl Study for LimitCycle {
    type Keys = Keys;
    const NAME: &'static str = "limit-cycle";
    const MEANING: &'static str = "On a sustained oscillation: EP's gradient and its latch phase; BPTT learns a trajectory, EP does not.";
    const EXPERIMENT: &'static str = include_str!("limit-cycle.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        if keys.delays.is_empty() || keys.delays.windows(2).any(|pair| pair[0] >= pair[1]) {
            let found = format!("{:?}", keys.delays);
            return Err(context.error_at("study.delays", found, "one or more numbers, increasing").into());
        }
        let neurons = ThreeNeurons::of(context)?;
        // The default takes a second.
        let steps = context.either(keys.steps, keys.steps.min(3000));
        let updates = context.either(keys.updates, keys.updates.min(300));
        let keys = &Keys { steps, updates, ..keys.clone() };
        let case = neurons.case(keys.learning_delay);
        let critical = critical(&case)?;
        check_that_it_oscillates(critical, keys, context)?;
        let points = context.each(&keys.delays, |&delay| point(&neurons, delay, keys, context))?;
        let task = trajectory(&case);
        let rule = LearningRule { updates: keys.updates, ..LearningRule::default() };
        let curves = context.each(&METHODS, |&(method, _)| Ok(learn(&task, method, &rule)))?;
        let phases = latch_phases(&case)?;
        let found = Found { points, critical, phases, task, curves };
        let mut digest = Digest::default();
        found.points.iter().for_each(|point| digest.word(point.digest));
        let known = reference::applies(&neurons.case(0), keys);
        let mut numbers = numbers(&found, known);
        numbers.extend(neurons.replaced_delay(context)?);
        Ok(Findings { numbers, table: table(&found), figure: drawing::figure(&found, keys), digest })
    }
}

/// One delay: the chip, EP and BPTT of the oracle, each beside the gradient by finite differences.
fn point(neurons: &ThreeNeurons, delay: u32, keys: &Keys, context: &Context<'_>) -> Result<Point, Error> {
    // What a program can tell the chip.
    let target = f64::from(keys.target as f32);
    let task = neurons.task(delay, target, keys.steps);
    let sample = neurons.learn_once(context, &task)?;
    let parameters = &task.case.parameters;
    let of = |loss: &dyn Fn(&[Vec<f64>]) -> f64| {
        let at = |values: &[f64]| loss(&task.case.run(&parameters.with(values), task.steps));
        finite_difference::of_vector(&parameters.values, SPACING, at)
    };
    let truth = of(&|states| task.matched_loss(states));
    let estimates = task.estimates(parameters, &[Latch::Step(task.latch_step()), Latch::Window]);
    let states = task.case.run(parameters, task.steps);
    let oracle_swing = oscillation(&task, &states);
    let bptt = agreement(&task.gradient(parameters).values, &of(&|states| task.loss(states)))?;
    let near = task.case.network(parameters).linearise(&equilibrium(&task.case)?);
    let mode = near.dominant(&Delays::Uniform(delay as usize)).map_err(no_eigenvalues)?;
    Ok(Point {
        delay,
        spectral_radius: mode.radius(),
        chip: agreement(&sample.gradient, &truth)?,
        end: agreement(&estimates[0].values, &truth)?,
        window: agreement(&estimates[1].values, &truth)?,
        bptt_error: bptt.relative_error,
        oscillates: sample.swing.is_sustained(neurons.floor(task.steps)),
        chip_swing: sample.swing,
        oracle_swing,
        digest: sample.digest,
    })
}

/// The output neuron's swing over the task's window.
fn oscillation(task: &StaticTarget, states: &[Vec<f64>]) -> Oscillation {
    let late = &states[states.len() - 2 * task.window..];
    Oscillation::of(&late.iter().map(|state| vec![state[0]]).collect::<Vec<_>>())
}

fn agreement(estimate: &[f64], truth: &[f64]) -> Result<Fidelity, Error> {
    let nothing = || Error::Other("the target is met already: there is no gradient".to_owned());
    Fidelity::of(estimate, truth).ok_or_else(nothing)
}

fn equilibrium(case: &Case) -> Result<Vec<f64>, Error> {
    let network = Case { delay: 0, ..case.clone() }.network(&case.parameters);
    let nowhere = |error| Error::Other(format!("the network without extra delay: {error}"));
    network.fixed_point(&case.start).map_err(nowhere)
}

/// The first extra delay that the exact discrete spectrum calls unstable.
fn critical(case: &Case) -> Result<Option<usize>, Error> {
    let near = case.network(&case.parameters).linearise(&equilibrium(case)?);
    let first = near.first_unstable(&Delays::Uniform(1), LONGEST).map_err(no_eigenvalues)?;
    Ok(first.map(|(delay, _)| delay))
}

/// An amplitude and a course are to be learned where there are some.
fn check_that_it_oscillates(
    critical: Option<usize>,
    keys: &Keys,
    context: &Context<'_>,
) -> Result<(), Error> {
    let refuse = |accepted: String| {
        let found = keys.learning_delay.to_string();
        Err(context.error_at("study.learning_delay", found, accepted).into())
    };
    match critical {
        Some(critical) if critical <= keys.learning_delay as usize => Ok(()),
        Some(critical) => refuse(format!("a delay at which the network oscillates: {critical} or more")),
        None => refuse(format!("a network that oscillates at some extra delay up to {LONGEST}")),
    }
}

fn no_eigenvalues(error: equipoise_oracle::NoEigenvalues) -> Error {
    Error::Other(format!("the stability of the network: {error}"))
}

/// The gradient of an amplitude's loss, estimated by EP with the latch at one step after another.
fn latch_phases(case: &Case) -> Result<Phases, Error> {
    let mut task = Amplitude { case: case.clone(), ..Amplitude::doubled() };
    let parameters = &case.parameters;
    task.target = 2.0 * task.power(&case.run(parameters, task.steps));
    let truth = task.gradient(parameters).values;
    let latches: Vec<Latch> = LATCH_STEPS.map(Latch::Step).chain([Latch::Window]).collect();
    let estimates = task.estimates(parameters, &latches);
    let cosines = estimates.iter().map(|estimate| Ok(agreement(&estimate.values, &truth)?.cosine));
    let mut cosines = cosines.collect::<Result<Vec<_>, Error>>()?;
    let window = cosines.pop().unwrap_or(0.0);
    Ok(Phases { cosines, window })
}

/// The trajectory task of the oracle on this network: its teacher is as far from the case as that of the oracle's own.
fn trajectory(case: &Case) -> Trajectory {
    let own = Trajectory::of_teacher();
    if *case == own.case {
        return own;
    }
    let moves = own.teacher.values.iter().zip(&own.case.parameters.values).map(|(to, from)| to - from);
    let moved: Vec<f64> = case.parameters.values.iter().zip(moves).map(|(value, by)| value + by).collect();
    let teacher = case.parameters.with(&moved);
    let wanted = case.run(&teacher, TRAJECTORY_STEPS);
    Trajectory { case: case.clone(), teacher, wanted, ..own }
}

fn greatest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.reduce(f64::max)
}

fn least(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.reduce(f64::min)
}

fn numbers(found: &Found, known: bool) -> Vec<Number> {
    let mut numbers = Vec::new();
    fidelities(&mut numbers, found);
    oscillations(&mut numbers, found, known);
    phases(&mut numbers, &found.phases, known);
    learning(&mut numbers, &found.curves, known);
    numbers
}

/// How good the gradients are on either side of the critical delay.
fn fidelities(numbers: &mut Vec<Number>, found: &Found) {
    let first = found.points.iter().find(|point| point.oscillates).map(|point| f64::from(point.delay));
    let critical = found.critical.map(|delay| delay as f64);
    let name = "first extra delay, of those tried, that oscillates on the chip";
    numbers.push(Number::alone(name, first, "steps").beside(critical, "exact discrete spectrum"));
    let oracle = "EP in double precision";
    // A step or two below the limit the start dies out so slowly that the latches still see it.
    let below = found.points.iter().filter(|p| found.critical.is_none_or(|c| (p.delay as usize) + 1 < c));
    let name = "largest relative error of the chip's gradient, extra delays up to two below the critical one";
    let worst = Number::alone(name, greatest(below.clone().map(|p| p.chip.relative_error)), "1");
    numbers.push(worst.beside(greatest(below.map(|p| p.end.relative_error)), oracle));
    let beyond = found.points.iter().filter(|p| found.critical.is_some_and(|c| (p.delay as usize) >= c));
    let name = "least relative error of the chip's gradient, critical delay and beyond";
    let best = Number::alone(name, least(beyond.clone().map(|p| p.chip.relative_error)), "1");
    numbers.push(best.beside(least(beyond.map(|p| p.end.relative_error)), oracle));
    let bptt = greatest(found.points.iter().map(|p| p.bptt_error));
    let name = "largest relative error of BPTT at any delay";
    numbers.push(Number::alone(name, bptt, "1").beside(0.0, "finite differences"));
}

/// Swing and period of every delay that oscillates, and what is left of EP.
fn oscillations(numbers: &mut Vec<Number>, found: &Found, known: bool) {
    for point in found.points.iter().filter(|point| point.oscillates) {
        let row = reference::row(point.delay).filter(|_| known);
        let d = point.delay;
        let mut put = |name: &str, value: Option<f64>, unit, own: Option<f64>, python: Option<f64>| {
            let number = Number::alone(format!("{name}, extra delay {d}"), value, unit);
            numbers.push(match python {
                Some(value) => number.beside(value, reference::SOURCE),
                None => number.beside(own, "double precision"),
            });
        };
        let (chip, oracle) = (&point.chip_swing, &point.oracle_swing);
        let swing = row.map(|row| row.swing);
        put(
            "peak to peak of the output neuron on the chip",
            Some(chip.swing),
            "1",
            Some(oracle.swing),
            swing,
        );
        let period = row.map(|row| row.period_steps);
        put("period on the chip", chip.period_steps, "steps", oracle.period_steps, period);
        let name =
            format!("relative error of EP in double precision, averaged over 300 steps, extra delay {d}");
        let error = Number::alone(name, point.window.relative_error, "1");
        numbers.push(match row {
            Some(row) => error.beside(row.window_error, reference::SOURCE),
            None => error,
        });
        let name = format!("cosine of the chip's estimate, extra delay {d}");
        let cosine = Number::alone(name, point.chip.cosine, "1");
        numbers.push(cosine.beside(1.0, "an estimate that is the gradient"));
    }
}

/// The spread over the phase of the latch.
fn phases(numbers: &mut Vec<Number>, phases: &Phases, known: bool) {
    let cosines = || phases.cosines.iter().copied();
    let count = phases.cosines.len() as f64;
    let negative = cosines().filter(|cosine| *cosine < 0.0).count() as f64;
    let [low, high, mean, share] = reference::PHASES;
    let list = [
        ("least cosine over the phases of the latch", least(cosines()), low),
        ("greatest cosine over the phases of the latch", greatest(cosines()), high),
        ("mean cosine over the phases of the latch", Some(cosines().sum::<f64>() / count), mean),
        ("share of phases that point uphill", Some(negative / count), share),
    ];
    for (name, value, python) in list {
        let number = Number::alone(name, value, "1");
        numbers.push(if known { number.beside(python, reference::SOURCE) } else { number });
    }
    numbers.push(Number::alone("cosine of latches averaged over 300 steps", phases.window, "1"));
}

/// What became of the trajectory's loss.
fn learning(numbers: &mut Vec<Number>, curves: &[Curve], known: bool) {
    numbers.push(Number::alone("trajectory loss before learning", curves[0].first(), "1"));
    for ((curve, (_, name)), python) in curves.iter().zip(METHODS).zip(reference::FINAL_LOSSES) {
        let last = Number::alone(format!("trajectory loss at the last update, {name}"), curve.last(), "1");
        numbers.push(if known { last.beside(python, reference::SOURCE) } else { last });
    }
    for (curve, (_, name)) in curves.iter().zip(METHODS).skip(1) {
        let mean = curve.mean_cosine();
        numbers.push(Number::alone(
            format!("mean cosine to the true gradient on the way, {name}"),
            mean,
            "1",
        ));
    }
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(&[
        ("extra_delay_steps", "steps beyond the chip's delay of one"),
        ("spectral_radius", "growth per step of the dominant mode, theory"),
        ("oscillates", "1 where the chip swings on"),
        ("swing", "peak to peak of the output neuron on the chip, last 300 steps of the free phase"),
        ("swing_oracle", "the same in double precision"),
        ("period_steps", "its period on the chip"),
        ("chip_relative_error", "the chip's latches against the true gradient"),
        ("chip_cosine", "the chip's latches against the true gradient"),
        ("ep_relative_error", "EP in double precision, latched at the end"),
        ("ep_cosine", "EP in double precision, latched at the end"),
        ("ep_window_relative_error", "EP in double precision, latches averaged over 300 steps"),
        ("ep_window_cosine", "EP in double precision, latches averaged over 300 steps"),
        ("bptt_relative_error", "BPTT against finite differences"),
        ("latch_step", "step of a nudged pass at which it is latched, in rows without a delay"),
        ("latch_cosine", "cosine of that estimate to the true gradient of an amplitude's loss"),
        ("update", "update of the trajectory task, in rows without a delay"),
        ("loss_bptt", "loss before that update, BPTT"),
        ("loss_ep_fixed_step", "the same, EP latched at a fixed step"),
        ("loss_ep_random_phase", "the same, EP latched at a random phase"),
        ("loss_ep_window_average", "the same, EP with latches averaged over 300 steps"),
    ]);
    for p in &found.points {
        let mut row = vec![
            Some(f64::from(p.delay)),
            Some(p.spectral_radius),
            Some(f64::from(u8::from(p.oscillates))),
            Some(p.chip_swing.swing),
            Some(p.oracle_swing.swing),
            p.chip_swing.period_steps.filter(|_| p.oscillates),
        ];
        for fidelity in [&p.chip, &p.end, &p.window] {
            row.extend([Some(fidelity.relative_error), Some(fidelity.cosine)]);
        }
        row.push(Some(p.bptt_error));
        row.resize(table.columns.len(), None);
        table.row(&row);
    }
    let blank = [None; 13];
    for (step, cosine) in LATCH_STEPS.zip(&found.phases.cosines) {
        table.row(&[&blank[..], &[Some(step as f64), Some(*cosine)], &[None; 5]].concat());
    }
    for update in 0..found.curves[0].losses.len() {
        let losses = found.curves.iter().map(|curve| Some(curve.losses[update]));
        let row: Vec<_> = blank.into_iter().chain([None, None, Some(update as f64)]).chain(losses).collect();
        table.row(&row);
    }
    table
}
