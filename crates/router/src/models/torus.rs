//! The two-dimensional torus: shortest way around, two classes of virtual channels.

use super::plane::{Compass, Plane};
use super::router_keys::{build, plane_params};
use crate::arbiter::ArbiterKind;
use crate::topology::{End, Topology, Way};
use crate::transport::{Extent, TooFewNodes, Transport};

plane_params! {
    /// A torus of routers, one per core, each with five input ports (local, north, east, south, west).
    ///
    /// Zero-load latency of a packet of F flits is H (router_cycles + link_cycles) + router_cycles + F - 1 over
    /// H = min(dx, width - dx) + min(dy, height - dy) hops within a chip.
    pub struct Torus {
        virtual_channels = 2, 2..=8;
    }
}

impl Torus {
    /// The empty torus of that extent; nodes beyond `cores` only pass packets on.
    ///
    /// # Errors
    /// If there are fewer nodes than cores.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        let rings = Rings { plane: Plane::new(extent, self.chips()) };
        build(rings, self.timing_of_chips(), self.arbiter, cores, extent)
    }
}

const LOCAL: usize = 0;
/// The port to the north; east, south and west follow.
const NORTH: usize = 1;

/// A grid whose rows and columns are rings. Packets go along x first, then along y, each the shorter way
/// around, and east or north where both are equally long.
///
/// A ring alone is a circle in which every packet can wait for the next. So each link has two classes of
/// channels (Dally and Seitz, "Deadlock-free message routing in multiprocessor interconnection networks",
/// 1987): class 1 while the link between the ring's last node and its first, or this link itself, still lies
/// ahead, class 0 from then on. Going up, the channels of class 1 out of nodes 1, 2, .. n - 1, then those of
/// class 0 out of nodes 0, 1, .. n - 2 are an order in which every route rises; class 0 never uses the closing
/// link. Going down is the mirror image, y comes after x, and opposite directions never follow one another.
#[derive(Clone, Debug)]
pub struct Rings {
    plane: Plane,
}

impl Rings {
    /// A torus of that extent on one chip, each side at most 2^16.
    #[must_use]
    pub fn new(extent: Extent) -> Self {
        Self { plane: Plane::new(extent, super::plane::Chips { width: 0, height: 0 }) }
    }
}

/// The way around a ring of `side` nodes: whether it goes up, and the class of the channel.
#[inline]
fn around(at: u16, to: u16, side: usize) -> (bool, usize) {
    let (at, to) = (usize::from(at), usize::from(to));
    let up = if to >= at { to - at } else { to + (side - at) };
    let goes_up = up <= side - up;
    (goes_up, usize::from(goes_up != (to > at)))
}

impl Topology for Rings {
    fn cores(&self) -> usize {
        self.plane.routers()
    }

    fn routers(&self) -> usize {
        self.plane.routers()
    }

    #[inline]
    fn ports(&self) -> usize {
        5
    }

    fn classes(&self) -> usize {
        2
    }

    fn seat(&self, core: usize) -> (usize, usize) {
        (core, LOCAL)
    }

    #[inline]
    fn route(&self, router: usize, core: usize) -> Way {
        let ((x, y), (to_x, to_y)) = (self.plane.place(router), self.plane.place(core));
        let (width, height) = self.plane.sides();
        let (direction, class) = if x != to_x {
            let (up, class) = around(x, to_x, width);
            (if up { Compass::East } else { Compass::West }, class)
        } else if y != to_y {
            let (up, class) = around(y, to_y, height);
            (if up { Compass::North } else { Compass::South }, class)
        } else {
            return Way { port: LOCAL, class: 0 };
        };
        Way { port: NORTH + direction as usize, class }
    }

    fn end(&self, router: usize, port: usize) -> End {
        if port == LOCAL {
            return End::Core(router);
        }
        let direction = Compass::of_port(port - NORTH);
        let (width, height) = self.plane.sides();
        let along = if matches!(direction, Compass::East | Compass::West) { width } else { height };
        if along == 1 {
            return End::Open;
        }
        let around = || match direction {
            Compass::North => router - (height - 1) * width,
            Compass::East => router - (width - 1),
            Compass::South => router + (height - 1) * width,
            Compass::West => router + (width - 1),
        };
        let to = self.plane.neighbour(router, direction).unwrap_or_else(around);
        let crosses_chips = self.plane.crosses_chips(router, to);
        End::Router { router: to, port: NORTH + direction.back() as usize, crosses_chips }
    }

    fn hops(&self, source: usize, target: usize) -> u64 {
        let ((x, y), (to_x, to_y)) = (self.plane.place(source), self.plane.place(target));
        let (width, height) = self.plane.sides();
        let shorter = |at: u16, to: u16, side: usize| {
            let way = u64::from(at.abs_diff(to));
            way.min(side as u64 - way)
        };
        shorter(x, to_x, width) + shorter(y, to_y, height)
    }
}
