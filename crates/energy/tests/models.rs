//! Price models over the whole ranges of their keys, and through a preset to a price.

mod tree;

use equipoise_base::Action;
use equipoise_energy::design::Design;
use equipoise_energy::models::converter::{area_mm2, energy_j};
use equipoise_energy::models::{ALL, Law};

/// The plug-in jumps at whole bits, where its cap follows the next whole number: 7.01 bits cost less than 7.
#[test]
fn a_fraction_of_a_bit_costs_more_and_never_less() {
    for rate_hz in [1e5, 1e7, 1e9] {
        let mut last = (0.0, 0.0);
        for step in 10..=160 {
            let bits = f64::from(step) / 10.0;
            let now = (energy_j(bits, rate_hz, 22.0), area_mm2(bits, rate_hz, 22.0));
            assert!(
                now.0 > last.0 && now.1 > last.1 && now.0.is_finite(),
                "{bits} bits at {rate_hz}: {now:?}"
            );
            last = now;
        }
    }
}

#[test]
fn the_converter_of_the_preset_follows_its_bits_and_keeps_its_price_at_its_own_point() {
    let text = std::fs::read_to_string(tree::repository("hw-models/edge-rram.toml")).expect("the preset");
    let price = |overlay: &str| {
        let mut preset = tree::preset(&text);
        preset.overlay(&tree::tree("e.toml", "hardware", overlay)).expect("sound");
        tree::prices(&preset).price_j(Action::AdcConvert).expect("a price").value
    };
    assert!((price("") / 0.847e-12 - 1.0).abs() < 1e-12);
    assert!((price("adc.bits = 12\nread.adc_cycles = 14") / price("") - 4.187).abs() < 0.01);
    assert_eq!(
        price("adc.bits = 12\nread.adc_cycles = 14\nprice.adc_convert = 0.847e-12"),
        0.847e-12,
        "an explicit price is a price"
    );
}

/// The value of a law for a design that differs from the usual one in `keys`.
fn value(law: &Law, keys: &[(&str, String)]) -> f64 {
    let keys = keys.iter().map(|(key, text)| ((*key).to_owned(), text.clone())).collect();
    let design = Design::new(&keys).unwrap_or_else(|key| panic!("{key} is not understood"));
    (law.value)(&design).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", law.figure))
}

fn laws() -> impl Iterator<Item = (&'static str, &'static Law)> {
    ALL.iter().flat_map(|model| model.laws.iter().map(|law| (model.name, law)))
}

/// Everything between two numbers by whole numbers at first, then by factors, both ends included.
fn between(low: f64, high: f64) -> Vec<f64> {
    let mut all: Vec<f64> = std::iter::successors(Some(low), |&at| Some((at + 1.0).max((at * 1.07).floor())))
        .take_while(|&at| at < high)
        .collect();
    all.push(high);
    all
}

/// Keys that are counted or sized, with their whole range, and whether more of it never costs less.
const RANGES: [(&str, f64, f64, bool); 21] = [
    ("adc.bits", 1.0, 16.0, true),
    ("activity_bits", 1.0, 48.0, true),
    ("array.rows", 1.0, 65536.0, true),
    ("array.columns", 1.0, 65536.0, true),
    ("cell.devices", 1.0, 64.0, true),
    ("cell.gates", 1.0, 64.0, true),
    ("latch.bits", 1.0, 24.0, true),
    ("sram.bytes", 256.0, 1_073_741_824.0, true),
    ("sram.ports", 1.0, 2.0, true),
    ("sram.port_bits", 8.0, 256.0, false),
    ("sram.latch_port_bits", 8.0, 256.0, false),
    ("read.integrate_cycles", 0.0, 1_000_000.0, true),
    ("update.pulse_cycles", 0.0, 1_000_000.0, true),
    ("router.fifo_depth", 1.0, 1_000_000.0, true),
    ("router.virtual_channels", 1.0, 8.0, true),
    ("router.flit_bits", 1.0, 65536.0, true),
    ("router.link_bits", 0.0, 65536.0, false),
    ("router.concentration", 1.0, 12.0, true),
    ("router.arity", 2.0, 15.0, true),
    ("gates.neuron", 1.0, 100_000_000.0, true),
    ("technology.node_nm", 14.0, 180.0, false),
];

/// A kilobit of a larger memory may be smaller and leak less; a share of a port of flip-flops is a share of more words.
fn is_shared(figure: &str) -> bool {
    figure.ends_with("sram_kilobit")
}

#[test]
fn every_law_is_finite_over_the_whole_range_of_its_keys_and_more_never_costs_less() {
    let mut looked_at = 0;
    for (name, law) in laws() {
        for kind in ["mesh", "tree", "concentrated_mesh"] {
            for (key, low, high, rises) in RANGES.iter().filter(|(key, ..)| law.follows.contains(key)) {
                let mut last = 0.0;
                for at in between(*low, *high) {
                    let now = value(law, &[("router.kind", format!("{kind:?}")), (key, at.to_string())]);
                    assert!(now.is_finite() && now >= 0.0, "{name} {}: {now} at {key} = {at}", law.figure);
                    let falls = now < last * (1.0 - 1e-12) && *rises && !is_shared(law.figure);
                    assert!(!falls, "{name} {}: {last:e} falls to {now:e} at {key} = {at}", law.figure);
                    last = now;
                }
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 200, "{looked_at}");
}

#[test]
fn a_law_feels_no_key_that_it_does_not_name() {
    let plain = Design::default();
    for key in Design::KEYS {
        let said = plain.said(key).expect("a key");
        let others: &[&str] = match said.as_str() {
            _ if said.ends_with("bits") => &["\"i16f48\""],
            _ if said.ends_with("nodes") => &["[5, 7]"],
            "true" | "false" => &["true", "false"],
            word if word.starts_with('"') => &WORDS,
            _ => &["3", "40"],
        };
        let others = others.iter().map(|other| ((*key).to_owned(), (*other).to_owned()));
        let designs: Vec<Design> = others.filter_map(|entry| Design::new(&[entry].into()).ok()).collect();
        assert!(designs.iter().any(|design| *design != plain), "{key} = {said} can be changed");
        for (name, law) in laws().filter(|(_, law)| !law.follows.contains(key)) {
            for design in &designs {
                let (before, after) = ((law.value)(&plain), (law.value)(design));
                assert_eq!(before, after, "{name} {} follows {key} and does not say so", law.figure);
            }
        }
    }
}

/// A word of each list.
const WORDS: [&str; 10] = [
    "\"slow\"",
    "\"ramp\"",
    "\"hp\"",
    "\"sram\"",
    "\"state\"",
    "\"effective\"",
    "\"tree\"",
    "\"ideal\"",
    "\"pulses_rounded\"",
    "\"accumulate\"",
];
