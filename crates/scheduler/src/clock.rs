//! The two clocks.

equipoise_base::choice! {
    /// When a step ends.
    pub enum Sync {
        /// A step begins when every core has finished the last one, every packet of it is delivered, and the
        /// barrier has run: transport time lengthens the step and changes no value.
        Barrier = "barrier",
    }
}

/// Cycles of the chip's clock and relaxation steps of the network since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Ticks of the chip's clock.
    pub cycle: u64,
    /// Relaxation steps, over all samples: the time of read noise.
    pub step: u64,
}

impl Clock {
    /// One step that took `cycles`.
    pub fn step_took(&mut self, cycles: u64) {
        self.step += 1;
        self.cycle += cycles;
    }

    /// Work outside the relaxation that took `cycles`.
    pub fn passed(&mut self, cycles: u64) {
        self.cycle += cycles;
    }
}
