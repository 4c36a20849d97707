//! What exists costs energy and area whether it works or not: the chip, and the part in use, against hand-worked
//! numbers.

mod run;
mod tree;

use equipoise_base::Phase;
use equipoise_base::record::{Block, Record};
use equipoise_energy::static_energy::BlockCycles;
use equipoise_energy::{Evidence, Prices, ledger, price};
use proptest::prelude::*;
use run::{blocks, close, record};
use tree::preset_with;

fn prices(rest: &str) -> Prices {
    tree::prices(&preset_with(rest))
}

const LIST: &str = "[price]\nadc_convert = 2e-12\nprogram_pulse_up = 10e-12\npacket_hop = 1e-12\n\
                    [leakage]\nadc = 1e-6\nrouter = 4e-6\nsram_kilobit = 1e-6\n\
                    [area]\nadc = 0.5\nrouter = 0.25\nsram_kilobit = 0.125\n";

/// The hand-worked run on a chip that has more: three ADCs, and 4096 bits of latches of which core 0 uses 1024.
fn larger_chip() -> Record {
    let mut record = record();
    record.inventory = blocks(&[(Block::Adc, 3), (Block::Router, 4), (Block::Latches, 4096)]);
    record.cores[0].inventory = blocks(&[(Block::Adc, 2), (Block::Latches, 1024)]);
    record
}

#[test]
fn the_whole_chip_leaks_and_takes_area_and_the_part_in_use_is_told_apart() {
    let bill = price(&larger_chip(), &prices(LIST));
    let (static_j, area) = (&bill.breakdown.static_j, &bill.breakdown.area_mm2);
    // 10 us of three ADCs at 1 uW, four routers at 4 uW and four kilobits at 1 uW: 23 uW.
    close(static_j.chip.total, 230e-12);
    assert_eq!(bill.energy_j.static_j, static_j.chip.total);
    close(static_j.chip.by_block["adc"], 30e-12);
    close(static_j.chip.by_block["router"], 160e-12);
    close(static_j.chip.by_block["latches"], 40e-12);
    // FREE lasts 6 us, UPDATE and EVALUATE 2 us.
    close(static_j.chip.by_phase["free"], 138e-12);
    close(static_j.chip.by_phase["update"], 46e-12);
    assert_eq!(static_j.chip.by_phase["load"], 0.0);
    // In use: two ADCs, two routers, one kilobit: 11 uW.
    close(static_j.in_use.total, 110e-12);
    close(static_j.in_use.by_block["latches"], 10e-12);
    close(static_j.in_use.by_phase["free"], 66e-12);
    close(bill.by_core[0].static_j, 30e-12);
    assert_eq!(bill.by_core[1].static_j, 0.0, "routers belong to the chip");
    close(area.chip.total.expect("areas"), 3.0 * 0.5 + 4.0 * 0.25 + 4.0 * 0.125);
    close(area.in_use.total.expect("areas"), 2.0 * 0.5 + 2.0 * 0.25 + 0.125);
    assert_eq!(bill.area_mm2, area.chip.total);
    assert_eq!(bill.breakdown.cycles.by_phase["free"], 600);
    assert_eq!(bill.breakdown.cycles.by_phase.values().sum::<u64>(), 1000);
}

#[test]
fn the_ledger_has_every_block_and_sums_to_the_bill() {
    let (record, prices) = (larger_chip(), prices(LIST));
    let bill = price(&record, &prices);
    let rows: Vec<_> = ledger::rows(&record, &prices).collect();
    close(rows.iter().filter_map(|row| row.energy_j).sum(), bill.energy_j.total);
    close(rows.iter().filter_map(|row| row.area_mm2).sum(), bill.area_mm2.expect("areas"));
    let of = |core: Option<u32>, phase: &str, action: &str| {
        let wanted =
            |row: &&ledger::LedgerRow| (row.core, row.phase, &*row.action) == (core, Some(phase), action);
        rows.iter().find(wanted).map(|row| (row.count, row.price_j.unwrap_or(0.0)))
    };
    let (count, price_j) = of(Some(0), "free", "leakage.latches").expect("a row");
    assert_eq!(count, 1024 * 600);
    close(price_j, 1e-6 / 1024.0 / 100e6);
    // Two routers in use, then what nobody uses: an ADC, two routers and three kilobits.
    assert_eq!(of(None, "update", "leakage.router").expect("a row").0, 2 * 200);
    let unused = rows.iter().filter(|row| row.core.is_none() && row.phase == Some("update"));
    let unused: Vec<_> = unused.map(|row| (&*row.action, row.count)).collect();
    let expected = [
        ("leakage.router", 400),
        ("leakage.adc", 200),
        ("leakage.router", 400),
        ("leakage.latches", 3072 * 200),
    ];
    assert_eq!(unused, expected);
}

#[test]
fn a_block_without_gating_or_without_the_energy_that_its_policy_uses_leaves_the_bill_incomplete() {
    let lacks = |gating: &str| {
        let bill = price(&larger_chip(), &prices(&format!("{LIST}[gating]\n{gating}")));
        bill.energy_j.unpriced
    };
    let whole = "adc = { policy = \"clock\" }\nrouter = { policy = \"power\", wake_j = 0.0 }\n\
                 sram_kilobit = { policy = \"none\", idle_cycle_j = 0.0 }\n";
    assert!(lacks(whole).is_empty(), "{:?}", lacks(whole));
    assert_eq!(lacks(""), ["gating.adc", "gating.router", "gating.sram_kilobit"]);
    let short = "adc = { policy = \"none\" }\nrouter = { policy = \"power\", retained = 0.5 }\n\
                 sram_kilobit = { policy = \"clock\" }\n";
    assert_eq!(lacks(short), ["gating.adc.idle_cycle_j", "gating.router.wake_j"]);
}

#[test]
fn a_kilobit_of_memory_pays_for_1024_bits_idle_clocks_and_wake_ups_included() {
    let of = |gating: &str| {
        let list = "[leakage]\nadc = 0.0\nrouter = 0.0\nsram_kilobit = 0.0\n";
        price(&larger_chip(), &prices(&format!("{list}[gating]\nsram_kilobit = {gating}"))).energy_j.static_j
    };
    // Four kilobits that never work, for 1000 cycles.
    close(of("{ policy = \"none\", idle_cycle_j = 1e-15 }"), 4.0 * 1000.0 * 1e-15);
    assert_eq!(
        of("{ policy = \"power\", retained = 0.5, wake_j = 1e-12 }"),
        0.0,
        "what never works is not woken"
    );
}

#[test]
fn leakage_never_stops_and_gating_only_lowers_it() {
    let adc = |gating: &str| {
        let text = format!("[leakage]\nadc = 1e-6\nrouter = 0.0\n[gating]\nadc = {gating}");
        let bill = price(&record(), &prices(&text));
        (bill.energy_j.static_j, bill.breakdown.cycles.by_block.chip["adc"])
    };
    // Two ADCs, 1000 cycles, 400 block-cycles of work: 1600 without.
    let (none, cycles) = adc("{ policy = \"none\" }");
    close(none, 20e-12);
    assert_eq!(cycles, BlockCycles { active: 400, idle: 1600, ..Default::default() });
    let (running, _) = adc("{ policy = \"none\", idle_cycle_j = 1e-15 }");
    close(running, 20e-12 + 1.6e-12);
    let (clock, cycles) = adc("{ policy = \"clock\", idle_cycle_j = 1e-15 }");
    close(clock, 20e-12);
    assert_eq!(cycles, BlockCycles { active: 400, clock_gated: 1600, ..Default::default() });
    // FREE: 6 steps wake each ADC once: 12. EVALUATE: 2 steps: 4. UPDATE: no work, no wake-up.
    let (power, cycles) = adc("{ policy = \"power\", retained = 0.25, wake_j = 1e-13 }");
    close(power, (400.0 + 0.25 * 1600.0) * 1e-6 / 100e6 + 16.0 * 1e-13);
    assert_eq!(cycles, BlockCycles { active: 400, power_gated: 1600, wake_ups: 16, ..Default::default() });
    let (kept, _) = adc("{ policy = \"power\" }");
    close(kept, 20e-12);
}

#[test]
fn a_state_without_steps_wakes_a_block_once_per_update() {
    let mut record = record();
    record.cores[0].active[Phase::Update as usize] = blocks(&[(Block::Adc, 50)]);
    let list = "[leakage]\nadc = 0.0\nrouter = 0.0\n[gating]\nadc = { policy = \"power\" }";
    // 12 in FREE, 4 in EVALUATE, and two ADCs at each of two updates.
    assert_eq!(price(&record, &prices(list)).breakdown.cycles.by_block.chip["adc"].wake_ups, 20);
}

#[test]
fn the_numbers_of_the_gating_in_use_count_as_evidence() {
    let known = |value: &str, unit: &str, evidence: &str| {
        format!("{{ value = {value}, unit = \"{unit}\", evidence = \"{evidence}\", source = \"test\" }}")
    };
    let evidence = |policy: &str, retained: &str, wake: &str| {
        let text = format!(
            "leakage.adc = {0}\nleakage.router = {0}\n[gating.adc]\npolicy = \"{policy}\"\nidle_cycle_j = {1}\n\
             retained = {2}\nwake_j = {3}",
            known("1e-6", "W", "measured"),
            known("1e-15", "J", "calibrated"),
            known("0.1", "1", retained),
            known("1e-13", "J", wake),
        );
        price(&record(), &prices(&text)).energy_j.evidence
    };
    assert_eq!(evidence("clock", "model", "model"), Evidence::Measured);
    assert_eq!(evidence("none", "model", "model"), Evidence::Calibrated);
    assert_eq!(evidence("power", "model", "simulated"), Evidence::Model);
    assert_eq!(evidence("power", "simulated", "model"), Evidence::Model);
}

#[test]
fn every_block_is_charged_for_every_cycle() {
    let record = record();
    let bill = price(&record, &prices(LIST));
    for (name, cycles) in &bill.breakdown.cycles.by_block.chip {
        let block = Block::ALL.into_iter().find(|block| block.name() == *name).expect("a block");
        assert_eq!(cycles.total(), record.inventory.get(block) * record.cycles, "{name}");
    }
    let names: Vec<&str> = bill.breakdown.cycles.by_block.chip.keys().copied().collect();
    assert_eq!(names, ["adc", "router"]);
}

#[test]
fn cycles_that_no_phase_claims_leak_too_and_show() {
    let mut record = record();
    record.cycles += 500;
    let bill = price(&record, &prices(LIST));
    close(bill.energy_j.by_phase["unbooked"], 90e-12);
    close(bill.energy_j.static_j, 270e-12);
    close(bill.energy_j.by_phase.values().sum(), bill.energy_j.total);
}

#[test]
fn idle_clocks_and_wake_ups_are_in_the_peak() {
    let running = |gating: &str| {
        let list = "[leakage]\nadc = 1e-6\nrouter = 0.0\n[gating]\nrouter.policy = \"clock\"\n";
        price(&record(), &prices(&format!("{list}adc = {gating}"))).power_w.peak_running.expect("windows")
    };
    // Two ADCs at 1 uW; with running clocks 10 fJ in each of their cycles, 2 uW at 100 MHz.
    close(running("{ policy = \"clock\" }"), 2e-6);
    close(running("{ policy = \"none\", idle_cycle_j = 10e-15 }"), 4e-6);
    // 12 wake-ups in 600 cycles of FREE, 4 in 200 of EVALUATE: one in 50 cycles, 2 uW at 1 pJ each.
    close(running("{ policy = \"power\", retained = 0.0, wake_j = 1e-12 }"), 4e-6);
}

proptest! {
    /// By block and by phase, of the chip and of the part in use, in the ledger and core by core: every way of
    /// adding up the static energy gives the same, with prices whose sums are exact in binary floating point.
    #[test]
    fn every_breakdown_sums_to_the_total(
        in_use in prop::collection::vec(0_u64..50, Block::ALL.len()),
        unused in prop::collection::vec(0_u64..50, Block::ALL.len()),
        work in prop::collection::vec(0_u64..2_000, Block::ALL.len()),
        watts in prop::collection::vec(0_u32..64, Block::KEYS.len()),
        unbooked in 0_u64..100,
    ) {
        // A cycle of 2^-20 s, so that joules are whole numbers of 2^-30 J.
        let figure = |(key, watts): (&&str, &u32)| format!("{key} = {:?}\n", f64::from(*watts));
        let list: String = Block::KEYS.iter().zip(&watts).map(figure).collect();
        let prices = {
            let mut preset = preset_with(&format!("[leakage]\n{list}[area]\n{list}"));
            let clock = tree::tree("e.toml", "hardware", "clock_hz = 1048576.0");
            preset.overlay(&clock).expect("sound");
            tree::prices(&preset)
        };
        let mut record = record();
        record.cycles += unbooked;
        for ((block, &here), (&rest, &work)) in Block::ALL.into_iter().zip(&in_use).zip(unused.iter().zip(&work)) {
            if block == Block::Router {
                (record.routers_in_use, record.inventory.0[block as usize]) = (here, here + rest);
            } else {
                record.cores[0].inventory.0[block as usize] = here;
                record.inventory.0[block as usize] = here + rest;
            }
            record.cores[0].active[Phase::Free as usize].0[block as usize] = work;
        }
        let bill = price(&record, &prices);
        let hand = |counts: &equipoise_base::record::PerBlock| -> f64 {
            let of = |block: Block| {
                let key = Block::KEYS.iter().position(|key| *key == block.key()).expect("a key");
                counts.get(block) as f64 / block.per_figure() as f64 * f64::from(watts[key])
            };
            Block::ALL.into_iter().map(of).sum()
        };
        let seconds = record.cycles as f64 / 1_048_576.0;
        for (found, blocks) in [
            (&bill.breakdown.static_j.chip, &record.inventory),
            (&bill.breakdown.static_j.in_use, &record.in_use()),
        ] {
            prop_assert_eq!(found.total, hand(blocks) * seconds);
            prop_assert_eq!(found.by_block.values().sum::<f64>(), found.total);
            prop_assert_eq!(found.by_phase.values().sum::<f64>(), found.total);
        }
        prop_assert_eq!(bill.area_mm2.unwrap_or(0.0), hand(&record.inventory));
        prop_assert_eq!(bill.breakdown.area_mm2.in_use.total.unwrap_or(0.0), hand(&record.in_use()));
        prop_assert_eq!(bill.breakdown.cycles.by_phase.values().sum::<u64>(), record.cycles);
        let rows: Vec<_> = ledger::rows(&record, &prices).collect();
        prop_assert_eq!(rows.iter().filter_map(|row| row.energy_j).sum::<f64>(), bill.energy_j.static_j);
        prop_assert_eq!(rows.iter().filter_map(|row| row.area_mm2).sum::<f64>(), hand(&record.inventory));
        let apart = |row: &&ledger::LedgerRow| row.core == Some(0);
        let core: f64 = rows.iter().filter(apart).filter_map(|row| row.energy_j).sum();
        prop_assert_eq!(bill.by_core[0].static_j, core);
    }
}
