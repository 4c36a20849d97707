//! Every preset of the repository keeps the promises of a preset.

mod tree;

use equipoise_base::Action;
use equipoise_base::record::Block;
use equipoise_energy::{Evidence, Preset};
use std::collections::BTreeMap;
use tree::{repository, tree};

fn presets() -> Vec<Preset> {
    let mut files: Vec<_> = std::fs::read_dir(repository("hw-models"))
        .expect("the folder of presets")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a readable preset");
            let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
            let preset = Preset::read(&tree(name, "", &text)).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(format!("{}.toml", preset.name), name, "a preset is called like its file");
            assert!(preset.summary.len() > 20, "{name}: what chip is it?");
            preset
        })
        .collect()
}

fn named(name: &str) -> Preset {
    presets().into_iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn every_billable_action_has_a_price_or_a_reason() {
    let presets = presets();
    assert!(presets.len() >= 2);
    for preset in &presets {
        let prices = tree::prices(preset);
        for action in Action::ALL.iter().filter(|a| a.billable()) {
            let priced = prices.price_j(*action).is_some();
            let reason = prices.reason_unpriced(*action).is_some_and(|r| !r.trim().is_empty());
            assert!(priced || reason, "{}: {} has neither", preset.name, action.name());
        }
    }
}

#[test]
fn every_number_of_a_price_list_says_its_unit_evidence_and_source() {
    for preset in presets() {
        let prices = tree::prices(&preset);
        let sourced = |path: String, unit: &str| {
            let Some(known) = preset.provenance.get(&path) else { panic!("{}: {path}", preset.name) };
            let said = known.unit.as_deref();
            assert!(said == Some(unit) || said.is_none() && known.model.is_some(), "{}: {path}", preset.name);
            assert!(!known.source.trim().is_empty(), "{}: {path}", preset.name);
        };
        for (key, unit) in
            [("clock_hz", "Hz"), ("supply_v", "V"), ("temperature_k", "K"), ("leakage_doubling_k", "K")]
        {
            sourced(key.to_owned(), unit);
        }
        for action in Action::ALL.iter().filter(|a| prices.price_j(**a).is_some()) {
            sourced(format!("price.{}", action.name()), "J");
        }
        for block in Block::ALL {
            if prices.leakage_w(block).is_some() {
                sourced(format!("leakage.{}", block.key()), "W");
            }
            if prices.area_mm2(block).is_some() {
                sourced(format!("area.{}", block.key()), "mm2");
            }
            let gating = prices.gating(block).gating;
            if gating.wake_j > 0.0 {
                sourced(format!("gating.{}.wake_j", block.key()), "J");
            }
            if gating.idle_cycle_j > 0.0 {
                sourced(format!("gating.{}.idle_cycle_j", block.key()), "J");
            }
            if gating.retained < 1.0 {
                sourced(format!("gating.{}.retained", block.key()), "1");
            }
        }
    }
}

#[test]
fn every_block_has_leakage_area_and_gating() {
    for preset in presets() {
        let prices = tree::prices(&preset);
        for block in Block::ALL {
            assert!(prices.leakage_w(block).is_some(), "{}: {}", preset.name, block.name());
            assert!(prices.area_mm2(block).is_some(), "{}: {}", preset.name, block.name());
            assert_eq!(prices.gating(block).missing, None, "{}", preset.name);
        }
    }
}

#[test]
fn ideal_prices_everything_at_exactly_nothing() {
    let prices = tree::prices(&named("ideal"));
    assert_eq!(prices.clock_hz(), 100e6);
    for action in Action::ALL.iter().filter(|a| a.billable()) {
        let price = prices.price_j(*action).expect("a price");
        assert_eq!((price.value, price.evidence), (0.0, Evidence::Assumed));
    }
    for block in Block::ALL {
        assert_eq!(prices.leakage_w(block).map(|f| f.value), Some(0.0));
        assert_eq!(prices.area_mm2(block).map(|f| f.value), Some(0.0));
    }
}

/// The arithmetic of the sources, done again from the raw figures that they name.
#[test]
fn edge_rram_follows_from_the_figures_that_it_names() {
    let prices = tree::prices(&named("edge-rram"));
    // Converters of 10 MS/s take ten cycles, and a pulse of 40 ns four.
    assert_eq!(prices.clock_hz(), 10e6 * 10.0);
    assert!((prices.clock_hz() * 40e-9 - 4.0).abs() < 1e-9);
    let stillmaker = |a: f64, b: f64, c: f64, v: f64| (a * v + b) * v + c;
    let (at_45, at_32, at_20) = (
        stillmaker(1.018, -0.3107, 0.1539, 0.9),
        stillmaker(0.8367, -0.4341, 0.1701, 0.8),
        stillmaker(0.373, -0.1582, 0.04104, 0.8),
    );
    let way = (32.0_f64 / 22.0).log2() / (32.0_f64 / 20.0).log2();
    let digital = at_32 * (way * (at_20 / at_32).log2()).exp2() / at_45;
    assert!((digital - 0.26).abs() < 0.005, "{digital}");
    let line_f = 64.0 * 2.0 * 2.1e-15 + 48e-15;
    // The device model counts 256 levels over the range of 39 uS.
    let (level_s, shrink) = (39e-6 / 256.0, (22.0_f64 / 130.0) * (22.0 / 130.0));
    let core_mm2 = 256.0 * 1.27e-3 / 0.28;
    let quiet = 1.74e-5 / 6.741e-3;
    // A core: 16 arrays with eight converters, 128 drivers, 10 KB of latches and 4 KB of accumulators each; 16 lanes, four
    // words for each of 256 neurons, a controller and a router.
    let kilobit_mm2 = 3.5093e-3 / 32.0;
    let array_mm2: f64 = 499e-6 + 8.0 * 1.45e-3 + 128.0 * 27.5e-6 + (80.0 + 32.0) * kilobit_mm2;
    let logic_mm2 = 16.0 * 2.274e-3 + 32.0 * kilobit_mm2 + 1.9e-3 + 3.52e-3;
    let pitch_mm = (16.0 * array_mm2 + logic_mm2).sqrt();
    // 10 KB of latches lie log2(10 / 8) of the way to 16 KB.
    let between_8_and_16_kb = |low: f64, high: f64| low * libm::pow(high / low, libm::log2(1.25));
    let energies = BTreeMap::from([
        ("row_drive", 37.5e-15 + 128.0 * 0.2e-15 * 0.04),
        ("array_read", 64.0 * line_f * 0.64),
        ("cell_mac", 2.0 * 0.04 * 1e-6 * 40e-9),
        ("read_level", 0.04 * level_s * 40e-9 / 256.0),
        ("adc_convert", 0.847e-12),
        ("partial_add", 0.1e-12 * digital),
        ("neuron_update", (3.1e-12 + 0.4e-12 + 64.0 * 9e-15) * digital),
        ("spike", (0.1e-12 + 32.0 * 9e-15) * digital),
        ("event_emit", 64.0 * 9e-15 * digital),
        ("event_deliver", 32.0 * 9e-15 * digital),
        ("packet_hop", 0.454e-12),
        ("link_bit", pitch_mm * 23.312e-15 + 0.27e-15),
        ("latch_write", 10.0 * between_8_and_16_kb(1.7714e-12, 2.2796e-12) / 64.0),
        ("latch_read", 10.0 * between_8_and_16_kb(1.5903e-12, 2.6436e-12) / 64.0),
        ("update_multiply", 0.2e-12 * digital),
        ("program_pulse_up", 2.0 * line_f * 4.0 + 4.0 * 1e-6 * 40e-9),
        ("program_pulse_down", 2.0 * line_f * 4.0 + 4.0 * 1e-6 * 40e-9),
        ("pulse_level", 4.0 * level_s * 40e-9),
        ("program_verify", 37.5e-15 + 0.847e-12 + 0.04 * 20e-6 * 40e-9),
        ("sram_read", 1.1709e-12 / 64.0),
        ("sram_write", 1.246e-12 / 64.0),
        ("host_in", 2e-12),
        ("host_out", 2e-12),
        ("barrier", 8.0 * 23.312e-15),
        ("chip_hop", 0.454e-12),
        ("chip_link_bit", 2e-12),
    ]);
    for action in Action::ALL.iter().filter(|a| a.billable()) {
        near(action.name(), prices.price_j(*action).map(|f| f.value), energies[action.name()]);
    }
    for (block, leakage_w, area_mm2) in [
        (Block::Array, 10e-9, 8192.0 * core_mm2 * 0.12 / 65536.0 * shrink),
        (Block::Adc, 0.2e-3 * quiet, 1.45e-3),
        (Block::Dac, 0.390625e-6 * quiet, 240e-6 * (22.0 / 65.0) * (22.0 / 65.0)),
        (Block::Neuron, 6000.0 * 0.1e-9, 6000.0 * 0.379e-6),
        (Block::Router, 0.907e-3 * quiet, 2.464e-3 / 0.7),
        (Block::Controller, 5000.0 * 0.1e-9, 5000.0 * 0.379e-6),
        (Block::Latches, 2.3906e-6 / 32.0 / 1024.0, kilobit_mm2 / 1024.0),
    ] {
        near(block.name(), prices.leakage_w(block).map(|f| f.value), leakage_w);
        near(block.name(), prices.area_mm2(block).map(|f| f.value), area_mm2);
    }
}

/// Equal to the three digits that a preset writes.
fn near(what: &str, found: Option<f64>, wanted: f64) {
    let Some(found) = found else { panic!("{what} has no figure") };
    assert!((found / wanted - 1.0).abs() < 0.008, "{what}: {found:e}, by its source {wanted:e}");
}
