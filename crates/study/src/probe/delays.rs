//! The delays in use: a row wherever one begins to hold.

use super::{Cut, Probe};
use crate::Error;
use equipoise_base::Way;
use equipoise_chip::{Machine, Network, Observer, View};
use equipoise_trace::table_writer::{Cell, TableWriter};
use std::path::Path;

const COLUMNS: [&str; 8] = ["step", "connection", "from", "to", "source", "target", "delay_steps", "phase"];

/// One row: from `step` on, that delay.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    step: u64,
    /// Its name in `weights.npz`.
    connection: String,
    /// The populations of the sending and of the receiving end.
    ends: [String; 2],
    /// The sending neuron; `None` for all.
    source: Option<usize>,
    /// The receiving neuron; `None` for all.
    target: Option<usize>,
    delay_steps: u32,
    /// The phases in which it holds: `all`, `free` or `nudged`.
    phase: &'static str,
}

/// The record of a run's delays.
#[derive(Default)]
pub(super) struct Delays(Vec<Row>);

/// One synapse: sender, receiver, delay in free and in nudged phases.
type Late = (usize, usize, [u32; 2]);

/// The synapses of one direction of a connection, as the chip has them.
struct OfWay {
    synapses: Vec<Late>,
    senders: usize,
}

impl OfWay {
    fn of(machine: &dyn Machine, connection: usize, way: Way, senders: usize) -> Self {
        let mut synapses = Vec::new();
        machine.couplings(connection, way, &mut |coupling| {
            if coupling.is_listed {
                synapses.push((coupling.from, coupling.to, coupling.delay));
            }
        });
        synapses.sort_unstable();
        Self { synapses, senders }
    }

    /// As few rows as tell every synapse's delay: source, target, delay, phase.
    fn rows(&self) -> impl Iterator<Item = (Option<usize>, Option<usize>, u32, &'static str)> {
        let change = self.synapses.iter().any(|(.., [free, nudged])| free != nudged);
        let phases: &[(usize, &str)] = if change { &[(0, "free"), (1, "nudged")] } else { &[(0, "all")] };
        let rows = |&(at, phase): &(usize, &'static str)| {
            self.of_phase(at).into_iter().map(move |(source, target, delay)| (source, target, delay, phase))
        };
        phases.iter().flat_map(rows).collect::<Vec<_>>().into_iter()
    }

    fn of_phase(&self, phase: usize) -> Vec<(Option<usize>, Option<usize>, u32)> {
        let Some(first) = self.synapses.first().map(|(.., delays)| delays[phase]) else { return Vec::new() };
        if self.synapses.iter().all(|(.., delays)| delays[phase] == first) {
            return vec![(None, None, first)];
        }
        let mut by_sender: Vec<Option<u32>> = vec![None; self.senders];
        for (source, _, delays) in &self.synapses {
            if *by_sender[*source].get_or_insert(delays[phase]) != delays[phase] {
                let each = |(source, target, delays): &Late| (Some(*source), Some(*target), delays[phase]);
                return self.synapses.iter().map(each).collect();
            }
        }
        let row = |(source, delay): (usize, Option<u32>)| Some((Some(source), None, delay?));
        by_sender.into_iter().enumerate().filter_map(row).collect()
    }
}

impl Observer for Delays {
    fn step(&mut self, _: &dyn View) {}
}

impl Probe for Delays {
    fn begin(&mut self, network: &Network, machine: &dyn Machine) {
        for (index, connection) in network.connections.iter().enumerate() {
            let [from, to] =
                [connection.from, connection.to].map(|end| network.populations[end].name.clone());
            let name = format!("w{}", index + 1);
            let ends = [[from.clone(), to.clone()], [to, from]];
            let sizes = [connection.from, connection.to].map(|end| network.populations[end].size);
            for ((way, ends), senders) in Way::BOTH.into_iter().zip(ends).zip(sizes) {
                let found = OfWay::of(machine, index, way, senders);
                self.0.extend(found.rows().map(|(source, target, delay_steps, phase)| Row {
                    step: 0,
                    connection: name.clone(),
                    ends: ends.clone(),
                    source,
                    target,
                    delay_steps,
                    phase,
                }));
            }
        }
    }

    fn write(&mut self, path: &Path) -> Result<(), Error> {
        let mut table = TableWriter::create(path, &COLUMNS)?;
        let neuron = |neuron: Option<usize>| Cell::from(neuron.map(|neuron| neuron as u64));
        for row in &self.0 {
            table.row(&[
                row.step.into(),
                row.connection.as_str().into(),
                row.ends[0].as_str().into(),
                row.ends[1].as_str().into(),
                neuron(row.source),
                neuron(row.target),
                u64::from(row.delay_steps).into(),
                row.phase.into(),
            ])?;
        }
        Ok(table.finish()?)
    }

    fn cut(&self, _: u64) -> Option<Cut> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(senders: usize, synapses: &[Late]) -> Vec<(Option<usize>, Option<usize>, u32, &'static str)> {
        OfWay { synapses: synapses.to_vec(), senders }.rows().collect()
    }

    #[test]
    fn as_few_rows_as_tell_every_synapses_delay() {
        let all = |delay: [u32; 2]| [(0, 0, delay), (0, 1, delay), (1, 0, delay)];
        assert_eq!(rows(2, &all([3, 3])), [(None, None, 3, "all")]);
        assert_eq!(rows(2, &all([3, 7])), [(None, None, 3, "free"), (None, None, 7, "nudged")]);
        let axons = [(0, 0, [2, 2]), (0, 1, [2, 2]), (2, 0, [5, 2])];
        let expected = [(Some(0), None, 2, "free"), (Some(2), None, 5, "free"), (None, None, 2, "nudged")];
        assert_eq!(rows(3, &axons), expected);
        let own = [(0, 1, [2, 2]), (1, 0, [11, 11]), (1, 1, [4, 4])];
        assert_eq!(rows(2, &own), own.map(|(s, t, [delay, _])| (Some(s), Some(t), delay, "all")));
        assert_eq!(rows(2, &[]), []);
    }
}
