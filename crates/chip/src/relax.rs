//! `FREE` and `NUDGE`: the phases in which the network relaxes.

use crate::chip::Chip;
use crate::core::Unit;
use crate::observer::Observer;
use crate::outcome::{Outcome, largest};
use crate::pace::Pace;
use crate::placement::Slice;
use crate::settling::Participant;
use equipoise_base::record::PhaseClass;
use equipoise_base::{Action, Number};

impl<N: Number> Chip<N> {
    /// `FREE`.
    pub(crate) fn settle(&mut self, steps: Option<u32>, observer: &mut dyn Observer) {
        self.set_delays(false);
        let settled = self.relax(steps.unwrap_or(self.derived.phases.free_steps), steps.is_some(), observer);
        self.look_at_outputs(settled);
        self.inferences += u64::from(!self.training);
        if self.derived.nudging.phases() > 1 && self.training {
            self.land_free();
            if let Pace::Free(run) = &mut self.pace {
                run.save();
            }
            self.save_lines();
            self.cores.iter_mut().for_each(|core| core.save());
            self.count_restart(Action::SramWrite);
        }
    }

    /// `NUDGE`; from the second on, the free state comes back first.
    pub(crate) fn nudge(&mut self, index: u32, steps: Option<u32>, observer: &mut dyn Observer) {
        self.set_delays(true);
        if index > 1 {
            self.land_free();
            if let Pace::Free(run) = &mut self.pace {
                run.restore();
            }
            self.restore_lines();
            self.cores.iter_mut().for_each(|core| core.restore());
            self.count_restart(Action::SramRead);
            self.clock.passed(self.derived.restore_cycles);
        }
        let sign = self.nudge_sign(index);
        self.set_beta(N::nearest(self.derived.beta * f64::from(sign)));
        self.relax(steps.unwrap_or(self.derived.phases.nudged_steps), steps.is_some(), observer);
        self.set_beta(N::ZERO);
    }

    /// What leaves from now on takes the delays of free or of nudged phases.
    pub(crate) fn set_delays(&mut self, nudged: bool) {
        self.flights.nudged = nudged;
        self.cores.iter_mut().for_each(|core| core.set_delays(nudged));
    }

    fn set_beta(&mut self, value: N) {
        for nudge in self.cores.iter_mut().filter_map(|core| core.nudge.as_mut()) {
            nudge.beta = value;
        }
    }

    fn count_restart(&mut self, action: Action) {
        let bits = self.derived.restart_bits;
        if let Some(core) = self.cores.first_mut() {
            core.book.of_mut(core.phase).add(action, bits);
        }
    }

    /// Relaxes for `steps` steps, or by the tolerance rule (unless `exactly`). Returns whether it settled.
    fn relax(&mut self, steps: u32, exactly: bool, observer: &mut dyn Observer) -> bool {
        let by_steps = exactly || self.derived.fixed();
        let limit = if by_steps { steps } else { self.derived.phases.settle.limit };
        self.cores.iter_mut().for_each(|core| core.begin_phase());
        self.monitor.begin(limit, by_steps);
        let look = if by_steps { u64::from(self.derived.window) } else { u64::MAX };
        self.begin_free(u64::from(limit), if self.training { look } else { 0 });
        let mut done = 0;
        let mut settled = false;
        while done < limit && (by_steps || !settled) {
            let left = limit - done - 1;
            self.step(observer, self.training && (!by_steps || left < self.derived.window));
            done += 1;
            settled = self.has_settled(by_steps.then_some(left));
        }
        self.end_free();
        self.close_phase();
        *self.settling.steps.entry(done).or_default() += 1;
        self.judge(settled)
    }

    /// Books what a phase came to, `settled` or not by the rule. Returns whether it settled: what oscillates
    /// did not, even where the means of a noisy chip stand still.
    fn judge(&mut self, settled: bool) -> bool {
        let mut verdict = self.monitor.verdict::<N>(settled);
        let oscillates = verdict.class == PhaseClass::LimitCycle;
        let settled = settled && !oscillates;
        if let Some(cycle) = &mut verdict.cycle {
            self.locate(&mut cycle.neurons);
            if oscillates {
                self.last_cycle = Some((cycle.clone(), self.phase()));
            }
        }
        let book = &mut self.settling;
        book.phases += 1;
        book.unsettled += u64::from(!settled);
        book.oscillating += u64::from(oscillates);
        book.classes.count(verdict.class);
        self.unsettled |= !settled;
        self.oscillated |= oscillates;
        (self.outcome.phase, self.outcome.cycle) = (verdict.class, verdict.cycle);
        settled
    }

    /// Neurons that are numbered through all cores become neurons of their populations.
    fn locate(&self, neurons: &mut [Participant]) {
        for participant in neurons {
            let mut number = participant.neuron;
            for core in self.cores.iter().filter(|core| matches!(core.unit, Unit::Free(_))) {
                let Slice { population, range, .. } = &core.slice;
                if number < range.len() {
                    (participant.population, participant.neuron) = (*population, range.start + number);
                    break;
                }
                number -= range.len();
            }
        }
    }

    fn has_settled(&mut self, left: Option<u32>) -> bool {
        let Self { cores, monitor, clock, .. } = self;
        let change = cores.iter().map(|core| core.change.value().abs()).fold(0.0, f64::max);
        let states = || {
            cores.iter().filter_map(|core| match &core.unit {
                Unit::Free(neurons) => Some(neurons.state()),
                Unit::Clamped(_) => None,
            })
        };
        if monitor.step(change) {
            monitor.look(clock.step, clock.cycle, states());
        }
        if monitor.wants_states() {
            monitor.states(states());
        }
        // A phase of fixed length is scored at its end; one by tolerance is asked at every step.
        left.is_none_or(|left| left == 0) && monitor.settled()
    }

    fn look_at_outputs(&mut self, settled: bool) {
        let Some(output) = self.derived.output else { return };
        let (mut outputs, mut loss) = (Vec::new(), 0.0);
        for core in self.cores.iter().filter(|core| core.slice.population == output) {
            let Unit::Free(neurons) = &core.unit else { continue };
            outputs.extend(neurons.observed().iter().map(|n| n.value()));
            if let Some(nudge) = &core.nudge {
                neurons.add_cost(&nudge.target, &mut loss);
            }
        }
        self.outcome = Outcome {
            class: largest(&outputs),
            loss: Some(loss),
            outputs,
            settled,
            wanted: self.outcome.wanted,
            phase: self.outcome.phase,
            cycle: self.outcome.cycle.take(),
        };
    }
}
