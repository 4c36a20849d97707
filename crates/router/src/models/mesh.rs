//! The two-dimensional mesh with XY routing.

use super::plane::{Chips, Compass, Plane};
use super::router_keys::{build, plane_params};
use crate::arbiter::ArbiterKind;
use crate::topology::{End, Topology, Way};
use crate::transport::{Extent, TooFewNodes, Transport};

plane_params! {
    /// A mesh of routers, one per core, each with five input ports (local, north, east, south, west).
    ///
    /// Zero-load latency of a packet of F flits is H (router_cycles + link_cycles) + router_cycles + F - 1 over
    /// H hops within a chip.
    pub struct Mesh {
        virtual_channels = 1, 1..=8;
    }
}

impl Mesh {
    /// The empty mesh of that extent; nodes beyond `cores` only pass packets on.
    ///
    /// # Errors
    /// If there are fewer nodes than cores.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        let grid = Grid { plane: Plane::new(extent, self.chips()) };
        build(grid, self.timing_of_chips(), self.arbiter, cores, extent)
    }
}

const LOCAL: usize = 0;
/// The port to the north; east, south and west follow.
const NORTH: usize = 1;

/// Nodes y * width + x; north is +y, east is +x. Packets go along x first, then along y: channels in x before
/// those in y, and in either direction one after the other, are an order in which every route rises.
#[derive(Clone, Debug)]
pub struct Grid {
    plane: Plane,
}

impl Grid {
    /// A grid of that extent on one chip, each side at most 2^16.
    #[must_use]
    pub fn new(extent: Extent) -> Self {
        Self { plane: Plane::new(extent, Chips { width: 0, height: 0 }) }
    }
}

impl Topology for Grid {
    const PORT_NAMES: &'static [&'static str] = &["local", "north", "east", "south", "west"];

    fn cores(&self) -> usize {
        self.plane.routers()
    }

    fn routers(&self) -> usize {
        self.plane.routers()
    }

    fn mesh_sides(&self) -> Option<(usize, usize)> {
        Some(self.plane.sides())
    }

    #[inline]
    fn ports(&self) -> usize {
        5
    }

    fn seat(&self, core: usize) -> (usize, usize) {
        (core, LOCAL)
    }

    #[inline]
    fn route(&self, router: usize, core: usize) -> Way {
        let port = self.plane.toward(router, core).map_or(LOCAL, |direction| NORTH + direction as usize);
        Way { port, class: 0 }
    }

    fn end(&self, router: usize, port: usize) -> End {
        if port == LOCAL {
            return End::Core(router);
        }
        let direction = Compass::of_port(port - NORTH);
        self.plane.neighbour(router, direction).map_or(End::Open, |to| End::Router {
            router: to,
            port: NORTH + direction.back() as usize,
            crosses_chips: self.plane.crosses_chips(router, to),
        })
    }

    fn hops(&self, source: usize, target: usize) -> u64 {
        self.plane.hops(source, target)
    }
}
