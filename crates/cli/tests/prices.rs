//! Prices that follow the design, and those that do not and say so.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Desk, SMALL, number, repository};
use serde_json::{Value, json};

/// The summary of a small run with `--set` for each of `settings`.
fn ran(settings: &[&str]) -> Value {
    let desk = Desk::new();
    let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    desk.digest(&[&SMALL[..], &set].concat(), "out");
    desk.json("out/summary.json")
}

/// Joules of one conversion of a run.
fn conversion_j(summary: &Value) -> f64 {
    number(&summary["energy_j"]["by_action"]["adc_convert"]) / number(&summary["actions"]["adc_convert"])
}

#[test]
fn a_converter_costs_takes_and_covers_more_with_every_bit() {
    let runs = [4, 8, 12].map(|bits| ran(&[&format!("hardware.adc.bits={bits}")]));
    for quantity in ["/energy_j/total", "/area_mm2", "/cycles"] {
        let of = |run: &Value| number(run.pointer(quantity).unwrap());
        assert!(of(&runs[0]) < of(&runs[1]) && of(&runs[1]) < of(&runs[2]), "{quantity}");
    }
    assert!(
        (conversion_j(&runs[1]) / 0.847e-12 - 1.0).abs() < 1e-9,
        "the preset's own price at its own point"
    );
    assert!((conversion_j(&runs[0]) / conversion_j(&runs[1]) - 0.539).abs() < 0.001);
    assert!((conversion_j(&runs[2]) / conversion_j(&runs[1]) - 4.187).abs() < 0.001);
    for run in &runs {
        assert_eq!(run["priced_at"], json!({}), "a model follows");
    }
}

#[test]
fn a_conversion_that_is_given_its_cycles_takes_them_and_no_fewer_than_it_can() {
    let cycles = |kind: &str, given: &[&str]| {
        let kind = format!("hardware.adc.kind={kind}");
        ran(&[&["hardware.adc.bits=4", &kind], given].concat())["cycles"].clone()
    };
    assert_eq!(cycles("sar", &[]), cycles("given", &["hardware.read.adc_cycles=6"]));
    assert_eq!(cycles("ramp", &[]), cycles("sar", &["hardware.read.adc_cycles=16"]));
    assert_eq!(cycles("oscillator", &[]), cycles("given", &["hardware.read.adc_cycles=1"]));
    for (settings, said) in [
        (
            ["hardware.adc.bits=12", "hardware.read.adc_cycles=10"],
            "found 10; accepted: 13 cycles at least, for 12 bits where adc.kind = \"sar\"",
        ),
        (
            ["hardware.adc.kind=ramp", "hardware.read.adc_cycles=255"],
            "found 255; accepted: 256 cycles at least, for 8 bits where adc.kind = \"ramp\"",
        ),
        (
            ["hardware.adc.kind=oscillator", "hardware.read.adc_cycles=7"],
            "found 7; accepted: 8 cycles at least, for 8 bits where adc.kind = \"oscillator\"",
        ),
    ] {
        for command in ["run", "check"] {
            let desk = Desk::new();
            let refused = desk.says(&[command, "--set", settings[0], "--set", settings[1]]);
            let wanted = format!("error: command line: `hardware.read.adc_cycles`: {said}\n");
            assert_eq!((refused.status, refused.stderr, desk.everything()), (Some(2), wanted, Vec::new()));
        }
    }
}

#[test]
fn a_number_off_its_design_point_says_what_it_is_priced_for() {
    let desk = Desk::new();
    let preset = std::fs::read_to_string(repository("hw-models/edge-rram.toml")).unwrap();
    let model = r#"adc_convert = { value = 0.847e-12, unit = "J", model = "adc_survey","#;
    assert!(preset.contains(model));
    let fixed =
        preset.replace(model, r#"adc_convert = { value = 0.847e-12, unit = "J", at = { adc.bits = 8 },"#);
    desk.put("fixed.toml", fixed);
    let run = |bits: &str, out: &str| {
        desk.succeeds(&[&["run", "--chip", "fixed.toml", "--set", bits, "--out", out], &SMALL[..]].concat())
    };
    let said = run("hardware.adc.bits=6", "off");
    assert!(said.contains("\nprices     priced for adc.bits = 8, not 6: adc_convert\n"), "{said}");
    let summary = desk.json("off/summary.json");
    let off = json!({ "adc.bits": { "priced_for": "8", "ran": "6", "figures": ["price.adc_convert"] } });
    assert_eq!(summary["priced_at"], off);
    assert!((conversion_j(&summary) / 0.847e-12 - 1.0).abs() < 1e-12, "a number stays the number that it is");
    for arguments in [
        &[
            "run",
            "--chip",
            "fixed.toml",
            "--set",
            "hardware.adc.bits=6",
            "--strict-prices",
            "--out",
            "strict",
        ][..],
        &["check", "--chip", "fixed.toml", "--set", "hardware.adc.bits=6", "--strict-prices"],
        &["price", "off", "--chip", "fixed.toml", "--prices-only", "--strict-prices"],
    ] {
        let refused = desk.says(arguments);
        assert_eq!(refused.status, Some(2), "{arguments:?}");
        let said = "`: found 6; accepted: 8, for which price.adc_convert holds, or no --strict-prices\n";
        assert!(refused.stderr.ends_with(said) && refused.stderr.contains("adc.bits"), "{}", refused.stderr);
    }
    assert!(!desk.path("strict").exists() && !desk.path("off/price-edge-rram.json").exists());
    let said = run("hardware.adc.bits=8", "on");
    assert!(!said.contains("priced for"), "{said}");
    desk.succeeds(&["price", "off", "--chip", "edge-rram", "--prices-only"]);
    let priced = desk.json("off/price-edge-rram.json");
    assert_eq!(priced["priced_at"], json!({}), "models are asked about the structure that ran");
    assert_eq!(
        conversion_j(&json!({ "energy_j": priced["energy_j"], "actions": summary["actions"] })),
        conversion_j(&ran(&["hardware.adc.bits=6"]))
    );
}

#[test]
fn a_run_is_priced_at_the_corners_of_the_process_and_within_error_bars() {
    let desk = Desk::new();
    desk.digest(&SMALL, "out");
    let priced = |corner: &str| {
        desk.succeeds(&["price", "out", "--chip", "edge-rram", "--corner", corner, "--overwrite"]);
        desk.json("out/price-edge-rram.json")
    };
    let [slow, typical, fast] = ["slow", "typical", "fast"].map(priced);
    assert_eq!(typical["energy_j"], desk.json("out/summary.json")["energy_j"]);
    let leaks = |bill: &Value| number(&bill["energy_j"]["static"]);
    assert!(leaks(&slow) < 0.5 * leaks(&typical) && leaks(&fast) > 2.0 * leaks(&typical));
    assert_eq!(slow["energy_j"]["by_action"], fast["energy_j"]["by_action"]);
    let range = |end: &str| number(&typical["energy_range_j"][end]);
    let total = number(&typical["energy_j"]["total"]);
    assert!(range("low") < 0.8 * total && range("high") > 1.5 * total, "{}", typical["energy_range_j"]);
    let refused = desk.says(&["price", "out", "--chip", "edge-rram", "--corner", "hot"]);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
}

#[test]
fn published_energy_models_price_the_same_run_beside_the_preset() {
    let desk = Desk::new();
    desk.digest(&SMALL, "out");
    let said = desk.succeeds(&["price", "out", "--chip", "edge-rram", "--models"]);
    let priced = desk.json("out/price-edge-rram.json");
    let models = priced["models"].as_array().unwrap();
    assert!(models.len() >= 5 && said.contains(" published ones say "), "{said}");
    let summary = desk.json("out/summary.json");
    let count = |action: &str| number(&summary["actions"][action]);
    let of = |name: &str| number(&models.iter().find(|model| model["name"] == name).unwrap()["energy_j"]);
    // The arithmetic of the sources, done again.
    let near =
        |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-12, "{found:e} {wanted:e}");
    near(of("truenorth-28"), 26e-12 * count("cell_mac"));
    near(of("odin-28"), 12.7e-12 * count("cell_mac"));
    near(of("hermes-14"), 0.205e-12 * count("cell_mac"));
    let loihi = 23.6 * count("cell_mac")
        + 81.0 * count("neuron_update")
        + 1.7 * count("event_deliver")
        + 3.5 * count("packet_hop")
        + 60.0 * count("latch_read");
    near(of("loihi-davies-14"), 1e-12 * loihi);
    for model in models {
        assert!(said.contains(model["name"].as_str().unwrap()), "{said}");
    }
    assert!(
        desk.json("out/price-edge-rram.json")["energy_j"] == summary["energy_j"],
        "the bill itself stays"
    );
}
