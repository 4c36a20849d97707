//! The synapse table itself.

use crate::accumulator::fits_narrow;
use crate::cost::{ReadCost, Widths};
use crate::params::{Carried, TableParams, Traffic};
use crate::read::Entries;
use crate::ring::Ring;
use crate::weights::WeightGrid;
use crate::wiring::{Edge, TableError, Wiring};
use equipoise_base::synapses::StoreBits;
use equipoise_base::{Axons, Counts, Delay, Digest, Grain, Number, Requests, Shape, Synapses, Way};
use std::ops::Range;

/// What follows from the parameters and the wiring once.
struct Derived {
    wiring: Wiring,
    grid: WeightGrid,
    widths: Widths,
    grain: Grain,
    /// The cost of reading every row.
    whole: ReadCost,
}

/// What is on its way: past activities of held axons, or pending drives of spikes.
#[derive(Clone)]
enum InFlight<N> {
    Held(Ring<N>),
    Spikes(Ring<i64>),
}

/// What evolves.
struct State<N> {
    /// One weight per entry, a multiple of the grid's code.
    weights: Vec<N>,
    /// By direction; the transposed one only where the table is read transposed.
    in_flight: Vec<InFlight<N>>,
    shadow: Vec<InFlight<N>>,
}

/// Buffers and bookkeeping of reads.
#[derive(Default)]
struct Scratch {
    narrow: Vec<i64>,
    wide: Vec<i128>,
    /// The rows of the spikes of a read.
    heard: Vec<Range<u32>>,
    /// The largest activity so far, in raw LSB: decides which sums cannot overflow.
    largest_activity: i64,
    /// Cycles of the last read, by direction.
    cycles: [u64; 2],
}

/// An SRAM of synapses, addressed by source.
///
/// Parallel synapses (the same source and target) are one address of the dense views: [`Synapses::program`]
/// and [`Synapses::weights_row`] see their sum, and what is written goes to the one with the shortest delay.
/// Where there is no synapse, programmed weights and pulses are ignored.
///
/// A transposed read walks every row, because the table has no index by target: with spikes it costs the
/// whole table in every step in which a column spikes, and nothing else in the others.
pub struct SynapseTable<N> {
    derived: Derived,
    state: State<N>,
    scratch: Scratch,
}

impl<N: Number> SynapseTable<N> {
    /// A table of the given edges; loading it is booked as SRAM writes of all its bits.
    ///
    /// # Errors
    /// If an edge leaves the table, or the table or its delay memory is too large.
    pub fn from_edges(
        shape: Shape,
        edges: &[Edge<N>],
        params: &TableParams,
        traffic: Traffic,
        counts: &mut Counts,
    ) -> Result<Self, TableError> {
        Self::from_list(shape, edges.iter().copied(), |weight| weight, params, traffic, counts)
    }

    /// The same from a list that is walked twice and need not lie in memory as edges; `number` makes the table's
    /// weights from the list's.
    ///
    /// # Errors
    /// As [`SynapseTable::from_edges`].
    pub fn from_list<W>(
        shape: Shape,
        edges: impl Iterator<Item = Edge<W>> + Clone,
        number: impl Fn(W) -> N,
        params: &TableParams,
        traffic: Traffic,
        counts: &mut Counts,
    ) -> Result<Self, TableError> {
        let grid = WeightGrid::new::<N>(params);
        let stored = |weight| grid.hold(number(weight).raw());
        let (wiring, weights) = Wiring::from_edges(shape, edges, stored, traffic.carried)?;
        let widths = Widths::new(params, &grid, traffic, &wiring);
        widths.book_load(&wiring, counts);
        let whole = whole_cost(&widths, &wiring);
        let ways = if traffic.transposed { &Way::BOTH[..] } else { &Way::BOTH[..1] };
        let memory = |&way: &Way| delay_memory(&wiring, traffic.carried, way);
        let in_flight: Vec<InFlight<N>> = ways.iter().map(memory).collect();
        Ok(Self {
            state: State { weights, shadow: in_flight.clone(), in_flight },
            scratch: Scratch { cycles: [whole.cycles; 2], ..Scratch::default() },
            derived: Derived { wiring, grid, widths, grain: params.grain::<N>(), whole },
        })
    }

    /// A table of all synapses between `shape.rows` sources and `shape.columns` targets, with delay one and
    /// weights zero until they are programmed. It stores no addresses.
    ///
    /// # Errors
    /// If the table is too large.
    pub fn dense(shape: Shape, params: &TableParams, traffic: Traffic) -> Result<Self, TableError> {
        let cells = (0..shape.rows).flat_map(|row| (0..shape.columns).map(move |column| (row, column)));
        let edges = cells.map(|(row, column)| Edge {
            source: row as u32,
            target: column as u32,
            weight: N::ZERO,
            delay: Delay::ONE,
        });
        // The weights are loaded, and booked, when they are programmed.
        Self::from_list(shape, edges, |weight| weight, params, traffic, &mut Counts::default())
    }

    /// The longest delay of a synapse, in steps.
    #[must_use]
    pub fn max_delay(&self) -> Delay {
        Delay::new(self.derived.wiring.max_delay as u32).unwrap_or(Delay::ONE)
    }

    /// Applies the pulses `of` each column to the synapses of `row`.
    fn pulse(&mut self, row: usize, of: impl Fn(usize) -> i32, counts: &mut Counts) {
        let Derived { wiring, grid, widths, .. } = &self.derived;
        let mut written = 0;
        for (entry, column) in wiring.addresses(row) {
            let pulses = of(column);
            if pulses != 0 {
                let weight = &mut self.state.weights[entry];
                *weight = grid.pulsed(*weight, pulses);
                written += 1;
            }
        }
        if written > 0 {
            widths.book_update(row_cost(widths, wiring, row), written, counts);
        }
    }

    /// Adds the weights of `row` to `sums`, one per column.
    fn add_row(&self, row: usize, sums: &mut [N]) {
        for (entry, column) in self.derived.wiring.targets(row) {
            let sum = &mut sums[column];
            *sum = sum.saturating_add(self.state.weights[entry]);
        }
    }
}

/// The delay memory for reads in direction `way`.
fn delay_memory<N: Number>(wiring: &Wiring, carried: Carried, way: Way) -> InFlight<N> {
    let (driving, read_out) = wiring.shape.lines(way);
    match carried {
        Carried::Held { .. } => InFlight::Held(Ring::new(driving, wiring.max_delay)),
        Carried::Spikes => InFlight::Spikes(Ring::new(read_out, wiring.max_delay)),
    }
}

impl<N: Number> InFlight<N> {
    fn copy(&mut self, other: &Self) {
        match (self, other) {
            (Self::Held(mine), Self::Held(theirs)) => mine.copy(theirs),
            (Self::Spikes(mine), Self::Spikes(theirs)) => mine.copy(theirs),
            _ => unreachable!("a table's delay memory never changes its kind"),
        }
    }
}

impl Scratch {
    /// Remembers the largest activity that may be in a history.
    fn see<N: Number>(&mut self, activities: &[N]) {
        let sizes = activities.iter().map(|x| x.raw().saturating_abs());
        self.largest_activity = sizes.fold(self.largest_activity, i64::max);
    }
}

impl<N: Number> Synapses<N> for SynapseTable<N> {
    fn shape(&self) -> Shape {
        self.derived.wiring.shape
    }

    fn program(&mut self, weights: &[N], counts: &mut Counts) {
        let Shape { rows, columns } = self.shape();
        assert_eq!(weights.len(), rows * columns, "one weight per row and column");
        let mut sums = vec![N::ZERO; columns];
        let mut written = 0;
        for row in 0..rows {
            sums.fill(N::ZERO);
            self.add_row(row, &mut sums);
            for (entry, column) in self.derived.wiring.addresses(row) {
                let parallel = sums[column].raw().saturating_sub(self.state.weights[entry].raw());
                let wanted = weights[row * columns + column].raw().saturating_sub(parallel);
                self.state.weights[entry] = self.derived.grid.hold(wanted);
                written += 1;
            }
        }
        self.derived.widths.book_program(written, counts);
    }

    fn hold(&self, weights: &mut [N]) {
        weights.iter_mut().for_each(|weight| *weight = self.derived.grid.hold(weight.raw()));
    }

    fn start(&mut self, way: Way, axons: Axons<'_, N>) {
        match self.state.in_flight.get_mut(way as usize) {
            Some(InFlight::Held(history)) => {
                history.fill(axons.value);
                self.scratch.see(axons.value);
            }
            Some(InFlight::Spikes(pending)) => pending.clear(),
            None => {}
        }
    }

    /// Held values sum exactly and are rounded once, to nearest, per line; spikes add exactly.
    ///
    /// # Panics
    /// If a slice does not fit the table, or it is read transposed without being built for that.
    fn read(&mut self, way: Way, axons: Axons<'_, N>, _: u64, drive: &mut [i64], counts: &mut Counts) {
        let Derived { wiring, grid, widths, whole, .. } = &self.derived;
        let lines = wiring.shape.lines(way);
        // Where rows spike, nobody needs their values.
        let driving = match axons.spikes {
            Some(spikes) if way == Way::Forward => spikes.len(),
            _ => axons.value.len(),
        };
        assert_eq!((driving, drive.len()), lines, "one value per line");
        let entries = Entries { wiring, weights: &self.state.weights };
        let cost = match self.state.in_flight.get_mut(way as usize) {
            None => panic!("this table was not built for transposed reads"),
            Some(InFlight::Held(history)) => {
                drive.fill(0);
                self.scratch.see(axons.value);
                let narrow = fits_narrow(wiring.max_fan, self.scratch.largest_activity, grid.largest());
                history.ahead(0).copy_from_slice(axons.value);
                match (way, narrow) {
                    (Way::Forward, true) => entries.held_forward(history, &mut self.scratch.narrow, drive),
                    (Way::Forward, false) => entries.held_forward(history, &mut self.scratch.wide, drive),
                    (Way::Transposed, true) => entries.held_transposed::<i64>(history, drive),
                    (Way::Transposed, false) => entries.held_transposed::<i128>(history, drive),
                }
                history.advance();
                *whole
            }
            Some(InFlight::Spikes(pending)) => {
                let cost = match way {
                    Way::Forward => entries.spikes_forward(axons, pending, widths, &mut self.scratch.heard),
                    Way::Transposed if axons.value.iter().all(|&x| x == N::ZERO) => ReadCost::default(),
                    Way::Transposed => {
                        entries.spikes_transposed(axons, pending);
                        *whole
                    }
                };
                for (drive, due) in drive.iter_mut().zip(pending.ahead(0)) {
                    *drive = std::mem::take(due);
                }
                pending.advance();
                cost
            }
        };
        widths.book(cost, way, lines, counts);
        self.scratch.cycles[way as usize] = cost.cycles;
    }

    /// Cycles of the last read in this direction (before the first one: of a read of every row): rows are
    /// accessed one after the other, `entries_per_cycle` entries in a cycle. With spikes the number depends
    /// on who spiked; a read without spikes takes none.
    fn read_cycles(&self, way: Way) -> u64 {
        self.scratch.cycles[way as usize]
    }

    fn holds_back(&self, row: usize) -> Option<u32> {
        self.derived.wiring.longest_extra(row)
    }

    fn grain(&self) -> Grain {
        self.derived.grain
    }

    fn pulse_row(&mut self, row: usize, pulses: &[i32], _: u64, counts: &mut Counts) {
        assert_eq!(pulses.len(), self.shape().columns, "one count of pulses per column");
        self.pulse(row, |column| pulses[column], counts);
    }

    fn pulse_rows(&mut self, requests: Requests<'_>, update: u64, counts: &mut Counts) {
        match requests.columns {
            // A sparse row is walked alone, and nothing that is as wide as the table.
            Some(listed) if !self.derived.wiring.is_dense => {
                for (row, pulses) in requests.pulsed() {
                    let of = |column| listed.binary_search(&(column as u32)).map_or(0, |at| pulses[at]);
                    self.pulse(row, of, counts);
                }
            }
            _ => requests.for_each_row(self.shape().columns, |row, pulses| {
                self.pulse_row(row, pulses, update, counts);
            }),
        }
    }

    fn synapses_of(&self, row: usize, visit: &mut dyn FnMut(usize, Delay, N)) {
        self.derived.wiring.visit(row, |entry, extra, column| {
            let delay = Delay::new(extra as u32 + 1).unwrap_or(Delay::ONE);
            visit(column, delay, self.state.weights[entry]);
        });
    }

    fn update_rows(&self) -> usize {
        self.derived.wiring.shape.rows
    }

    fn update_slot(&self, row: usize) -> usize {
        row
    }

    fn bits(&self) -> StoreBits {
        let lines = |in_flight: &InFlight<N>| match in_flight {
            InFlight::Held(ring) => ring.lines(),
            InFlight::Spikes(ring) => ring.lines(),
        };
        self.derived.widths.bits(&self.derived.wiring, self.state.in_flight.iter().map(lines).sum())
    }

    fn save(&mut self) {
        self.state.shadow.iter_mut().zip(&self.state.in_flight).for_each(|(shadow, live)| shadow.copy(live));
    }

    fn restore(&mut self) {
        self.state.in_flight.iter_mut().zip(&self.state.shadow).for_each(|(live, shadow)| live.copy(shadow));
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.weights.iter().map(|weight| weight.raw() as u64));
        for in_flight in &self.state.in_flight {
            match in_flight {
                InFlight::Held(history) => digest.words(history.oldest_first().map(|x| x.raw() as u64)),
                InFlight::Spikes(pending) => digest.words(pending.oldest_first().map(|due| due as u64)),
            }
        }
    }
}

/// The cost of one access to `row`.
fn row_cost(widths: &Widths, wiring: &Wiring, row: usize) -> ReadCost {
    let (entries, runs) = wiring.lengths(row);
    widths.row(entries, runs)
}

/// The cost of an access to every row.
fn whole_cost(widths: &Widths, wiring: &Wiring) -> ReadCost {
    let mut whole = ReadCost::default();
    for number in 0..wiring.rows.count() {
        let (entries, runs) = wiring.lengths_of(number);
        whole.add(widths.row(entries, runs));
    }
    whole.add_times(widths.row(0, 0), (wiring.shape.rows - wiring.rows.count()) as u64);
    whole
}
