//! What every population has on its axons: the values last sent, and which of them were sent in this step.

use equipoise_base::{Number, SpikeSet};
use equipoise_router::Which;
use std::ops::Range;

/// The axons of one population.
#[derive(Clone, Debug)]
struct Bundle<N> {
    clamped: bool,
    /// A recording is being played.
    recorded: bool,
    values: Vec<N>,
    /// Axons that sent in this step, unless all did.
    some: SpikeSet,
    /// Axons that sent in this step, counted.
    count: usize,
}

/// The axons of all populations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wires<N>(Vec<Bundle<N>>);

impl<N: Number> Wires<N> {
    /// Axons for populations of (size, clamped).
    pub(crate) fn new(populations: impl Iterator<Item = (usize, bool)>) -> Self {
        let bundle = |(size, clamped)| Bundle {
            clamped,
            recorded: false,
            values: vec![N::ZERO; size],
            some: SpikeSet::new(size),
            count: 0,
        };
        Self(populations.map(bundle).collect())
    }

    /// A step begins: nobody has sent.
    pub(crate) fn begin_step(&mut self) {
        for bundle in &mut self.0 {
            bundle.count = 0;
            bundle.some.clear();
        }
    }

    /// The axons `range` of `population` send those of `values` that `which` names. Returns how many.
    pub(crate) fn send(
        &mut self,
        population: usize,
        range: &Range<usize>,
        values: &[N],
        which: Which<'_>,
    ) -> usize {
        let bundle = &mut self.0[population];
        let sent = match which {
            Which::All => {
                bundle.values[range.clone()].copy_from_slice(values);
                // Only where the other slices of the population do not all send will the set be asked.
                if range.len() < bundle.values.len() {
                    bundle.some.insert_range(range.clone());
                }
                values.len()
            }
            Which::Only(set) => {
                let mut count = 0;
                for axon in set.iter() {
                    bundle.values[range.start + axon] = values[axon];
                    bundle.some.insert(range.start + axon);
                    count += 1;
                }
                count
            }
        };
        bundle.count += sent;
        sent
    }

    /// Sets the values without sending: what a start state puts on the axons.
    pub(crate) fn set(&mut self, population: usize, range: &Range<usize>, values: &[N]) {
        self.0[population].values[range.clone()].copy_from_slice(values);
    }

    /// How many populations there are.
    pub(crate) fn populations(&self) -> usize {
        self.0.len()
    }

    /// The values of a population.
    pub(crate) fn values(&self, population: usize) -> &[N] {
        &self.0[population].values
    }

    /// Which axons of a population sent in this step; `None` for none.
    pub(crate) fn sent(&self, population: usize) -> Option<Which<'_>> {
        let bundle = &self.0[population];
        match bundle.count {
            0 => None,
            count if count == bundle.values.len() => Some(Which::All),
            _ => Some(Which::Only(&bundle.some)),
        }
    }

    /// Says that a recording is being played on the axons of a population, or that none is.
    pub(crate) fn set_recorded(&mut self, population: usize, recorded: bool) {
        self.0[population].recorded = recorded;
    }

    /// Is a recording being played on the axons of the population?
    pub(crate) fn recorded(&self, population: usize) -> bool {
        self.0[population].recorded
    }

    /// Is the population clamped?
    pub(crate) fn clamped(&self, population: usize) -> bool {
        self.0[population].clamped
    }
}
