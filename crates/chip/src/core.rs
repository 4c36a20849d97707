//! One core: a slice of a population, the synapses that feed it, and its controllers. Cores never look at
//! each other; what they exchange goes through the chip.

use crate::block::{Block, add_drive, sum_drives};
use crate::inventory::Circuits;
use crate::placement::Slice;
use crate::timing::CorePlan;
use crate::wires::Wires;
use equipoise_base::record::CoreBook;
use equipoise_base::{Action, Axons, Digest, Number, Phase, Way};
use equipoise_learning::{BiasController, Loss, Slot};
use equipoise_neuron::Neurons;
use equipoise_router::{Sender, Which};

/// What sets the activities of a core.
pub(crate) enum Unit<N: Number> {
    /// Clamped inputs: registers that the program loads.
    Clamped(Clamped<N>),
    /// Neurons.
    Free(Box<dyn Neurons<N>>),
}

/// Input registers.
pub(crate) struct Clamped<N> {
    /// The activity of each line.
    pub value: Vec<N>,
    /// A recording that is being played: (step from the phase's start, line), ascending.
    pub events: Vec<(u32, u32)>,
    /// Steps played so far.
    pub played: u32,
}

/// The nudge on an output core.
pub(crate) struct Nudge<N> {
    /// What the outputs are pulled toward.
    pub target: Vec<N>,
    /// Signed beta; zero where nothing pulls.
    pub beta: N,
    /// Scratch: the pull on each neuron.
    pub force: Vec<N>,
}

/// One core.
pub(crate) struct Core<N: Number> {
    pub slice: Slice,
    pub unit: Unit<N>,
    pub bias: Vec<N>,
    pub blocks: Vec<Block<N>>,
    pub bias_controller: Option<BiasController<N>>,
    pub nudge: Option<Nudge<N>>,
    pub sender: Sender<N>,
    pub book: CoreBook,
    /// The phase that work is booked under.
    pub phase: Phase,
    /// Scratch: the sum of drives, raw LSB, one per neuron.
    pub drive: Vec<i64>,
    /// The first block's forward read is all there is to sum so far, and `drive` has not been written.
    pub alone: bool,
    /// The largest change of a state in the last update.
    pub change: N,
    /// Steps so far, of the core's own.
    pub steps: u64,
    /// What the core does in this step, in cycles.
    pub plan: CorePlan,
    /// What works in the core's steps.
    pub circuits: Circuits,
    /// Largest pulse count of each row slot in the last update.
    pub largest: Vec<u32>,
}

impl<N: Number> Core<N> {
    /// The activities on this core's wires.
    pub(crate) fn activity(&self) -> &[N] {
        match &self.unit {
            Unit::Clamped(clamped) => &clamped.value,
            Unit::Free(neurons) => neurons.activity(),
        }
    }

    /// Every array is read, forward first, then transposed; arrays of a core work in parallel.
    pub(crate) fn read(&mut self, step: u64) {
        self.steps = step;
        let counts = self.book.of_mut(self.phase);
        let Unit::Free(neurons) = &self.unit else { return };
        let own = Axons { value: neurons.activity(), spikes: neurons.spikes() };
        self.alone = self.blocks.first().is_some_and(|block| block.forward_sign > 0);
        if !self.alone {
            self.drive.fill(0);
        }
        self.plan.read_end = 0;
        for index in 0..self.blocks.len() {
            let (before, rest) = self.blocks.split_at_mut(index);
            let block = &mut rest[0];
            let cycles = block.read(own, step, counts);
            // The first sum is loaded, each further one added.
            if index > 0 {
                counts.add(Action::PartialAdd, self.drive.len() as u64);
            }
            if index > 0 || !self.alone {
                if std::mem::take(&mut self.alone) {
                    self.drive.copy_from_slice(before[0].forward());
                }
                add_drive::<N>(&mut self.drive, block.forward(), block.forward_sign < 0);
            }
            self.plan.return_ready[index] = cycles;
            self.plan.read_end = self.plan.read_end.max(cycles);
        }
    }

    /// Adds a drive that another core's transposed read returned, one number per neuron.
    pub(crate) fn add_returned(&mut self, returned: &[i64]) {
        if std::mem::take(&mut self.alone) {
            sum_drives::<N>(self.blocks[0].forward(), returned, &mut self.drive);
        } else {
            add_drive::<N>(&mut self.drive, returned, false);
        }
        self.book.of_mut(self.phase).add(Action::PartialAdd, returned.len() as u64);
    }

    /// Every neuron integrates its drive; recordings play their next step.
    pub(crate) fn update(&mut self, loss: Loss) {
        let counts = self.book.of_mut(self.phase);
        match &mut self.unit {
            Unit::Free(neurons) => {
                let force = self.nudge.as_mut().filter(|nudge| nudge.beta != N::ZERO).map(|nudge| {
                    loss.force(nudge.beta, neurons.observed(), &nudge.target, &mut nudge.force);
                    &nudge.force[..]
                });
                let drive = if self.alone { self.blocks[0].forward() } else { &self.drive };
                self.change = neurons.update(drive, &self.bias, force, counts);
            }
            Unit::Clamped(clamped) => clamped.play(),
        }
    }

    /// A phase begins: the latches' windows are empty.
    pub(crate) fn begin_phase(&mut self) {
        self.blocks.iter_mut().filter_map(|b| b.controller.as_mut()).for_each(|c| c.begin_phase());
        if let Some(controller) = &mut self.bias_controller {
            controller.begin_phase();
        }
    }

    /// What leaves from now on takes the delays of free or of nudged phases.
    pub(crate) fn set_delays(&mut self, nudged: bool) {
        self.blocks.iter_mut().for_each(|block| block.set_delays(nudged));
    }

    /// The controllers look at what the core holds.
    pub(crate) fn observe(&mut self) {
        let Unit::Free(neurons) = &self.unit else { return };
        for block in &mut self.blocks {
            if let Some(controller) = &mut block.controller {
                controller.observe(block.axon.axons().value, neurons.activity());
            }
        }
        if let Some(controller) = &mut self.bias_controller {
            controller.observe(neurons.activity());
        }
    }

    /// `LATCH`.
    pub(crate) fn latch(&mut self, slot: Slot) {
        let counts = self.book.of_mut(self.phase);
        for controller in self.blocks.iter_mut().filter_map(|b| b.controller.as_mut()) {
            controller.latch(slot, counts);
        }
        if let Some(controller) = &mut self.bias_controller {
            controller.latch(slot, counts);
        }
    }

    /// `UPDATE`: every row's latches become pulses on the devices; biases move. `scale` is the decay of the
    /// learning rate, `gain` one over the distance of the compared betas.
    pub(crate) fn learn(&mut self, update: u64, scale: f64, gain: f64) {
        let counts = self.book.of_mut(self.phase);
        self.largest.fill(0);
        for block in &mut self.blocks {
            let Some(controller) = &mut block.controller else { continue };
            controller.count_update(counts);
            let factor = controller.factor(scale, gain);
            let limit = if block.store.grain().direct { 1 } else { u32::MAX };
            let mut done = 0;
            while let Some(requests) = controller.update_rows(&mut done, update, factor, counts) {
                if requests.most.iter().all(|&most| most == 0) {
                    continue;
                }
                block.store.pulse_rows(requests, update, counts);
                for (&row, &most) in requests.rows.iter().zip(requests.most).filter(|(_, most)| **most > 0) {
                    let slot = &mut self.largest[block.store.update_slot(row as usize)];
                    *slot = (*slot).max(most.min(limit));
                }
            }
        }
        if let Some(controller) = &mut self.bias_controller {
            controller.update(scale, gain, &mut self.bias, counts);
        }
    }

    /// A relaxation begins: the axons have held `wires`, the values of each population, for as long as anyone
    /// can see. With `clamped_only` the rest of the chip carries on and only the inputs change.
    pub(crate) fn start_axons(&mut self, wires: &Wires<N>, clamped_only: bool) {
        let step = self.steps;
        let Unit::Free(neurons) = &self.unit else { return };
        for block in &mut self.blocks {
            let clamped = wires.clamped(block.from);
            if clamped || !clamped_only {
                block.axon.start(step, wires.values(block.from));
                block.store.start(Way::Forward, block.axon.axons());
            }
            if !clamped_only {
                if let Some(own) = &mut block.own {
                    own.start(step, neurons.activity());
                }
                if block.returned.is_some() {
                    block.store.start(
                        Way::Transposed,
                        Axons { value: neurons.activity(), spikes: neurons.spikes() },
                    );
                }
            }
            if let Some(held) = block.held.as_mut().filter(|_| clamped) {
                held.valid = false;
                held.steady = !wires.recorded(block.from);
            }
        }
    }

    /// What a recording sends in its step 0 enters the axons that were started.
    pub(crate) fn enter_axons(&mut self, wires: &Wires<N>, clamped_only: bool) {
        let step = self.steps;
        for block in &mut self.blocks {
            if wires.clamped(block.from) || !clamped_only {
                if let Some(which) = wires.sent(block.from) {
                    block.axon.emit(step, wires.values(block.from), which);
                }
                block.axon.arrive(step + 1);
            }
            if let Some(own) = block.own.as_mut().filter(|_| !clamped_only) {
                own.arrive(step + 1);
            }
        }
    }

    /// The values of `step` enter the axons of every block; what is due in the next step arrives.
    pub(crate) fn receive(&mut self, step: u64, wires: &Wires<N>) {
        let Unit::Free(neurons) = &self.unit else { return };
        for block in &mut self.blocks {
            if let Some(which) = wires.sent(block.from) {
                block.axon.emit(step, wires.values(block.from), which);
            }
            block.axon.arrive(step + 1);
            if let Some(own) = &mut block.own {
                own.emit(step, neurons.activity(), neurons.spikes().map_or(Which::All, Which::Only));
                own.arrive(step + 1);
            }
        }
    }

    /// State and delay lines go to the shadow registers.
    pub(crate) fn save(&mut self) {
        if let Unit::Free(neurons) = &mut self.unit {
            neurons.save();
        }
        self.sender.save();
        self.blocks.iter_mut().for_each(Block::save);
    }

    /// The shadow registers come back; what was in flight goes on from the next step.
    pub(crate) fn restore(&mut self) {
        let step = self.steps + 1;
        if let Unit::Free(neurons) = &mut self.unit {
            neurons.restore();
        }
        self.sender.restore();
        self.blocks.iter_mut().for_each(|block| block.restore(step));
    }

    /// Folds the core's state into a digest.
    pub(crate) fn digest(&self, digest: &mut Digest) {
        match &self.unit {
            Unit::Free(neurons) => neurons.digest(digest),
            Unit::Clamped(clamped) => digest.words(clamped.value.iter().map(|n| n.raw() as u64)),
        }
        digest.words(self.bias.iter().map(|b| b.raw() as u64));
        self.blocks.iter().for_each(|block| block.digest(digest));
        // Only what was counted, so that an action that is added to the list changes no run without it.
        for counts in &self.book.counts {
            for (action, count) in counts.iter().filter(|(_, count)| *count > 0) {
                digest.word(action as u64);
                digest.word(count);
            }
        }
    }
}

impl<N: Number> Clamped<N> {
    /// Loads a recording and plays its step 0.
    pub(crate) fn record(&mut self, events: impl Iterator<Item = (u32, u32)>) {
        self.events.clear();
        self.events.extend(events);
        self.played = 0;
        self.value.fill(N::ZERO);
        self.play();
    }

    /// The next step of a recording: exactly the lines listed for it spike.
    fn play(&mut self) {
        if self.events.is_empty() {
            return;
        }
        self.value.fill(N::ZERO);
        let from = self.events.partition_point(|&(step, _)| step < self.played);
        for &(_, line) in self.events[from..].iter().take_while(|&&(step, _)| step == self.played) {
            self.value[line as usize] = N::from_raw(N::one_raw());
        }
        self.played += 1;
    }
}
