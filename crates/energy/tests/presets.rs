//! Reading presets, overlaying them, and the errors of both.

mod tree;

use equipoise_base::Action;
use equipoise_base::config::Value;
use equipoise_base::record::Block;
use equipoise_energy::{Evidence, Preset, Scope};
use tree::{preset_with, text_with, tree};

const SMALL: &str = r#"
mesh = "auto"
array = { rows = 64, columns = { value = 32, unit = "1", evidence = "model", source = "a table" } }
[device]
kind = "pulsed"
levels = 64
[price]
adc_convert = { value = 2e-12, unit = "J", evidence = "measured", source = "a paper" }
packet_hop = 1e-12
[leakage]
adc = { value = 1e-6, unit = "W", evidence = "simulated", source = "a run" }
"#;

fn overlaid(text: &str) -> Preset {
    let mut preset = preset_with(SMALL);
    preset.overlay(&tree("experiment.toml", "hardware", text)).expect("a sound overlay");
    preset
}

fn overlay_error(rest: &str, text: &str) -> String {
    let mut preset = preset_with(rest);
    let before = preset.clone();
    let error = preset.overlay(&tree("experiment.toml", "hardware", text)).expect_err("refused");
    assert_eq!(preset, before, "a refused overlay leaves the preset alone");
    error.to_string()
}

fn read_error(text: &str) -> String {
    Preset::read(&tree("chip.toml", "", text)).expect_err("refused").to_string()
}

fn shown(preset: &Preset, section: &str, key: &str) -> Option<String> {
    let table = preset.hardware.section(section).expect("a section")?;
    Some(table.get(key)?.node.value.shown())
}

#[test]
fn structure_and_prices_part_and_annotations_come_off() {
    let preset = preset_with(SMALL);
    let keys: Vec<&str> = preset.hardware.entries.iter().map(|e| e.key.as_str()).collect();
    assert_eq!((keys.len(), preset.name.as_str(), preset.scope()), (3, "test", Scope::PerTerm));
    for key in ["mesh", "array", "device"] {
        assert!(keys.contains(&key), "{key} is structure");
    }
    assert_eq!(shown(&preset, "array", "columns").as_deref(), Some("32"));
    assert_eq!(preset.provenance["array.columns"].source, "a table");
    assert_eq!(preset.provenance["price.adc_convert"].unit.as_deref(), Some("J"));
    let price = tree::prices(&preset).price_j(Action::AdcConvert).expect("a price");
    assert_eq!((price.value, price.evidence), (2e-12, Evidence::Measured));
    let plain = tree::prices(&preset).price_j(Action::PacketHop).expect("a price");
    assert_eq!((plain.value, plain.evidence), (1e-12, Evidence::Assumed));
    assert_eq!(tree::prices(&preset).price_j(Action::CellMac), None);
    assert_eq!(tree::prices(&preset).clock_hz(), 100e6);
}

#[test]
fn an_overlaid_price_is_assumed_and_its_neighbours_keep_their_evidence() {
    let preset = overlaid("price.adc_convert = 5e-12");
    let price = tree::prices(&preset).price_j(Action::AdcConvert).expect("a price");
    assert_eq!((price.value, price.evidence), (5e-12, Evidence::Assumed));
    assert_eq!(preset.provenance["price.adc_convert"].source, "overlaid at experiment.toml:1:7");
    assert_eq!(tree::prices(&preset).leakage_w(Block::Adc).map(|f| f.evidence), Some(Evidence::Simulated));
}

#[test]
fn an_overlay_with_the_presets_own_value_loses_no_evidence() {
    let preset = overlaid("price.adc_convert = 2e-12\nclock_hz = 100_000_000\nmesh = \"auto\"");
    assert_eq!(
        tree::prices(&preset).price_j(Action::AdcConvert).map(|f| f.evidence),
        Some(Evidence::Measured)
    );
    assert_eq!(preset.provenance, preset_with(SMALL).provenance);
    assert_eq!(tree::prices(&preset), tree::prices(&preset_with(SMALL)));
}

#[test]
fn an_overlay_merges_sections_and_replaces_a_model_of_another_kind() {
    let merged = overlaid("device.levels = 32\narray.rows = 16\nadc.bits = 6");
    assert_eq!(shown(&merged, "device", "kind").as_deref(), Some("\"pulsed\""));
    assert_eq!(shown(&merged, "device", "levels").as_deref(), Some("32"));
    assert_eq!(shown(&merged, "array", "columns").as_deref(), Some("32"));
    assert_eq!(shown(&merged, "adc", "bits").as_deref(), Some("6"));
    assert_eq!(merged.provenance["adc.bits"].evidence, Evidence::Assumed);

    let same = overlaid("device = { kind = \"pulsed\" }");
    assert_eq!(shown(&same, "device", "levels").as_deref(), Some("64"));
    for other in ["device = { kind = \"ideal\" }", "device = \"ideal\"", "device.kind = \"ideal\""] {
        let preset = overlaid(other);
        assert_eq!(shown(&preset, "device", "kind").as_deref(), Some("\"ideal\""), "{other}");
        assert_eq!(shown(&preset, "device", "levels"), None, "{other}: keys of the old model are gone");
    }
    assert_eq!(shown(&overlaid("device = \"pulsed\""), "device", "levels").as_deref(), Some("64"));
}

#[test]
fn a_model_named_by_its_word_alone_takes_keys_from_an_overlay() {
    let mut preset = preset_with("latch = \"state\"\n");
    preset.overlay(&tree("e.toml", "hardware", "latch.bits = 9")).expect("sound");
    assert_eq!(shown(&preset, "latch", "kind").as_deref(), Some("\"state\""));
    assert_eq!(shown(&preset, "latch", "bits").as_deref(), Some("9"));
}

#[test]
fn structural_errors_after_an_overlay_name_the_key_as_the_user_wrote_it() {
    let preset = overlaid("array.rows = 16");
    let Some(array) = preset.hardware.section("array").expect("a section") else { panic!("no array") };
    let entry = array.get("rows").expect("rows");
    assert_eq!(entry.node.value, Value::Integer(16));
    assert_eq!(
        array.error(entry, "less").to_string(),
        "experiment.toml:1:7: `hardware.array.rows`: found 16; accepted: less"
    );
}

#[test]
fn overlay_errors_point_at_file_line_column_and_key() {
    for (text, message) in [
        (
            "\n\nprice.adc_convrt = 1e-12",
            "experiment.toml:3:7: `hardware.price.adc_convrt`: found an unknown key;",
        ),
        (
            "price.adc_convert = -1.0",
            "experiment.toml:1:7: `hardware.price.adc_convert`: found -1.0; accepted: a number from 0 to 1",
        ),
        (
            "price.adc_convert = 3",
            "experiment.toml:1:7: `hardware.price.adc_convert`: found 3; accepted: a number from 0 to 1",
        ),
        (
            "price.adc_convert = nan",
            "experiment.toml:1:7: `hardware.price.adc_convert`: found NaN; accepted: a finite number",
        ),
        ("price.step = 1e-12", "experiment.toml:1:7: `hardware.price.step`: found an unknown key;"),
        ("price = 3", "experiment.toml:1:1: `hardware.price`: found 3; accepted: a section"),
        (
            "leakage.adcs = 1e-12",
            "experiment.toml:1:9: `hardware.leakage.adcs`: found an unknown key; accepted: array, adc, dac, neuron, router, controller, sram_kilobit (did you mean `adc`?)",
        ),
        (
            "clock_hz = 0",
            "experiment.toml:1:1: `hardware.clock_hz`: found 0; accepted: a number from 1 to 1000000000000",
        ),
        (
            "name = \"mine\"",
            "experiment.toml:1:1: `hardware.name`: found \"mine\"; accepted: any key of the preset but",
        ),
        (
            "price.adc_convert = { value = 1e-12, unit = \"J\", evidence = \"measured\", source = \"me\" }",
            "experiment.toml:1:7: `hardware.price.adc_convert`: found a section; accepted: a plain value",
        ),
        (
            "gating.adc = \"clock\"",
            "experiment.toml:1:8: `hardware.gating.adc`: found \"clock\"; accepted: a section with `policy`",
        ),
        (
            "gating.adc.policy = \"off\"",
            "experiment.toml:1:12: `hardware.gating.adc.policy`: found \"off\"; accepted: \"none\", \"clock\", \"power\"",
        ),
        (
            "temperature_k = 320.0",
            "experiment.toml:1:1: `hardware.temperature_k`: found 320.0; accepted: 300 K, for which the leakage holds, or `leakage_doubling_k` as well",
        ),
    ] {
        let found = overlay_error(SMALL, text);
        assert!(found.starts_with(message), "{text}:\n{found}\n{message}");
    }
}

#[test]
fn preset_errors_point_at_file_line_column_and_key() {
    for (rest, message) in [
        (
            "[price]\nbarrier = { value = 1e-12, unit = \"pJ\", evidence = \"model\", source = \"x\" }",
            "chip.toml:8:1: `price.barrier.unit`: found \"pJ\"; accepted: \"J\"",
        ),
        (
            "[price]\nbarrier = { value = 1e-12, unit = \"J\", evidence = \"guess\", source = \"x\" }",
            "chip.toml:8:40: `price.barrier.evidence`: found \"guess\"; accepted: \"measured\", ",
        ),
        (
            "[price]\nbarrier = { value = 1e-12, unit = \"J\", evidence = \"model\" }",
            "chip.toml:8:11: `price.barrier`: found no key `source`; accepted: where the number comes from",
        ),
        (
            "[price]\nbarrier = { value = 1e-12, unit = \"J\", evidence = \"model\", source = \" \" }",
            "chip.toml:8:60: `price.barrier.source`: found \" \"; accepted: where the number comes from",
        ),
        (
            "[price]\nbarrier = { value = 1e-12, units = \"J\" }",
            "chip.toml:8:28: `price.barrier.units`: found an unknown key;",
        ),
        (
            "[price]\nbarrier = { unit = \"J\" }",
            "chip.toml:8:1: `price.barrier`: found a section; accepted: a finite number",
        ),
        (
            "leakage_doubling_k = { value = 25, unit = \"C\", evidence = \"model\", source = \"x\" }",
            "chip.toml:7:1: `leakage_doubling_k.unit`: found \"C\"; accepted: \"K\"",
        ),
        (
            "gating.adc = { policy = \"none\", idle_cycle_j = { value = 1e-12, unit = \"fJ\", evidence = \"model\", source = \"x\" } }",
            "chip.toml:7:33: `gating.adc.idle_cycle_j.unit`: found \"fJ\"; accepted: \"J\"",
        ),
        ("unpriced.barier = \"never published\"", "chip.toml:7:10: `unpriced.barier`: found an unknown key;"),
    ] {
        let found = read_error(&text_with(rest));
        assert!(found.starts_with(message), "{rest}:\n{found}\n{message}");
    }
    let missing = text_with("").replace("supply_v = 1.0\n", "");
    assert!(
        read_error(&missing).starts_with("chip.toml:1:1: found no key `supply_v`; accepted: a number in V")
    );
    let word = text_with("").replace("per_term", "per term");
    assert_eq!(
        read_error(&word),
        "chip.toml:3:1: `scope`: found \"per term\"; accepted: \"per_term\", \"all_in\", \"lumped_mvm\""
    );
}

#[test]
fn an_all_in_price_refuses_what_it_already_contains() {
    let text = |scope: &str, rest: &str| text_with(rest).replace("per_term", scope);
    let all_in = |rest: &str| text("all_in", &format!("[price]\ncell_mac = 26e-12\n{rest}"));
    for (rest, key) in [
        ("packet_hop = 2.3e-12", "price.packet_hop"),
        ("sram_read = 47e-15", "price.sram_read"),
        ("event_deliver = 1e-12", "price.event_deliver"),
        ("[leakage]\nrouter = 1e-6", "leakage.router"),
    ] {
        let line = if key.starts_with("price") { 9 } else { 10 };
        let message = format!("chip.toml:{line}:1: `{key}`: found ");
        let found = read_error(&all_in(rest));
        assert!(found.starts_with(&message), "{found}");
        assert!(
            found.ends_with("accepted: 0, for scope \"all_in\": `price.cell_mac` contains it"),
            "{found}"
        );
    }
    tree::preset(&all_in("packet_hop = 0.0\nupdate_multiply = 1e-12\n[leakage]\nrouter = 0.0"));
    tree::preset(&text("all_in", "[price]\npacket_hop = 2.3e-12"));

    let lumped = |rest: &str| text("lumped_mvm", &format!("[price]\narray_read = 13e-9\n{rest}"));
    assert!(read_error(&lumped("adc_convert = 1e-12")).contains("`price.array_read` contains it"));
    tree::preset(&lumped("packet_hop = 1e-12\n[leakage]\nrouter = 1e-6"));
}

#[test]
fn an_overlay_cannot_slip_a_hop_under_an_all_in_price() {
    let rest = "[price]\ncell_mac = 26e-12";
    let mut preset = tree::preset(&text_with(rest).replace("per_term", "all_in"));
    let error = preset.overlay(&tree("e.toml", "hardware", "price.packet_hop = 1e-12")).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "e.toml:1:7: `hardware.price.packet_hop`: found 1e-12; accepted: 0, for scope \"all_in\": `price.cell_mac` contains it"
    );
}

#[test]
fn dynamic_prices_follow_the_square_of_the_supply_and_leakage_what_the_drain_lowers_the_barrier() {
    let preset = overlaid("supply_v = 0.5");
    let price = tree::prices(&preset).price_j(Action::AdcConvert).expect("a price");
    assert_eq!((price.value, price.evidence), (0.5e-12, Evidence::Model));
    let leakage = tree::prices(&preset).leakage_w(Block::Adc).expect("a leakage");
    // 1 uW at 1 V: half the voltage, and 1.45 decades a volt less.
    assert!((leakage.value / (0.5e-6 * 0.188_364_908_948_98) - 1.0).abs() < 1e-12, "{leakage:?}");
    assert_eq!(leakage.evidence, Evidence::Model);
    assert_eq!(tree::prices(&preset).price_j(Action::PacketHop).map(|f| f.evidence), Some(Evidence::Assumed));
    assert_eq!(tree::prices(&preset).nominal().supply_v, 1.0);
    let mut back = preset;
    back.overlay(&tree("e.toml", "hardware", "supply_v = 1.0")).expect("sound");
    assert_eq!(tree::prices(&back).price_j(Action::AdcConvert).map(|f| f.value), Some(2e-12));
}

#[test]
fn leakage_doubles_with_temperature_and_dynamic_prices_do_not_feel_it() {
    let preset = overlaid("temperature_k = 350\nleakage_doubling_k = 25");
    let leakage = tree::prices(&preset).leakage_w(Block::Adc).expect("a leakage");
    assert_eq!((leakage.value, leakage.evidence), (4e-6, Evidence::Assumed));
    let price = tree::prices(&preset).price_j(Action::AdcConvert).expect("a price");
    assert_eq!((price.value, price.evidence), (2e-12, Evidence::Measured));
}

#[test]
fn a_reason_stands_for_a_missing_price_until_an_overlay_brings_one() {
    let mut preset = preset_with("unpriced.barrier = \"never published\"");
    assert_eq!(tree::prices(&preset).reason_unpriced(Action::Barrier), Some("never published"));
    assert_eq!(tree::prices(&preset).reason_unpriced(Action::CellMac), None);
    preset.overlay(&tree("e.toml", "hardware", "price.barrier = 1e-12")).expect("sound");
    assert_eq!(tree::prices(&preset).reason_unpriced(Action::Barrier), None);
}

const SOURCED: &str = "unit = \"J\", evidence = \"measured\", source = \"test\"";

/// A preset of one price, written as `price`, on a structure with converters of 8 bits.
fn of_converter(price: &str, rest: &str) -> Preset {
    let price = price.replace("SOURCED", SOURCED);
    preset_with(&format!("adc.bits = 8\nread.adc_cycles = 10\n[price]\nadc_convert = {price}\n{rest}"))
}

fn converter(preset: &Preset) -> (f64, Evidence) {
    let price = tree::prices(preset).price_j(Action::AdcConvert).expect("a price");
    (price.value, price.evidence)
}

/// What the price of a converter is off, after an overlay.
fn off(mut preset: Preset, overlay: &str) -> (Evidence, Vec<String>) {
    preset.overlay(&tree("e.toml", "hardware", overlay)).expect("sound");
    let off = tree::prices(&preset).priced_at(|_| true);
    let said = off.iter().map(|(key, at)| format!("{key}: {} for {}", at.ran, at.priced_for)).collect();
    (converter(&preset).1, said)
}

#[test]
fn a_number_off_its_design_point_is_assumed_and_says_so() {
    let at = |at: &str| of_converter(&format!("{{ value = 1e-12, SOURCED{at} }}"), "");
    let bits = "adc.bits: 6 for 8".to_owned();
    assert_eq!(off(at(", at = { adc.bits = 8 }"), ""), (Evidence::Measured, vec![]));
    assert_eq!(off(at(", at = { adc.bits = 8 }"), "adc.bits = 6"), (Evidence::Assumed, vec![bits.clone()]));
    assert_eq!(
        off(at(""), "adc.bits = 6"),
        (Evidence::Assumed, vec![bits]),
        "its file's own design is its point"
    );
    assert_eq!(
        off(at(""), "adc.count = 3\nadc.gain_spread = 0.1"),
        (Evidence::Measured, vec![]),
        "no converter feels that"
    );
    assert_eq!(
        off(at(", at = { adc.count = 2 }"), "adc.count = 3").1,
        ["adc.count: 3 for 2"],
        "but it may say so"
    );
    let set = "adc.bits = 6\nprice.adc_convert = 2e-12";
    assert_eq!(
        off(at(""), set),
        (Evidence::Assumed, vec![]),
        "a price that is set holds for the design it is set for"
    );
    let free = of_converter("{ value = 0.0, SOURCED }", "");
    assert_eq!(off(free, "adc.bits = 6"), (Evidence::Measured, vec![]), "what is free is free at any size");
}

const POINT: &str = "[at]\nclock_hz = 100e6\nsupply_v = 1.0\ntemperature_k = 300\nadc.bits = 8\nadc.noise = 0.0\n\
                     read.adc_cycles = 10\nconverter = { paid_bits = \"nominal\", holds = false, full_scale_v = 0.5 }\ntechnology.node_nm = 22.0\n";

#[test]
fn a_model_is_brought_to_the_number_at_its_design_point_and_follows_the_design_from_there() {
    let calibrated = || of_converter("{ value = 2e-12, SOURCED, model = \"adc_survey\" }", POINT);
    assert_eq!(converter(&calibrated()), (2e-12, Evidence::Measured));
    let with = |overlay: &str| {
        let mut preset = calibrated();
        preset.overlay(&tree("e.toml", "hardware", overlay)).expect("sound");
        converter(&preset)
    };
    let (six, evidence) = with("adc.bits = 6");
    assert!((six / 2e-12 - 0.6215).abs() < 1e-4, "{six:e}");
    assert_eq!(evidence, Evidence::Model, "away from its point a model is a model");
    assert_eq!(with("adc.bits = 3").1, Evidence::Assumed, "nobody ran it below 4 bits");
    assert_eq!(off(calibrated(), "adc.bits = 3").1, ["adc.bits: 3 for 4 to 14"]);
    assert_eq!(
        with("price.adc_convert = 2e-12\nadc.bits = 6"),
        (2e-12, Evidence::Assumed),
        "an explicit price is a price"
    );
    assert_eq!(with("price.adc_convert = \"adc_survey\"").1, Evidence::Assumed);
    let plain = of_converter("{ model = \"adc_survey\", evidence = \"model\", source = \"test\" }", "");
    assert!(
        (converter(&plain).0 / 0.847e-12 - 1.0).abs() < 1e-3,
        "without a number it is what its source says"
    );
}

#[test]
fn a_design_point_stays_where_it_is_when_the_file_around_it_changes() {
    let text = |bits: &str| {
        let price =
            format!("[price]\nadc_convert = {{ value = 2e-12, {SOURCED}, model = \"adc_survey\" }}\n{POINT}");
        text_with(&format!("adc.bits = {bits}\nread.adc_cycles = 10\n{price}"))
    };
    assert_eq!(converter(&tree::preset(&text("8"))).0, 2e-12);
    assert!(
        converter(&tree::preset(&text("6"))).0 < 1.3e-12,
        "an edited copy of a preset does not move its point"
    );
}

#[test]
fn models_that_cannot_be_had_are_refused_where_they_are_named() {
    let refused = |price: &str, rest: &str| {
        let price = price.replace("SOURCED", SOURCED);
        read_error(&text_with(&format!("adc.bits = 8\n[price]\n{price}\n{rest}")))
    };
    assert_eq!(
        refused("adc_convert = { model = \"flash\", evidence = \"model\", source = \"x\" }", ""),
        "chip.toml:9:1: `price.adc_convert`: found the model \"flash\"; accepted: a number, or one of the models \"adc_survey\""
    );
    assert_eq!(
        refused(
            "adc_convert = { value = 1e-12, SOURCED, model = \"adc_survey\" }",
            "[at]\nadc.bits = 8\nclock_hz = 1e8"
        ),
        "chip.toml:9:1: `price.adc_convert`: found 1e-12; accepted: a number whose design point, in `at`, says all that \
         the model follows: adc.noise, converter.paid_bits, converter.holds, converter.full_scale_v, read.adc_cycles, \
         temperature_k, technology.node_nm as well"
    );
    let overlaid = overlay_error(SMALL, "price.adc_convert = \"flash\"");
    assert!(
        overlaid.starts_with("experiment.toml:1:7: `hardware.price.adc_convert`: found the model \"flash\";"),
        "{overlaid}"
    );
    assert!(overlay_error(SMALL, "at.adc.bits = 3").contains("no `at` here"));
}

#[test]
fn a_corner_of_the_process_moves_leakage_threefold_and_no_switched_energy() {
    let at = |corner: &str| {
        let prices = tree::prices(&overlaid(&format!("technology.corner = {corner:?}")));
        let leakage = prices.leakage_w(Block::Adc).expect("a leakage");
        (leakage.value / 1e-6, leakage.evidence, prices.price_j(Action::AdcConvert).map(|price| price.value))
    };
    // 0.0477 V at 0.1 V a decade.
    let three = 2.9991625189876502;
    for (corner, factor, evidence) in [
        ("slow", 1.0 / three, Evidence::Assumed),
        ("typical", 1.0, Evidence::Simulated),
        ("fast", three, Evidence::Assumed),
    ] {
        let (leakage, known, price) = at(corner);
        assert!((leakage / factor - 1.0).abs() < 1e-9, "{corner}: {leakage}");
        assert_eq!((known, price), (evidence, Some(2e-12)), "{corner}");
    }
}
