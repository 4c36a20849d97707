//! Who listens to whom: the event tables of the cores, and the books of events.
//!
//! An *event* is one value of one axon for one core that listens; it travels as one packet. A core may
//! listen several times (two arrays fed by the same axons): that is one packet and several deliveries.

use crate::Which;
use crate::transport::Packet;
use equipoise_base::{Action, Counts};
use thiserror::Error;

/// A core that listens to a group of axons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The core.
    pub core: u32,
    /// How many listeners it has for the group, at least 1.
    pub listeners: u32,
}

/// What the tag of a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The group, by its number in the table.
    pub group: u32,
    /// The axon within the group.
    pub axon: u32,
}

impl Tag {
    /// As a packet carries it.
    #[must_use]
    pub fn word(self) -> u64 {
        u64::from(self.group) << 32 | u64::from(self.axon)
    }

    /// From a packet.
    #[must_use]
    pub fn from_word(word: u64) -> Self {
        Self { group: (word >> 32) as u32, axon: word as u32 }
    }
}

/// A group of axons that leave one core and have the same listeners.
#[derive(Clone, Copy, Debug)]
struct Group {
    source: u32,
    axons: u32,
    /// Where its destinations begin in the table.
    first: usize,
}

/// The fan-out of every group of axons.
#[derive(Clone, Debug, Default)]
pub struct FanOut {
    groups: Vec<Group>,
    /// Group after group, by core.
    destinations: Vec<Destination>,
}

impl FanOut {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a group of `axons` axons of core `source` and returns its number. `listeners` names a core once
    /// for each of its listeners, in any order.
    pub fn add(&mut self, source: u32, axons: u32, listeners: &[u32]) -> u32 {
        let first = self.destinations.len();
        let mut sorted = listeners.to_vec();
        sorted.sort_unstable();
        for same in sorted.chunk_by(|a, b| a == b) {
            self.destinations.push(Destination { core: same[0], listeners: same.len() as u32 });
        }
        self.groups.push(Group { source, axons, first });
        (self.groups.len() - 1) as u32
    }

    /// How many groups there are.
    #[must_use]
    pub fn groups(&self) -> u32 {
        self.groups.len() as u32
    }

    /// The core that a group's axons leave.
    #[must_use]
    pub fn source(&self, group: u32) -> u32 {
        self.groups[group as usize].source
    }

    /// How many axons a group has.
    #[must_use]
    pub fn axons(&self, group: u32) -> u32 {
        self.groups[group as usize].axons
    }

    /// The cores that listen to a group, ascending.
    #[must_use]
    pub fn destinations(&self, group: u32) -> &[Destination] {
        let group = group as usize;
        let end = self.groups.get(group + 1).map_or(self.destinations.len(), |next| next.first);
        &self.destinations[self.groups[group].first..end]
    }

    /// Deliveries of one value of a group: listeners over all cores.
    #[must_use]
    pub fn fan_out(&self, group: u32) -> u64 {
        self.destinations(group).iter().map(|to| u64::from(to.listeners)).sum()
    }

    /// Listeners of a group on one core.
    #[must_use]
    pub fn listeners(&self, group: u32, core: u32) -> u64 {
        let destinations = self.destinations(group);
        let found = destinations.binary_search_by_key(&core, |to| to.core);
        found.map_or(0, |at| u64::from(destinations[at].listeners))
    }

    /// The packets of one emission of a group: by destination core, then by axon.
    pub fn packets<'a>(
        &'a self,
        group: u32,
        which: Which<'a>,
        created_cycle: u64,
    ) -> impl Iterator<Item = Packet> + 'a {
        let Group { source, axons, .. } = self.groups[group as usize];
        self.destinations(group).iter().flat_map(move |to| {
            which.iter(axons as usize).map(move |axon| {
                let tag = Tag { group, axon: axon as u32 }.word();
                Packet { created_cycle, source, target: to.core, tag }
            })
        })
    }

    /// Counts that `values` axons of a group sent: one event per value and listening core, in the books (one
    /// per core) of the source. Returns the deliveries that are owed for it.
    pub fn count_emitted(&self, group: u32, values: u64, counts: &mut [Counts]) -> u64 {
        let cores = self.destinations(group).len() as u64;
        counts[self.source(group) as usize].add(Action::EventEmit, values * cores);
        values * self.fan_out(group)
    }

    /// Counts that `values` axons of a group arrived at every listening core, in the books of the listeners.
    /// Returns the deliveries.
    pub fn count_delivered(&self, group: u32, values: u64, counts: &mut [Counts]) -> u64 {
        for to in self.destinations(group) {
            counts[to.core as usize].add(Action::EventDeliver, values * u64::from(to.listeners));
        }
        values * self.fan_out(group)
    }

    /// Counts one packet that arrived. Returns the deliveries.
    pub fn count_arrived(&self, packet: &Packet, counts: &mut [Counts]) -> u64 {
        let deliveries = self.listeners(Tag::from_word(packet.tag).group, packet.target);
        counts[packet.target as usize].add(Action::EventDeliver, deliveries);
        deliveries
    }

    /// Bits of the routing tables of a chip with `cores` cores: for each group and each core that listens to
    /// it, that core's address.
    #[must_use]
    pub fn bits(&self, cores: usize) -> u64 {
        let address = u64::from(usize::BITS - cores.saturating_sub(1).leading_zeros());
        self.destinations.len() as u64 * address
    }
}

/// The books of events: emitted x fan-out = delivered + in flight + dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventBooks {
    /// Deliveries owed: the sum over emitted values of their fan-out.
    pub fan_out_total: u64,
    /// Deliveries made.
    pub delivered: u64,
    /// Deliveries owed for values that are still under way.
    pub in_flight: u64,
    /// Deliveries that will never be made, for all reasons together.
    pub dropped: u64,
}

/// Events were lost or made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "events do not balance: {} owed, but {} delivered + {} in flight + {} dropped",
    .0.fan_out_total, .0.delivered, .0.in_flight, .0.dropped
)]
pub struct Unbalanced(pub EventBooks);

impl EventBooks {
    /// Checks the books.
    ///
    /// # Errors
    /// If the two sides differ.
    pub fn check(self) -> Result<(), Unbalanced> {
        let accounted = [self.delivered, self.in_flight, self.dropped].map(u128::from).iter().sum::<u128>();
        if accounted == u128::from(self.fan_out_total) { Ok(()) } else { Err(Unbalanced(self)) }
    }
}
