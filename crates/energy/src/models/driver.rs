//! Drivers of the lines of an array.

use super::node::{digital, shrink};
use super::{Law, Model, Refusal};
use crate::design::Design;
use crate::evidence::Evidence;
use crate::words::SynapseStore;

macro_rules! drive_and {
    ($($key:literal),*) => {
        &["activity_bits", "array.bit_serial", $($key),*]
    };
}

/// Drivers whose energy grows with the codes.
pub const CODED_DRIVER: Model = Model {
    name: "coded_driver",
    meaning: "a driver that pays for every code: the unit capacitors of a charge DAC, or the ticks of a pulse-width \
              counter",
    source: "a register of b bits (Aladdin) and an energy for each code, solved for 0.291 pJ at 8 bits (Chen, VLSI 2018, \
             the feedback DAC of a converter at 40 nm); measured beside it: 37.5 fJ at 8 bits, 65 nm (TIMELY)",
    holds: &[("activity_bits", 1.0, 12.0), ("technology.node_nm", 14.0, 90.0)],
    laws: &[
        Law {
            figure: "price.row_drive",
            equation: "9 fJ b s + (2^b - 1) 1.0637 fJ s / s(22 nm) + array.columns cell.devices 0.2 fF cell.read_v^2, b = \
                       1 where bit-serial",
            follows: drive_and!("array.columns", "cell.devices", "cell.read_v", "technology.node_nm"),
            evidence: Evidence::Assumed,
            band: Some((0.1, 3.0)),
            value: |d| {
                let bits = bits(d)?;
                let codes = libm::exp2(bits) - 1.0;
                let logic = bits * 9e-15 + codes * 1.0637e-15 / digital(22.0);
                Ok(logic * digital(d.node_nm) + line_j(d))
            },
        },
        Law {
            figure: "leakage.dac",
            equation: "1.01 nW b / 8: flip-flops and comparators",
            follows: drive_and!(),
            evidence: Evidence::Assumed,
            band: None,
            value: leakage_w,
        },
        Law {
            figure: "area.dac",
            equation: "13.6 um2 b / 8 (nm / 22)^2",
            follows: drive_and!("technology.node_nm"),
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(13.6e-6 * bits(d)? / 8.0 * shrink(d)),
        },
    ],
};

/// Drivers that make pulse widths with a delay line.
pub const DELAY_LINE: Model = Model {
    name: "delay_line",
    meaning: "a digital-to-time converter: pulse widths from a line of delays, for steps that no counter makes",
    source: "TIMELY's 8-bit converter, 65 nm: 37.5 fJ and 240 um2; the energy taken over unscaled and by bits, the area by \
             the square of the feature size",
    holds: &[("activity_bits", 1.0, 12.0)],
    laws: &[
        Law {
            figure: "price.row_drive",
            equation: "37.5 fJ b / 8 + array.columns cell.devices 0.2 fF cell.read_v^2, b = 1 where bit-serial",
            follows: drive_and!("array.columns", "cell.devices", "cell.read_v"),
            evidence: Evidence::Assumed,
            band: Some((0.1, 3.0)),
            value: |d| Ok(37.5e-15 * bits(d)? / 8.0 + line_j(d)),
        },
        Law {
            figure: "leakage.dac",
            equation: "1.01 nW b / 8",
            follows: drive_and!(),
            evidence: Evidence::Assumed,
            band: None,
            value: leakage_w,
        },
        Law {
            figure: "area.dac",
            equation: "240 um2 b / 8 (nm / 65)^2",
            follows: drive_and!("technology.node_nm"),
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(240e-6 * bits(d)? / 8.0 * shrink(d) * (22.0 / 65.0) * (22.0 / 65.0)),
        },
    ],
};

/// PUMA's driver of 8 bits leaks 0.39 uW at 32 nm, times 0.00258 for low-power cells.
fn leakage_w(design: &Design) -> Result<f64, Refusal> {
    Ok(1.01e-9 * bits(design)? / 8.0)
}

/// Bits of a driver.
fn bits(design: &Design) -> Result<f64, Refusal> {
    if design.activity_bits == 0.0 && design.store == SynapseStore::Analog {
        return Err(Refusal {
            key: "activity_bits".into(),
            found: "0 (the state's full width)".to_owned(),
            accepted: "1 bit or more: no driver has the state's resolution".to_owned(),
        });
    }
    Ok(if design.bit_serial { 1.0 } else { design.activity_bits })
}

/// Charging the bit or source line that is driven: 0.12 fF of drain and 0.08 fF of wire for each device.
fn line_j(design: &Design) -> f64 {
    design.columns * design.devices * 0.2e-15 * design.read_v * design.read_v
}
