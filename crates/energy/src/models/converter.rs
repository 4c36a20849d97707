//! Analog-to-digital converters.

use super::{Law, Model, Refusal};
use crate::design::Design;
use crate::evidence::Evidence;
use crate::operating::{BOLTZMANN, NOMINAL_V};
use crate::words::{ConverterKind, PaidBits, SynapseStore};

const FOLLOWS: &[&str] =
    &["adc.bits", "adc.noise", "converter.paid_bits", "read.adc_cycles", "clock_hz", "technology.node_nm"];

const CONVERT_FOLLOWS: &[&str] = &[
    "adc.bits",
    "adc.noise",
    "converter.paid_bits",
    "converter.holds",
    "converter.full_scale_v",
    "read.adc_cycles",
    "clock_hz",
    "temperature_k",
    "technology.node_nm",
];

/// The regression through the best converters of the survey.
pub const ADC_SURVEY: Model = Model {
    name: "adc_survey",
    meaning: "a converter of the optimistic envelope of the survey of published converters, by bits, rate and node",
    source: "regression of the Accelergy ADC plug-in through the best fifth of Murmann's survey; between whole bits \
             ln E is interpolated, below 4 bits E(4) bits / 4",
    holds: &[("adc.bits", 4.0, 14.0), ("technology.node_nm", 14.0, 180.0)],
    laws: &[
        Law {
            figure: "price.adc_convert",
            equation: "S = 6.0206 b + 1.7609 dB; FOM = min(213.781 - 2.8719 ln f, 128.307 + 3.2205 b) dB; \
                       E = 0.5 pJ 10^((S - FOM)/10) exp(26.0496 + 1.88004 ln nm - 2.82913 ln b - 1.4702); with converter.holds, C (0.8 V)^2 \
                       more, C = max(10 fF, 12 k T 4^b / converter.full_scale_v^2)",
            follows: CONVERT_FOLLOWS,
            evidence: Evidence::Model,
            band: Some((0.25, 8.0)),
            value: convert_j,
        },
        Law {
            figure: "leakage.adc",
            equation: "0.516 uW A / A(8 bits, 10 MS/s, 22 nm)",
            follows: FOLLOWS,
            evidence: Evidence::Assumed,
            band: None,
            value: |design| Ok(0.516e-6 * area(design)? / area_mm2(8.0, 10e6, 22.0)),
        },
        Law {
            figure: "area.adc",
            equation: "A = 1 um2 exp(1.34619 + 0.993279 ln nm + 0.180715 ln f + 0.299124 ln(E / 1 pJ))",
            follows: FOLLOWS,
            evidence: Evidence::Model,
            band: None,
            value: area,
        },
    ],
};

/// Bits that a converter is paid for.
fn bits(design: &Design) -> Result<f64, Refusal> {
    if design.adc_bits < 1.0 && design.store == SynapseStore::Analog {
        return Err(Refusal {
            key: "adc.bits".into(),
            found: "0 (sums are passed on exactly)".to_owned(),
            accepted: "1 to 16 bits: no converter passes on a sum exactly".to_owned(),
        });
    }
    if design.adc_cycles < 1.0 {
        let accepted = "1 cycle or more: no conversion takes no time".to_owned();
        return Err(Refusal { key: "read.adc_cycles".into(), found: "0".to_owned(), accepted });
    }
    Ok(match design.paid_bits {
        PaidBits::Nominal => design.adc_bits.max(1.0),
        PaidBits::Effective => effective_bits(design.adc_bits, design.adc_noise).max(1.0),
    })
}

fn area(design: &Design) -> Result<f64, Refusal> {
    Ok(area_mm2(bits(design)?, design.conversions_hz(), design.node_nm))
}

fn convert_j(design: &Design) -> Result<f64, Refusal> {
    let held_f =
        if design.holds { hold_f(design.adc_bits, design.full_scale_v, design.temperature_k) } else { 0.0 };
    Ok(energy_j(bits(design)?, design.conversions_hz(), design.node_nm) + held_f * NOMINAL_V * NOMINAL_V)
}

/// Joules of a conversion of `bits` effective bits at `rate_hz` conversions per second in a process of `node_nm`.
#[must_use]
pub fn energy_j(bits: f64, rate_hz: f64, node_nm: f64) -> f64 {
    if bits < 4.0 {
        return energy_j(4.0, rate_hz, node_nm) * bits / 4.0;
    }
    let (whole, part) = (libm::floor(bits), bits - libm::floor(bits));
    let ln_whole = ln_energy_pj(whole, rate_hz, node_nm);
    let ln_pj = if part == 0.0 {
        ln_whole
    } else {
        (1.0 - part) * ln_whole + part * ln_energy_pj(whole + 1.0, rate_hz, node_nm)
    };
    1e-12 * libm::exp(ln_pj)
}

/// The regression at a whole number of bits.
fn ln_energy_pj(bits: f64, rate_hz: f64, node_nm: f64) -> f64 {
    let signal_db = 20.0 * libm::log10(2.0) * bits + 10.0 * libm::log10(1.5);
    let by_rate = 213.7806687348118 - 2.8719030399529957 * libm::log(rate_hz);
    let by_bits = 128.3068287398817 + 3.2205115100405 * bits.min(20.0);
    let per_db = std::f64::consts::LN_10 / 10.0;
    libm::log(0.5)
        + per_db * (signal_db - by_rate.min(by_bits))
        + 26.0496215686518
        + 1.8800369206815004 * libm::log(node_nm)
        - 2.8291256050594527 * libm::log(bits)
        - 1.4702022133784405
}

/// Square millimetres of a converter.
#[must_use]
pub fn area_mm2(bits: f64, rate_hz: f64, node_nm: f64) -> f64 {
    let energy_pj = 1e12 * energy_j(bits, rate_hz, node_nm);
    let ln_um2 = 1.3461916439910742
        + 0.9932794744745022 * libm::log(node_nm)
        + 0.18071538424508238 * libm::log(rate_hz)
        + 0.29912426192653485 * libm::log(energy_pj);
    1e-6 * libm::exp(ln_um2)
}

/// Seconds of one code of a counted oscillator: HERMES, measured.
const OSCILLATOR_CODE_S: f64 = 300e-12;

/// The fewest cycles in which a converter of that kind can do a conversion; none for a kind that is not said.
#[must_use]
pub fn fewest_cycles(kind: ConverterKind, bits: f64, clock_hz: f64) -> f64 {
    let codes = libm::exp2(libm::ceil(bits));
    match kind {
        ConverterKind::Given => 0.0,
        ConverterKind::Sar => libm::ceil(bits) + 1.0,
        ConverterKind::Ramp => codes,
        ConverterKind::Oscillator => libm::ceil(OSCILLATOR_CODE_S * codes * clock_hz - 1e-9).max(1.0),
    }
}

/// The cycles that a conversion takes where nobody gives them; `None` for a kind that is not said. A register of
/// successive approximation is reset in a cycle of its own.
#[must_use]
pub fn usual_cycles(kind: ConverterKind, bits: f64, clock_hz: f64) -> Option<f64> {
    let fewest = fewest_cycles(kind, bits, clock_hz);
    match kind {
        ConverterKind::Given => None,
        ConverterKind::Sar => Some(fewest + 1.0),
        ConverterKind::Ramp | ConverterKind::Oscillator => Some(fewest),
    }
}

/// Bits whose quantisation noise equals that of `bits` and Gaussian noise of `noise` half ranges together.
#[must_use]
pub fn effective_bits(bits: f64, noise: f64) -> f64 {
    let quantum = libm::exp2(-bits);
    let half = noise / 2.0;
    -libm::log2((quantum * quantum + 12.0 * half * half).sqrt())
}

/// Capacitance of a sample and hold whose thermal noise is as large as the quantisation noise of `bits` over
/// `full_scale_v`; 10 fF at least.
#[must_use]
pub fn hold_f(bits: f64, full_scale_v: f64, temperature_k: f64) -> f64 {
    let codes = libm::exp2(bits);
    (12.0 * BOLTZMANN * temperature_k * codes * codes / (full_scale_v * full_scale_v)).max(10e-15)
}
