//! Adders, multipliers, registers, and the neuron lanes and controllers that are made of them.

use super::node::{digital, shrink};
use super::{Law, Model};
use crate::design::Design;
use crate::evidence::Evidence;

const BAND: Option<(f64, f64)> = Some((0.65, 1.35));
const STATE: &[&str] = &["state", "technology.node_nm"];
const FLIT: &[&str] = &["router.flit_bits", "technology.node_nm"];
const ACTIVITY: &[&str] = &["activity_bits", "state", "technology.node_nm"];

/// Horowitz's operations.
pub const HOROWITZ: Model = Model {
    name: "horowitz",
    meaning: "digital arithmetic and registers by their bits",
    source: "additions and products of 8 and 32 bits at 45 nm, 0.9 V (Horowitz, ISSCC 2014), a register bit at 40 nm \
             (Aladdin), brought to the node by Stillmaker and Baas 2017: s = 0.2604 at 22 nm, 0.8 V",
    holds: &[("technology.node_nm", 14.0, 90.0)],
    laws: &[
        Law {
            figure: "price.partial_add",
            equation: "add(n) = (6.667 + 2.9167 n) fJ s, n bits of state",
            follows: STATE,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| Ok(add_j(d.state.0, d.node_nm)),
        },
        Law {
            figure: "price.neuron_update",
            equation: "mul(n, n) + 4 add(n) + reg(2 n), mul(a, b) = 3.1 pJ (a b / 1024)^0.9886 s, reg(n) = 9 fJ n s",
            follows: STATE,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| {
                let (n, nm) = (d.state.0, d.node_nm);
                Ok(multiply_j(n, n, nm) + 4.0 * add_j(n, nm) + register_j(2.0 * n, nm))
            },
        },
        Law {
            figure: "price.spike",
            equation: "add(n) + reg(n)",
            follows: STATE,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| Ok(add_j(d.state.0, d.node_nm) + register_j(d.state.0, d.node_nm)),
        },
        Law {
            figure: "price.event_emit",
            equation: "reg(2 flit_bits)",
            follows: FLIT,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| Ok(register_j(2.0 * d.flit_bits, d.node_nm)),
        },
        Law {
            figure: "price.event_deliver",
            equation: "reg(flit_bits)",
            follows: FLIT,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| Ok(register_j(d.flit_bits, d.node_nm)),
        },
        Law {
            figure: "price.update_multiply",
            equation: "mul(a, a), a bits of activity",
            follows: ACTIVITY,
            evidence: Evidence::Model,
            band: BAND,
            value: |d| {
                let bits = activity_bits(d);
                Ok(multiply_j(bits, bits, d.node_nm))
            },
        },
    ],
};

/// Bits of an activity, the state's full width where it has no bits of its own.
fn activity_bits(design: &Design) -> f64 {
    if design.activity_bits == 0.0 { design.state.0 } else { design.activity_bits }
}

/// Joules of an addition of `bits`.
#[must_use]
pub fn add_j(bits: f64, node_nm: f64) -> f64 {
    (6.6667e-15 + 2.91667e-15 * bits) * digital(node_nm)
}

/// Joules of a product of `a` and `b` bits.
#[must_use]
pub fn multiply_j(a: f64, b: f64, node_nm: f64) -> f64 {
    // Through 0.2 pJ at 8 x 8 and 3.1 pJ at 32 x 32 bits.
    let exponent = libm::log(3.1 / 0.2) / libm::log(16.0);
    3.1e-12 * libm::pow(a * b / 1024.0, exponent) * digital(node_nm)
}

/// Joules of writing `bits` of a register.
#[must_use]
pub fn register_j(bits: f64, node_nm: f64) -> f64 {
    9e-15 * bits * digital(node_nm)
}

/// Blocks by their number of gates.
pub const GATES: Model = Model {
    name: "gates",
    meaning: "a block by the gates that it is made of, 0.379 um2 and 0.1 nW each at 22 nm and 350 K",
    source: "a gate is 0.614 um2 at 28 nm (ZigZag-IMC); 0.1 nW chosen for a low-power gate; numbers of gates chosen",
    holds: &[],
    laws: &[
        Law {
            figure: "leakage.neuron",
            equation: "0.1 nW gates, gates = neuron.gates (0.8 (n / 32)^2 + 0.2 n / 32), n bits of state",
            follows: &["state", "gates.neuron"],
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(1e-10 * neuron_gates(d)),
        },
        Law {
            figure: "area.neuron",
            equation: "0.379 um2 gates (nm / 22)^2",
            follows: &["state", "gates.neuron", "technology.node_nm"],
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(0.379e-6 * neuron_gates(d) * shrink(d)),
        },
        Law {
            figure: "leakage.controller",
            equation: "0.1 nW gates.controller",
            follows: &["gates.controller"],
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(1e-10 * d.controller_gates),
        },
        Law {
            figure: "area.controller",
            equation: "0.379 um2 gates.controller (nm / 22)^2",
            follows: &["gates.controller", "technology.node_nm"],
            evidence: Evidence::Assumed,
            band: None,
            value: |d| Ok(0.379e-6 * d.controller_gates * shrink(d)),
        },
    ],
};

/// Gates of a lane: most of it is a product, which grows with the square of the bits.
fn neuron_gates(design: &Design) -> f64 {
    let words = design.state.0 / 32.0;
    design.neuron_gates * (0.8 * words * words + 0.2 * words)
}
