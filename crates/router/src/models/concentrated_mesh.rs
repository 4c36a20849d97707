//! A mesh whose routers serve blocks of cores.

use super::plane::{Chips, Compass, Plane};
use super::router_keys::{build, plane_params};
use crate::arbiter::ArbiterKind;
use crate::topology::{End, Topology, Way};
use crate::transport::{Extent, TooFewNodes, Transport};

plane_params! {
    /// A mesh of routers that each serve a block of cores, as square as `concentration` allows (4: two by two).
    ///
    /// Zero-load latency of a packet of F flits is H (router_cycles + link_cycles) + router_cycles + F - 1 over
    /// H hops between the routers of its cores. Chips end between blocks: a chip's sides are rounded down to
    /// whole blocks, one at least.
    pub struct ConcentratedMesh {
        virtual_channels = 1, 1..=4;
        /// Cores per router.
        concentration: u32 = 4, "cores", 1..=12;
    }
}

impl ConcentratedMesh {
    /// The empty mesh for that extent in cores; seats beyond `cores` stay empty.
    ///
    /// # Errors
    /// If there are fewer seats than cores.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        let blocks = Blocks::new(extent, self.concentration, self.chips());
        build(blocks, self.timing_of_chips(), self.arbiter, cores, extent)
    }
}

/// Blocks of cores around the routers of a plane. Cores are numbered y * width + x over the whole extent, as
/// in a mesh; ports are those of the cores, row by row, then north, east, south, west. Routing is that of the
/// mesh, and its order of channels too.
#[derive(Clone, Debug)]
struct Blocks {
    plane: Plane,
    /// Cores per router.
    block: usize,
    /// By core: its router and its port there.
    seats: Vec<(u32, u32)>,
    /// By router times cores per router plus port: the core.
    cores: Vec<Option<u32>>,
}

/// Width and height of a block of `cores` cores: as square as they can be, no higher than wide.
fn block_of(cores: u32) -> (u32, u32) {
    let height = (1..=cores).filter(|h| cores.is_multiple_of(*h) && h * h <= cores).max().unwrap_or(1);
    (cores / height, height)
}

impl Blocks {
    fn new(extent: Extent, concentration: u32, chip: Chips) -> Self {
        let (wide, high) = block_of(concentration);
        let routers = Extent { width: extent.width.div_ceil(wide), height: extent.height.div_ceil(high) };
        let in_blocks = |side: u32, block: u32| if side == 0 { 0 } else { (side / block).max(1) };
        let chip = Chips { width: in_blocks(chip.width, wide), height: in_blocks(chip.height, high) };
        let block = concentration as usize;
        let mut cores = vec![None; routers.nodes() * block];
        let mut seats = Vec::with_capacity(extent.nodes());
        for (x, y) in (0..extent.height).flat_map(|y| (0..extent.width).map(move |x| (x, y))) {
            let router = y / high * routers.width + x / wide;
            let port = y % high * wide + x % wide;
            cores[router as usize * block + port as usize] = Some(seats.len() as u32);
            seats.push((router, port));
        }
        Self { plane: Plane::new(routers, chip), block, seats, cores }
    }
}

impl Topology for Blocks {
    fn cores(&self) -> usize {
        self.seats.len()
    }

    fn routers(&self) -> usize {
        self.plane.routers()
    }

    #[inline]
    fn ports(&self) -> usize {
        self.block + 4
    }

    fn seat(&self, core: usize) -> (usize, usize) {
        let (router, port) = self.seats[core];
        (router as usize, port as usize)
    }

    #[inline]
    fn route(&self, router: usize, core: usize) -> Way {
        let (to, port) = self.seat(core);
        let way = self.plane.toward(router, to);
        Way { port: way.map_or(port, |direction| self.block + direction as usize), class: 0 }
    }

    fn end(&self, router: usize, port: usize) -> End {
        if port < self.block {
            let core = self.cores[router * self.block + port];
            return core.map_or(End::Open, |core| End::Core(core as usize));
        }
        let direction = Compass::of_port(port - self.block);
        self.plane.neighbour(router, direction).map_or(End::Open, |to| End::Router {
            router: to,
            port: self.block + direction.back() as usize,
            crosses_chips: self.plane.crosses_chips(router, to),
        })
    }

    fn hops(&self, source: usize, target: usize) -> u64 {
        self.plane.hops(self.seat(source).0, self.seat(target).0)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_are_as_square_as_their_number_allows() {
        let blocks: Vec<(u32, u32)> = [1, 2, 3, 4, 6, 8, 9, 12].map(super::block_of).to_vec();
        assert_eq!(blocks, [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (3, 3), (4, 3)]);
    }
}
