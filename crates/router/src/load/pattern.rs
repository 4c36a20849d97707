//! Who sends to whom.

use crate::transport::Extent;

equipoise_base::choice! {
    /// A pattern of traffic. Patterns of coordinates act on the extent; a target that is no core is the source itself.
    pub enum Pattern {
        /// Every core sends to every core, itself included, equally often.
        Uniform = "uniform",
        /// Core (x, y) sends to core (y, x).
        Transpose = "transpose",
        /// One packet in four goes to the core in the middle, the others are uniform.
        Hotspot = "hotspot",
        /// Core (x, y) sends to core (x + 1, y), and the last of a row to the first.
        Neighbour = "neighbour",
        /// Core (x, y) sends to the core opposite, (width - 1 - x, height - 1 - y): the complement of the bits where sides are powers of two.
        BitComplement = "bit_complement",
    }
}

/// One packet in this many goes to the hotspot.
const HOT: u32 = 4;

impl Pattern {
    /// The target of a packet of `source` for a draw of 32 random bits.
    #[must_use]
    pub fn target(self, source: u32, cores: u32, extent: Extent, draw: u32) -> u32 {
        match self {
            Self::Uniform => below(draw, cores),
            Self::Hotspot if draw.is_multiple_of(HOT) => middle(cores, extent),
            // The bits that decided are not used again.
            Self::Hotspot => below(draw - draw % HOT, cores),
            _ => self.partner(source, cores, extent),
        }
    }

    /// Every target of `source` with the share of its packets.
    #[must_use]
    pub fn targets(self, source: u32, cores: u32, extent: Extent) -> Vec<(u32, f64)> {
        let uniform = |share: f64| (0..cores).map(move |target| (target, share / f64::from(cores)));
        let hot = 1.0 / f64::from(HOT);
        match self {
            Self::Uniform => uniform(1.0).collect(),
            Self::Hotspot => uniform(1.0 - hot).chain([(middle(cores, extent), hot)]).collect(),
            _ => vec![(self.partner(source, cores, extent), 1.0)],
        }
    }

    /// The one target of a pattern without draws.
    fn partner(self, source: u32, cores: u32, Extent { width, height }: Extent) -> u32 {
        let (x, y) = (source % width, source / width);
        let (to_x, to_y) = match self {
            Self::Transpose => (y, x),
            Self::Neighbour => ((x + 1) % width, y),
            Self::BitComplement => (width - 1 - x, height - 1 - y),
            Self::Uniform | Self::Hotspot => (x, y),
        };
        let target = to_y * width + to_x;
        if to_x < width && to_y < height && target < cores { target } else { source }
    }
}

/// A number below `bound` from 32 random bits.
fn below(draw: u32, bound: u32) -> u32 {
    ((u64::from(draw) * u64::from(bound)) >> 32) as u32
}

/// The core in the middle.
fn middle(cores: u32, Extent { width, height }: Extent) -> u32 {
    (height / 2 * width + width / 2).min(cores - 1)
}
