//! What someone who looks at a chip sees of it, step by step.

use equipoise_base::Instruction;
use equipoise_chip::{Machine, Observer, Params, View, build};

/// One step as it ended; one entry per watched population, in the order of watching.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The cycle in which the step ended.
    pub cycle: u64,
    /// States `u`.
    pub states: Vec<Vec<f64>>,
    /// Values on the axons.
    pub activities: Vec<Vec<f64>>,
    /// Neurons that spiked.
    pub spikes: Vec<Vec<usize>>,
}

/// An observer that remembers every step of the populations it watches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    watched: Vec<usize>,
    /// The steps so far; step 1 of the run is entry 0.
    pub steps: Vec<Step>,
}

impl Trail {
    /// Watches these populations.
    #[must_use]
    pub fn of(populations: &[usize]) -> Self {
        Self { watched: populations.to_vec(), steps: Vec::new() }
    }

    /// The steps, counted from 1, in which neuron `index` of the watched population number `which` spiked.
    #[must_use]
    pub fn spike_steps(&self, which: usize, index: usize) -> Vec<usize> {
        let spiked = |step: &Step| step.spikes[which].contains(&index);
        (1..=self.steps.len()).filter(|&k| spiked(&self.steps[k - 1])).collect()
    }

    /// The state of one neuron after every step, step 1 first.
    #[must_use]
    pub fn state_of(&self, which: usize, index: usize) -> Vec<f64> {
        self.steps.iter().map(|step| step.states[which][index]).collect()
    }

    /// Cycles of every step after the first: without work between the steps, the difference of their ends.
    #[must_use]
    pub fn step_cycles(&self) -> Vec<u64> {
        self.steps.windows(2).map(|pair| pair[1].cycle - pair[0].cycle).collect()
    }
}

impl Observer for Trail {
    fn step(&mut self, view: &dyn View) {
        let mut step = Step { cycle: view.clock().cycle, states: vec![], activities: vec![], spikes: vec![] };
        for &population in &self.watched {
            let (mut states, mut activities, mut spikes) = (vec![], vec![], vec![]);
            view.state(population, &mut states);
            view.activity(population, &mut activities);
            view.spikes(population, &mut spikes);
            step.states.push(states);
            step.activities.push(activities);
            step.spikes.push(spikes);
        }
        self.steps.push(step);
    }
}

/// Executes `program` on `chip` and returns what was to be seen of `populations`.
///
/// # Panics
/// If the chip refuses: a test's mistake.
pub fn follow(chip: &mut dyn Machine, program: &[Instruction], populations: &[usize]) -> Trail {
    let mut trail = Trail::of(populations);
    for instruction in program {
        chip.execute(instruction, &mut trail).expect("the test's program fits");
    }
    trail
}

/// Builds a chip, executes `program`, and returns what was to be seen of `populations`.
///
/// # Panics
/// If the chip refuses: a test's mistake.
#[must_use]
pub fn watched(params: &Params, program: &[Instruction], populations: &[usize]) -> Trail {
    let mut chip = build(params).expect("the test's chip can be built");
    follow(chip.as_mut(), program, populations)
}
