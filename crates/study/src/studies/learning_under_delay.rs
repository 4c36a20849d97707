//! `study learning-under-delay`: how good a gradient and how well a network learns under a growing delay, and what helps.
//!
//! One network is late by a growing uniform delay. It is asked how well its latches agree with the true gradient at the
//! equilibrium that it has or would have, and how many digits it tells apart after a short training, under four policies.
//! Theory says from which delay on it oscillates, for the weights before and after learning.

mod drawing;
mod policy;
mod trial;
mod true_gradient;

use super::{Context, Findings, Number, Study, Table};
use crate::program::Schedule;
use crate::stability::{self, Sample};
use crate::studies::late_network::{check_barrier, replaced_delay};
use crate::{Error, Session, session};
use equipoise_base::Digest;
use equipoise_chip::{Network, Params, build};
use equipoise_trace::DataPair;
use policy::Policy;
use trial::Trial;

/// The study.
pub struct LearningUnderDelay;

equipoise_base::params! {
    /// `[study]` of `study learning-under-delay`.
    pub struct Keys {
        /// Extra delays of all synapses, increasing; 0 extra is the chip's delay of one step.
        delays: Vec<u32> = vec![0, 1, 2, 3, 4, 5, 6, 8, 10, 14], "steps", 0..=10_000;
        /// Steps that averaging latches average, where that is the policy.
        window: u32 = 60, "steps", 2..=4096;
        /// The factor `a` of all neurons, where damping is the policy.
        damped_a: f64 = 0.05, "1", 0.0001..=1.0;
        /// Training samples whose gradients are compared, before learning.
        gradient_samples: usize = 20, "samples", 1..=100_000;
        /// Length of the free runs that show whether these samples oscillate; the last half is looked at.
        watched_steps: u32 = 2000, "steps", 100..=10_000_000;
        /// Nudging strength where gradients are compared, so small that it is no part of the error; training has its own.
        gradient_beta: f64 = 0.01, "1", 0.000001..=100.0;
    }
}

/// The network, the digits and what theory says.
struct Setting {
    params: Params,
    data: Box<DataPair>,
    schedule: Schedule,
    /// The true gradient for each of the first training samples; `None` where there is none.
    truths: Vec<Option<Vec<f64>>>,
}

/// For each compared sample the first extra delay at which theory calls its equilibrium unstable, if it is at any that was
/// tried.
struct Onsets(Vec<Option<f64>>);

impl Onsets {
    fn first(&self) -> Option<f64> {
        self.0.iter().copied().flatten().reduce(f64::min)
    }

    /// The delay from which all samples are unstable.
    fn last(&self) -> Option<f64> {
        self.0.iter().copied().reduce(|a, b| Some(a?.max(b?))).flatten()
    }
}

/// All that was found.
struct Found {
    delays: Vec<u32>,
    /// For each delay one per policy.
    trials: Vec<Trial>,
    /// With the network's own factor `a` and with the damped one, before learning.
    before: [Onsets; 2],
    /// The same with the weights that were learned without delay.
    after: [Onsets; 2],
}

impl Found {
    /// The trials of one policy, each with its delay.
    fn of(&self, policy: Policy) -> impl Iterator<Item = (f64, &Trial)> {
        let count = policy::ALL.len();
        let index = policy::ALL.iter().position(|p| *p == policy).unwrap_or(0);
        let delays = self.delays.iter().map(|&delay| f64::from(delay));
        delays.zip(self.trials.chunks(count)).map(move |(delay, trials)| (delay, &trials[index]))
    }
}

impl Study for LearningUnderDelay {
    type Keys = Keys;
    const NAME: &'static str = "learning-under-delay";
    const MEANING: &'static str = "Gradient fidelity and accuracy against delay; refusing to write, averaging latches and damping as remedies.";
    const EXPERIMENT: &'static str = include_str!("learning-under-delay.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        let setting = setting(keys, context)?;
        let delays: Vec<u32> = context.either(keys.delays.clone(), thinned(&keys.delays));
        let points: Vec<(u32, Policy)> =
            delays.iter().flat_map(|&delay| policy::ALL.map(|policy| (delay, policy))).collect();
        let trials =
            context.each(&points, |&(delay, policy)| trial::make(&setting, delay, policy, keys, context))?;
        let onsets = |network: &Network| -> Result<[Onsets; 2], Error> {
            let own = onset(&setting, network, Policy::Write, keys, context)?;
            Ok([own, onset(&setting, network, Policy::Damp, keys, context)?])
        };
        let (before, after) = (onsets(&setting.params.network)?, onsets(&trials[0].trained)?);
        let mut digest = Digest::default();
        trials.iter().flat_map(|trial| trial.digests).for_each(|word| digest.word(word));
        let found = Found { delays, trials, before, after };
        let figure = drawing::figure(&found);
        let mut numbers = numbers(&found);
        numbers.extend(replaced_delay(&setting.params, context)?);
        Ok(Findings { numbers, table: table(&found), figure, digest })
    }
}

/// Three delays: the first, one in the middle, the last but one.
fn thinned(delays: &[u32]) -> Vec<u32> {
    let mut places = vec![0, delays.len() / 2, delays.len().saturating_sub(2)];
    places.dedup();
    places.into_iter().map(|place| delays[place]).collect()
}

fn setting(keys: &Keys, context: &Context<'_>) -> Result<Setting, Error> {
    if keys.delays.is_empty() || keys.delays.windows(2).any(|pair| pair[0] >= pair[1]) {
        let found = format!("{:?}", keys.delays);
        return Err(context.error_at("study.delays", found, "one or more numbers, increasing").into());
    }
    check_barrier(context)?;
    let mut experiment = context.experiment.clone();
    if context.quick {
        let fewer = |all: u64, most: u64| if all == 0 { most } else { all.min(most) };
        let data = &mut experiment.data;
        (data.train_samples, data.test_samples) =
            (fewer(data.train_samples, 30), fewer(data.test_samples, 30));
        data.epochs = data.epochs.min(1);
    }
    let Session { experiment, params, data: Some(data), .. } = Session::new(experiment)? else {
        let found = "no samples";
        return Err(context.error_at("data.source", found, "a data set of labelled samples").into());
    };
    let shortest = params.phases.free_steps.min(params.phases.nudged_steps);
    if keys.window > shortest {
        let accepted = format!("at most {shortest}, the steps of the shortest phase");
        return Err(context.error_at("study.window", keys.window.to_string(), accepted).into());
    }
    let count = context.either(keys.gradient_samples, keys.gradient_samples.min(5)).min(data.train.len());
    let chip = build(&params).map_err(|error| experiment.misfit(&error.to_string()))?;
    let truth = |sample: usize| {
        let (input, class) = (data.train.input(sample), data.train.labels[sample]);
        true_gradient::of(&params, &*chip, input, class)
            .map_err(|(key, found, accepted)| context.error_at(key, found, accepted).into())
    };
    let truths = (0..count).map(truth).collect::<Result<_, Error>>()?;
    let schedule = session::schedule(&experiment);
    Ok(Setting { params, data, schedule, truths })
}

/// What theory says of `network` near its equilibria for the compared samples.
fn onset(
    setting: &Setting,
    network: &Network,
    policy: Policy,
    keys: &Keys,
    context: &Context<'_>,
) -> Result<Onsets, Error> {
    let params = Params { network: network.clone(), ..setting.params.clone() };
    let params = policy.applied(&params, 0, keys);
    let chip = build(&params).map_err(|error| context.experiment.misfit(&error.to_string()))?;
    let first_unstable = |sample: usize| {
        let input = chip.entered(setting.data.train.input(sample));
        let found = stability::measure(&params, &*chip, Sample { input: &input, class: None }).ok();
        found.and_then(|s| s.first_unstable_delay_steps).map(|delay| delay as f64 - 1.0)
    };
    Ok(Onsets((0..setting.truths.len()).map(first_unstable).collect()))
}

fn numbers(found: &Found) -> Vec<Number> {
    let mut numbers = Vec::new();
    onsets(&mut numbers, found);
    for policy in policy::ALL {
        for (delay, trial) in found.of(policy) {
            let what = format!("{}, extra delay {delay}", policy.name());
            let gradient = trial.gradient.as_ref();
            let mut put = |name: &str, value: Option<f64>, reference: Option<(f64, &'static str)>| {
                let number = Number::alone(format!("{name}, {what}"), value, "1");
                numbers.push(match reference {
                    Some((value, source)) => number.beside(value, source),
                    None => number,
                });
            };
            let exact = "implicit differentiation";
            put("cosine of the gradient", gradient.map(|g| g.cosine), Some((1.0, exact)));
            put("relative error of the gradient", gradient.map(|g| g.relative_error), Some((0.0, exact)));
            put("norm ratio of the gradient", gradient.map(|g| g.norm_ratio), Some((1.0, exact)));
            put("share of updates refused", Some(trial.refused), None);
            let undelayed = found.of(policy).next().map(|(_, first)| first.accuracy);
            put("test accuracy", trial.accuracy, undelayed.flatten().map(|a| (a, "the least delay")));
            put("test accuracy of the same weights without delay", trial.accuracy_at_rest, None);
        }
    }
    numbers
}

/// From which delay on the samples oscillate, on the chip and in theory.
fn onsets(numbers: &mut Vec<Number>, found: &Found) {
    const SPECTRUM: &str = "exact discrete spectrum";
    for (policy, index) in [(Policy::Write, 0), (Policy::Damp, 1)] {
        let (theory, name) = (&found.before[index], policy.name());
        let from = |does: fn(&Trial) -> bool| found.of(policy).find(|(_, t)| does(t)).map(|(delay, _)| delay);
        let some = from(|trial| trial.oscillates.iter().any(|yes| *yes));
        let number = format!("first extra delay, of those tried, at which a sample oscillates, {name}");
        numbers.push(Number::alone(number, some, "steps").beside(theory.first(), SPECTRUM));
        let all = from(|trial| trial.oscillates.iter().all(|yes| *yes));
        let number = format!("first extra delay, of those tried, at which all samples oscillate, {name}");
        numbers.push(Number::alone(number, all, "steps").beside(theory.last(), SPECTRUM));
        let agrees = |(delay, trial): (f64, &Trial)| -> Vec<bool> {
            let pairs = theory.0.iter().zip(&trial.oscillates);
            pairs.map(|(first, seen)| first.is_some_and(|first| delay >= first) == *seen).collect()
        };
        let agree: Vec<bool> = found.of(policy).flat_map(agrees).collect();
        let share = agree.iter().filter(|yes| **yes).count() as f64 / agree.len() as f64;
        let number = format!("share of samples and delays that do what theory predicts, {name}");
        numbers.push(Number::alone(number, share, "1").beside(1.0, SPECTRUM));
        for (end, value) in [("first", found.after[index].first()), ("last", found.after[index].last())] {
            let number =
                format!("extra delay from which the {end} sample would oscillate after learning, {name}");
            numbers.push(Number::alone(number, value, "steps"));
        }
    }
}

fn table(found: &Found) -> Table {
    let mut table = Table::new(&[
        ("extra_delay_steps", "steps beyond the chip's delay of one"),
        ("policy", "0 write anyway, 1 refuse, 2 window average, 3 damping"),
        ("cosine", "latched gradient against the true one, before learning, mean over samples"),
        ("relative_error", "the same: length of the difference over that of the true gradient"),
        ("norm_ratio", "the same: length of the latched over that of the true gradient"),
        ("compared", "samples that were compared: under `refuse` those that would be written"),
        ("oscillating", "share of the compared samples that swing on in a long free run, before learning"),
        (
            "unsettled",
            "share of the compared training samples with a phase that did not settle, before learning",
        ),
        ("unsettled_training", "share of training samples with a phase that did not settle"),
        ("refused", "share of updates that were refused"),
        ("test_accuracy", "after training, under the same delay"),
        ("test_accuracy_without_delay", "of the same weights on a chip without extra delay"),
    ]);
    for (index, policy) in policy::ALL.into_iter().enumerate() {
        for (delay, trial) in found.of(policy) {
            let gradient = trial.gradient.as_ref();
            table.row(&[
                Some(delay),
                Some(index as f64),
                gradient.map(|g| g.cosine),
                gradient.map(|g| g.relative_error),
                gradient.map(|g| g.norm_ratio),
                Some(gradient.map_or(0.0, |g| g.samples as f64)),
                Some(trial.oscillating()),
                Some(trial.unsettled),
                Some(trial.unsettled_training),
                Some(trial.refused),
                trial.accuracy,
                trial.accuracy_at_rest,
            ]);
        }
    }
    table
}
