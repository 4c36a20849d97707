//! Probes: what a run records step by step, and the table that it becomes.

use crate::Experiment;
use crate::network::names;
use crate::sections::{ProbeSection, Quantity};
use equipoise_base::Phase;
use equipoise_base::config::ConfigError;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::{Network, Observer, Population, View};

/// One row of a probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The chip's step.
    pub step: u64,
    /// The cycle at which the step ended.
    pub cycle: u64,
    /// The phase.
    pub phase: Phase,
    /// One value per neuron, or the neurons that spiked.
    pub values: Vec<f64>,
}

/// A running probe.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name: that of its section and its file.
    pub name: String,
    /// What it looks at.
    pub section: ProbeSection,
    /// Neurons of the population.
    pub size: usize,
    population: usize,
    /// What it has seen.
    pub rows: Vec<Row>,
}

/// All probes of a run.
#[derive(Clone, Debug, Default)]
pub struct Probes(pub Vec<Probe>);

impl Probes {
    /// Finds each probe's population.
    ///
    /// # Errors
    /// If there is none of that name, or it has not what the probe records.
    pub fn new(experiment: &Experiment, network: &Network) -> Result<Self, ConfigError> {
        let find = |name: &str| match name {
            "input" if network.input.is_some() => network.input,
            "output" if network.output.is_some() => network.output,
            name => network.populations.iter().position(|p| p.name == name),
        };
        let probe = |(name, section): &(String, ProbeSection)| {
            let refuse = |key: &str, found: String, accepted: String| {
                Err(experiment.error_at(&format!("probe.{name}.{key}"), found, accepted))
            };
            let Some(population) = find(&section.neurons) else {
                return refuse("neurons", format!("{:?}", section.neurons), names(network));
            };
            let Population { name: called, neuron, size, .. } = &network.populations[population];
            let spikes = matches!(neuron, Some(NeuronModel::Lif(_)));
            if section.quantity == Quantity::Spikes && !spikes {
                let found = format!("\"spikes\" of `{called}`, which has no spiking neurons");
                return refuse("quantity", found, "\"activity\" or \"state\"".to_owned());
            }
            Ok(Probe {
                name: name.clone(),
                section: section.clone(),
                size: *size,
                population,
                rows: Vec::new(),
            })
        };
        Ok(Self(experiment.probes.iter().map(probe).collect::<Result<_, _>>()?))
    }
}

impl Observer for Probes {
    fn step(&mut self, view: &dyn View) {
        for probe in &mut self.0 {
            let clock = view.clock();
            let full = probe.rows.len() as u64 >= probe.section.rows;
            if full || !clock.step.is_multiple_of(probe.section.every_steps) {
                continue;
            }
            let mut values = Vec::new();
            match probe.section.quantity {
                Quantity::Activity => view.activity(probe.population, &mut values),
                Quantity::State => view.state(probe.population, &mut values),
                Quantity::Spikes => {
                    let mut spikes = Vec::new();
                    view.spikes(probe.population, &mut spikes);
                    if spikes.is_empty() {
                        continue;
                    }
                    values.extend(spikes.into_iter().map(|neuron| neuron as f64));
                }
            }
            probe.rows.push(Row { step: clock.step, cycle: clock.cycle, phase: view.phase(), values });
        }
    }
}
