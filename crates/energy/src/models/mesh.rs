//! Routers and the wires between them.

use super::node::{between, low_power};
use super::{Law, Model};
use crate::design::Design;
use crate::evidence::Evidence;
use crate::operating::{NOMINAL_V, leakage_by_supply};
use crate::words::RouterKind;

macro_rules! router_and {
    ($($key:literal),*) => {
        &[
            "router.kind",
            "router.concentration",
            "router.arity",
            "router.flit_bits",
            "router.link_bits",
            "router.virtual_channels",
            "router.fifo_depth",
            "technology.node_nm",
            $($key),*
        ]
    };
}

/// Fits of DSENT's routers.
pub const DSENT_ROUTER: Model = Model {
    name: "dsent_router",
    meaning: "a router by its ports p, the b bits of a flit and the N flits that each input port holds; L = log2 N. A \
              packet of k flits pays k times",
    source: "fit to 210 runs of DSENT (mit-carbon/Graphite, 1b4bb98), 22 nm low-threshold cells at 0.8 V and 340 K, FIFOs \
             of flip-flops, 3 to 9 ports, 16 to 128 bits, 1 to 64 flits: energy within 8.1 %, leakage 6.9 %, area 8.7 %",
    holds: &[
        ("router.flit_bits", 16.0, 128.0),
        ("router.fifo_depth", 1.0, 64.0),
        ("router.concentration", 1.0, 5.0),
        ("router.arity", 2.0, 8.0),
        ("technology.node_nm", 22.0, 45.0),
    ],
    laws: &[
        Law {
            figure: "price.packet_hop",
            equation: "k (5.0565 b + 0.67286 b p + 0.86018 b L + 0.6471 b N + 1.4873 p^2 + 2.5771 N) fJ",
            follows: router_and!(),
            evidence: Evidence::Model,
            band: Some((0.5, 5.0)),
            value: hop_j,
        },
        Law {
            figure: "price.chip_hop",
            equation: "as price.packet_hop",
            follows: router_and!(),
            evidence: Evidence::Model,
            band: Some((0.5, 5.0)),
            value: hop_j,
        },
        Law {
            figure: "leakage.router",
            equation: "p b (1.0908 + 0.1928 p + 0.6751 N + 0.17035 L) + 0.66474 p^3 + 0.90265 p N uW, times 0.00258 for \
                       low standby power",
            follows: router_and!("technology.flavour"),
            evidence: Evidence::Assumed,
            band: Some((0.33, 3.0)),
            value: |d| {
                let leaking = leakage_by_supply(NOMINAL_V, supply_v(d.node_nm)) * low_power(d.flavour);
                Ok(size(d).map_or(0.0, |size| size.leakage_w(d.node_nm) * leaking))
            },
        },
        Law {
            figure: "area.router",
            equation: "p b (3.3993 + 1.8106 N + 0.4683 L) + 0.011308 p^2 b^2 + 2.2995 p^3 + 3.489 p N um2, over \
                       layout.utilisation",
            follows: router_and!("layout.utilisation"),
            evidence: Evidence::Model,
            band: None,
            value: |d| Ok(size(d).map_or(0.0, |size| size.area_mm2(d.node_nm)) / d.utilisation),
        },
    ],
};

fn hop_j(design: &Design) -> Result<f64, super::Refusal> {
    Ok(size(design).map_or(0.0, |size| flits(design) * size.flit_j(design.node_nm) * square(design)))
}

/// What a router's cost depends on.
#[derive(Clone, Copy, Debug)]
pub struct RouterSize {
    /// Ports.
    pub ports: f64,
    /// Bits of a flit.
    pub bits: f64,
    /// Flits that each input port holds, all channels together.
    pub flits: f64,
}

/// Flits of a packet.
fn flits(design: &Design) -> f64 {
    if design.link_bits == 0.0 { 1.0 } else { libm::ceil(design.flit_bits / design.link_bits) }
}

/// The routers of a design; `None` where its wires have none.
fn size(design: &Design) -> Option<RouterSize> {
    let ports = match design.router_kind {
        RouterKind::Ideal => return None,
        RouterKind::Mesh | RouterKind::Torus => 5.0,
        RouterKind::ConcentratedMesh => design.concentration + 4.0,
        RouterKind::Tree => design.arity + 1.0,
    };
    let bits = if design.link_bits == 0.0 { design.flit_bits } else { design.link_bits };
    Some(RouterSize { ports, bits, flits: design.virtual_channels * design.fifo_depth * flits(design) })
}

/// The voltage for which DSENT computed a node.
fn supply_v(node_nm: f64) -> f64 {
    between(node_nm, &[(22.0, 0.8), (32.0, 0.9), (45.0, 1.0)])
}

impl RouterSize {
    /// Joules of one flit that is written, read, granted and switched.
    #[must_use]
    pub fn flit_j(&self, node_nm: f64) -> f64 {
        let Self { ports: p, bits: b, flits: n } = *self;
        let fj = 5.0565 * b
            + 0.67286 * b * p
            + 0.86018 * b * libm::log2(n)
            + 0.6471 * b * n
            + 1.4873 * p * p
            + 2.5771 * n;
        1e-15 * fj * between(node_nm, &[(22.0, 1.0), (32.0, 2.126), (45.0, 3.857)])
    }

    /// Watts of low-threshold cells at 340 K.
    #[must_use]
    pub fn leakage_w(&self, node_nm: f64) -> f64 {
        let Self { ports: p, bits: b, flits: n } = *self;
        let uw = p * b * (1.0908 + 0.1928 * p + 0.6751 * n + 0.17035 * libm::log2(n))
            + 0.66474 * p * p * p
            + 0.90265 * p * n;
        1e-6 * uw * between(node_nm, &[(22.0, 1.0), (32.0, 1.669), (45.0, 2.791)])
    }

    /// Square millimetres of cells.
    #[must_use]
    pub fn area_mm2(&self, node_nm: f64) -> f64 {
        let Self { ports: p, bits: b, flits: n } = *self;
        let um2 = p * b * (3.3993 + 1.8106 * n + 0.4683 * libm::log2(n))
            + 0.011308 * p * p * b * b
            + 2.2995 * p * p * p
            + 3.489 * p * n;
        1e-6 * um2 * between(node_nm, &[(22.0, 1.0), (32.0, 2.438), (45.0, 4.167)])
    }
}

/// Repeated wires.
pub const REPEATED_WIRE: Model = Model {
    name: "repeated_wire",
    meaning: "wires with repeaters, by their length",
    source: "DSENT, 22 nm, 0.8 V: 23.312 fJ a bit and mm and 0.27 fJ a bit, within 1 % from 0.25 to 8 mm where 2 ns are \
             allowed; 31.77 and 0.62 at 32 nm, 39.23 and 1.13 at 45 nm",
    holds: &[("technology.node_nm", 22.0, 45.0)],
    laws: &[
        Law {
            figure: "price.link_bit",
            equation: "23.312 fJ link.mm + 0.27 fJ; where link.mm is auto, the square root of the area of a core with \
                       everything that it has room for",
            follows: &["link.mm", "area.core", "technology.node_nm"],
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(wire_j(d.link_mm.unwrap_or(d.core_mm2.sqrt()), d.node_nm) * square(d)),
        },
        Law {
            figure: "price.barrier",
            equation: "2 cores link.barrier_mm 23.312 fJ: a bit out to each core and one back",
            follows: &["link.barrier_cores", "mesh", "link.barrier_mm", "technology.node_nm"],
            evidence: Evidence::Assumed,
            band: Some((0.5, 2.0)),
            value: |d| {
                Ok(2.0 * d.barrier_cores.unwrap_or(d.nodes.0) * d.barrier_mm * wire(d.node_nm).0 * square(d))
            },
        },
    ],
};

/// Joules a bit and millimetre, and joules a bit, at the voltage of the node.
fn wire(node_nm: f64) -> (f64, f64) {
    let per_mm = between(node_nm, &[(22.0, 23.312e-15), (32.0, 31.77e-15), (45.0, 39.23e-15)]);
    (per_mm, between(node_nm, &[(22.0, 0.270e-15), (32.0, 0.62e-15), (45.0, 1.13e-15)]))
}

/// Joules of a bit over `mm` of wire.
#[must_use]
pub fn wire_j(mm: f64, node_nm: f64) -> f64 {
    let (per_mm, ends) = wire(node_nm);
    per_mm * mm + ends
}

/// From the voltage for which DSENT computed a node to the nominal one.
fn square(design: &Design) -> f64 {
    let ratio = NOMINAL_V / supply_v(design.node_nm);
    ratio * ratio
}
