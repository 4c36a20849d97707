//! The two clocks and the phases of a program.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A number of relaxation steps, at least one: no activity is visible in the step that emitted it.
///
/// One step is "no extra delay".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Delay(NonZeroU32);

impl Delay {
    /// No extra delay.
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// A delay of `steps`, or `None` for zero.
    #[must_use]
    pub fn new(steps: u32) -> Option<Self> {
        NonZeroU32::new(steps).map(Self)
    }

    /// The delay in steps, at least 1.
    #[must_use]
    pub fn steps(self) -> u32 {
        self.0.get()
    }
}

/// The states of the controller's machine, under which cycles and actions are booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Phase {
    /// Initial programming of the arrays, before the first cycle is counted.
    Program,
    /// Host words enter: `LOAD`.
    Load,
    /// The free phase relaxes.
    Free,
    /// A phase's correlation is latched (`LATCH_F` and `LATCH_N`).
    Latch,
    /// A nudged phase relaxes.
    Nudge,
    /// Latches become device pulses.
    Update,
    /// The last cycle of a sample.
    Done,
    /// Everything that happens while the chip is only asked, not taught.
    Evaluate,
}

impl Phase {
    /// Every phase, in the order of a program.
    pub const ALL: [Self; 8] = [
        Self::Program,
        Self::Load,
        Self::Free,
        Self::Latch,
        Self::Nudge,
        Self::Update,
        Self::Done,
        Self::Evaluate,
    ];

    /// The name in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Load => "load",
            Self::Free => "free",
            Self::Latch => "latch",
            Self::Nudge => "nudge",
            Self::Update => "update",
            Self::Done => "done",
            Self::Evaluate => "evaluate",
        }
    }

    /// True for the phases of training instructions, whose energy an update is charged with.
    #[must_use]
    pub fn trains(self) -> bool {
        !matches!(self, Self::Program | Self::Evaluate)
    }
}
