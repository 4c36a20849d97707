//! The peak of power lies nowhere below the average: in short runs and long ones, with windows merged or not, with idle
//! clocks, wake-ups and the initial programming.

use equipoise_base::record::{Block, CoreBook, PerBlock, Record};
use equipoise_base::{Action, Counts, Phase};
use equipoise_chip::catalog::Nudging;
use equipoise_chip::{Unobserved, build};
use equipoise_energy::{Preset, Prices, price};
use equipoise_scheduler::WindowBook;
use equipoise_study::Experiment;
use equipoise_tests::sample;
use proptest::prelude::*;

/// One price for everything that is counted below, and a `policy` for all blocks.
fn prices(policy: &str) -> Prices {
    let of_blocks = |value: &str| Block::KEYS.map(|key| format!("{key} = {value}\n")).concat();
    let text = format!(
        "name = \"t\"\nsummary = \"t\"\nscope = \"per_term\"\nclock_hz = 1e8\nsupply_v = 1.0\ntemperature_k = 300.0\n\
         [price]\nadc_convert = 2e-12\npacket_hop = 1e-12\nprogram_pulse_up = 1e-11\n\
         [leakage]\n{}[gating]\n{}",
        of_blocks("1e-7"),
        of_blocks(policy)
    );
    let table = equipoise_trace::toml_tree::parse(&text, "t.toml").expect("TOML");
    let preset = Preset::read(&table).expect("a preset");
    preset.prices.on(&preset.hardware.flat()).expect("a chip")
}

const POLICIES: [&str; 3] = [
    "{ policy = \"none\", idle_cycle_j = 3e-15 }",
    "{ policy = \"clock\" }",
    "{ policy = \"power\", retained = 0.1, wake_j = 1e-12 }",
];

proptest! {
    #[test]
    fn the_peak_is_at_least_the_average(
        window in 1_u64..200,
        stretches in prop::collection::vec((0_u64..400, 0_u64..300, 0_u64..500), 1..150),
        programmed in 0_u64..2_000,
        adcs in 0_u64..20,
        policy in prop::sample::select(&POLICIES[..]),
    ) {
        let mut inventory = PerBlock::default();
        inventory.add(Block::Adc, adcs);
        inventory.add(Block::Latches, 64 * adcs);
        let mut core = CoreBook::new(0, inventory);
        core.of_mut(Phase::Program).add(Action::ProgramPulseUp, programmed);
        let mut record = Record { inventory, updates: 1, ..Record::default() };
        let mut book = WindowBook::new(window);
        for (index, &(cycles, converts, hops)) in stretches.iter().enumerate() {
            let phase = if index % 3 == 0 { Phase::Update } else { Phase::Free };
            let mut counts = Counts::default();
            counts.add(Action::AdcConvert, converts);
            counts.add(Action::PacketHop, hops);
            book.book(&counts, cycles);
            *core.of_mut(phase) += &counts;
            core.active[phase as usize].add(Block::Adc, converts.min(adcs * cycles));
            record.cycles += cycles;
            record.phase_cycles[phase as usize] += cycles;
            record.phase_steps[Phase::Free as usize] += u64::from(phase == Phase::Free);
        }
        (record.peak, record.cores) = (book.finish(), vec![core]);
        let power = price(&record, &prices(policy)).power_w;
        prop_assert_eq!(power.average.is_some(), record.cycles > 0);
        if let (Some(average), Some(peak), Some(running)) = (power.average, power.peak, power.peak_running) {
            prop_assert!(peak >= average && peak >= running, "{power:?}");
            // The run without its programming is a run as well.
            record.cores[0].of_mut(Phase::Program).clear();
            let plain = price(&record, &prices(policy)).power_w;
            prop_assert!(running >= plain.average.expect("cycles") * (1.0 - 1e-12), "{running} {plain:?}");
        }
    }
}

#[test]
fn the_peak_of_a_real_chip_is_at_least_its_average_from_the_first_cycle_on() {
    for (window, more) in
        [(1, ""), (64, "gating.adc = { policy = \"none\", idle_cycle_j = 1e-12 }"), (1_000_000, "")]
    {
        let text = format!(
            "chip = \"edge-rram\"\n[network]\nlayers = [64, 32, 10]\n[hardware]\npower_window_cycles = {window}\n{more}\n"
        );
        let table = equipoise_trace::toml_tree::parse(&text, "t.toml").expect("TOML");
        let experiment = Experiment::read(&table, None, None).expect("an experiment");
        let mut chip = build(&experiment.params(1).expect("a network")).expect("it fits");
        for instruction in sample(&[0.5; 64], 1, Nudging::OneSided) {
            chip.execute(&instruction, &mut Unobserved).expect("a sample");
            let record = chip.record();
            let prices = experiment.preset.prices.on(&record.structure).expect("a chip");
            let power = price(&record, &prices).power_w;
            let (average, peak) = (power.average.expect("cycles"), power.peak.expect("cycles"));
            assert!(peak >= average && average > 0.0, "{window}: {power:?}");
        }
    }
}
