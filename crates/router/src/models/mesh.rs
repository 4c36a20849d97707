//! The two-dimensional mesh with XY routing.

use crate::arbiter::OldestFirst;
use crate::fabric::{Fabric, Timing};
use crate::topology::{LOCAL, Topology};
use crate::transport::{Extent, TooFewNodes, Transport};

equipoise_base::params! {
    /// A mesh of routers, one per core.
    ///
    /// Zero-load latency is H (router_cycles + link_cycles) + router_cycles over H hops.
    pub struct Mesh {
        /// Packets that each of a router's five FIFOs (local, north, east, south, west) holds.
        fifo_depth: u32 = 4, "packets", 1..=1_000_000;
        /// Cycles from winning an output port to leaving the router, T_R.
        router_cycles: u32 = 1, "cycles", 1..=1024;
        /// Cycles on a link between two routers, T_L.
        link_cycles: u32 = 1, "cycles", 0..=1024;
        /// Bits of a packet (a packet is a single flit: address and value) on a link.
        flit_bits: u32 = 32, "bits", 1..=65_536;
    }
}

impl Mesh {
    /// The empty mesh of that extent; nodes beyond `cores` only pass packets on.
    ///
    /// # Errors
    /// If there are fewer nodes than cores.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        let grid = Grid::new(extent);
        if grid.nodes() < cores {
            return Err(TooFewNodes { extent, cores });
        }
        let timing = Timing {
            fifo_depth: self.fifo_depth,
            router_cycles: self.router_cycles,
            link_cycles: self.link_cycles,
            flit_bits: u64::from(self.flit_bits),
        };
        Ok(Box::new(Fabric::new(grid, OldestFirst, timing)))
    }
}

const NORTH: usize = 1;
const EAST: usize = 2;
const SOUTH: usize = 3;
const WEST: usize = 4;

/// Nodes y * width + x; north is +y, east is +x. Packets go along x first, then along y, so they never wait
/// in a circle.
#[derive(Clone, Debug)]
pub struct Grid {
    width: usize,
    /// (x, y) of each node, so that routing divides nothing.
    places: Vec<(u16, u16)>,
}

impl Grid {
    /// A grid of that extent, each side at most 2^16.
    #[must_use]
    pub fn new(Extent { width, height }: Extent) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as u16, y as u16))).collect();
        Self { width: width as usize, places }
    }
}

impl Topology for Grid {
    const PORTS: usize = 5;

    fn nodes(&self) -> usize {
        self.places.len()
    }

    #[inline]
    fn route(&self, node: usize, target: usize) -> usize {
        let ((x, y), (to_x, to_y)) = (self.places[node], self.places[target]);
        if to_x > x {
            EAST
        } else if to_x < x {
            WEST
        } else if to_y > y {
            NORTH
        } else if to_y < y {
            SOUTH
        } else {
            LOCAL
        }
    }

    fn neighbour(&self, node: usize, port: usize) -> Option<(usize, usize)> {
        let (x, y) = (self.places[node].0 as usize, self.places[node].1 as usize);
        let height = self.places.len() / self.width;
        match port {
            NORTH if y + 1 < height => Some((node + self.width, SOUTH)),
            EAST if x + 1 < self.width => Some((node + 1, WEST)),
            SOUTH if y > 0 => Some((node - self.width, NORTH)),
            WEST if x > 0 => Some((node - 1, EAST)),
            _ => None,
        }
    }
}
