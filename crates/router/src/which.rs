//! A selection of axons.

use equipoise_base::SpikeSet;

/// Which axons of a group take part: all of them (the fast path), or those of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// Every axon of the group.
    All,
    /// The axons in the set, which ranges over the whole group.
    Only(&'a SpikeSet),
}

impl Which<'_> {
    /// How many axons of a group of `axons` take part.
    #[must_use]
    pub fn count(self, axons: usize) -> usize {
        match self {
            Self::All => axons,
            Self::Only(set) => set.count(),
        }
    }

    /// Does `axon` take part?
    #[must_use]
    pub fn contains(self, axon: usize) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => set.contains(axon),
        }
    }
}

impl<'a> Which<'a> {
    /// The axons that take part, of a group of `axons`, ascending.
    pub fn iter(self, axons: usize) -> impl Iterator<Item = usize> + 'a {
        let (all, only) = match self {
            Self::All => (Some(0..axons), None),
            Self::Only(set) => (None, Some(set.iter())),
        };
        all.into_iter().flatten().chain(only.into_iter().flatten())
    }
}
