//! Packets with many targets: their targets, and the branches of one that is at the head of a FIFO.
//!
//! The targets of a packet are a stretch of a group. Where ways part, the stretch is sorted by the FIFO that
//! each target is reached by and cut there, so the copies own parts of it and nothing is copied.

use super::queues::NONE;

/// The targets of the packets with many, stretch by stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    groups: Vec<Group>,
    unused: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Group {
    targets: Vec<u32>,
    /// Targets that still belong to a packet with many.
    left: u32,
}

impl Groups {
    /// Keeps the targets of a new packet and returns their group.
    pub fn insert(&mut self, targets: impl Iterator<Item = u32>) -> u32 {
        let number = self.unused.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            (self.groups.len() - 1) as u32
        });
        let group = &mut self.groups[number as usize];
        group.targets.clear();
        group.targets.extend(targets);
        group.left = group.targets.len() as u32;
        number
    }

    /// A stretch of `count` targets.
    pub fn targets(&self, group: u32, first: u32, count: u32) -> &[u32] {
        &self.groups[group as usize].targets[first as usize..][..count as usize]
    }

    /// The same, to be sorted.
    pub fn targets_mut(&mut self, group: u32, first: u32, count: u32) -> &mut [u32] {
        &mut self.groups[group as usize].targets[first as usize..][..count as usize]
    }

    /// A target of the group has a packet of its own now.
    pub fn leave_one(&mut self, group: u32) {
        let left = &mut self.groups[group as usize].left;
        *left -= 1;
        if *left == 0 {
            self.unused.push(group);
        }
    }

    /// Targets for which there is memory, group by group.
    #[cfg(test)]
    pub fn memory(&self) -> impl Iterator<Item = usize> + '_ {
        self.groups.iter().map(|group| group.targets.capacity())
    }

    /// Forgets every group, keeping the memory.
    pub fn clear(&mut self) {
        self.unused.clear();
        self.unused.extend((0..self.groups.len() as u32).rev());
    }
}

/// One branch of a packet at the head of a FIFO.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    /// The copy that takes it.
    pub packet: u32,
    /// The output port.
    pub port: u8,
    /// The FIFO behind it.
    pub next: u32,
}

/// What a head with many targets puts into its FIFO's `next`.
pub(super) const MANY: u32 = NONE - 1;
