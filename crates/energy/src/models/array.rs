//! Arrays of cells: what a read and a programming pulse take, and how large they are.

use super::node::shrink;
use super::{Law, Model, Refusal};
use crate::design::Design;
use crate::evidence::Evidence;
use crate::operating::NOMINAL_V;

/// Conductance levels of a device over its range, and steps of an activity, in the chip's counts.
const LEVELS: f64 = 256.0;

/// 1T1R arrays, physics of their lines and cells.
pub const CELL_ARRAY: Model = Model {
    name: "cell_array",
    meaning: "an array of cells with a transistor for each device: word lines are raised once for each pass, devices \
              conduct while the lines integrate",
    source: "C V^2 and V^2 G t; capacitances of NeuRRAM (130 nm, Wan 2022 as modelled by CiMLoop) taken over unscaled: \
             1.5 fF of gate and 0.6 fF of coupling for each crossing, 48 fF of driver; area of NeuRRAM's device, 2.126 um2 \
             at 130 nm",
    holds: &[],
    laws: &[
        Law {
            figure: "price.array_read",
            equation: "array.rows line(array.columns) (0.8 V)^2, line(n) = n cell.gates (1.5 + 0.6) fF + 48 fF",
            follows: &["array.rows", "array.columns", "cell.gates"],
            evidence: Evidence::Model,
            band: Some((0.015, 1.16)),
            value: |d| Ok(d.rows * line_f(d.columns, d.gates) * NOMINAL_V * NOMINAL_V),
        },
        Law {
            figure: "price.cell_mac",
            equation: "cell.devices cell.read_v^2 cell.min_siemens t, t = read.integrate_cycles / clock_hz: a pulse of full \
                       scale through the smallest conductance, an upper bound of what no level counts",
            follows: &[
                "cell.devices",
                "cell.read_v",
                "cell.min_siemens",
                "read.integrate_cycles",
                "clock_hz",
            ],
            evidence: Evidence::Assumed,
            band: Some((0.1, 10.0)),
            value: |d| Ok(d.devices * d.read_v * d.read_v * d.min_siemens * d.integrate_s()),
        },
        Law {
            figure: "price.read_level",
            equation: "cell.read_v^2 (cell.max_siemens - cell.min_siemens) / 256 t / 256",
            follows: &[
                "cell.read_v",
                "cell.min_siemens",
                "cell.max_siemens",
                "read.integrate_cycles",
                "clock_hz",
            ],
            evidence: Evidence::Assumed,
            band: Some((0.1, 10.0)),
            value: |d| Ok(d.read_v * d.read_v * level_siemens(d) * d.integrate_s() / LEVELS),
        },
        Law {
            figure: "leakage.array",
            equation: "10 nW (array.rows + array.columns) / 128: decoders and level shifters",
            follows: &["array.rows", "array.columns"],
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(10e-9 * (d.rows + d.columns) / 128.0),
        },
        Law {
            figure: "area.array",
            equation: "array.rows array.columns cell.devices 2.126 um2 (nm / 130)^2",
            follows: &["array.rows", "array.columns", "cell.devices", "technology.node_nm"],
            evidence: Evidence::Model,
            band: None,
            value: |d| {
                let device_mm2 = 2.126e-6 * (22.0 / 130.0) * (22.0 / 130.0) * shrink(d);
                Ok(d.rows * d.columns * d.devices * device_mm2)
            },
        },
    ],
};

const PULSE: &[&str] = &[
    "array.rows",
    "array.columns",
    "cell.gates",
    "cell.program_v",
    "cell.min_siemens",
    "cell.pump_efficiency",
    "update.pulse_cycles",
    "clock_hz",
];

/// Programming pulses.
pub const PROGRAM_PULSE: Model = Model {
    name: "program_pulse",
    meaning: "a programming pulse: two lines raised to the programming voltage and a device that conducts, through the \
              pump that makes the voltage. No cell is half-selected in a 1T1R array",
    source: "C V^2 and V^2 G t; capacitances as cell_array; voltage and time of the PRIME cell. Published SET pulses span \
             0.1 to 65 pJ",
    holds: &[],
    laws: &[
        Law {
            figure: "price.program_pulse_up",
            equation: "((line(array.rows) + line(array.columns)) cell.program_v^2 + cell.program_v^2 cell.min_siemens t) / \
                       cell.pump_efficiency, t = update.pulse_cycles / clock_hz",
            follows: PULSE,
            evidence: Evidence::Assumed,
            band: Some((0.1, 10.0)),
            value: pulse_j,
        },
        Law {
            figure: "price.program_pulse_down",
            equation: "as price.program_pulse_up",
            follows: PULSE,
            evidence: Evidence::Assumed,
            band: Some((0.1, 10.0)),
            value: pulse_j,
        },
        Law {
            figure: "price.pulse_level",
            equation: "cell.program_v^2 (cell.max_siemens - cell.min_siemens) / 256 t / cell.pump_efficiency",
            follows: &[
                "cell.program_v",
                "cell.min_siemens",
                "cell.max_siemens",
                "cell.pump_efficiency",
                "update.pulse_cycles",
                "clock_hz",
            ],
            evidence: Evidence::Assumed,
            band: Some((0.1, 10.0)),
            value: |d| Ok(d.program_v * d.program_v * level_siemens(d) * d.pulse_s() / d.pump_efficiency),
        },
    ],
};

/// Verifying reads.
pub const VERIFY_READ: Model = Model {
    name: "verify_read",
    meaning: "a verifying read of one cell: a line driven, a conversion, a device that conducts; its parts at the prices of \
              this list",
    source: "sum of its parts",
    holds: &[],
    laws: &[Law {
        figure: "price.program_verify",
        equation: "price.row_drive + price.adc_convert + cell.read_v^2 cell.verify_siemens t",
        follows: &[
            "price.row_drive",
            "price.adc_convert",
            "cell.read_v",
            "cell.verify_siemens",
            "read.integrate_cycles",
            "clock_hz",
        ],
        evidence: Evidence::Model,
        band: Some((0.25, 8.0)),
        value: |d| {
            let cell_j = d.read_v * d.read_v * d.verify_siemens * d.integrate_s();
            Ok(d.row_drive_j + d.adc_convert_j + cell_j)
        },
    }],
};

fn pulse_j(design: &Design) -> Result<f64, Refusal> {
    let Design { rows, columns, gates, program_v, min_siemens, pump_efficiency, .. } = *design;
    let lines_f = line_f(columns, gates) + line_f(rows, gates);
    Ok((lines_f + min_siemens * design.pulse_s()) * program_v * program_v / pump_efficiency)
}

/// Conductance of one level of a device.
fn level_siemens(design: &Design) -> f64 {
    (design.max_siemens - design.min_siemens) / LEVELS
}

/// Farads of a word or bit line across `cells` cells with `gates` gates on it each.
#[must_use]
pub fn line_f(cells: f64, gates: f64) -> f64 {
    cells * gates * (1.5e-15 + 0.6e-15) + 48e-15
}
