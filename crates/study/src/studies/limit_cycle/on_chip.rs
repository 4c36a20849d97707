//! The three neurons on a chip: a free phase and two nudged ones, and what the latches then hold.

use crate::Error;
use crate::studies::late_network::replaced_delay;
use crate::studies::{AtRest, Context, LateNetwork, Number, Oscillation, Pattern};
use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, Target};
use equipoise_chip::catalog::{CostOn, NeuronModel, Nudging};
use equipoise_chip::{Machine, Observer, Params, View, Weights, build};
use equipoise_oracle::limit_cycle::{Case, StaticTarget};
use equipoise_oracle::{Activation, Matrix, Symmetric};

/// Three neurons, as the chip has them and as the oracle does.
pub(super) struct ThreeNeurons {
    params: Params,
    output: usize,
    case: Case,
    rest: AtRest,
}

/// What the chip showed.
pub(super) struct Sample {
    /// The gradient that its latches hold, in the order of [`Symmetric`].
    pub gradient: Vec<f64>,
    /// The output neuron's state at the end of the free phase.
    pub swing: Oscillation,
    pub digest: u64,
}

impl ThreeNeurons {
    /// The experiment's network.
    pub fn of(context: &Context<'_>) -> Result<Self, Error> {
        let network = LateNetwork::of(context, Pattern::Uniform)?;
        let params = context.experiment.params(0)?;
        let refuse =
            |key: &str, found: &str, accepted: &str| Err(context.error_at(key, found, accepted).into());
        let populations = &params.network.populations;
        let free: Vec<usize> = (0..populations.len()).filter(|&p| populations[p].neuron.is_some()).collect();
        let output = free[0];
        if network.neurons() != 3 || params.network.output != Some(output) || populations[output].size != 1 {
            let output = params.network.output.map_or("none", |p| &populations[p].name);
            let found = format!("{} neurons, output: {output}", network.neurons());
            return refuse("network", &found, "three neurons, the first alone in the population \"output\"");
        }
        let theory = network.theory(context, 0)?;
        if theory.weights() != &theory.weights().transpose() || !is_plastic(&params) {
            return refuse("network", "other couplings", "symmetric couplings, given in full, all plastic");
        }
        let on_state = |p: &usize| matches!(&populations[*p].neuron, Some(NeuronModel::Rate(r)) if r.cost_on == CostOn::State);
        if theory.activation() != Activation::Tanh || !free.iter().all(on_state) {
            return refuse("neuron", "another neuron", "activation = \"tanh\", cost_on = \"state\"");
        }
        if params.learning.nudging != Nudging::Centered {
            return refuse("learning.nudging", params.learning.nudging.word(), "\"centered\"");
        }
        let start_of = |&p: &usize| {
            let mut start = populations[p].start.clone();
            start.resize(populations[p].size, 0.0);
            start
        };
        let case = Case {
            parameters: Symmetric::new(theory.weights(), theory.bias()),
            start: free.iter().flat_map(start_of).collect(),
            leak: theory.leak(),
            delay: 0,
        };
        Ok(Self { rest: network.at_rest()?, params, output, case })
    }

    /// Swings up to this are noise and rounding, in so many steps.
    pub fn floor(&self, steps: usize) -> f64 {
        self.rest.floor(steps as u32)
    }

    /// The delays of the experiment that the study does not use, if any.
    pub fn replaced_delay(&self, context: &Context<'_>) -> Result<Option<Number>, Error> {
        replaced_delay(&self.params, context)
    }

    /// The network with an extra delay.
    pub fn case(&self, delay: u32) -> Case {
        Case { delay: delay as usize, ..self.case.clone() }
    }

    /// The static target that the chip is given, on the oracle.
    pub fn task(&self, delay: u32, target: f64, steps: usize) -> StaticTarget {
        let beta = self.params.learning.beta;
        StaticTarget { case: self.case(delay), target, steps, beta, ..StaticTarget::with_delay(0) }
    }

    /// Executes the phases of `task` on a chip of its own.
    pub fn learn_once(&self, context: &Context<'_>, task: &StaticTarget) -> Result<Sample, Error> {
        let params = self.params.late_by(task.case.delay as u32);
        let misfit = |message: String| context.experiment.misfit(&message);
        let mut chip = build(&params).map_err(|error| misfit(error.to_string()))?;
        let mut seen = Seen { population: self.output, states: Vec::new() };
        for instruction in program(task) {
            chip.execute(&instruction, &mut seen).map_err(|error| misfit(error.to_string()))?;
        }
        // What is measured is the second half of what is given: the task's window.
        let swing = Oscillation::of(&seen.states[task.steps - 2 * task.window..task.steps]);
        Ok(Sample { gradient: self.latched(&*chip), swing, digest: chip.digest() })
    }

    /// What the latches hold, as a gradient.
    fn latched(&self, chip: &dyn Machine) -> Vec<f64> {
        let populations = &self.params.network.populations;
        let mut first = vec![0; populations.len()];
        let (mut weights, mut bias) = (Matrix::zeros(3, 3), Vec::new());
        for p in (0..populations.len()).filter(|&p| populations[p].neuron.is_some()) {
            first[p] = bias.len();
            bias.extend(chip.bias_estimate(p).iter().map(|held| -held));
        }
        for (index, c) in self.params.network.connections.iter().enumerate() {
            let targets = populations[c.to].size;
            for (at, held) in chip.weight_estimate(index).values().iter().enumerate() {
                let (i, j) = (first[c.from] + at / targets, first[c.to] + at % targets);
                // A latch holds r_i r_j; of a neuron's coupling with itself the energy has only half.
                let share = if i == j { 0.5 } else { 1.0 };
                weights[(i.min(j), i.max(j))] = -share * held;
            }
        }
        Symmetric::new(&weights, &bias).values
    }
}

fn is_plastic(params: &Params) -> bool {
    let biases = params.network.populations.iter().filter(|p| p.neuron.is_some()).all(|p| p.bias_rate > 0.0);
    let dense = |weights: &Weights| matches!(weights, Weights::Dense(_));
    biases && params.network.connections.iter().all(|c| c.rate > 0.0 && dense(&c.weights))
}

/// Two nudged phases after a free one, each as long.
fn program(task: &StaticTarget) -> Vec<Instruction> {
    let steps = Some(task.steps as u32);
    let target = Some(Target::Values([task.target as f32].into()));
    let mut program = vec![Instruction::Present { input: [].into(), target }, Instruction::Settle { steps }];
    for index in 1..=2 {
        program.extend([Instruction::Nudge { index, steps }, Instruction::Latch(LatchSlot::Nudged)]);
    }
    program
}

/// Sees the states of one population in every step.
struct Seen {
    population: usize,
    states: Vec<Vec<f64>>,
}

impl Observer for Seen {
    fn step(&mut self, view: &dyn View) {
        let mut states = Vec::new();
        view.state(self.population, &mut states);
        self.states.push(states);
    }
}
