//! The synapses of one block, in the kind of store that the core has.

use crate::clipping;
use crate::network::{Connection, Edge, NetworkError, Population, Sign, Weights};
use crate::params::{CoreKind, Hardware};
use crate::placement::Slice;
use equipoise_base::record::{Block, Clipped, PerBlock};
use equipoise_base::synapses::{Shape, StoreBits};
use equipoise_base::{Counts, Delay, Grain, Number, Sparsity, Synapses};
use equipoise_crossbar::{Blocks, Crossbar};
use equipoise_synapse_table::{Carried, SynapseTable, Traffic};

/// A programmed store and the circuit blocks that it occupies.
pub(crate) struct Built<N> {
    pub store: Box<dyn Synapses<N>>,
    pub inventory: PerBlock,
    /// What programming the start weights took.
    pub counts: Counts,
    /// The start weights that the store could not hold.
    pub clipped: Clipped,
}

/// The parameters of a matrix of arrays.
fn array_params(hardware: &Hardware) -> equipoise_crossbar::Params {
    equipoise_crossbar::Params {
        array_rows: hardware.array.rows as usize,
        array_columns: hardware.array.columns as usize,
        device: hardware.device.clone(),
        activity_bits: hardware.activity_bits,
        bit_serial: hardware.array.bit_serial,
        cell_noise: hardware.array.cell_noise,
        verify_reads: hardware.array.verify_reads,
        adc: hardware.adc.clone(),
        timing: hardware.read.clone(),
    }
}

/// Checks what the ranges of single keys cannot, for a matrix of `shape`.
pub(crate) fn check<N: Number>(hardware: &Hardware, shape: Shape) -> Result<(), NetworkError> {
    if hardware.core.kind == CoreKind::Sram {
        return Ok(());
    }
    array_params(hardware).check::<N>(shape).map_err(|refusal| NetworkError(format!("hardware: {refusal}")))
}

/// True if two equal reads may differ.
pub(crate) fn is_noisy(hardware: &Hardware) -> bool {
    hardware.core.kind == CoreKind::Analog && (hardware.adc.noise > 0.0 || hardware.array.cell_noise > 0.0)
}

/// Where synapses come from and where they end.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub connection: &'a Connection,
    pub from: &'a Population,
    pub to: &'a Population,
    /// The core's part of `to`.
    pub slice: &'a Slice,
    /// Positions of the core's synapses in the connection's edge list, if it is one.
    pub positions: &'a [u32],
}

impl<'a> Site<'a> {
    fn shape(&self) -> Shape {
        Shape { rows: self.from.size, columns: self.slice.range.len() }
    }

    /// The core's synapses of an edge list, their targets counted from its first neuron.
    fn edges(&self, list: &'a [Edge]) -> impl Iterator<Item = Edge> + Clone + use<'a> {
        let first = self.slice.range.start as u32;
        self.positions.iter().map(move |&at| {
            let edge = list[at as usize];
            Edge { target: edge.target - first, ..edge }
        })
    }

    /// Which cells hold a synapse; `None` where all do.
    pub(crate) fn sparsity(&self) -> Option<Sparsity> {
        let Weights::Edges(list) = &self.connection.weights else { return None };
        Some(Sparsity::of(self.edges(list).map(|edge| (edge.source, edge.target))))
    }

    /// The core's columns as they are stored, row-major: as magnitudes where the source inhibits. Weights of
    /// parallel synapses add.
    fn matrix(&self) -> Vec<f64> {
        let factor = self.from.sign.factor() as f64;
        match &self.connection.weights {
            Weights::Dense(dense) => {
                let rows = dense.chunks_exact(self.to.size).map(|row| &row[self.slice.range.clone()]);
                rows.flatten().map(|weight| weight * factor).collect()
            }
            Weights::Edges(list) => {
                let Shape { rows, columns } = self.shape();
                let mut sums = vec![0.0; rows * columns];
                self.edges(list)
                    .for_each(|e| sums[e.source as usize * columns + e.target as usize] += e.weight * factor);
                sums
            }
        }
    }
}

/// Builds and programs the synapses at `site`; a seed and the store's number choose its noise. `spiking` says
/// what the driving lines carry.
///
/// # Errors
/// If the synapses are more than a table can address.
pub(crate) fn build<N: Number>(
    hardware: &Hardware,
    site: &Site<'_>,
    noise: (u64, u32),
    spiking: bool,
) -> Result<Built<N>, NetworkError> {
    match hardware.core.kind {
        CoreKind::Analog => Ok(analog(hardware, site, noise)),
        CoreKind::Sram => digital(hardware, site, spiking),
    }
}

/// What a pulse does to a synapse between two populations.
pub(crate) fn grain<N: Number>(hardware: &Hardware, ends: [&Population; 2]) -> Grain {
    match hardware.core.kind {
        CoreKind::Analog => hardware.device.grain::<N>(cell_sign(ends)),
        CoreKind::Sram => hardware.table.grain::<N>(),
    }
}

/// The signs of the cells between two populations.
fn cell_sign([from, to]: [&Population; 2]) -> equipoise_crossbar::Sign {
    let signed = from.sign == Sign::Any && to.sign == Sign::Any;
    if signed { equipoise_crossbar::Sign::Any } else { equipoise_crossbar::Sign::NonNegative }
}

fn analog<N: Number>(hardware: &Hardware, site: &Site<'_>, (seed, index): (u64, u32)) -> Built<N> {
    let sign = cell_sign([site.from, site.to]);
    let mut store = Crossbar::<N>::new(&array_params(hardware), site.shape(), sign, seed, index);
    let mut counts = Counts::default();
    let clipped = program(&mut store, &site.matrix(), &mut counts);
    let inventory = circuit_blocks(store.blocks());
    Built { store: Box::new(store), inventory, counts, clipped }
}

/// Programs a whole matrix; returns what the store could not hold of it.
fn program<N: Number>(store: &mut dyn Synapses<N>, written: &[f64], counts: &mut Counts) -> Clipped {
    let words: Vec<N> = written.iter().map(|&weight| N::nearest(weight)).collect();
    store.program(&words, counts);
    clipping::of_weights(store, written.iter().copied())
}

fn circuit_blocks(blocks: Blocks) -> PerBlock {
    let mut inventory = PerBlock::default();
    inventory.add(Block::Array, blocks.arrays);
    inventory.add(Block::Adc, blocks.converters);
    inventory.add(Block::Dac, blocks.row_drivers + blocks.column_drivers);
    inventory
}

fn digital<N: Number>(hardware: &Hardware, site: &Site<'_>, spiking: bool) -> Result<Built<N>, NetworkError> {
    let activity_bits = if hardware.activity_bits == 0 { N::FRACTION } else { hardware.activity_bits };
    let carried = if spiking { Carried::Spikes } else { Carried::Held { activity_bits } };
    let traffic = Traffic { carried, transposed: site.connection.symmetric && site.from.neuron.is_some() };
    let (shape, table) = (site.shape(), &hardware.table);
    let mut counts = Counts::default();
    let store = match &site.connection.weights {
        Weights::Edges(edges) => {
            let factor = site.from.sign.factor() as f64;
            let number = |weight: f64| N::nearest(weight * factor);
            let listed = site.edges(edges).filter_map(listed);
            SynapseTable::<N>::from_list(shape, listed, number, table, traffic, &mut counts).map(|store| {
                let clipped =
                    clipping::of_weights(&store, site.edges(edges).map(|edge| edge.weight * factor));
                (store, clipped)
            })
        }
        Weights::Dense(_) => SynapseTable::<N>::dense(shape, table, traffic).map(|mut store| {
            let clipped = program(&mut store, &site.matrix(), &mut counts);
            (store, clipped)
        }),
    };
    let (store, clipped) = store.map_err(|error| NetworkError(error.to_string()))?;
    let StoreBits { weights, delays, routing } = store.bits();
    let mut inventory = PerBlock::default();
    inventory.add(Block::Weights, weights);
    inventory.add(Block::Delays, delays);
    inventory.add(Block::Routing, routing);
    Ok(Built { store: Box::new(store), inventory, counts, clipped })
}

/// A synapse as a table lists it, with the weight of the network.
fn listed(Edge { source, target, weight, delay }: Edge) -> Option<equipoise_synapse_table::Edge<f64>> {
    Some(equipoise_synapse_table::Edge { source, target, weight, delay: Delay::new(delay)? })
}
