//! The program: one instruction at a time, one state of the controller each.

use crate::chip::Chip;
use crate::core::Unit;
use crate::derived::Derived;
use crate::observer::Observer;
use crate::team::Job;
use equipoise_base::Instruction;
use equipoise_base::instruction::LatchSlot;
use equipoise_base::record::Block;
use equipoise_base::{Action, Counts, Number, Phase};
use equipoise_learning::{Slot, State};
use equipoise_scheduler::Span;

/// An instruction that cannot be executed, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecuteError(pub String);

impl std::fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExecuteError {}

pub(crate) fn refuse<T>(message: impl Into<String>) -> Result<T, ExecuteError> {
    Err(ExecuteError(message.into()))
}

impl<N: Number> Chip<N> {
    /// Executes one instruction, booking its cycles and counts.
    ///
    /// # Errors
    /// If the instruction cannot stand here or does not fit the network; the chip is then unchanged.
    pub fn execute(
        &mut self,
        instruction: &Instruction,
        observer: &mut dyn Observer,
    ) -> Result<(), ExecuteError> {
        self.check(instruction)?;
        let state = self.fsm.enter(instruction).map_err(|error| ExecuteError(error.to_string()))?;
        if let Instruction::Train(training) = instruction {
            self.training = *training;
            return Ok(());
        }
        let phase = self.booked_under(state, instruction);
        self.cores.iter_mut().for_each(|core| core.phase = phase);
        let (start, first_step) = (self.clock.cycle, self.clock.step);
        let before = self.phase_counts(phase);
        match instruction {
            Instruction::Train(_) => {}
            Instruction::Present { input, target } => self.present(input, target.as_ref()),
            Instruction::Events { events, target } => self.play(events, target.as_ref()),
            Instruction::Recall { cue } => self.recall(cue),
            Instruction::Settle { steps } => self.settle(*steps, observer),
            Instruction::Nudge { index, steps } => self.nudge(*index, *steps, observer),
            Instruction::Latch(slot) => self.latch(*slot),
            Instruction::Update => self.update(),
            Instruction::ReadOut => self.read_out(),
            Instruction::Done => self.clock.passed(1),
        }
        let span = Span { state: state.name(), start, end: self.clock.cycle };
        self.book_window(&before, phase, span.end - span.start);
        self.timeline.finished(phase, span, self.clock.step - first_step);
        self.timeline.executed += 1;
        observer.state(&span, &*self);
        Ok(())
    }

    /// Evaluation is one phase in the books; training is booked state by state.
    fn booked_under(&self, state: State, instruction: &Instruction) -> Phase {
        if !self.training || matches!(instruction, Instruction::ReadOut) {
            return Phase::Evaluate;
        }
        match state {
            State::Idle | State::Load => Phase::Load,
            State::Free => Phase::Free,
            State::LatchFree | State::LatchNudged => Phase::Latch,
            State::Nudge => Phase::Nudge,
            State::Update => Phase::Update,
            State::Done => Phase::Done,
        }
    }

    /// `LATCH_F`, `LATCH_N`.
    fn latch(&mut self, slot: LatchSlot) {
        let slot = match slot {
            LatchSlot::Free => Slot::Second,
            LatchSlot::Nudged if self.fsm.nudged() == 1 => Slot::First,
            LatchSlot::Nudged => Slot::Second,
        };
        self.cores.iter_mut().for_each(|core| core.latch(slot));
        self.controllers_work(self.derived.latch_cycles, &[Block::Controller, Block::Latches]);
        self.clock.passed(self.derived.latch_cycles);
    }

    /// `UPDATE`, or its refusal.
    fn update(&mut self) {
        let Derived { refuse, refuse_oscillating, .. } = self.derived;
        if (self.unsettled && refuse) || (self.oscillated && refuse_oscillating) {
            self.settling.refused += 1;
            return;
        }
        let (update, scale, gain) = (self.updates, self.derived.decay(self.updates), self.gain());
        self.team.all(&mut self.cores, &self.core_order, Job::Learn { update, scale, gain });
        let mut largest: Vec<u32> = Vec::new();
        for core in &self.cores {
            largest.resize(largest.len().max(core.largest.len()), 0);
            largest.iter_mut().zip(&core.largest).for_each(|(most, &here)| *most = here.max(*most));
        }
        let gathers = self
            .cores
            .iter()
            .flat_map(|core| &core.blocks)
            .filter_map(|b| b.controller.as_ref())
            .any(|c| c.gathers());
        let cycles = self.derived.update.cycles(&largest, gathers);
        self.controllers_work(cycles, &[Block::Controller, Block::Latches, Block::Accumulators]);
        self.clock.passed(cycles);
        self.updates += 1;
    }

    /// One over the distance between the betas of the compared phases, in the present sample.
    pub(crate) fn gain(&self) -> f64 {
        self.derived.nudging.gain(self.derived.beta, self.nudge_sign(1))
    }

    /// The sign of nudged phase `index` of the present sample. What is refused has had its sign like what is written.
    pub(crate) fn nudge_sign(&self, index: u32) -> i32 {
        self.derived.nudging.sign(index, self.derived.seed, self.lessons.saturating_sub(1))
    }

    /// Every core's controller works for so many cycles, and with it those `blocks` of the core.
    fn controllers_work(&mut self, cycles: u64, blocks: &[Block]) {
        for core in self.cores.iter_mut().filter(|core| matches!(core.unit, Unit::Free(_))) {
            let book = &mut core.book;
            book.busy_cycles += cycles;
            for &block in blocks {
                book.active[core.phase as usize].add(block, book.inventory.get(block) * cycles);
            }
        }
    }

    fn read_out(&mut self) {
        let outputs = self.size_of(self.derived.output) as u64;
        if let Some(host) = self.cores.first_mut() {
            host.book.of_mut(host.phase).add(Action::HostOut, outputs * self.derived.activity_bits);
        }
        self.clock.passed(outputs.div_ceil(self.derived.words_per_cycle));
    }

    /// Counts of one phase over all cores.
    fn phase_counts(&self, phase: Phase) -> Counts {
        let mut total = Counts::default();
        self.cores.iter().for_each(|core| total += core.book.of(phase));
        total
    }

    /// What an instruction counted goes into the windows of the power peak.
    fn book_window(&mut self, before: &Counts, phase: Phase, cycles: u64) {
        let mut counted = self.phase_counts(phase);
        for (action, count) in before.iter() {
            counted[action] -= count;
        }
        self.windows.book(&counted, cycles);
    }
}
