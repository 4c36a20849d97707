//! Price models over the whole ranges of their keys, and through a preset to a price.

mod tree;

use equipoise_base::Action;
use equipoise_energy::models::converter::{area_mm2, energy_j};

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
