//! Between the nodes that a table knows.

use crate::design::Design;
use crate::words::Flavour;

/// A positive quantity at `node_nm`, interpolated in the logarithms of both between the nodes of `table`, which
/// ascend; beyond its ends the nearest two are continued.
#[must_use]
pub fn between(node_nm: f64, table: &[(f64, f64)]) -> f64 {
    let last = table.len() - 1;
    let above = table.iter().position(|&(nm, _)| nm >= node_nm).unwrap_or(last).max(1);
    let ((low, a), (high, b)) = (table[above - 1], table[above]);
    let part = libm::log(node_nm / low) / libm::log(high / low);
    libm::exp((1.0 - part) * libm::log(a) + part * libm::log(b))
}

/// Energy of a gate at a node: a V^2 + b V + c (Stillmaker and Baas 2017), their high-performance rows from 45 nm down.
const STILLMAKER: [(f64, [f64; 3]); 7] = [
    (14.0, [0.2363, -0.09675, 0.02239]),
    (16.0, [0.2958, -0.1241, 0.03024]),
    (20.0, [0.373, -0.1582, 0.04104]),
    (32.0, [0.8367, -0.4341, 0.1701]),
    (45.0, [1.018, -0.3107, 0.1539]),
    (65.0, [3.755, -4.398, 1.975]),
    (90.0, [4.762, -4.781, 2.092]),
];

/// Energy of digital logic at `node_nm` and 0.8 V over that at 45 nm and 0.9 V.
#[must_use]
pub fn digital(node_nm: f64) -> f64 {
    let gate = |[a, b, c]: [f64; 3], v: f64| (a * v + b) * v + c;
    between(node_nm, &STILLMAKER.map(|(nm, row)| (nm, gate(row, 0.8)))) / gate(STILLMAKER[4].1, 0.9)
}

/// The square of the feature size over that of 22 nm: what areas follow.
#[must_use]
pub fn shrink(design: &Design) -> f64 {
    let ratio = design.node_nm / 22.0;
    ratio * ratio
}

/// Leakage of a flavour over that of the low-threshold cells of DSENT and PUMA: what CACTI finds for 32 KB of SRAM at
/// 22 nm, 17.4 uW LSTP over 6.741 mW LOP.
#[must_use]
pub fn low_power(flavour: Flavour) -> f64 {
    match flavour {
        Flavour::Lstp => 0.00258,
        Flavour::Lop | Flavour::Hp => 1.0,
    }
}
