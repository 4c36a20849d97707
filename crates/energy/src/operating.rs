//! The operating point: what supply and temperature do to a figure that holds at the nominal ones, and the highest clock.
//!
//! Energy follows the square of the supply where it charges what the core supplies; read and programming pulses have
//! voltages of their own, pads and the host theirs. A converter of few bits is logic, one of many bits is held up by
//! noise. Leakage grows with the supply by what the drain lowers the barrier, and doubles every so many kelvin. Away
//! from the nominal supply a figure is known as `model` at best, leakage away from the nominal temperature is `assumed`.

use crate::design::{Design, Keys};
use crate::evidence::{Evidence, Figure};
use crate::words::{Corner, Flavour};
use equipoise_base::Action;

/// The supply at which the formulas of price models hold.
pub const NOMINAL_V: f64 = 0.8;
/// The temperature at which they hold.
pub const NOMINAL_K: f64 = 350.0;
/// Joules a kelvin.
pub(crate) const BOLTZMANN: f64 = 1.380649e-23;
/// Coulombs.
const ELECTRON: f64 = 1.602176634e-19;

/// The voltage and temperature for which the prices of a file hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nominal {
    /// Supply voltage.
    pub supply_v: f64,
    /// Temperature.
    pub temperature_k: f64,
}

impl Nominal {
    /// That of a design point, if it says both.
    pub(crate) fn of(point: &Keys) -> Option<Self> {
        let number = |key: &str| point.get(key)?.parse().ok();
        Some(Self { supply_v: number("supply_v")?, temperature_k: number("temperature_k")? })
    }
}

/// The power of the supply that the price of an action follows. DSENT's routers follow the square exactly from 0.5 to
/// 1.0 V. A converter's power falls from 2 at 8 bits to 0 at 11, where thermal noise fixes C V^2 (assumed).
#[must_use]
pub fn supply_exponent(action: Action, adc_bits: f64) -> f64 {
    match action {
        Action::CellMac
        | Action::ReadLevel
        | Action::ProgramPulseUp
        | Action::ProgramPulseDown
        | Action::PulseLevel
        | Action::ChipLinkBit
        | Action::HostIn
        | Action::HostOut => 0.0,
        Action::AdcConvert | Action::ProgramVerify => 2.0 * ((11.0 - adc_bits) / 3.0).clamp(0.0, 1.0),
        _ => 2.0,
    }
}

/// The price of an action at the design's supply.
pub(crate) fn dynamic(price: Figure, action: Action, design: &Design, nominal: Nominal) -> Figure {
    let exponent = supply_exponent(action, design.adc_bits);
    if design.supply_v == nominal.supply_v || exponent == 0.0 {
        return price;
    }
    price.scaled(libm::pow(design.supply_v / nominal.supply_v, exponent), Evidence::Model)
}

/// (V / V_nominal)^2: what idle clocks and wake-ups follow.
pub(crate) fn square(design: &Design, nominal: Nominal) -> f64 {
    let ratio = design.supply_v / nominal.supply_v;
    ratio * ratio
}

/// Decades of leakage a volt: 0.15 V of barrier a volt of drain, over 0.1 V a decade; DSENT's routers to 1 % from 0.5
/// to 1.0 V.
const DECADES_A_VOLT: f64 = 1.45;

/// Leakage at `supply_v` over that at `nominal_v`.
pub(crate) fn leakage_by_supply(supply_v: f64, nominal_v: f64) -> f64 {
    supply_v / nominal_v * libm::exp10(DECADES_A_VOLT * (supply_v - nominal_v))
}

/// Leakage at a supply and temperature over that at the nominal ones, with so many kelvin for each doubling.
#[must_use]
pub fn leakage_factor(
    supply_v: f64,
    temperature_k: f64,
    nominal_v: f64,
    nominal_k: f64,
    doubling_k: f64,
) -> f64 {
    leakage_by_supply(supply_v, nominal_v) * libm::exp2((temperature_k - nominal_k) / doubling_k)
}

/// The leakage of a block at the design's supply and temperature.
pub(crate) fn leakage(figure: Figure, design: &Design, nominal: Nominal, doubling_k: Option<f64>) -> Figure {
    let mut leakage = figure;
    if design.supply_v != nominal.supply_v {
        leakage = leakage.scaled(leakage_by_supply(design.supply_v, nominal.supply_v), Evidence::Model);
    }
    if design.corner != Corner::Typical {
        leakage = leakage.scaled(libm::exp10(-10.0 * raised_v(design)), Evidence::Assumed);
    }
    if let Some(doubling_k) = doubling_k.filter(|_| design.temperature_k != nominal.temperature_k) {
        let doublings = (design.temperature_k - nominal.temperature_k) / doubling_k;
        leakage = leakage.scaled(libm::exp2(doublings), Evidence::Assumed);
    }
    leakage
}

/// Volts by which a corner of the process moves thresholds (assumed): at 0.1 V a decade, leakage by 3.
const CORNER_V: f64 = 0.0477;

/// Volts by which the design's thresholds lie above the typical ones.
fn raised_v(design: &Design) -> f64 {
    match design.corner {
        Corner::Typical => 0.0,
        Corner::Slow => CORNER_V,
        Corner::Fast => -CORNER_V,
    }
}

/// The alpha power law of logic.
const ALPHA: f64 = 1.3;
/// Slope of the current below the threshold, in thermal voltages.
const SLOPE: f64 = 1.5;
/// Seconds of a fan-out-of-four inverter at 22 nm and 0.8 V: between the low-power rows of Stillmaker at 32 and 20 nm.
const FO4_S: f64 = 24.2e-12;
/// Such inverters in a product and two additions (assumed).
const DEPTH: f64 = 80.0;

/// Threshold of the flavours at 22 nm, in CACTI.
fn threshold_v(flavour: Flavour) -> f64 {
    match flavour {
        Flavour::Lstp => 0.40126,
        Flavour::Lop => 0.2315,
        Flavour::Hp => 0.14,
    }
}

/// Speed of logic up to a constant: ln(1 + exp((V - V_th) / (alpha n k T / q)))^alpha / V, the alpha power law above the
/// threshold and exponential below.
fn pace(supply_v: f64, temperature_k: f64, threshold_v: f64) -> f64 {
    let thermal_v = SLOPE * BOLTZMANN * temperature_k / ELECTRON;
    let drive = libm::log1p(libm::exp((supply_v - threshold_v) / (ALPHA * thermal_v)));
    libm::pow(drive, ALPHA) / supply_v
}

/// Speed of the design's logic over that of low-power logic at the nominal point.
#[must_use]
pub fn speed(design: &Design) -> f64 {
    pace(design.supply_v, design.temperature_k, threshold_v(design.flavour) + raised_v(design))
        / pace(NOMINAL_V, NOMINAL_K, threshold_v(Flavour::Lstp))
}

/// The highest clock at which a neuron is updated in its cycles.
#[must_use]
pub fn highest_clock_hz(design: &Design) -> f64 {
    design.update_cycles.max(1.0) / (DEPTH * FO4_S * design.node_nm / 22.0) * speed(design)
}

/// The lowest supply at which an inverter still tells one from zero, 2 ln 2 k T / q (Swanson and Meindl 1972).
#[must_use]
pub fn lowest_supply_v(temperature_k: f64) -> f64 {
    2.0 * std::f64::consts::LN_2 * BOLTZMANN * temperature_k / ELECTRON
}
