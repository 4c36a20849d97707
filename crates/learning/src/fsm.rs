//! The controller's state machine: which instruction may follow which, and the state each one is.
//!
//! `LOAD -> FREE -> [LATCH_F] -> (NUDGE -> LATCH_N) x K -> UPDATE -> DONE`, without transition cycles; an
//! evaluation stops after `FREE` with a read-out. An update needs two latched phases of the same sample.

use equipoise_base::Instruction;
use equipoise_base::instruction::LatchSlot;
use std::fmt;

/// A state of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum State {
    /// Before the first and after the last instruction of a sample.
    #[default]
    Idle,
    /// Host words enter.
    Load,
    /// The free phase.
    Free,
    /// The free phase is latched.
    LatchFree,
    /// A nudged phase.
    Nudge,
    /// A nudged phase is latched.
    LatchNudged,
    /// Latches become pulses.
    Update,
    /// The last cycle of a sample.
    Done,
}

impl State {
    /// The name in timelines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Load => "LOAD",
            Self::Free => "FREE",
            Self::LatchFree => "LATCH_F",
            Self::Nudge => "NUDGE",
            Self::LatchNudged => "LATCH_N",
            Self::Update => "UPDATE",
            Self::Done => "DONE",
        }
    }
}

/// An instruction that cannot be executed where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderError {
    /// The instruction.
    pub instruction: &'static str,
    /// What is missing before it.
    pub needs: &'static str,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot stand here: it needs {}", self.instruction, self.needs)
    }
}

impl std::error::Error for OrderError {}

/// What the machine remembers of the present sample.
#[derive(Clone, Debug, Default)]
pub struct Fsm {
    state: State,
    loaded: bool,
    targeted: bool,
    settled: bool,
    nudged: u32,
    /// The phases that are latched: 0 for the free one, else the number of the nudged one; each once.
    latched: Vec<u32>,
}

impl Fsm {
    /// The present state.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Nudged phases so far in this sample.
    #[must_use]
    pub fn nudged(&self) -> u32 {
        self.nudged
    }

    /// Enters the state of `instruction`.
    ///
    /// # Errors
    /// If the sample lacks what the instruction needs; the machine then stays where it was.
    pub fn enter(&mut self, instruction: &Instruction) -> Result<State, OrderError> {
        if let Some(needs) = self.missing(instruction) {
            return Err(OrderError { instruction: instruction.name(), needs });
        }
        self.state = match instruction {
            Instruction::Train(_) | Instruction::ReadOut => self.state,
            Instruction::Present { target, .. } | Instruction::Events { target, .. } => {
                *self = Self { loaded: true, targeted: target.is_some(), ..Self::default() };
                State::Load
            }
            Instruction::Recall { .. } => {
                (self.loaded, self.settled, self.nudged) = (true, false, 0);
                self.latched.clear();
                State::Load
            }
            Instruction::Settle { .. } => {
                self.settled = true;
                State::Free
            }
            Instruction::Nudge { index, .. } => {
                self.nudged = *index;
                State::Nudge
            }
            Instruction::Latch(slot) => {
                let phase = if *slot == LatchSlot::Free { 0 } else { self.nudged };
                if !self.latched.contains(&phase) {
                    self.latched.push(phase);
                }
                if *slot == LatchSlot::Free { State::LatchFree } else { State::LatchNudged }
            }
            Instruction::Update => {
                self.latched.clear();
                State::Update
            }
            Instruction::Done => State::Done,
        };
        Ok(self.state)
    }

    fn missing(&self, instruction: &Instruction) -> Option<&'static str> {
        let lacks = |have: bool, needs: &'static str| (!have).then_some(needs);
        match instruction {
            Instruction::Settle { .. } => lacks(self.loaded, "a `present`, `events` or `recall` before it"),
            Instruction::Nudge { index, .. } => lacks(self.settled, "a `settle` of this sample before it")
                .or_else(|| lacks(self.targeted, "a target in this sample's `present`"))
                .or_else(|| lacks(*index == self.nudged + 1, "the nudged phases in order, from 1")),
            Instruction::Latch(LatchSlot::Free) => {
                lacks(self.settled && self.nudged == 0, "a `settle` and no `nudge` of this sample before it")
            }
            Instruction::Latch(LatchSlot::Nudged) => {
                lacks(self.nudged > 0, "a `nudge` of this sample before it")
            }
            Instruction::Update => {
                lacks(self.latched.len() >= 2, "two latched phases of this sample before it")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_base::instruction::Target;

    fn present(target: bool) -> Instruction {
        Instruction::Present { input: [0.0].into(), target: target.then_some(Target::Class(0)) }
    }
    const SETTLE: Instruction = Instruction::Settle { steps: None };
    fn nudge(index: u32) -> Instruction {
        Instruction::Nudge { index, steps: None }
    }

    #[test]
    fn one_sided_and_centered_samples_walk_through_their_states() {
        let mut fsm = Fsm::default();
        let free = Instruction::Latch(LatchSlot::Free);
        let nudged = Instruction::Latch(LatchSlot::Nudged);
        let one_sided =
            [present(true), SETTLE, free, nudge(1), nudged.clone(), Instruction::Update, Instruction::Done];
        let names: Vec<_> = one_sided.iter().map(|i| fsm.enter(i).unwrap().name()).collect();
        assert_eq!(names, ["LOAD", "FREE", "LATCH_F", "NUDGE", "LATCH_N", "UPDATE", "DONE"]);
        let centered =
            [present(true), SETTLE, nudge(1), nudged.clone(), nudge(2), nudged, Instruction::Update];
        let names: Vec<_> = centered.iter().map(|i| fsm.enter(i).unwrap().name()).collect();
        assert_eq!(names, ["LOAD", "FREE", "NUDGE", "LATCH_N", "NUDGE", "LATCH_N", "UPDATE"]);
    }

    #[test]
    fn an_instruction_without_its_ground_is_refused_by_name() {
        let refuse = |before: &[Instruction], wrong: Instruction| {
            let mut fsm = Fsm::default();
            before.iter().for_each(|i| assert!(fsm.enter(i).is_ok()));
            let state = fsm.state();
            let message = fsm.enter(&wrong).unwrap_err().to_string();
            assert_eq!(fsm.state(), state, "a refusal changes nothing");
            message
        };
        assert!(refuse(&[], SETTLE).contains("`settle` cannot stand here: it needs a `present`"));
        assert!(refuse(&[present(true)], nudge(1)).contains("a `settle` of this sample"));
        assert!(refuse(&[present(false), SETTLE], nudge(1)).contains("a target"));
        assert!(refuse(&[present(true), SETTLE], nudge(2)).contains("in order"));
        assert!(refuse(&[present(true), SETTLE], Instruction::Update).contains("two latched phases"));
        let twice =
            [present(true), SETTLE, Instruction::Latch(LatchSlot::Free), Instruction::Latch(LatchSlot::Free)];
        assert!(
            refuse(&twice, Instruction::Update).contains("two latched phases"),
            "one phase latched twice is one"
        );
        assert!(
            refuse(&[present(true), SETTLE], Instruction::Latch(LatchSlot::Nudged)).contains("a `nudge`")
        );
    }
}
