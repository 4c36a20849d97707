//! Where values end: the book of events. Sent values times the cores that listen are delivered, in flight, or dropped
//! by a reason that is written down.

use crate::chip::Chip;
use crate::core::{Core, Unit};
use crate::flights::{Lines, OnLines};
use crate::pace::Pace;
use equipoise_base::Number;
use equipoise_base::record::EventBook;
use equipoise_learning::State;
use std::collections::BTreeSet;

/// On a line when another sample began.
const SAMPLE_ENDED: &str = "sample_ended";
/// On a line when the shadow registers came back before a further nudged phase.
const RESTARTED: &str = "restarted";
/// Overtaken by a later value of the same axon, whose delay was shorter.
const OVERTAKEN: &str = "overtaken";
/// Listed in a recording for a step that its sample did not have.
const NOT_PLAYED: &str = "not_played";

impl<N: Number> Chip<N> {
    /// What the populations sent in `step` is on the lines of the cores that listen.
    pub(crate) fn remember_sendings(&mut self) {
        if !self.flights.delayed() {
            return;
        }
        let clocks = if self.has_own_clocks() { self.cores.len() } else { 1 };
        for (clock, core) in self.cores.iter().enumerate().take(clocks) {
            for population in 0..self.wires.populations() {
                if let Some(which) = self.wires.sent(population) {
                    self.flights.sent(clock, population, core.steps, which);
                }
            }
        }
    }

    /// A phase has ended: what was overtaken in it is counted before it is forgotten.
    pub(crate) fn close_phase(&mut self) {
        if self.flights.overtaking() {
            let before = self.on_lines(|_| true, false).overtaken;
            self.flights.forget(&self.steps_of_cores());
            self.flights.overtaken += before - self.on_lines(|_| true, false).overtaken;
        }
    }

    /// The present sample ends. What its recording lists for further steps is never sent, and lines that start anew
    /// lose what is on them; with `clamped_only` those are the lines of the inputs.
    pub(crate) fn close_sample(&mut self, clamped_only: bool) {
        let mut book = std::mem::take(&mut self.events);
        self.book_not_played(&mut book);
        self.events = book;
        self.close_lines(clamped_only);
    }

    /// Lines start anew.
    pub(crate) fn close_lines(&mut self, clamped_only: bool) {
        let ends = |chip: &Self, population| !clamped_only || chip.wires.clamped(population);
        let OnLines { in_flight, overtaken } = self.on_lines(|population| ends(self, population), false);
        drop_values(&mut self.events, SAMPLE_ENDED, in_flight);
        drop_values(&mut self.events, OVERTAKEN, overtaken + std::mem::take(&mut self.flights.overtaken));
        let ended: Vec<bool> =
            (0..self.wires.populations()).map(|population| ends(self, population)).collect();
        self.flights.clear(|population| ended[population]);
    }

    /// The lines go to their shadow registers.
    pub(crate) fn save_lines(&mut self) {
        self.flights.save(self.steps_of_cores());
    }

    /// The shadow registers come back. What left since they were saved and is still on a line is lost; what was on its
    /// way then is on its way again.
    pub(crate) fn restore_lines(&mut self) {
        let lost = self.on_lines(|_| true, true).in_flight;
        drop_values(&mut self.events, RESTARTED, lost);
        self.flights.restore(&self.steps_of_cores());
    }

    /// The book so far. A sample that is done has lost what it would lose if another one began now.
    pub(crate) fn book_of_events(&self) -> EventBook {
        let mut book = self.events.clone();
        let handed_over = book.delivered;
        let packets_in_flight = book.fan_out_total - handed_over - book.dropped.get(NOT_PLAYED).unwrap_or(&0);
        let OnLines { in_flight, overtaken } = self.on_lines(|_| true, false);
        let lost = self.fsm.state() == State::Done && !self.derived.carry;
        drop_values(&mut book, SAMPLE_ENDED, if lost { in_flight } else { 0 });
        drop_values(&mut book, OVERTAKEN, overtaken + self.flights.overtaken);
        self.book_not_played(&mut book);
        let on_lines = if lost { 0 } else { in_flight };
        book.in_flight = packets_in_flight + on_lines;
        book.delivered = book.fan_out_total - book.in_flight - book.dropped.values().sum::<u64>();
        book
    }

    /// Events that the present recording lists and that no step has sent. The same line twice in a step is one spike.
    fn book_not_played(&self, book: &mut EventBook) {
        for (index, core) in self.cores.iter().enumerate() {
            let Unit::Clamped(clamped) = &core.unit else { continue };
            let later =
                clamped.events.iter().filter(|(step, _)| *step >= clamped.played).collect::<BTreeSet<_>>();
            let values = (later.len() + core.waiting()) as u64;
            let owed = values * self.pace.routes().listeners[index].len() as u64;
            book.emitted += values;
            book.fan_out_total += owed;
            drop_values(book, NOT_PLAYED, owed);
        }
    }

    /// What is on the lines from the populations that are `wanted`: of all sendings, or of those since the lines were
    /// saved.
    fn on_lines(&self, wanted: impl Fn(usize) -> bool, since_saved: bool) -> OnLines {
        let mut found = OnLines::default();
        if !self.flights.delayed() {
            return found;
        }
        // What a recording sends in its step 0 is on its lines from the start, and a packet with the first step.
        let waits =
            |population| self.cores.iter().any(|c| c.slice.population == population && c.waiting() > 0);
        let wanted =
            (0..self.wires.populations()).filter(|&population| wanted(population) && !waits(population));
        for population in wanted {
            for index in 0..self.cores.len() {
                let clock = if self.has_own_clocks() { index } else { 0 };
                let (sendings, saved) = self.flights.of(clock, population);
                if let Some(lines) = self.lines(index, population).filter(|_| !sendings.is_empty()) {
                    found += sendings.on(&lines, saved.filter(|_| since_saved));
                }
            }
        }
        found
    }

    /// The lines of core `index` from `population`; `None` where it does not listen.
    fn lines(&self, index: usize, population: usize) -> Option<Lines<impl Fn(usize, bool) -> u64 + '_>> {
        let core = &self.cores[index];
        let blocks = move || core.blocks.iter().filter(move |block| block.from == population);
        let held = blocks().next()?.axon.is_held();
        let mut heard = vec![false; self.wires.values(population).len()];
        let sources = self.cores.iter().zip(&self.pace.routes().listeners);
        for (source, _) in sources.filter(|(source, listeners)| {
            source.slice.population == population && listeners.contains(&(index as u32))
        }) {
            heard[source.slice.range.clone()].fill(true);
        }
        let delay = move |axon, nudged| {
            blocks().filter_map(|block| block.slowest(axon, nudged)).max().map_or(1, u64::from)
        };
        let least = if self.has_own_clocks() { 2 } else { 1 };
        Some(Lines { now: core.steps, heard, delay, held, least })
    }

    fn has_own_clocks(&self) -> bool {
        matches!(self.pace, Pace::Free(_))
    }

    fn steps_of_cores(&self) -> Vec<u64> {
        self.cores.iter().map(|core| core.steps).collect()
    }
}

impl<N: Number> Core<N> {
    /// Spikes of a recording that are on the lines already, while their packets wait for the first step.
    fn waiting(&self) -> usize {
        if let Unit::Clamped(_) = self.unit { self.plan.sends } else { 0 }
    }
}

fn drop_values(book: &mut EventBook, reason: &str, values: u64) {
    if values > 0 {
        *book.dropped.entry(reason.to_owned()).or_default() += values;
    }
}
