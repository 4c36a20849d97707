//! The program of an experiment: a data set, shown epoch by epoch, as instructions.

use equipoise_base::Instruction;
use equipoise_base::instruction::LatchSlot;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_chip::catalog::Nudging;
use equipoise_trace::{DataPair, Dataset};

/// What a program consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An instruction for the chip.
    Do(Instruction),
    /// A stretch of samples has ended: an epoch of training, or an evaluation.
    Ended {
        /// True for training.
        training: bool,
        /// The epoch, from 1; 0 for an evaluation before any.
        epoch: u64,
    },
}

/// How a data set is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// The nudging scheme: which phases a training sample has.
    pub nudging: Nudging,
    /// Times that the training samples are shown.
    pub epochs: u64,
    /// In another order each time.
    pub shuffle: bool,
    /// Seed of the orders.
    pub seed: u64,
    /// Evaluates after every so many epochs, and at the end.
    pub evaluate_every: u64,
}

/// The instructions of a whole experiment, one after another.
pub struct Program<'a> {
    data: &'a DataPair,
    schedule: Schedule,
    stretches: std::vec::IntoIter<Stretch>,
    order: Vec<u32>,
    present: Option<Stretch>,
    next_sample: usize,
    pending: std::collections::VecDeque<Item>,
}

/// A training epoch or an evaluation.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    training: bool,
    epoch: u64,
}

impl<'a> Program<'a> {
    /// The program that shows `data` as `schedule` says and evaluates at the end.
    #[must_use]
    pub fn new(data: &'a DataPair, schedule: Schedule) -> Self {
        let mut stretches = Vec::new();
        for epoch in 1..=schedule.epochs {
            stretches.push(Stretch { training: true, epoch });
            let due = schedule.evaluate_every != 0 && epoch % schedule.evaluate_every == 0;
            if due && epoch != schedule.epochs {
                stretches.push(Stretch { training: false, epoch });
            }
        }
        stretches.push(Stretch { training: false, epoch: schedule.epochs });
        let stretches = stretches.into_iter();
        Self {
            data,
            schedule,
            stretches,
            order: Vec::new(),
            present: None,
            next_sample: 0,
            pending: Default::default(),
        }
    }

    /// Samples that the program shows in all.
    #[must_use]
    pub fn samples(&self) -> u64 {
        let evaluations = match self.schedule.evaluate_every {
            0 => 1,
            every => self.schedule.epochs.div_ceil(every).max(1),
        };
        self.schedule.epochs * self.data.train.len() as u64 + evaluations * self.data.test.len() as u64
    }

    fn set(&self, stretch: Stretch) -> &'a Dataset {
        if stretch.training { &self.data.train } else { &self.data.test }
    }

    /// Begins a stretch: its order of samples, and how its work is booked.
    fn begin(&mut self, stretch: Stretch) {
        let shuffled = stretch.training && self.schedule.shuffle;
        self.order = order(self.set(stretch).len(), shuffled.then_some((self.schedule.seed, stretch.epoch)));
        self.next_sample = 0;
        self.present = Some(stretch);
        self.pending.push_back(Item::Do(Instruction::Train(stretch.training)));
    }

    fn show(&mut self, stretch: Stretch, sample: usize) {
        let present = self.set(stretch).present(sample);
        let mut put = |instruction| self.pending.push_back(Item::Do(instruction));
        put(present);
        if stretch.training {
            latched_phases(self.schedule.nudging).into_iter().for_each(&mut put);
            put(Instruction::Update);
        } else {
            put(Instruction::Settle { steps: None });
            put(Instruction::ReadOut);
        }
        put(Instruction::Done);
    }
}

/// The phases of a training sample, from `FREE` to the last `LATCH`.
#[must_use]
pub fn latched_phases(nudging: Nudging) -> Vec<Instruction> {
    let mut phases = vec![Instruction::Settle { steps: None }];
    if nudging.latches_free() {
        phases.push(Instruction::Latch(LatchSlot::Free));
    }
    for index in 1..=nudging.phases() {
        phases.push(Instruction::Nudge { index, steps: None });
        phases.push(Instruction::Latch(LatchSlot::Nudged));
    }
    phases
}

impl Iterator for Program<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Some(item);
            }
            match self.present {
                None => {
                    let stretch = self.stretches.next()?;
                    self.begin(stretch);
                }
                Some(stretch) => match self.order.get(self.next_sample) {
                    Some(&sample) => {
                        self.next_sample += 1;
                        self.show(stretch, sample as usize);
                    }
                    None => {
                        self.present = None;
                        let Stretch { training, epoch } = stretch;
                        self.pending.push_back(Item::Ended { training, epoch });
                    }
                },
            }
        }
    }
}

/// The order of `count` samples: as they stand, or shuffled by (seed, epoch) after Fisher and Yates.
fn order(count: usize, shuffled: Option<(u64, u64)>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    if let Some((seed, epoch)) = shuffled {
        let noise = Noise::at(seed, Stream::of(StreamKind::Shuffle, 0), epoch);
        for last in (1..count).rev() {
            let other = noise.below(last as u32, last as u32 + 1) as usize;
            order.swap(last, other);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epochs_order_is_a_permutation_of_its_own() {
        let (first, second) = (order(1_000, Some((7, 1))), order(1_000, Some((7, 2))));
        assert_ne!(first, second);
        assert_eq!(first, order(1_000, Some((7, 1))));
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, order(1_000, None));
    }

    #[test]
    fn every_sample_of_every_epoch_is_shown_once_and_the_count_says_so() {
        let part = |n: usize| Dataset {
            name: String::new(),
            width: 1,
            inputs: vec![0.5; n],
            labels: vec![0; n],
            classes: 1,
        };
        let data = DataPair { train: part(7), test: part(3) };
        let schedule =
            Schedule { nudging: Nudging::Centered, epochs: 4, shuffle: true, seed: 1, evaluate_every: 2 };
        let program = Program::new(&data, schedule);
        let promised = program.samples();
        let items: Vec<Item> = program.collect();
        let count = |wanted: &dyn Fn(&Item) -> bool| items.iter().filter(|i| wanted(i)).count() as u64;
        assert_eq!(count(&|i| matches!(i, Item::Do(Instruction::Present { .. }))), promised);
        assert_eq!(promised, 4 * 7 + 2 * 3);
        assert_eq!(count(&|i| matches!(i, Item::Do(Instruction::Update))), 28);
        assert_eq!(count(&|i| matches!(i, Item::Do(Instruction::Nudge { index: 2, .. }))), 28);
        assert_eq!(count(&|i| matches!(i, Item::Ended { training: false, .. })), 2);
    }
}
