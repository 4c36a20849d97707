//! The program counter and the controller's states in time.

use equipoise_base::Phase;

/// A state of the controller and the cycles `[start, end)` that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The state's name.
    pub state: &'static str,
    /// First cycle.
    pub start: u64,
    /// First cycle after it.
    pub end: u64,
}

/// Counts instructions and books cycles and steps by phase; remembers every state's span where asked.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Instructions executed.
    pub executed: u64,
    /// Cycles by phase.
    pub phase_cycles: [u64; Phase::ALL.len()],
    /// Steps by phase.
    pub phase_steps: [u64; Phase::ALL.len()],
    /// The spans, if they are kept.
    pub spans: Option<Vec<Span>>,
}

impl Timeline {
    /// Books a finished state.
    pub fn finished(&mut self, phase: Phase, span: Span, steps: u64) {
        self.phase_cycles[phase as usize] += span.end - span.start;
        self.phase_steps[phase as usize] += steps;
        if let Some(spans) = &mut self.spans {
            spans.push(span);
        }
    }
}
