//! The chip's program: one instruction per state of the controller.
//!
//! A trace file is a list of these, an experiment produces them, and the chip executes them. An update of
//! equilibrium propagation, a recall of an associative memory and a delay study are three programs over one
//! machine.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the output neurons are nudged toward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Target {
    /// The number of a class: one for its output, zero for the others.
    Class(u32),
    /// One value per output neuron.
    Values(Arc<[f32]>),
}

/// A spike of input line `axon` in step `step` (counted from the first step of the next settling phase).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedEvent {
    /// The step, from 0.
    pub step: u32,
    /// The input line, from 0.
    pub axon: u32,
}

/// Which latch takes the correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LatchSlot {
    /// After the free phase.
    Free,
    /// After a nudged phase.
    Nudged,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Instruction {
    /// Books what follows as training (`true`) or as evaluation (`false`). A program starts as training.
    Train(bool),
    /// `LOAD`: clamps the input neurons to `input` (in activity units, one per input neuron) and, with
    /// `between_samples = "zero"`, sets every other neuron to its start state.
    Present {
        /// One value per input neuron.
        input: Arc<[f32]>,
        /// What the outputs shall become; needed by a nudge that follows.
        target: Option<Target>,
    },
    /// `LOAD` of a recording: the input neurons spike as listed during the next settling phase.
    Events {
        /// Ascending in step.
        events: Arc<[TimedEvent]>,
        /// As in `Present`.
        target: Option<Target>,
    },
    /// `LOAD` of a start state: the free neurons begin at `cue` (one value per free neuron, in the network's
    /// order), nothing is clamped that was not clamped before.
    Recall {
        /// One value per free neuron.
        cue: Arc<[f32]>,
    },
    /// `FREE`: relaxes without nudge, by the experiment's rule or for exactly `steps` steps.
    Settle {
        /// Steps, or the experiment's rule.
        steps: Option<u32>,
    },
    /// `NUDGE` number `index` (from 1): relaxes with the nudge of that index. From the second on, the state
    /// at the end of the free phase is restored first.
    Nudge {
        /// 1 for the first nudged phase of a sample.
        index: u32,
        /// Steps, or the experiment's rule.
        steps: Option<u32>,
    },
    /// `LATCH_F` or `LATCH_N`.
    Latch(LatchSlot),
    /// `UPDATE`: latches become pulses.
    Update,
    /// The host reads the output neurons.
    ReadOut,
    /// The last cycle of a sample.
    Done,
}

impl Instruction {
    /// The word that names the instruction in text traces and messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Train(true) => "train",
            Self::Train(false) => "evaluate",
            Self::Present { .. } => "present",
            Self::Events { .. } => "events",
            Self::Recall { .. } => "recall",
            Self::Settle { .. } => "settle",
            Self::Nudge { .. } => "nudge",
            Self::Latch(_) => "latch",
            Self::Update => "update",
            Self::ReadOut => "readout",
            Self::Done => "done",
        }
    }
}
