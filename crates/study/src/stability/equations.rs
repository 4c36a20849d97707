//! The free neurons of a chip as the oracle has them, with what the chip's cells, tables and axons hold.

use super::NudgedStability;
use crate::fidelity;
use equipoise_base::Way;
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::{Machine, Network, Params, Population};
use equipoise_oracle::{Neuron, Pull, RateNetwork, ShapeError, Synapse};

/// A chip's network, all of its free neurons in the order of populations.
pub(super) struct Equations {
    units: Vec<Neuron>,
    /// What biases and clamped neurons drive into each.
    current: Vec<f64>,
    /// The state that each starts in.
    pub start: Vec<f64>,
    /// The synapses between them, as late as in free phases and as in nudged ones.
    synapses: [Vec<Synapse>; 2],
    /// The first neuron of each population.
    first: Vec<usize>,
}

impl Equations {
    /// The network on `machine`, whose input registers hold `input`.
    pub fn of(network: &Network, machine: &dyn Machine, input: &[f64]) -> Self {
        let mut this = Self {
            units: Vec::new(),
            current: Vec::new(),
            start: Vec::new(),
            synapses: Default::default(),
            first: Vec::new(),
        };
        // What each clamped population holds; nothing of free ones.
        let mut held: Vec<Option<Vec<f64>>> = Vec::new();
        for (index, population) in network.populations.iter().enumerate() {
            this.first.push(this.units.len());
            let mut values = Vec::new();
            match &population.neuron {
                Some(NeuronModel::Rate(rate)) => {
                    this.units.extend(std::iter::repeat_n(fidelity::neuron(rate), population.size));
                    this.current.extend(machine.biases(index));
                    this.start.extend(starts(population));
                    held.push(None);
                    continue;
                }
                _ if network.input == Some(index) => values.extend_from_slice(input),
                _ => machine.activity(index, &mut values),
            }
            held.push(Some(values));
        }
        for (index, connection) in network.connections.iter().enumerate() {
            let ends = [(connection.from, connection.to), (connection.to, connection.from)];
            for (way, (driver, driven)) in Way::BOTH.into_iter().zip(ends) {
                machine.couplings(index, way, &mut |coupling| {
                    let to = this.first[driven] + coupling.to;
                    if coupling.weight == 0.0 {
                        return;
                    }
                    if let Some(values) = &held[driver] {
                        this.current[to] += coupling.weight * values[coupling.from];
                        return;
                    }
                    let (from, weight) = (this.first[driver] + coupling.from, coupling.weight);
                    for (synapses, delay) in this.synapses.iter_mut().zip(coupling.delay) {
                        synapses.push(Synapse { to, from, delay: delay as usize - 1, weight });
                    }
                });
            }
        }
        this
    }

    /// A free phase.
    pub fn free(&self) -> Result<RateNetwork, ShapeError> {
        self.phase(0)
    }

    fn phase(&self, nudged: usize) -> Result<RateNetwork, ShapeError> {
        RateNetwork::new(self.units.clone(), self.current.clone(), self.synapses[nudged].clone())
    }

    /// The least stable of the nudged phases in which the outputs are pulled to `class` from the equilibrium `free`.
    pub fn nudged(&self, params: &Params, free: &[f64], class: u32) -> Option<NudgedStability> {
        let network = &params.network;
        let output = network.output?;
        let learns = network.connections.iter().any(|c| c.rate != 0.0)
            || network.populations.iter().any(|p| p.bias_rate != 0.0);
        let signs: &[f64] = match params.learning.nudging {
            _ if !learns => return None,
            Nudging::OneSided => &[1.0],
            Nudging::Negative => &[-1.0],
            Nudging::Centered | Nudging::RandomSign => &[1.0, -1.0],
        };
        let outputs = self.first[output]..self.first[output] + network.populations[output].size;
        let modes = signs.iter().map(|sign| {
            let pull = |unit: usize| match outputs.contains(&unit) {
                true => Pull {
                    beta: sign * params.learning.beta,
                    target: f64::from(u8::from(unit - outputs.start == class as usize)),
                },
                false => Pull::default(),
            };
            let pulled = self.phase(1).ok()?.nudged((0..self.units.len()).map(pull).collect()).ok()?;
            pulled.at(&pulled.equilibrium(free).ok()?).dominant().ok()
        });
        let modes: Option<Vec<_>> = modes.collect();
        let worst = modes?.into_iter().max_by(|a, b| a.radius().total_cmp(&b.radius()))?;
        let (spectral_radius, period_steps) = (worst.radius(), worst.period_steps());
        Some(NudgedStability { spectral_radius, margin: 1.0 - spectral_radius, period_steps })
    }
}

fn starts(population: &Population) -> Vec<f64> {
    if population.start.is_empty() { vec![0.0; population.size] } else { population.start.clone() }
}
