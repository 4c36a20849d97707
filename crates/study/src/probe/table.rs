//! A table: activities, states or spikes of one population.

use super::sections::{Quantity, TableSection};
use super::{Cut, Probe, Setting};
use crate::Error;
use equipoise_base::Phase;
use equipoise_base::config::ConfigError;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::{Observer, Population, View};
use equipoise_trace::table_writer::{Cell, TableWriter};
use std::path::Path;

/// One row.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    step: u64,
    /// The cycle at which the step ended.
    cycle: u64,
    phase: Phase,
    /// One value per neuron, or the neurons that spiked.
    values: Vec<f64>,
}

/// A table in the making.
#[derive(Clone, Debug)]
pub(super) struct Table {
    section: TableSection,
    population: usize,
    size: usize,
    rows: Vec<Row>,
    /// Rows of the file: one for each spike, or for each step.
    taken: u64,
    /// The last step that had room, once one had none.
    full_after: Option<u64>,
}

impl Table {
    /// Finds the population.
    pub(super) fn new(name: &str, section: &TableSection, setting: Setting<'_>) -> Result<Self, ConfigError> {
        let refuse = |key: &str, found: String, accepted: String| {
            Err(setting.experiment.error_at(&format!("probe.{name}.{key}"), found, accepted))
        };
        let network = setting.network();
        let Some(population) = setting.population(&section.neurons) else {
            return refuse("neurons", format!("{:?}", section.neurons), setting.population_names());
        };
        let Population { name: called, neuron, size, .. } = &network.populations[population];
        let spikes = matches!(neuron, Some(NeuronModel::Lif(_)));
        if section.quantity == Quantity::Spikes && !spikes {
            let found = format!("\"spikes\" of `{called}`, which has no spiking neurons");
            return refuse("quantity", found, "\"activity\" or \"state\"".to_owned());
        }
        let section = section.clone();
        Ok(Self { section, population, size: *size, rows: Vec::new(), taken: 0, full_after: None })
    }
}

impl Observer for Table {
    fn step(&mut self, view: &dyn View) {
        let clock = view.clock();
        if self.full_after.is_some() || !clock.step.is_multiple_of(self.section.every_steps) {
            return;
        }
        let (mut values, mut more) = (Vec::new(), 1);
        match self.section.quantity {
            Quantity::Activity => view.activity(self.population, &mut values),
            Quantity::State => view.state(self.population, &mut values),
            Quantity::Spikes => {
                let mut spikes = Vec::new();
                view.spikes(self.population, &mut spikes);
                if spikes.is_empty() {
                    return;
                }
                more = spikes.len() as u64;
                values.extend(spikes.into_iter().map(|neuron| neuron as f64));
            }
        }
        if self.taken + more > self.section.rows {
            self.full_after = Some(clock.step - 1);
            return;
        }
        self.taken += more;
        self.rows.push(Row { step: clock.step, cycle: clock.cycle, phase: view.phase(), values });
    }
}

impl Probe for Table {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        let spikes = self.section.quantity == Quantity::Spikes;
        let mut columns = vec!["step".to_owned(), "cycle".to_owned(), "phase".to_owned()];
        if spikes {
            columns.push("neuron".to_owned());
        } else {
            columns.extend((0..self.size).map(|neuron| format!("n{neuron}")));
        }
        let mut table = TableWriter::create(path, &columns.iter().map(String::as_str).collect::<Vec<_>>())?;
        for row in &self.rows {
            let start: [Cell<'_>; 3] = [row.step.into(), row.cycle.into(), row.phase.name().into()];
            if spikes {
                for &neuron in &row.values {
                    table.row(&[&start[..], &[(neuron as u64).into()]].concat())?;
                }
            } else {
                let values: Vec<Cell<'_>> = row.values.iter().map(|&value| value.into()).collect();
                table.row(&[&start[..], &values].concat())?;
            }
        }
        Ok(table.finish()?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        let TableSection { every_steps, rows, .. } = self.section;
        match self.full_after {
            Some(step) if self.rows.is_empty() => {
                Some(Cut::All(format!("step {} has more than `rows` = {rows}", step + 1)))
            }
            Some(step) => Some(Cut::Some(format!(
                "full after step {step} of {ran_steps}; `rows` = {rows} is the limit"
            ))),
            None if every_steps > ran_steps => Some(Cut::All(format!(
                "the run ends at step {ran_steps}, before `every_steps` = {every_steps}"
            ))),
            None => None,
        }
    }
}
