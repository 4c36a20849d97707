//! `LOAD`: what enters the chip before a relaxation.

use crate::chip::Chip;
use crate::clipping::beyond;
use crate::core::{Nudge, Unit};
use crate::outcome::Outcome;
use equipoise_base::instruction::{Target, TimedEvent};
use equipoise_base::number::Wire;
use equipoise_base::{Action, Number};

/// Input registers take the words of `input` that their wires carry.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn enter<N: Number>(wire: Option<Wire>, input: &[f32], registers: &mut [N]) {
    for (register, &value) in registers.iter_mut().zip(input) {
        let value = N::nearest(f64::from(value));
        *register = wire.map_or(value, |wire| wire.carry(value));
    }
}

impl<N: Number> Chip<N> {
    /// The words that input registers take of `input`.
    pub(crate) fn input_words(&self, input: &[f32]) -> Vec<N> {
        let mut registers = vec![N::ZERO; input.len()];
        enter(Wire::new::<N>(self.derived.activity_bits as u32), input, &mut registers);
        registers
    }

    /// `LOAD`.
    pub(crate) fn present(&mut self, input: &[f32], target: Option<&Target>) {
        self.end_sample();
        let wire = Wire::new::<N>(self.derived.activity_bits as u32);
        self.inputs_clipped += beyond::<N>(input.iter().map(|&v| f64::from(v)), self.input_range);
        for core in self.cores.iter_mut().filter(|core| Some(core.slice.population) == self.derived.input) {
            if let Unit::Clamped(clamped) = &mut core.unit {
                clamped.events.clear();
                enter(wire, &input[core.slice.range.clone()], &mut clamped.value);
            }
        }
        self.load(input.len() as u64, input.len() as u64 * self.derived.activity_bits, target);
    }

    /// `LOAD` of a recording: an address and a step per event enter the chip.
    pub(crate) fn play(&mut self, events: &[TimedEvent], target: Option<&Target>) {
        self.end_sample();
        let lines = self.size_of(self.derived.input);
        let word = u64::from(lines.next_power_of_two().trailing_zeros()) + 16;
        for core in self.cores.iter_mut().filter(|core| Some(core.slice.population) == self.derived.input) {
            if let Unit::Clamped(clamped) = &mut core.unit {
                let range = core.slice.range.clone();
                let here = events.iter().filter(|e| range.contains(&(e.axon as usize)));
                clamped.record(here.map(|e| (e.step, e.axon - range.start as u32)));
            }
        }
        self.load(events.len() as u64, events.len() as u64 * word, target);
    }

    /// The sample before gives way to the next one.
    fn end_sample(&mut self) {
        if !self.derived.carry {
            self.land_free();
        }
        self.close_sample(self.derived.carry);
    }

    /// What every load does: host words in, target registers, start state, delay lines.
    fn load(&mut self, words: u64, bits: u64, target: Option<&Target>) {
        self.samples += 1;
        self.lessons += u64::from(self.training);
        (self.unsettled, self.oscillated) = (false, false);
        self.outcome = Outcome::default();
        self.set_target(target);
        if !self.derived.carry {
            self.start_neurons();
        }
        self.start_lines(self.derived.carry);
        self.inputs_are_fresh = true;
        if let Some(host) = self.cores.first_mut() {
            host.book.of_mut(host.phase).add(Action::HostIn, bits);
        }
        self.clock.passed(words.div_ceil(self.derived.words_per_cycle));
    }

    fn set_target(&mut self, target: Option<&Target>) {
        if let Some(Target::Values(values)) = target {
            let words = (N::MIN.value(), N::MAX.value());
            self.inputs_clipped += beyond::<N>(values.iter().map(|&v| f64::from(v)), words);
        }
        self.outcome.wanted = if let Some(Target::Class(class)) = target { Some(*class) } else { None };
        for core in &mut self.cores {
            let range = core.slice.range.clone();
            let Some(Nudge { target: registers, beta, .. }) = &mut core.nudge else { continue };
            *beta = N::ZERO;
            for (register, neuron) in registers.iter_mut().zip(range) {
                let value = match target {
                    Some(Target::Class(class)) => f64::from(u8::from(*class as usize == neuron)),
                    Some(Target::Values(values)) => f64::from(values[neuron]),
                    None => 0.0,
                };
                *register = N::nearest(value);
            }
        }
    }

    /// Everything is in its start state, before any instruction.
    pub(crate) fn start(&mut self) {
        self.start_neurons();
        self.start_lines(false);
    }

    fn start_neurons(&mut self) {
        for core in &mut self.cores {
            if let Unit::Free(neurons) = &mut core.unit {
                neurons.start();
            }
        }
    }

    /// Delay lines and registers hold the present activities, as at a start; before a recording its lines were
    /// silent, and its spikes of step 0 enter once, as packets of the first step. With `clamped_only` the rest
    /// of the chip carries on.
    fn start_lines(&mut self, clamped_only: bool) {
        self.set_delays(false);
        for core in &mut self.cores {
            let (population, range) = (core.slice.population, &core.slice.range);
            match &core.unit {
                Unit::Clamped(clamped) => {
                    let recorded = !clamped.events.is_empty();
                    let silence = vec![N::ZERO; if recorded { range.len() } else { 0 }];
                    let values = if recorded { &silence } else { &clamped.value };
                    core.sender.start(values);
                    self.wires.set(population, range, values);
                    self.wires.set_recorded(population, recorded);
                }
                Unit::Free(neurons) if !clamped_only => {
                    core.sender.start(neurons.activity());
                    self.wires.set(population, range, neurons.activity());
                }
                Unit::Free(_) => {}
            }
        }
        let wires = &mut self.wires;
        self.cores.iter_mut().for_each(|core| core.start_axons(wires, clamped_only));
        wires.begin_step();
        for core in &mut self.cores {
            core.plan.sends = 0;
            if let Unit::Clamped(clamped) = &core.unit
                && !clamped.events.is_empty()
            {
                let which = core.sender.decide(&clamped.value);
                let (population, range) = (core.slice.population, &core.slice.range);
                core.plan.sends = wires.send(population, range, &clamped.value, which);
            }
        }
        self.cores.iter_mut().for_each(|core| core.enter_axons(wires, clamped_only));
        self.remember_sendings();
        if !clamped_only {
            self.start_drives();
        }
    }

    /// The free neurons begin at a cue.
    pub(crate) fn recall(&mut self, cue: &[f32]) {
        self.land_free();
        self.close_lines(false);
        let mut rest = cue;
        for core in &mut self.cores {
            if let Unit::Free(neurons) = &mut core.unit {
                let (mine, others) = rest.split_at(core.slice.range.len());
                let state: Vec<N> = mine.iter().map(|&v| N::nearest(f64::from(v))).collect();
                neurons.set_state(&state);
                self.inputs_clipped += beyond::<N>(mine.iter().map(|&v| f64::from(v)), neurons.range());
                rest = others;
            }
        }
        self.start_lines(false);
        (self.unsettled, self.oscillated) = (false, false);
        let bits = cue.len() as u64 * u64::from(N::WIDTH);
        if let Some(host) = self.cores.first_mut() {
            host.book.of_mut(host.phase).add(Action::HostIn, bits);
        }
        self.clock.passed((cue.len() as u64).div_ceil(self.derived.words_per_cycle));
    }
}
