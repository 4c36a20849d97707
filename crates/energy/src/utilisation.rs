//! How busy a chip was: shares, from 0 to 1, of what it could have done in the cycles of a run.

use equipoise_base::Action;
use equipoise_base::record::{Block, CoreBook, FifoUse, LinkTraffic, Record};
use serde::Serialize;

/// How busy a chip was; shares of nothing are `None`. The names are those of `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Utilisation {
    /// Links between routers.
    pub links: Links,
    /// FIFOs behind these links.
    pub fifos: Fifos,
    /// Share of the time in which a converter in use converted.
    pub converters: Option<f64>,
    /// Share of the time in which an array in use was read, conversions included.
    pub arrays: Option<f64>,
    /// Share of the time in which a core with neurons read, updated them, latched or learned.
    pub cores: Option<f64>,
    /// The part of the chip that the network uses.
    pub occupied: Occupied,
}

/// The links.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Links {
    /// Share of the time in which a packet kept a link busy, on average over all links.
    pub mean: Option<f64>,
    /// The same for the busiest link.
    pub busiest: Option<f64>,
}

/// The FIFOs. A slot is taken from the cycle in which a packet is sent there until the packet has gone on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fifos {
    /// Share of the slots that were taken, averaged over FIFOs and time.
    pub mean: Option<f64>,
    /// Most slots of one FIFO that were taken at once, in packets.
    pub most_packets: u64,
}

/// How much of the chip holds something.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Occupied {
    /// Share of the chip's cores.
    pub cores: Option<f64>,
    /// Share of the chip's arrays.
    pub arrays: Option<f64>,
}

impl Utilisation {
    /// The utilisation of a run.
    #[must_use]
    pub fn new(record: &Record) -> Self {
        let Record { cycles, links, fifos, cores, .. } = record;
        let used = record.in_use();
        let of_time = |busy: u64, many: u64| share(busy as f64, many as f64 * *cycles as f64);
        let busy = |link: &LinkTraffic| link.busy_cycles;
        let works = |core: &&CoreBook| core.inventory.get(Block::Controller) > 0;
        let read = cores.iter().flat_map(|core| &core.active).map(|active| active.get(Block::Array));
        let converting = record.count(Action::AdcConvert) * record.conversion_cycles;
        let FifoUse { slots, slot_cycles, most } = *fifos;
        Self {
            links: Links {
                mean: of_time(links.iter().map(busy).sum(), links.len() as u64),
                busiest: links.iter().map(busy).max().and_then(|busiest| of_time(busiest, 1)),
            },
            fifos: Fifos { mean: of_time(slot_cycles, slots), most_packets: most },
            converters: of_time(converting, used.get(Block::Adc)),
            arrays: of_time(read.sum(), used.get(Block::Array)),
            cores: of_time(
                cores.iter().filter(works).map(|core| core.busy_cycles).sum(),
                cores.iter().filter(works).count() as u64,
            ),
            occupied: Occupied {
                cores: share(cores.len() as f64, record.nodes as f64),
                arrays: share(used.get(Block::Array) as f64, record.inventory.get(Block::Array) as f64),
            },
        }
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
