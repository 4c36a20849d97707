//! One delay under one policy: gradients before learning, then a short training.

use super::{Keys, Policy, Setting};
use crate::Error;
use crate::program::{Item, Program, Schedule, latched_phases};
use crate::studies::{AtRest, Context, Oscillation};
use equipoise_base::Instruction;
use equipoise_chip::{Machine, Network, Observer, Params, Unobserved, View, build};
use equipoise_oracle::Fidelity;

/// What came of it.
pub(super) struct Trial {
    /// Agreement of the latches with the true gradient; `None` where no sample would be written.
    pub gradient: Option<Agreement>,
    /// For each compared sample, whether a long free run swings on.
    pub oscillates: Vec<bool>,
    /// Share of the compared samples with a phase that did not settle.
    pub unsettled: f64,
    /// The same of all training samples.
    pub unsettled_training: f64,
    /// Share of updates refused.
    pub refused: f64,
    /// Share of test samples classified correctly; `None` without test samples.
    pub accuracy: Option<f64>,
    /// The same with the trained weights on a chip without extra delay.
    pub accuracy_at_rest: Option<f64>,
    /// The network with the weights that it has learned.
    pub trained: Network,
    /// Of the chips: gradients, long free runs, training, the test without delay.
    pub digests: [u64; 4],
}

impl Trial {
    /// Share of the compared samples whose long free run swings on.
    pub fn oscillating(&self) -> f64 {
        self.oscillates.iter().filter(|yes| **yes).count() as f64 / self.oscillates.len().max(1) as f64
    }
}

/// Means over samples.
pub(super) struct Agreement {
    pub samples: usize,
    pub cosine: f64,
    pub relative_error: f64,
    pub norm_ratio: f64,
}

/// What a program came to.
#[derive(Default)]
struct Score {
    trained: u64,
    unsettled: u64,
    tested: u64,
    correct: u64,
}

impl Score {
    fn accuracy(&self) -> Option<f64> {
        (self.tested > 0).then(|| self.correct as f64 / self.tested as f64)
    }
}

/// Makes the trial.
pub(super) fn make(
    setting: &Setting,
    delay: u32,
    policy: Policy,
    keys: &Keys,
    context: &Context<'_>,
) -> Result<Trial, Error> {
    let params = policy.applied(&setting.params, delay, keys);
    let new_chip =
        |params: &Params| build(params).map_err(|error| context.experiment.misfit(&error.to_string()));
    let mut gentle = params.clone();
    gentle.learning.beta = keys.gradient_beta;
    let mut first = new_chip(&gentle)?;
    let compared = gradients(&mut *first, &gentle, setting, policy, context)?;
    let mut watched = new_chip(&params)?;
    let steps = context.either(keys.watched_steps, keys.watched_steps.min(1000));
    let oscillates = watch(&mut *watched, &params, setting, steps, context)?;
    let mut chip = new_chip(&params)?;
    let score = execute(&mut *chip, setting, setting.schedule, context)?;
    let refused = chip.record().settling.refused as f64 / score.trained.max(1) as f64;
    let trained = learned(&params.network, &*chip);
    let learned = Params { network: trained.clone(), ..setting.params.clone() };
    let mut rested = new_chip(&Policy::Write.applied(&learned, 0, keys))?;
    let at_rest = execute(&mut *rested, setting, Schedule { epochs: 0, ..setting.schedule }, context)?;
    Ok(Trial {
        gradient: compared.agreement(),
        oscillates,
        unsettled: compared.unsettled as f64 / setting.truths.len().max(1) as f64,
        unsettled_training: score.unsettled as f64 / score.trained.max(1) as f64,
        refused,
        accuracy: score.accuracy(),
        accuracy_at_rest: at_rest.accuracy(),
        trained,
        digests: [first.digest(), watched.digest(), chip.digest(), rested.digest()],
    })
}

/// What the first training samples showed.
#[derive(Default)]
struct Compared {
    seen: Vec<Fidelity>,
    unsettled: usize,
}

impl Compared {
    fn agreement(&self) -> Option<Agreement> {
        let count = self.seen.len() as f64;
        let mean = |value: fn(&Fidelity) -> f64| self.seen.iter().map(value).sum::<f64>() / count;
        (!self.seen.is_empty()).then(|| Agreement {
            samples: self.seen.len(),
            cosine: mean(|f| f.cosine),
            relative_error: mean(|f| f.relative_error),
            norm_ratio: mean(|f| f.norm_ratio),
        })
    }
}

/// Shows the first training samples to a chip that does not learn from them.
fn gradients(
    chip: &mut dyn Machine,
    params: &Params,
    setting: &Setting,
    policy: Policy,
    context: &Context<'_>,
) -> Result<Compared, Error> {
    let mut compared = Compared::default();
    for (sample, truth) in setting.truths.iter().enumerate() {
        let before = chip.meter().unsettled;
        let present = setting.data.train.present(sample);
        for instruction in std::iter::once(present).chain(latched_phases(params.learning.nudging)) {
            do_one(chip, &instruction, context)?;
        }
        let settled = chip.meter().unsettled == before;
        compared.unsettled += usize::from(!settled);
        if settled || policy != Policy::Refuse {
            let estimate = latched(chip, &params.network);
            compared.seen.extend(truth.as_ref().and_then(|truth| Fidelity::of(&estimate, truth)));
        }
        do_one(chip, &Instruction::Done, context)?;
    }
    Ok(compared)
}

/// Leaves each compared sample to itself for a long time: does it swing on?
fn watch(
    chip: &mut dyn Machine,
    params: &Params,
    setting: &Setting,
    steps: u32,
    context: &Context<'_>,
) -> Result<Vec<bool>, Error> {
    let populations = &params.network.populations;
    let free: Vec<usize> = (0..populations.len()).filter(|&p| populations[p].neuron.is_some()).collect();
    let floor = AtRest::of(chip, &params.network).floor(steps);
    let one = |sample: usize| {
        do_one(chip, &setting.data.train.present(sample), context)?;
        let mut seen = Seen { free: &free, states: Vec::new() };
        execute_watched(chip, &Instruction::Settle { steps: Some(steps) }, &mut seen, context)?;
        do_one(chip, &Instruction::Done, context)?;
        Ok(Oscillation::of(&seen.states[seen.states.len() / 2..]).is_sustained(floor))
    };
    (0..setting.truths.len()).map(one).collect()
}

/// Sees the states of the free populations in every step.
struct Seen<'a> {
    free: &'a [usize],
    states: Vec<Vec<f64>>,
}

impl Observer for Seen<'_> {
    fn step(&mut self, view: &dyn View) {
        let (mut all, mut one) = (Vec::new(), Vec::new());
        for &population in self.free {
            view.state(population, &mut one);
            all.append(&mut one);
        }
        self.states.push(all);
    }
}

/// What the latches hold, as a gradient: plastic connections in order, then the biases that learn.
fn latched(chip: &dyn Machine, network: &Network) -> Vec<f64> {
    let connections = (0..network.connections.len()).filter(|&c| network.connections[c].rate > 0.0);
    let populations = (0..network.populations.len()).filter(|&p| network.populations[p].bias_rate > 0.0);
    let weights = connections.flat_map(|c| chip.weight_estimate(c).values());
    weights.chain(populations.flat_map(|p| chip.bias_estimate(p))).map(|held| -held).collect()
}

/// Executes the program that shows the data as `schedule` says.
fn execute(
    chip: &mut dyn Machine,
    setting: &Setting,
    schedule: Schedule,
    context: &Context<'_>,
) -> Result<Score, Error> {
    let (mut score, mut training, mut before) = (Score::default(), true, 0);
    for item in Program::new(&setting.data, schedule) {
        let Item::Do(instruction) = item else { continue };
        do_one(chip, &instruction, context)?;
        match instruction {
            Instruction::Train(on) => training = on,
            Instruction::Present { .. } => before = chip.meter().unsettled,
            Instruction::Settle { .. } if !training => {
                score.tested += 1;
                score.correct += u64::from(chip.outcome().correct() == Some(true));
            }
            Instruction::Update => {
                score.trained += 1;
                score.unsettled += u64::from(chip.meter().unsettled > before);
            }
            Instruction::Done if context.watcher.stop() => return Err(Error::Interrupted),
            _ => {}
        }
    }
    Ok(score)
}

fn do_one(chip: &mut dyn Machine, instruction: &Instruction, context: &Context<'_>) -> Result<(), Error> {
    execute_watched(chip, instruction, &mut Unobserved, context)
}

fn execute_watched(
    chip: &mut dyn Machine,
    instruction: &Instruction,
    observer: &mut dyn Observer,
    context: &Context<'_>,
) -> Result<(), Error> {
    chip.execute(instruction, observer).map_err(|error| context.experiment.misfit(&error.to_string()))
}

/// The network with the weights and biases that `chip` has.
fn learned(network: &Network, chip: &dyn Machine) -> Network {
    let mut network = network.clone();
    for (index, connection) in network.connections.iter_mut().enumerate().filter(|(_, c)| c.rate > 0.0) {
        connection.weights = chip.weights(index);
    }
    for (index, population) in network.populations.iter_mut().enumerate() {
        if population.neuron.is_some() {
            population.bias = chip.biases(index);
        }
    }
    network
}
