//! What happens when: the events of cores that step by themselves, in the order in which a cycle takes them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a core does in a cycle. In one cycle everything that creates packets comes first, then what arrives in
/// the cycle is delivered, then samples are taken: so what arrives in a cycle is seen by a sample in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The transposed read of this block ends: its drives are sent.
    Returned(u32),
    /// A step ends: the neurons' new activities are sent. Clamped inputs send.
    Commit,
    /// The neurons' update begins: drives are sampled.
    Update,
    /// The controllers look at what the core holds after a step.
    Look,
    /// A step begins: array rows are sampled.
    Begin,
}

impl Kind {
    fn creates_packets(self) -> bool {
        matches!(self, Self::Returned(_) | Self::Commit)
    }
}

/// Events in order of cycle, kind, and place in the order of evaluation.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda(BinaryHeap<Reverse<(u64, Kind, u32)>>);

impl Agenda {
    pub(super) fn add(&mut self, cycle: u64, kind: Kind, place: usize) {
        self.0.push(Reverse((cycle, kind, place as u32)));
    }

    /// The next cycle in which something happens.
    pub(super) fn next_cycle(&self) -> Option<u64> {
        self.0.peek().map(|Reverse((cycle, ..))| *cycle)
    }

    /// The next event of `cycle` before deliveries: kind and place.
    pub(super) fn creation(&mut self, cycle: u64) -> Option<(Kind, usize)> {
        let Reverse((at, kind, _)) = self.0.peek()?;
        if *at == cycle && kind.creates_packets() { self.event(cycle) } else { None }
    }

    /// The next event of `cycle`: kind and place.
    pub(super) fn event(&mut self, cycle: u64) -> Option<(Kind, usize)> {
        if self.next_cycle()? != cycle {
            return None;
        }
        self.0.pop().map(|Reverse((_, kind, place))| (kind, place as usize))
    }

    /// Steps that have not begun will not begin.
    pub(super) fn forget_beginnings(&mut self) {
        self.0.retain(|Reverse((_, kind, _))| *kind != Kind::Begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_creates_first_and_samples_last() {
        let mut agenda = Agenda::default();
        agenda.add(5, Kind::Begin, 0);
        agenda.add(5, Kind::Commit, 1);
        agenda.add(5, Kind::Update, 2);
        agenda.add(6, Kind::Returned(0), 3);
        agenda.add(5, Kind::Returned(2), 4);
        assert_eq!(agenda.next_cycle(), Some(5));
        assert_eq!(agenda.creation(5), Some((Kind::Returned(2), 4)));
        assert_eq!(agenda.creation(5), Some((Kind::Commit, 1)));
        assert_eq!(agenda.creation(5), None, "the rest of the cycle waits for its deliveries");
        assert_eq!(agenda.event(5), Some((Kind::Update, 2)));
        assert_eq!(agenda.event(5), Some((Kind::Begin, 0)));
        assert_eq!(agenda.event(5), None);
        assert_eq!(agenda.next_cycle(), Some(6));
    }
}
