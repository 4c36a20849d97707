//! Oscillations in the words of people: names of neurons, and the connections among them.

use crate::block::Block;
use crate::chip::Chip;
use crate::network::{Network, is_spiking};
use crate::params::{CoreKind, Params};
use crate::routes::Return;
use crate::settling::Cycle;
use equipoise_base::record::Oscillation;
use equipoise_base::{Number, Phase, Way};
use equipoise_neuron::NeuronModel;

/// The names of populations, and between which of them the connections lead.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    populations: Vec<String>,
    /// From, to, symmetric.
    connections: Vec<(usize, usize, bool)>,
}

impl Names {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            populations: network.populations.iter().map(|p| p.name.clone()).collect(),
            connections: network.connections.iter().map(|c| (c.from, c.to, c.symmetric)).collect(),
        }
    }
}

/// LSB of the number format that a granular cycle may span. A loop that rounds in every step keeps an error of
/// the order of one LSB alive, magnified by one over its distance to instability.
const FORMAT_STEPS: f64 = 64.0;
/// LSB of a state's narrower register that a granular cycle may span.
const REGISTER_STEPS: f64 = 8.0;
/// Codes of the coarsest word between states that a granular cycle may span: one up and one down.
const CODES: f64 = 2.0;

/// The peak-to-peak amplitude up to which a cycle is the grain of the chip's words: 64 LSB of the number format,
/// 8 LSB of the states' registers, or 2 codes of the coarsest activity or conversion, whichever is most.
pub(crate) fn granular<N: Number>(params: &Params) -> f64 {
    let lsb = |bits: u32| if bits == 0 { 0.0 } else { 1.0 / (1_u64 << bits) as f64 };
    let hardware = &params.hardware;
    let mut code = lsb(hardware.activity_bits);
    if hardware.core.kind == CoreKind::Analog {
        code = code.max(
            2.0 * hardware.adc.range_forward.max(hardware.adc.range_transposed) * lsb(hardware.adc.bits),
        );
    }
    let mut register: f64 = 0.0;
    for population in &params.network.populations {
        if let Some(NeuronModel::Rate(rate)) = &population.neuron {
            register = register.max(lsb(rate.state_bits));
            code = code.max(lsb(rate.activity_bits));
        }
    }
    (FORMAT_STEPS * lsb(N::FRACTION)).max(REGISTER_STEPS * register).max(CODES * code)
}

/// The smallest factor `a` of the rate neurons that move; 1 where there is none.
pub(crate) fn leak(network: &Network) -> f64 {
    let factor = |model: &NeuronModel| if let NeuronModel::Rate(rate) = model { rate.a } else { 1.0 };
    let models = network.populations.iter().filter_map(|p| p.neuron.as_ref());
    models.map(factor).filter(|&a| a > 0.0).fold(1.0, f64::min)
}

/// Does any neuron spike? Membranes that fire go round by nature; no oscillation is looked for in them.
pub(crate) fn fires(network: &Network) -> bool {
    (0..network.populations.len()).any(|p| network.populations[p].neuron.is_some() && is_spiking(network, p))
}

impl<N: Number> Chip<N> {
    /// The last oscillation of the run.
    pub(crate) fn last_oscillation(&self) -> Option<Oscillation> {
        let (cycle, phase) = self.last_cycle.as_ref()?;
        Some(self.described(cycle, *phase))
    }

    /// Standard deviation of what reads add to the drives of a population's neurons from step to step, where it is most.
    pub(crate) fn noise_in_drives(&self, population: usize) -> f64 {
        let forward = |block: &&Block<N>| block.held.as_ref().is_none_or(|held| !held.steady);
        let squared = |noise: f64| noise * noise;
        let of = |index: usize| {
            let own = self.cores[index].blocks.iter().filter(forward);
            let own: f64 = own.map(|block| squared(block.store.read_noise(Way::Forward))).sum();
            let returns = self.pace.routes().returns.iter().filter(|route| route.to_core == index);
            let store = |route: &Return| &self.cores[route.from_core].blocks[route.block].store;
            own + returns.map(|route| squared(store(route).read_noise(Way::Transposed))).sum::<f64>()
        };
        let cores = (0..self.cores.len()).filter(|&index| self.cores[index].slice.population == population);
        cores.map(of).fold(0.0, f64::max).sqrt()
    }

    fn described(&self, cycle: &Cycle, phase: Phase) -> Oscillation {
        let names = &self.names;
        let neurons =
            cycle.neurons.iter().map(|n| format!("{}:{}", names.populations[n.population], n.neuron));
        let connections =
            names.connections.iter().enumerate().filter_map(|(index, &(from, to, symmetric))| {
                let arrow = if symmetric { "<->" } else { "->" };
                let name = format!("{} {arrow} {}", names.populations[from], names.populations[to]);
                self.couples(index, from, to, cycle).then_some(name)
            });
        Oscillation {
            phase,
            period_steps: cycle.period_steps,
            amplitude: cycle.amplitude,
            exact: cycle.exact,
            neurons: neurons.collect(),
            taking_part: cycle.taking_part,
            connections: connections.collect(),
            step: cycle.step,
            cycle: cycle.cycle,
        }
    }

    /// Has the connection a synapse other than zero between neurons of the cycle?
    fn couples(&self, connection: usize, from: usize, to: usize, cycle: &Cycle) -> bool {
        let of = |population: usize| cycle.neurons.iter().filter(move |n| n.population == population);
        of(from).any(|source| of(to).any(|t| self.weight_of(connection, source.neuron, t.neuron) != 0.0))
    }
}
