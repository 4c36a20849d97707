//! `equipoise price`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Desk, SMALL, number, repository};

#[test]
fn the_chip_of_the_run_reproduces_the_energy_of_the_run() {
    let desk = Desk::new();
    desk.digest(&SMALL, "out");
    let said = desk.succeeds(&["price", "out", "--chip", "edge-rram"]);
    assert!(said.starts_with("digits: run on edge-rram, priced as edge-rram\n"), "{said}");
    assert!(said.ends_with("written to out/price-edge-rram.json\n"), "{said}");
    let (summary, price) = (desk.json("out/summary.json"), desk.json("out/price-edge-rram.json"));
    for field in ["energy_j", "area_mm2", "latency_s_per_update", "power_w", "chip_seconds"] {
        assert_eq!(summary[field], price[field], "{field}");
    }
    assert_eq!(price["format"], "equipoise-price-1");
    assert_eq!((&price["run_chip"], &price["priced_as"]), (&"edge-rram".into(), &"edge-rram".into()));
    assert_eq!(price["prices_only"], false);
    assert_eq!(price["structure_differs_in"], serde_json::json!([]));
}

#[test]
fn prices_clock_and_leakage_may_differ() {
    let desk = Desk::new();
    desk.digest(&SMALL, "out");
    let preset = std::fs::read_to_string(repository("hw-models/edge-rram.toml")).unwrap();
    let dear = preset
        .replace("name = \"edge-rram\"", "name = \"dear\"")
        .replace("adc_convert = { value = 0.847e-12", "adc_convert = { value = 1.694e-12")
        .replace("clock_hz = { value = 100e6", "clock_hz = { value = 50e6");
    desk.put("chips/dear.toml", dear);
    let said = desk.succeeds(&["price", "out", "--chip", "chips/dear.toml", "--quiet"]);
    assert_eq!(said, "out/price-dear.json\n");
    let (summary, price) = (desk.json("out/summary.json"), desk.json("out/price-dear.json"));
    let converters = |value: &serde_json::Value| number(&value["energy_j"]["by_action"]["adc_convert"]);
    assert!((converters(&price) / converters(&summary) - 2.0).abs() < 1e-12);
    assert!((number(&price["chip_seconds"]) / number(&summary["chip_seconds"]) - 2.0).abs() < 1e-12);
}

#[test]
fn a_chip_of_another_structure_is_refused_by_its_keys_unless_only_prices_are_asked_for() {
    let desk = Desk::new();
    desk.digest(
        &[&SMALL[..], &["--set", "hardware.adc.bits=6", "--set", "hardware.array.rows=32"]].concat(),
        "out",
    );
    let before = desk.everything();
    let refused = desk.says(&["price", "out", "--chip", "edge-rram"]);
    assert_eq!(
        refused.stderr,
        "error: command line: `--chip`: found a chip that differs in adc.bits (8, ran with 6), array.rows (64, ran \
         with 32); accepted: a chip of the same structure, or --prices-only to take its prices alone\n"
    );
    assert_eq!((refused.status, desk.everything()), (Some(2), before));
    let said = desk.succeeds(&["price", "out", "--chip", "edge-rram", "--prices-only"]);
    assert!(said.contains("\nprices only: the chips differ in adc.bits, array.rows\n"), "{said}");
    let price = desk.json("out/price-edge-rram.json");
    assert_eq!(price["prices_only"], true);
    let differ =
        serde_json::json!(["adc.bits: ran with 6, priced with 8", "array.rows: ran with 32, priced with 64"]);
    assert_eq!(price["structure_differs_in"], differ);
    assert_eq!(price["energy_j"], desk.json("out/summary.json")["energy_j"]);
}

/// Any change of a record is found, and none makes the program panic.
#[test]
fn a_damaged_record_is_refused_wherever_it_is_damaged() {
    let desk = Desk::new();
    desk.digest(&SMALL, "out");
    let record = std::fs::read(desk.path("out/record.bin")).unwrap();
    let step = record.len() / 40;
    let damaged = (0..record.len()).step_by(step).map(|at| {
        let mut bytes = record.clone();
        bytes[at] ^= 0x10;
        bytes
    });
    let cut = (0..record.len()).step_by(step).map(|length| record[..length].to_vec());
    for bytes in damaged.chain(cut).chain([[&record[..], b"x"].concat()]) {
        desk.put("out/record.bin", bytes);
        let said = desk.says(&["price", "out", "--chip", "edge-rram"]);
        assert_eq!(said.status, Some(2), "{}", said.stderr);
        assert!(said.stderr.starts_with("error: out/record.bin: "), "{}", said.stderr);
        assert!(said.stderr.contains("; accepted: "), "{}", said.stderr);
        assert!(!desk.path("out/price-edge-rram.json").exists());
    }
}

/// What a preset leaves out is named by the run and by `check`, before anything has run.
#[test]
fn a_bill_that_lacks_a_price_or_a_gating_is_incomplete_in_run_price_and_check() {
    let desk = Desk::new();
    let preset = std::fs::read_to_string(repository("hw-models/edge-rram.toml")).unwrap();
    let kept = |line: &&str| {
        !["latch_read = {", "controller = { policy", "adc = { policy"]
            .iter()
            .any(|gone| line.starts_with(gone))
    };
    let bare: Vec<&str> = preset.lines().filter(kept).collect();
    desk.put("bare.toml", bare.join("\n"));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lacks = "INCOMPLETE: 3 figures without a price: latch_read, gating.adc, gating.controller";
    let small = [&SMALL[..], &["--chip", "bare.toml", "--out", "out"]].concat();
    let ran = words(&desk.succeeds(&[&["run"][..], &small].concat()));
    assert!(ran.contains(lacks), "{ran}");
    assert_eq!(
        desk.json("out/summary.json")["energy_j"]["unpriced"],
        serde_json::json!(["latch_read", "gating.adc", "gating.controller"])
    );
    let priced = words(&desk.succeeds(&["price", "out", "--chip", "bare.toml"]));
    assert!(priced.contains(lacks), "{priced}");
    let checked = words(&desk.succeeds(&["check", "--chip", "bare.toml"]));
    assert!(checked.contains(&format!("bill {lacks}")), "{checked}");
    let whole = desk.succeeds(&["check"]);
    assert!(!whole.contains("INCOMPLETE") && whole.contains("\narea "), "{whole}");
}
