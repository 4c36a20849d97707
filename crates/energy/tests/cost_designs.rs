//! Pairs of designs and whole designs of the cost oracle, through the keys of a preset: which is dearer, by how much, and
//! which cannot be built.

mod tree;

use equipoise_base::Action;
use equipoise_base::record::Block;
use equipoise_energy::models::sram::latch_bytes;
use equipoise_energy::{Preset, Prices};
use serde_json::{Map, Value};

fn oracle(part: &str) -> Vec<Value> {
    let oracle: Value =
        serde_json::from_str(include_str!("oracles/cost-models.json")).expect("the oracle parses");
    oracle[part].as_array().expect("a list").clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

fn map(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("a map, not {value}"))
}

/// One change of a design in the keys of a preset.
fn setting(key: &str, value: &Value) -> String {
    let name = match key {
        "adc_bits" => "adc.bits",
        "adc_cycles" => "read.adc_cycles",
        "integrate_cycles" => "read.integrate_cycles",
        "pulse_cycles" => "update.pulse_cycles",
        "update_cycles" => "neuron.update_cycles",
        "rows" => "array.rows",
        "columns" => "array.columns",
        "fifo_depth" => "router.fifo_depth",
        "flit_bits" => "router.flit_bits",
        "latch_bits" => "latch.bits",
        "latch_kind" => "latch.kind",
        "latch_port_bits" => "sram.latch_port_bits",
        "sram_bytes" => "sram.bytes",
        "link_mm" => "link.mm",
        "pump_efficiency" => "cell.pump_efficiency",
        "v_read" => "cell.read_v",
        "v_program" => "cell.program_v",
        "activity_bits" | "clock_hz" | "supply_v" | "temperature_k" => key,
        // No format of the chip is narrower than 32 bits; a list of prices does not mind.
        "state_bits" => return format!("state = \"i8f{}\"\n", number(value) - 8.0),
        "ports" => return format!("router.kind = \"tree\"\nrouter.arity = {}\n", number(value) - 1.0),
        other => panic!("{other}"),
    };
    format!("{name} = {value}\n")
}

/// The preset as it was when its forty numbers became models, doubling its leakage every 10 K, with `changes`.
fn changed(changes: &[&Map<String, Value>]) -> Preset {
    let mut preset = tree::preset(include_str!("oracles/edge-rram-calibrated.toml"));
    let mut merged = Map::new();
    changes.iter().for_each(|change| merged.extend((*change).clone()));
    let settings: String = merged.iter().map(|(key, value)| setting(key, value)).collect();
    let overlay = format!("leakage_doubling_k = 10.0\n{settings}");
    preset
        .overlay(&tree::tree("design.toml", "hardware", &overlay))
        .unwrap_or_else(|error| panic!("{error}"));
    preset
}

fn price(prices: &Prices, name: &str) -> f64 {
    let block = |key: &str| Block::ALL.into_iter().find(|block| block.key() == key).expect("a block");
    let of_kilobit = |key: &str| block(key).per_figure() as f64;
    let (figure, count) = match name.split_once('.') {
        Some(("leakage", key)) => (prices.leakage_w(block(key)), of_kilobit(key)),
        Some((_, key)) => (prices.area_mm2(block(key)), of_kilobit(key)),
        None => (prices.price_j(Action::from_name(name).expect("an action")), 1.0),
    };
    count * figure.unwrap_or_else(|| panic!("{name} has no figure")).value
}

#[test]
fn of_two_designs_the_right_one_is_dearer_and_by_about_as_much_as_it_should() {
    let pairs = oracle("pairs");
    assert_eq!(pairs.len(), 187);
    for pair in &pairs {
        let name = pair["quantity"].as_str().expect("text");
        let base = map(&pair["base"]);
        let of = |changes: &[&Map<String, Value>]| price(&tree::prices(&changed(changes)), name);
        let ratio = of(&[base, map(&pair["change"])]) / of(&[base]);
        let right = match pair["relation"].as_str() {
            Some("larger") => ratio > 1.0,
            Some("smaller") => ratio < 1.0,
            _ => (ratio - 1.0).abs() < 1e-12,
        };
        assert!(right, "{pair}: {ratio}");
        let band = number(&pair["ratio_at_least"]) - 1e-9..=number(&pair["ratio_at_most"]) + 1e-9;
        assert!(band.contains(&ratio), "{pair}: {ratio}");
        assert!((ratio / number(&pair["ratio"]) - 1.0).abs() < 1e-5, "{pair}: {ratio}");
    }
}

#[test]
fn whole_designs_cost_what_they_should_and_feel_nothing_else() {
    let designs = oracle("designs");
    assert_eq!(designs.len(), 23);
    let preset = tree::prices(&changed(&[]));
    for design in designs.iter().filter(|design| design["refused"] == Value::Array(Vec::new())) {
        let chip = changed(&[map(&design["change"])]);
        let structure = chip.hardware.flat();
        chip.prices.check(&structure).unwrap_or_else(|error| panic!("{}: {error}", design["name"]));
        let prices = tree::prices(&chip);
        for (name, wanted) in map(&design["affected"]) {
            let found = price(&prices, name);
            let tolerance = number(&design["tolerance"]);
            assert!((found / number(wanted) - 1.0).abs() < tolerance, "{} {name}: {found:e}", design["name"]);
        }
        for name in design["unaffected"].as_array().expect("a list") {
            let name = name.as_str().expect("text");
            assert!(
                (price(&prices, name) / price(&preset, name) - 1.0).abs() < 1e-12,
                "{} {name}",
                design["name"]
            );
        }
        assert_eq!(
            latch_bytes(prices.design()),
            number(&design["latch_bytes_per_array"]),
            "{}",
            design["name"]
        );
    }
}

#[test]
fn designs_that_cannot_be_built_are_refused_at_the_key_at_fault() {
    let refused = [
        (
            "adc12-in-10-cycles",
            "`hardware.read.adc_cycles`: found 10; accepted: 13 cycles at least, for 12 bits where adc.kind = \"sar\"",
        ),
        (
            "1GHz-0.3V",
            "`hardware.supply_v`: found 0.3; accepted: 0.5 to 1 V: below, memories of the process cannot be read and written; above, its oxide breaks",
        ),
        (
            "1GHz-0.8V",
            "`hardware.clock_hz`: found 1000000000; accepted: at most 516.5289 MHz at 0.8 V and 350 K, for neurons that take 1 cycles (neuron.update_cycles)",
        ),
    ];
    let designs = oracle("designs");
    let impossible = designs.iter().filter(|design| design["refused"] != Value::Array(Vec::new()));
    let mut seen = 0;
    for design in impossible {
        let (_, said) = refused.iter().find(|(name, _)| design["name"] == *name).expect("a known design");
        let given = serde_json::json!({ "adc_cycles": 10 });
        let chip = changed(&[map(&given), map(&design["change"])]);
        let error = chip.prices.check(&chip.hardware.flat()).expect_err("refused").to_string();
        assert!(error.ends_with(said), "{error}");
        seen += 1;
    }
    assert_eq!(seen, refused.len());
}
