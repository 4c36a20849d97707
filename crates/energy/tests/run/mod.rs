//! A run worked out by hand, for tests.

#![allow(dead_code)]

use equipoise_base::record::{Block, CoreBook, PeakWindows, PerBlock, Record, Window};
use equipoise_base::{Action, Counts, Phase};

/// Two cores of a chip of four, 1000 cycles at 100 MHz: 10 us.
/// Core 0 uses two ADCs, which work 300 block-cycles in FREE and 100 in EVALUATE; core 3 sends 20 packets, which
/// keep routers at work for 50 cycles in FREE. The chip has these two ADCs and four routers, two of them in use.
pub fn record() -> Record {
    let mut first = CoreBook::new(0, blocks(&[(Block::Adc, 2)]));
    first.of_mut(Phase::Program).add(Action::ProgramPulseUp, 40);
    first.of_mut(Phase::Free).add(Action::AdcConvert, 300);
    first.of_mut(Phase::Free).add(Action::Step, 6);
    first.of_mut(Phase::Update).add(Action::ProgramPulseUp, 10);
    first.of_mut(Phase::Evaluate).add(Action::AdcConvert, 100);
    first.active[Phase::Free as usize] = blocks(&[(Block::Adc, 300)]);
    first.active[Phase::Evaluate as usize] = blocks(&[(Block::Adc, 100)]);
    let mut second = CoreBook::new(3, PerBlock::default());
    second.of_mut(Phase::Free).add(Action::PacketHop, 20);
    second.active[Phase::Free as usize] = blocks(&[(Block::Router, 50)]);
    let mut record = Record {
        cycles: 1000,
        updates: 2,
        cores: vec![first, second],
        nodes: 4,
        inventory: blocks(&[(Block::Adc, 2), (Block::Router, 4)]),
        routers_in_use: 2,
        peak: PeakWindows {
            window_cycles: 100,
            windows: vec![Counts::default(); 2],
            ..PeakWindows::default()
        },
        ..Default::default()
    };
    record.phase_cycles[Phase::Free as usize] = 600;
    record.phase_cycles[Phase::Update as usize] = 200;
    record.phase_cycles[Phase::Evaluate as usize] = 200;
    record.phase_steps[Phase::Free as usize] = 6;
    record.phase_steps[Phase::Evaluate as usize] = 2;
    record.peak.windows[0].add(Action::AdcConvert, 60);
    record.peak.windows[1].add(Action::PacketHop, 20);
    record.peak.first = Window { cycles: 100, counts: record.peak.windows[0].clone(), is_start: true };
    record.peak.last = Window { cycles: 100, ..Window::default() };
    record
}

/// That many of each block.
pub fn blocks(list: &[(Block, u64)]) -> PerBlock {
    let mut blocks = PerBlock::default();
    for &(block, count) in list {
        blocks.add(block, count);
    }
    blocks
}

/// Equal to the last few bits.
pub fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs(), "{found:e} is not {wanted:e}");
}
