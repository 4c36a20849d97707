//! What accesses to the table cost: bits, accumulations and cycles.

use crate::params::{Carried, TableParams, Traffic};
use crate::weights::WeightGrid;
use crate::wiring::Wiring;
use equipoise_base::synapses::StoreBits;
use equipoise_base::{Action, Counts, Way};

/// Bits that number `count` things.
fn address_bits(count: usize) -> u64 {
    u64::from(usize::BITS - count.saturating_sub(1).leading_zeros())
}

/// Widths of the table's words in bits.
#[derive(Clone, Debug)]
pub(crate) struct Widths {
    /// A row pointer; none in a dense table, whose rows have equal length.
    pointer: u64,
    /// The target of an entry; none in a dense table, whose entries are in order.
    target: u64,
    weight: u64,
    delay: u64,
    /// One word of the delay memory: an activity, or a drive wide enough that no sum can overflow. Zero
    /// without a delay memory, when all delays are one.
    flight: u64,
    entries_per_cycle: usize,
    spikes: bool,
}

/// What one or several row accesses cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadCost {
    /// Bits read from the table.
    bits: u64,
    /// Synapses that took part.
    pub(crate) entries: u64,
    /// Runs: synapses of one row and one delay, which share one look into the history.
    runs: u64,
    /// Cycles, rows one after the other.
    pub(crate) cycles: u64,
}

impl ReadCost {
    pub(crate) fn add(&mut self, other: Self) {
        self.add_times(other, 1);
    }

    /// Adds the cost of `times` equal accesses.
    #[inline]
    pub(crate) fn add_times(&mut self, other: Self, times: u64) {
        self.bits += other.bits * times;
        self.entries += other.entries * times;
        self.runs += other.runs * times;
        self.cycles += other.cycles * times;
    }
}

impl Widths {
    pub(crate) fn new(params: &TableParams, grid: &WeightGrid, traffic: Traffic, wiring: &Wiring) -> Self {
        let weight = u64::from(if params.weight_bits == 0 { grid.bits() } else { params.weight_bits });
        let dense = wiring.is_dense;
        let flight = match traffic.carried {
            _ if wiring.max_delay == 1 => 0,
            Carried::Held { activity_bits } => u64::from(activity_bits),
            Carried::Spikes => weight + address_bits(wiring.max_fan),
        };
        Self {
            pointer: if dense { 0 } else { address_bits(wiring.entries() + 1) },
            target: if dense { 0 } else { address_bits(wiring.shape.columns) },
            weight,
            delay: address_bits(wiring.max_delay),
            flight,
            entries_per_cycle: params.entries_per_cycle as usize,
            spikes: traffic.carried == Carried::Spikes,
        }
    }

    /// One access to a row of `entries` entries in `runs` runs. Pointers are fetched while the row before is
    /// read, so a row takes a cycle per `entries_per_cycle` entries, and an empty row one.
    #[inline]
    pub(crate) fn row(&self, entries: usize, runs: usize) -> ReadCost {
        ReadCost {
            bits: 2 * self.pointer + entries as u64 * (self.target + self.weight + self.delay),
            entries: entries as u64,
            runs: runs as u64,
            cycles: entries.div_ceil(self.entries_per_cycle).max(1) as u64,
        }
    }

    /// Books a read that accessed rows for `cost`; `driving` and `read_out` are the lines of its direction.
    ///
    /// The delay memory is booked where there is one. Held activities: every driving line's value is written
    /// once, and read once per run of a forward read (once per entry of a transposed one). Spikes: every
    /// accumulation reads and writes a pending drive, and delivery reads and clears one per line.
    pub(crate) fn book(
        &self,
        cost: ReadCost,
        way: Way,
        (driving, read_out): (usize, usize),
        counts: &mut Counts,
    ) {
        let (reads, writes) = match (self.spikes, way) {
            (true, _) => (cost.entries + read_out as u64, cost.entries + read_out as u64),
            (false, Way::Forward) => (cost.runs, driving as u64),
            (false, Way::Transposed) => (cost.entries, driving as u64),
        };
        counts.add(Action::SramRead, cost.bits + reads * self.flight);
        counts.add(Action::SramWrite, writes * self.flight);
        counts.add(Action::PartialAdd, cost.entries);
    }

    /// Books the writing of `weights` weights during programming.
    pub(crate) fn book_program(&self, weights: usize, counts: &mut Counts) {
        counts.add(Action::SramWrite, weights as u64 * self.weight);
    }

    /// Books the loading of the whole table.
    pub(crate) fn book_load(&self, wiring: &Wiring, counts: &mut Counts) {
        let bits = self.bits(wiring, 0);
        counts.add(Action::SramWrite, bits.weights + bits.delays + bits.routing);
    }

    /// Books an update of one row: the row is read, `written` weights get their pulses and are written back.
    pub(crate) fn book_update(&self, row: ReadCost, written: u64, counts: &mut Counts) {
        counts.add(Action::SramRead, row.bits);
        counts.add(Action::PartialAdd, written);
        counts.add(Action::SramWrite, written * self.weight);
    }

    /// Bits of a table that keeps `lines_in_flight` lines of delay memory.
    pub(crate) fn bits(&self, wiring: &Wiring, lines_in_flight: usize) -> StoreBits {
        let entries = wiring.entries() as u64;
        let slots = (lines_in_flight * (wiring.max_delay - 1)) as u64;
        StoreBits {
            weights: entries * self.weight,
            delays: entries * self.delay + slots * self.flight,
            routing: entries * self.target + (wiring.shape.rows as u64 + 1) * self.pointer,
        }
    }
}
