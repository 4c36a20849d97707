//! Learning a task with one step rule for all methods, so that only the direction of the steps differs.

use super::{Latch, Task};
use crate::split_mix::SplitMix64;
use crate::{Fidelity, Symmetric};

/// Where the direction of a step comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Backpropagation through time: the true gradient.
    Bptt,
    /// EP, latched at the same step in every update.
    EpAtFixedStep,
    /// EP, latched at a random phase of the cycle; the phases are drawn by SplitMix64 from this seed.
    EpAtRandomPhase(u64),
    /// EP, latches average over the task's window.
    EpAveraged,
}

/// The step that every method takes: against the gradient, of length `length * min(1, sqrt(L / L_0) + floor)`; each
/// parameter then stays within `+-bound`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRule {
    /// Longest step, in the parameters' own units.
    pub length: f64,
    /// The share of it that is left when the loss is zero.
    pub floor: f64,
    /// Greatest size of a parameter.
    pub bound: f64,
    /// How many steps.
    pub updates: usize,
}

impl Default for LearningRule {
    /// 300 updates of length 0.02, floor 0.02, within 3.
    fn default() -> Self {
        Self { length: 0.02, floor: 0.02, bound: 3.0, updates: 300 }
    }
}

/// How learning went.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The loss before each update.
    pub losses: Vec<f64>,
    /// The cosine between the method's gradient and the true one at each update; `None` where one of them is zero.
    pub cosines: Vec<Option<f64>>,
    /// The parameters after the last update.
    pub parameters: Symmetric,
}

impl Curve {
    /// The loss before the first update.
    pub fn first(&self) -> f64 {
        self.losses[0]
    }

    /// The loss before the last update.
    pub fn last(&self) -> f64 {
        self.losses[self.losses.len() - 1]
    }

    /// The least loss on the way.
    pub fn best(&self) -> f64 {
        self.losses.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The mean cosine with the true gradient, over the updates that have one.
    pub fn mean_cosine(&self) -> f64 {
        let known: Vec<f64> = self.cosines.iter().flatten().copied().collect();
        known.iter().sum::<f64>() / known.len() as f64
    }
}

/// Learns `task` from the case's own parameters.
///
/// # Panics
/// If the rule has no updates.
pub fn learn(task: &impl Task, method: Method, rule: &LearningRule) -> Curve {
    assert!(rule.updates > 0, "learning takes at least one update");
    let mut parameters = task.case().parameters.clone();
    let mut draw = SplitMix64::new(match method {
        Method::EpAtRandomPhase(seed) => seed,
        _ => 0,
    });
    let (mut losses, mut cosines) = (Vec::new(), Vec::new());
    for _ in 0..rule.updates {
        let loss = task.loss_at(&parameters);
        losses.push(loss);
        let truth = task.gradient(&parameters);
        let gradient = match method {
            Method::Bptt => truth.clone(),
            Method::EpAtFixedStep => estimate(task, &parameters, Latch::Step(task.latch_step())),
            Method::EpAtRandomPhase(_) => {
                let step = task.random_latch_step(draw.unit());
                estimate(task, &parameters, Latch::Step(step))
            }
            Method::EpAveraged => estimate(task, &parameters, Latch::Window),
        };
        let agreement = Fidelity::of(&gradient.values, &truth.values).filter(|_| gradient.norm() > 0.0);
        cosines.push(agreement.map(|f| f.cosine));
        let share = ((loss / losses[0]).sqrt() + rule.floor).min(1.0);
        let scale = rule.length * share / gradient.norm().max(1e-12);
        for (value, slope) in parameters.values.iter_mut().zip(&gradient.values) {
            *value = (*value - scale * slope).clamp(-rule.bound, rule.bound);
        }
    }
    Curve { losses, cosines, parameters }
}

fn estimate(task: &impl Task, parameters: &Symmetric, latch: Latch) -> Symmetric {
    task.estimates(parameters, &[latch]).swap_remove(0)
}
