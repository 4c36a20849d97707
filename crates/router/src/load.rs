//! Load-latency curves: how long packets take while every core sends at random at a given rate.
//!
//! The measurement is the field's usual one (Dally and Towles, "Principles and Practices of Interconnection
//! Networks", chapter 23): an open loop with unbounded queues at the sources, a warm-up, a stretch in which
//! packets are marked, and a drain until the marked ones have arrived. Latency counts from creation, so the
//! wait at the source is part of it.

mod pattern;

pub use pattern::Pattern;

use crate::histogram::Histogram;
use crate::transport::{Extent, Packet, RouterModel, TooFewNodes, Transport};
use equipoise_base::noise::{Noise, Stream, StreamKind};

/// One point of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPoint {
    /// Packets that every core creates per cycle, on average.
    pub offered: f64,
    /// Packets delivered per core and cycle of the measured stretch.
    pub accepted: f64,
    /// Latency of the marked packets, in cycles from creation to delivery.
    pub mean_latency_cycles: f64,
    /// The latency that 95 of 100 marked packets do not exceed, in cycles.
    pub p95_latency_cycles: u64,
    /// The longest latency, in cycles.
    pub max_latency_cycles: u64,
    /// Marked packets.
    pub packets: u64,
    /// Marked packets that had not arrived when the drain ended, which the latencies lack: beyond saturation.
    pub undelivered: u64,
    /// The share of cycles in which the busiest link was busy, from the first cycle to the last.
    pub busiest_link: f64,
}

/// What a transport can do under a pattern in theory.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Mean latency of a packet that meets no other, in cycles.
    pub zero_load_latency_cycles: f64,
    /// Mean number of hops.
    pub hops: f64,
    /// The rate, in packets per core and cycle, at which the busiest link or port of a core is always busy:
    /// no buffers and no arbiter carry more of the packets that use it. Under uniform traffic on a mesh of even
    /// sides this is the bound of the bisection. Infinite where nothing has a width.
    pub saturation: f64,
}

/// The pattern's bounds, from the routes of every pair.
///
/// # Errors
/// If there are fewer nodes than `cores`.
pub fn bounds(
    model: &RouterModel,
    cores: usize,
    extent: Extent,
    pattern: Pattern,
) -> Result<Bounds, TooFewNodes> {
    let transport = model.build(cores, extent)?;
    let links = transport.links();
    let mut link_load = vec![0.0_f64; links.len()];
    let mut arriving = vec![0.0_f64; cores];
    let (mut latency, mut hops) = (0.0, 0.0);
    for source in 0..cores as u32 {
        for (target, share) in pattern.targets(source, cores as u32, extent) {
            latency += share * transport.zero_load_cycles(source, target) as f64;
            arriving[target as usize] += share;
            for link in transport.path(source, target) {
                link_load[link as usize] += share;
                hops += share;
            }
        }
    }
    let port = transport.packet_cycles() as f64;
    let busy_links = link_load.iter().zip(links).map(|(load, link)| load * link.packet_cycles as f64);
    // Every core also sends one packet per packet through its own port.
    let busiest = busy_links.chain(arriving.iter().map(|load| load * port)).fold(port, f64::max);
    Ok(Bounds {
        zero_load_latency_cycles: latency / cores as f64,
        hops: hops / cores as f64,
        saturation: if busiest > 0.0 { 1.0 / busiest } else { f64::INFINITY },
    })
}

/// Measures one point per rate of `rates` (packets per core and cycle, 0 to 1): `cycles` of warm-up, as many
/// with marked packets, and at most eight times as many to drain, while the load goes on.
///
/// The draws are functions of `seed`, cycle and core alone.
///
/// # Errors
/// If there are fewer nodes than `cores`.
pub fn curve(
    model: &RouterModel,
    cores: usize,
    extent: Extent,
    pattern: Pattern,
    rates: &[f64],
    cycles: u64,
    seed: u64,
) -> Result<Vec<LoadPoint>, TooFewNodes> {
    let mut transport = model.build(cores, extent)?;
    let mut point = |&rate: &f64| {
        transport.reset();
        transport.clear_traffic();
        Load { cores: cores as u32, extent, pattern, rate, seed }.measure(&mut *transport, cycles)
    };
    Ok(rates.iter().map(&mut point).collect())
}

/// Cycles of draining, in units of the measured stretch.
const DRAIN: u64 = 8;

/// A random load.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Cores that send and receive.
    pub cores: u32,
    /// Where they lie, for patterns that look at coordinates.
    pub extent: Extent,
    /// Who sends to whom.
    pub pattern: Pattern,
    /// The probability with which a core creates a packet in a cycle.
    pub rate: f64,
    /// The seed of all draws.
    pub seed: u64,
}

impl Load {
    /// Sends the packets of one cycle, each with `tag`, and returns how many there are.
    pub fn send(&self, transport: &mut dyn Transport, created_cycle: u64, tag: u64) -> u64 {
        let noise = Noise::at(self.seed, Stream::of(StreamKind::Traffic, 0), created_cycle);
        let mut sent = 0;
        for source in 0..self.cores {
            if noise.uniform(2 * source) < self.rate {
                let draw = noise.word(2 * source + 1);
                let target = self.pattern.target(source, self.cores, self.extent, draw);
                transport.send(Packet { created_cycle, source, target, tag });
                sent += 1;
            }
        }
        sent
    }

    /// Loads an empty transport and measures it.
    fn measure(&self, transport: &mut dyn Transport, cycles: u64) -> LoadPoint {
        let measured = cycles..2 * cycles;
        let (mut latency, mut marked, mut delivered) = (Histogram::default(), 0, 0);
        let mut end = 0;
        for now in 0..(2 + DRAIN) * cycles {
            if now >= measured.end && latency.count() == marked {
                break;
            }
            let mark = measured.contains(&now);
            let sent = self.send(transport, now, u64::from(mark));
            marked += if mark { sent } else { 0 };
            while let Some(delivery) = transport.next_delivery(now) {
                delivered += u64::from(measured.contains(&delivery.cycle));
                if delivery.packet.tag == 1 {
                    latency.add(delivery.cycle - delivery.packet.created_cycle);
                }
            }
            end = now + 1;
        }
        let busy = transport.traffic().busy_cycles(transport.links());
        LoadPoint {
            offered: self.rate,
            accepted: delivered as f64 / (f64::from(self.cores) * cycles.max(1) as f64),
            mean_latency_cycles: latency.mean(),
            p95_latency_cycles: latency.percentile(95),
            max_latency_cycles: latency.max(),
            packets: marked,
            undelivered: marked - latency.count(),
            busiest_link: busy.into_iter().max().unwrap_or(0) as f64 / end.max(1) as f64,
        }
    }
}
