//! A tree of routers.

use super::router_keys::{build, router_params};
use crate::arbiter::ArbiterKind;
use crate::topology::{End, Topology, Way};
use crate::transport::{Extent, TooFewNodes, Transport};

router_params! {
    /// A tree: routers at the leaves serve `arity` cores each, those above `arity` routers each.
    ///
    /// Zero-load latency of a packet of F flits is 2 L (router_cycles + link_cycles) + router_cycles + F - 1, where
    /// L is how many levels up the first router lies that has both cores below it. All links are equally wide,
    /// so the root is the bottleneck of traffic that is not local.
    pub struct Tree {
        virtual_channels = 1, 1..=4;
        /// Cores per router at the leaves, and routers below each router above them.
        arity: u32 = 4, "cores", 2..=15;
    }
}

impl Tree {
    /// The empty tree with a seat for every core of that extent; seats beyond `cores` stay empty.
    ///
    /// # Errors
    /// If there are fewer seats than cores.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        let levels = Levels::new(extent.nodes(), self.arity as usize);
        build(levels, self.timing(), self.arbiter, cores, extent)
    }
}

/// Routers level by level, the leaves first; ports 0 .. arity lead down, port `arity` leads up.
///
/// Channels upward, level by level, then channels downward, level by level, are an order in which every route
/// rises.
#[derive(Clone, Debug)]
struct Levels {
    cores: usize,
    arity: usize,
    levels: Vec<Level>,
    /// By router: its level.
    level_of: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    /// The number of its first router.
    first: usize,
    routers: usize,
    /// Cores below each output port that leads down.
    below: usize,
}

impl Levels {
    fn new(cores: usize, arity: usize) -> Self {
        let mut levels = vec![Level { first: 0, routers: cores.div_ceil(arity).max(1), below: 1 }];
        while let Some(&Level { first, routers, below }) = levels.last().filter(|level| level.routers > 1) {
            levels.push(Level {
                first: first + routers,
                routers: routers.div_ceil(arity),
                below: below * arity,
            });
        }
        let of = |(at, level): (usize, &Level)| std::iter::repeat_n(at as u8, level.routers);
        let level_of = levels.iter().enumerate().flat_map(of).collect();
        Self { cores, arity, levels, level_of }
    }

    /// The level of a router, and its number there.
    fn place(&self, router: usize) -> (usize, usize) {
        let level = self.level_of[router] as usize;
        (level, router - self.levels[level].first)
    }
}

impl Topology for Levels {
    fn cores(&self) -> usize {
        self.cores
    }

    fn routers(&self) -> usize {
        self.level_of.len()
    }

    fn ports(&self) -> usize {
        self.arity + 1
    }

    fn seat(&self, core: usize) -> (usize, usize) {
        (core / self.arity, core % self.arity)
    }

    fn route(&self, router: usize, core: usize) -> Way {
        let (level, at) = self.place(router);
        let child = core / self.levels[level].below;
        let port = if child / self.arity == at { child % self.arity } else { self.arity };
        Way { port, class: 0 }
    }

    fn end(&self, router: usize, port: usize) -> End {
        let (level, at) = self.place(router);
        let link = |router, port| End::Router { router, port, crosses_chips: false };
        if port == self.arity {
            let parent = self.levels.get(level + 1);
            return parent.map_or(End::Open, |above| link(above.first + at / self.arity, at % self.arity));
        }
        let child = at * self.arity + port;
        if level == 0 {
            return if child < self.cores { End::Core(child) } else { End::Open };
        }
        let below = self.levels[level - 1];
        if child < below.routers { link(below.first + child, self.arity) } else { End::Open }
    }

    fn hops(&self, source: usize, target: usize) -> u64 {
        let (mut one, mut other, mut hops) = (source / self.arity, target / self.arity, 0);
        while one != other {
            (one, other, hops) = (one / self.arity, other / self.arity, hops + 2);
        }
        hops
    }
}
