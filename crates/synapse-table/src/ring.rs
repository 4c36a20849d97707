//! A ring of slots, one per step: the delay memory.

/// `length` slots of one value per line; one of them is "now".
#[derive(Clone, Debug)]
pub(crate) struct Ring<T> {
    values: Vec<T>,
    lines: usize,
    length: usize,
    now: usize,
}

impl<T: Copy + Default> Ring<T> {
    pub(crate) fn new(lines: usize, length: usize) -> Self {
        Self { values: vec![T::default(); lines * length], lines, length, now: 0 }
    }

    /// How many lines.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// The slot `steps` before now, `steps` below the length.
    pub(crate) fn ago(&self, steps: usize) -> &[T] {
        let slot = if self.now >= steps { self.now - steps } else { self.now + self.length - steps };
        &self.values[slot * self.lines..][..self.lines]
    }

    /// The slot `steps` after now, `steps` below the length.
    pub(crate) fn ahead(&mut self, steps: usize) -> &mut [T] {
        let wrapped = self.now + steps;
        let slot = if wrapped < self.length { wrapped } else { wrapped - self.length };
        &mut self.values[slot * self.lines..][..self.lines]
    }

    /// All values, slot after slot, and the first one of now. Slots ahead follow, and go on at the beginning.
    pub(crate) fn whole_turn(&mut self) -> (&mut [T], usize) {
        (&mut self.values, self.now * self.lines)
    }

    /// The next slot becomes now.
    pub(crate) fn advance(&mut self) {
        self.now = if self.now + 1 == self.length { 0 } else { self.now + 1 };
    }

    /// Puts `slot` into every slot.
    pub(crate) fn fill(&mut self, slot: &[T]) {
        self.values.chunks_exact_mut(self.lines.max(1)).for_each(|mine| mine.copy_from_slice(slot));
    }

    /// Puts the default value everywhere.
    pub(crate) fn clear(&mut self) {
        self.values.fill(T::default());
    }

    /// Copies `other`, a ring of the same size, without giving up the memory.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.values.copy_from_slice(&other.values);
        self.now = other.now;
    }

    /// All values, from the oldest slot to now.
    pub(crate) fn oldest_first(&self) -> impl ExactSizeIterator<Item = T> + '_ {
        let oldest = if self.now + 1 == self.length { 0 } else { (self.now + 1) * self.lines };
        (0..self.values.len()).map(move |at| {
            let at = oldest + at;
            self.values[if at < self.values.len() { at } else { at - self.values.len() }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_ahead_is_now_when_its_time_has_come_and_ago_afterwards() {
        let mut ring = Ring::<u32>::new(2, 4);
        for start in 0..9 {
            for steps in 0..4 {
                ring.clear();
                ring.ahead(steps)[1] = 7;
                let turn = |ring: &mut Ring<u32>, count| (0..count).for_each(|_| ring.advance());
                turn(&mut ring, steps);
                assert_eq!(ring.ago(0), [0, 7], "start {start}, {steps} steps");
                turn(&mut ring, 3 - steps);
                assert_eq!(ring.ago(3 - steps), [0, 7]);
            }
            ring.advance();
        }
    }

    #[test]
    fn oldest_first_does_not_depend_on_where_now_is() {
        let mut ring = Ring::<u32>::new(1, 3);
        for value in 1..=7 {
            ring.advance();
            ring.ahead(0)[0] = value;
        }
        assert_eq!(ring.oldest_first().collect::<Vec<_>>(), [5, 6, 7]);
    }
}
