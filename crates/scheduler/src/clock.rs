//! The two clocks.

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
