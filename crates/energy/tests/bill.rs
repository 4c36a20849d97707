//! The bill against runs whose energy was worked out by hand, and against integer arithmetic.

mod run;
mod tree;

use equipoise_base::record::{Block, CoreBook, EpochRow, PerBlock, Record};
use equipoise_base::{Action, Phase};
use equipoise_energy::bill::epoch_j;
use equipoise_energy::{Evidence, Prices, ledger, price, structure};
use proptest::prelude::*;
use run::{blocks, close, record};
use tree::{preset_with, tree};

fn prices(rest: &str) -> Prices {
    tree::prices(&preset_with(rest))
}

const LIST: &str = "[price]\nadc_convert = 2e-12\nprogram_pulse_up = 10e-12\npacket_hop = 1e-12\n\
                    [leakage]\nadc = 1e-6\nrouter = 4e-6\n[area]\nadc = 0.5\nrouter = 0.25\n\
                    [gating]\nadc.policy = \"clock\"\nrouter.policy = \"clock\"\n";

#[test]
fn a_run_worked_out_by_hand_costs_what_it_should() {
    let bill = price(&record(), &prices(LIST));
    let energy = &bill.energy_j;
    // 400 conversions of 2 pJ, 50 pulses of 10 pJ, 20 hops of 1 pJ.
    close(energy.by_action["adc_convert"], 800e-12);
    close(energy.by_action["program_pulse_up"], 500e-12);
    close(energy.by_action["packet_hop"], 20e-12);
    assert_eq!(energy.by_action.len(), 3, "a statistic is not on the bill");
    // 10 us of two ADCs at 1 uW and four routers at 4 uW: 18 uW.
    close(energy.static_j, 180e-12);
    close(energy.static_j - bill.breakdown.static_j.in_use.total, 80e-12);
    close(energy.total, 1500e-12);
    // PROGRAM: 40 pulses. FREE: 600 + 20 pJ and 6 us of 18 uW. UPDATE: 10 pulses and 2 us. EVALUATE: 200 pJ and 2 us.
    close(energy.by_phase["program"], 400e-12);
    close(energy.by_phase["free"], 728e-12);
    close(energy.by_phase["update"], 136e-12);
    close(energy.by_phase["evaluate"], 236e-12);
    assert_eq!((energy.by_phase["load"], energy.by_phase.get("unbooked")), (0.0, None));
    // Training is FREE and UPDATE: 864 pJ and 8 us over two updates.
    close(energy.per_update.expect("updates"), 432e-12);
    close(bill.latency_s_per_update.expect("updates"), 4e-6);
    close(bill.by_core[0].dynamic_j, 1300e-12);
    close(bill.by_core[0].static_j, 20e-12);
    close(bill.by_core[1].dynamic_j, 20e-12);
    assert_eq!(bill.by_core[1].static_j, 0.0);
    assert_eq!((bill.by_core[0].core, bill.by_core[1].core), (0, 3));
    close(bill.area_mm2.expect("areas"), 2.0 * 0.5 + 4.0 * 0.25);
    close(bill.breakdown.area_mm2.chip.by_block["router"], 1.0);
    close(bill.chip_seconds, 10e-6);
    close(bill.power_w.average.expect("cycles"), 150e-6);
    // The dearest window: 60 conversions, 120 pJ in 1 us, and 18 uW; at the start 400 pJ of pulses as well.
    close(bill.power_w.peak_running.expect("windows"), 138e-6);
    close(bill.power_w.peak.expect("windows"), 538e-6);
    assert_eq!((energy.evidence, energy.unpriced.len()), (Evidence::Assumed, 0));
}

#[test]
fn what_has_no_price_is_named_and_statistics_are_not() {
    let bill = price(&record(), &prices("price.adc_convert = 2e-12\nleakage.adc = 1e-6\narea.adc = 0.5"));
    assert_eq!(
        bill.energy_j.unpriced,
        ["packet_hop", "program_pulse_up", "leakage.router", "gating.adc", "gating.router"]
    );
    assert_eq!(bill.breakdown.area_mm2.chip.unknown, ["router"]);
    close(bill.energy_j.total, 800e-12 + 20e-12);
    let empty = price(&Record::default(), &prices(""));
    assert_eq!((empty.energy_j.unpriced.len(), empty.energy_j.per_update, empty.area_mm2), (0, None, None));
    assert_eq!((empty.power_w.average, empty.power_w.peak), (None, None));
}

#[test]
fn the_free_bill_of_ideal_is_complete_and_zero() {
    let text = std::fs::read_to_string(tree::repository("hw-models/ideal.toml")).expect("the preset");
    let ideal = tree::prices(&tree::preset(&text));
    let mut record = record();
    for action in Action::ALL {
        record.cores[0].of_mut(Phase::Free).add(*action, 7);
    }
    let bill = price(&record, &ideal);
    assert!(bill.energy_j.unpriced.is_empty());
    assert_eq!((bill.energy_j.total, bill.energy_j.static_j, bill.area_mm2), (0.0, 0.0, Some(0.0)));
    assert_eq!((bill.power_w.average, bill.power_w.peak), (Some(0.0), Some(0.0)));
    assert_eq!(bill.energy_j.evidence, Evidence::Assumed);
    close(bill.chip_seconds, 10e-6);
}

#[test]
fn evidence_is_the_weakest_of_what_is_used_and_of_nothing_else() {
    let known = |value: f64, unit: &str, evidence: &str| {
        format!("{{ value = {value:e}, unit = \"{unit}\", evidence = \"{evidence}\", source = \"test\" }}")
    };
    let list = |hop: &str, barrier: &str, leak: &str| {
        let text = format!(
            "[price]\nadc_convert = {}\nprogram_pulse_up = {}\npacket_hop = {}\nbarrier = {}\n[leakage]\nadc = {}\nrouter = {}",
            known(2e-12, "J", "measured"),
            known(1e-11, "J", "measured"),
            known(1e-12, "J", hop),
            known(1e-12, "J", barrier),
            known(1e-6, "W", "measured"),
            known(1e-6, "W", leak),
        );
        price(&record(), &prices(&text)).energy_j.evidence
    };
    assert_eq!(list("measured", "assumed", "measured"), Evidence::Measured, "no barrier occurred");
    assert_eq!(list("calibrated", "measured", "measured"), Evidence::Calibrated);
    assert_eq!(list("calibrated", "measured", "model"), Evidence::Model);
    assert_eq!(list("assumed", "measured", "model"), Evidence::Assumed);
}

#[test]
fn an_overlaid_price_makes_the_bill_assumed_and_dearer() {
    let known = |value: &str, unit: &str| {
        format!("{{ value = {value}, unit = \"{unit}\", evidence = \"measured\", source = \"test\" }}")
    };
    let mut preset = preset_with(&format!(
        "price.adc_convert = {0}\nprice.program_pulse_up = {0}\nprice.packet_hop = {0}\nleakage.adc = {1}\nleakage.router = {1}",
        known("1e-12", "J"),
        known("0.0", "W")
    ));
    let before = price(&record(), &tree::prices(&preset));
    assert_eq!(before.energy_j.evidence, Evidence::Measured);
    preset.overlay(&tree("e.toml", "hardware", "price.adc_convert = 3e-12")).expect("sound");
    let after = price(&record(), &tree::prices(&preset));
    assert_eq!(after.energy_j.evidence, Evidence::Assumed);
    close(after.energy_j.total - before.energy_j.total, 800e-12);
}

#[test]
fn a_faster_clock_leaks_less_and_switches_as_much() {
    let slow = price(&record(), &prices(LIST));
    let mut preset = preset_with(LIST);
    preset.overlay(&tree("e.toml", "hardware", "clock_hz = 200e6")).expect("sound");
    let fast = price(&record(), &tree::prices(&preset));
    close(fast.energy_j.static_j, slow.energy_j.static_j / 2.0);
    assert_eq!(fast.energy_j.by_action, slow.energy_j.by_action);
    close(fast.chip_seconds, slow.chip_seconds / 2.0);
}

#[test]
fn ledger_rows_are_the_counts_in_order_with_their_prices() {
    let (record, prices) = (record(), prices("price.adc_convert = 2e-12"));
    let rows: Vec<_> = ledger::rows(&record, &prices).collect();
    let seen: Vec<_> = rows.iter().map(|r| (r.core, r.phase, &*r.action, r.count, r.price_j)).collect();
    assert_eq!(
        seen[..6],
        [
            (Some(0), Some("program"), "program_pulse_up", 40, None),
            (Some(0), Some("free"), "step", 6, None),
            (Some(0), Some("free"), "adc_convert", 300, Some(2e-12)),
            (Some(0), Some("update"), "program_pulse_up", 10, None),
            (Some(0), Some("evaluate"), "adc_convert", 100, Some(2e-12)),
            (Some(3), Some("free"), "packet_hop", 20, None),
        ]
    );
    assert_eq!((rows[2].energy_j, rows[0].energy_j), (Some(300.0 * 2e-12), None));
    assert!(seen[6..].iter().all(|row| row.2.contains('.')), "then blocks: {seen:?}");
}

#[test]
fn an_epoch_costs_its_own_counts_and_cycles() {
    let record = record();
    let mut epoch = EpochRow { cycles: 500, active: blocks(&[(Block::Adc, 300)]), ..Default::default() };
    epoch.counts.add(Action::AdcConvert, 300);
    epoch.counts.add(Action::Step, 6);
    close(epoch_j(&record, &epoch, &prices(LIST)), 600e-12 + 90e-12);
}

#[test]
fn the_bill_speaks_the_words_of_the_summary() {
    let json = serde_json::to_value(price(&record(), &prices(LIST))).expect("JSON");
    for path in [
        "/energy_j/total",
        "/energy_j/per_update",
        "/energy_j/by_action/adc_convert",
        "/energy_j/by_phase/free",
        "/energy_j/static",
        "/area_mm2",
        "/latency_s_per_update",
        "/power_w/average",
        "/power_w/peak",
        "/chip_seconds",
    ] {
        assert!(json.pointer(path).is_some_and(serde_json::Value::is_number), "{path}");
    }
    assert_eq!(json.pointer("/energy_j/evidence").and_then(|v| v.as_str()), Some("assumed"));
    assert!(json.pointer("/energy_j/unpriced").is_some_and(serde_json::Value::is_array));
}

#[test]
fn another_structure_is_refused_key_by_key() {
    let map =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let ran = map(&[("adc.bits", "8"), ("mesh", "2x2"), ("array.rows", "64")]);
    assert!(structure::compare(&ran, &ran).is_empty());
    let other = map(&[("adc.bits", "6"), ("array.rows", "64"), ("router.kind", "mesh")]);
    let lines: Vec<String> = structure::compare(&ran, &other).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "adc.bits: ran with 8, priced with 6",
            "mesh: ran with 2x2, priced with nothing",
            "router.kind: ran with nothing, priced with mesh",
        ]
    );
}

/// One unit of energy in which sums of the counts below are exact in binary floating point.
const UNIT: f64 = 1.0 / (1_u64 << 30) as f64;

proptest! {
    /// With prices that are whole numbers of a power of two, floating point is exact: the bill must equal
    /// integer arithmetic to the last bit, in total, by action, by core and by phase.
    #[test]
    fn energy_is_exactly_counts_times_prices(
        list in prop::collection::vec(prop::option::of(0_u64..1000), Action::COUNT),
        counts in prop::collection::vec((0..3_usize, 0..Phase::ALL.len(), 0..Action::COUNT, 0..10_000_u64), 0..60),
    ) {
        let billable = |i: usize| Action::ALL[i].billable();
        let text: String = (0..Action::COUNT)
            .filter(|&i| billable(i))
            .filter_map(|i| Some(format!("price.{} = {:?}\n", Action::ALL[i].name(), list[i]? as f64 * UNIT)))
            .collect();
        let mut record = Record { cores: vec![CoreBook::new(0, PerBlock::default()); 3], ..Default::default() };
        let (mut by_action, mut by_core, mut by_phase) = ([0; Action::COUNT], [0; 3], [0; Phase::ALL.len()]);
        let mut occurred = [false; Action::COUNT];
        for &(core, phase, action, count) in &counts {
            record.cores[core].of_mut(Phase::ALL[phase]).add(Action::ALL[action], count);
            occurred[action] |= count > 0;
            let units = list[action].filter(|_| billable(action)).unwrap_or(0) * count;
            by_action[action] += units;
            by_core[core] += units;
            by_phase[phase] += units;
        }
        let prices = prices(&text);
        let bill = price(&record, &prices);
        let whole = |units: u64| units as f64 * UNIT;
        prop_assert_eq!(bill.energy_j.total, whole(by_action.iter().sum()));
        for (i, action) in Action::ALL.iter().enumerate() {
            let priced = billable(i) && list[i].is_some();
            let on_bill = bill.energy_j.by_action.get(action.name()).copied();
            prop_assert_eq!(on_bill, (priced && occurred[i]).then(|| whole(by_action[i])));
            let named = bill.energy_j.unpriced.iter().any(|name| name == action.name());
            prop_assert_eq!(named, billable(i) && !priced && occurred[i]);
        }
        for (core, &units) in bill.by_core.iter().zip(&by_core) {
            prop_assert_eq!(core.dynamic_j, whole(units));
        }
        for (phase, &units) in Phase::ALL.iter().zip(&by_phase) {
            prop_assert_eq!(bill.energy_j.by_phase[phase.name()], whole(units));
        }
        let rows: f64 = ledger::rows(&record, &prices).filter_map(|row| row.energy_j).sum();
        prop_assert_eq!(rows, bill.energy_j.total);
    }
}

/// A conversion of 1 pJ that may be a quarter or eight times of it, and leakage without a range.
#[test]
fn error_bars_are_the_bands_of_the_models_and_nothing_where_no_source_gives_one() {
    let model = "adc_convert = { model = \"adc_survey\", evidence = \"model\", source = \"test\" }";
    let list = prices(&format!(
        "[price]\n{model}\npacket_hop = 1e-12\nprogram_pulse_up = 1e-11\n[leakage]\nadc = 1e-6\nrouter = 4e-6\n"
    ));
    let bill = price(&record(), &list);
    let converted = bill.energy_j.by_action["adc_convert"];
    close(bill.energy_range_j.low, bill.energy_j.total - 0.75 * converted);
    close(bill.energy_range_j.high, bill.energy_j.total + 7.0 * converted);
    let plain = price(&record(), &prices(LIST));
    close(plain.energy_range_j.low, plain.energy_j.total);
    close(plain.energy_range_j.high, plain.energy_j.total);
}
