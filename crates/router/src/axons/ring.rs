//! A ring of slots, numbered by how many steps ahead they arrive.

use serde::{Deserialize, Serialize};

/// Slots that arrive 1, 2, ... steps from now.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ring<S> {
    slots: Vec<S>,
    /// The slot that arrives next.
    head: usize,
}

impl<S> Ring<S> {
    /// A ring of `len` slots, at least one.
    pub fn new(len: usize, empty: impl FnMut() -> S) -> Self {
        Self { slots: std::iter::repeat_with(empty).take(len).collect(), head: 0 }
    }

    /// How many steps ahead the last slot arrives.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    fn place(&self, ahead: usize) -> usize {
        let place = self.head + ahead - 1;
        if place < self.slots.len() { place } else { place - self.slots.len() }
    }

    /// The slot that arrives in `ahead` steps, 1 to `len`.
    pub fn at(&mut self, ahead: usize) -> &mut S {
        debug_assert!((1..=self.slots.len()).contains(&ahead), "a slot within the ring");
        let place = self.place(ahead);
        &mut self.slots[place]
    }

    /// A step passes: the slot that arrives now, which the caller empties; it is the last one from here on.
    pub fn turn(&mut self) -> &mut S {
        let now = self.head;
        self.head = if now + 1 == self.slots.len() { 0 } else { now + 1 };
        &mut self.slots[now]
    }

    /// Makes the ring at least `len` slots long; what is in it arrives as before.
    pub fn grow(&mut self, len: usize, empty: impl FnMut() -> S) {
        if len > self.slots.len() {
            self.slots.rotate_left(self.head);
            self.head = 0;
            self.slots.resize_with(len, empty);
        }
    }

    /// The slots in the order of their arrival.
    pub fn iter(&self) -> impl Iterator<Item = &S> {
        let (later, sooner) = self.slots.split_at(self.head);
        sooner.iter().chain(later)
    }

    /// Every slot, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut S> {
        self.slots.iter_mut()
    }
}

impl<S: Clone> Clone for Ring<S> {
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone(), head: self.head }
    }

    /// Reuses the memory of the slots.
    fn clone_from(&mut self, other: &Self) {
        self.slots.clone_from(&other.slots);
        self.head = other.head;
    }
}
