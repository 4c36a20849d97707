//! Memories: macros of SRAM and files of registers.

mod tables;

use super::node::between;
use super::{Law, Model};
use crate::design::Design;
use crate::evidence::Evidence;
use crate::operating::{NOMINAL_V, leakage_by_supply};
use crate::words::{Flavour, LatchKind, SynapseStore, UpdateScheme};
use tables::Table;

const MACRO: &[&str] = &[
    "sram.bytes",
    "core.kind",
    "array.rows",
    "array.columns",
    "update.scheme",
    "update.accumulator_bits",
    "sram.port_bits",
    "sram.ports",
    "technology.node_nm",
    "technology.flavour",
];
const LATCH: &[&str] = &[
    "latch.kind",
    "latch.bits",
    "state",
    "array.rows",
    "array.columns",
    "sram.latch_port_bits",
    "sram.ports",
    "technology.node_nm",
    "technology.flavour",
];

/// Tables of CACTI.
pub const CACTI: Model = Model {
    name: "cacti_sram",
    meaning: "a macro of SRAM with one port, by its bytes and the width of its port; an access is shared by all bits of \
              the port",
    source: "CACTI 7, 22 nm LSTP at 350 K, run over 256 bytes to 1 MB and ports of 8 to 256 bits; ln of the value is \
             interpolated in log2 of both; other nodes and flavours by the ratio of their runs",
    holds: &[
        ("sram.bytes", 256.0, 1048576.0),
        ("sram.port_bits", 8.0, 256.0),
        ("sram.latch_port_bits", 8.0, 256.0),
        ("technology.node_nm", 22.0, 90.0),
    ],
    laws: &[
        Law {
            figure: "price.sram_read",
            equation: "E_read(sram.bytes, sram.port_bits) / sram.port_bits",
            follows: MACRO,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(shared(d).read_j() * square(d) / d.sram_port_bits),
        },
        Law {
            figure: "price.sram_write",
            equation: "E_write(sram.bytes, sram.port_bits) / sram.port_bits",
            follows: MACRO,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(shared(d).write_j() * square(d) / d.sram_port_bits),
        },
        Law {
            figure: "price.latch_read",
            equation: "latch.bits E_read(bytes of the latches beside one array, sram.latch_port_bits) / sram.latch_port_bits",
            follows: LATCH,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(word_bits(d) * latches(d).read_j() * square(d) / d.latch_port_bits),
        },
        Law {
            figure: "price.latch_write",
            equation: "latch.bits E_write(bytes of the latches beside one array, sram.latch_port_bits) / sram.latch_port_bits",
            follows: LATCH,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(word_bits(d) * latches(d).write_j() * square(d) / d.latch_port_bits),
        },
        Law {
            figure: "leakage.sram_kilobit",
            equation: "P(sram.bytes, sram.port_bits) / (8 sram.bytes / 1024)",
            follows: MACRO,
            evidence: Evidence::Model,
            band: Some((0.2, 5.0)),
            value: |d| Ok(shared(d).leakage_w() * leaking(d) / kilobits(shared_bytes(d))),
        },
        Law {
            figure: "area.sram_kilobit",
            equation: "A(sram.bytes, sram.port_bits) / (8 sram.bytes / 1024)",
            follows: MACRO,
            evidence: Evidence::Model,
            band: Some((0.7, 1.3)),
            value: |d| Ok(shared(d).area_mm2() / kilobits(shared_bytes(d))),
        },
    ],
};

/// Bytes of the macro behind the bits that are counted one by one.
#[must_use]
pub fn shared_bytes(design: &Design) -> f64 {
    let beside_array = design.store == SynapseStore::Analog && design.scheme == UpdateScheme::Accumulator;
    let accumulators = design.rows * design.columns * design.accumulator_bits / 8.0;
    design.sram_bytes.unwrap_or(if beside_array { accumulators } else { 32768.0 })
}

/// Bits of a latched word.
pub(super) fn word_bits(design: &Design) -> f64 {
    if design.latch_bits == 0.0 { design.state.0 } else { design.latch_bits }
}

/// Bytes of the latches beside one array.
#[must_use]
pub fn latch_bytes(design: &Design) -> f64 {
    let Design { rows, columns, .. } = *design;
    let words = match design.latch_kind {
        LatchKind::Product => 2.0 * rows * columns,
        LatchKind::Accumulate => rows * columns,
        LatchKind::State => 2.0 * (rows + columns),
    };
    words * word_bits(design) / 8.0
}

fn kilobits(bytes: f64) -> f64 {
    8.0 * bytes / 1024.0
}

/// CACTI's nodes relative to 22 nm: read, write, leakage, area, access time. Leakage is that of 32 KB with a port of 64
/// bits, the rest geometric means over the grid.
const NODES: [(f64, [f64; 5]); 5] = [
    (22.0, [1.0, 1.0, 1.0, 1.0, 1.0]),
    (32.0, [2.284, 2.405, 0.4028, 2.081, 1.38]),
    (45.0, [4.199, 4.488, 0.3292, 4.016, 1.76]),
    (65.0, [7.731, 8.450, 0.4629, 8.150, 2.58]),
    (90.0, [14.81, 16.18, 0.2509, 14.77, 3.58]),
];

/// What a flavour does to 32 KB with a port of 64 bits at 22 nm: read, write, leakage, area, access time.
fn flavoured(flavour: Flavour) -> [f64; 5] {
    match flavour {
        Flavour::Lstp => [1.0; 5],
        Flavour::Lop => [0.6093, 0.5616, 387.35, 1.0006, 0.62929],
        Flavour::Hp => [1.0049, 0.9053, 276.08, 0.8447, 0.26996],
    }
}

/// A macro with one read-write port.
#[derive(Clone, Copy, Debug)]
pub struct Macro {
    /// Its capacity.
    pub bytes: f64,
    /// Bits of an access.
    pub port_bits: f64,
    /// Feature size.
    pub node_nm: f64,
    /// The flavour of transistors.
    pub flavour: Flavour,
    /// Ports, one or two.
    pub ports: f64,
}

/// A second port at 8 KB, 64 bits and 22 nm, in the order of [`NODES`].
const SECOND_PORT: [f64; 5] = [1.27, 1.27, 1.21, 2.046, 1.13];

impl Macro {
    /// Joules of a read access of all bits of the port.
    #[must_use]
    pub fn read_j(&self) -> f64 {
        1e-15 * self.scaled(0, &tables::READ_FJ)
    }

    /// Joules of a write access of all bits of the port.
    #[must_use]
    pub fn write_j(&self) -> f64 {
        1e-15 * self.scaled(1, &tables::WRITE_FJ)
    }

    /// Watts at 350 K.
    #[must_use]
    pub fn leakage_w(&self) -> f64 {
        1e-9 * self.scaled(2, &tables::LEAK_NW)
    }

    /// Square millimetres.
    #[must_use]
    pub fn area_mm2(&self) -> f64 {
        1e-6 * self.scaled(3, &tables::AREA_UM2)
    }

    /// Seconds of an access.
    #[must_use]
    pub fn access_s(&self) -> f64 {
        1e-12 * self.scaled(4, &tables::ACCESS_PS)
    }

    /// The voltage for which CACTI computed it.
    fn supply_v(&self) -> f64 {
        match self.flavour {
            Flavour::Lop => 0.6,
            _ => between(self.node_nm, &[(22.0, 0.8), (32.0, 1.0), (45.0, 1.1), (65.0, 1.2), (90.0, 1.3)]),
        }
    }

    /// One quantity, in the order of [`NODES`].
    fn scaled(&self, quantity: usize, table: &Table) -> f64 {
        let node = between(self.node_nm, &NODES.map(|(nm, factors)| (nm, factors[quantity])));
        let ports = if self.ports > 1.0 { SECOND_PORT[quantity] } else { 1.0 };
        look_up(table, self.bytes, self.port_bits) * node * flavoured(self.flavour)[quantity] * ports
    }
}

/// The macro behind the bits that are counted one by one.
pub(crate) fn shared(design: &Design) -> Macro {
    let Design { sram_port_bits: port_bits, node_nm, flavour, sram_ports: ports, .. } = *design;
    Macro { bytes: shared_bytes(design), port_bits, node_nm, flavour, ports }
}

/// The macro of the latches beside one array.
fn latches(design: &Design) -> Macro {
    Macro { bytes: latch_bytes(design), port_bits: design.latch_port_bits, ..shared(design) }
}

/// From the voltage for which CACTI computed a macro's energy to the nominal one.
fn square(design: &Design) -> f64 {
    let ratio = NOMINAL_V / shared(design).supply_v();
    ratio * ratio
}

/// The same for leakage.
fn leaking(design: &Design) -> f64 {
    leakage_by_supply(NOMINAL_V, shared(design).supply_v())
}

/// A table at any capacity and port: ln of the value is interpolated in log2 of both, continued in capacity and held
/// in the port at the ends. A macro of fewer than 32 words costs what the smallest of as many bits to a word does.
fn look_up(table: &Table, bytes: f64, port_bits: f64) -> f64 {
    let x = libm::log2(bytes.max(256.0) / 256.0);
    let y = libm::log2(port_bits.clamp(8.0, 256.0) / 8.0);
    let (row, column) = ((x as usize).min(table.len() - 2), (y as usize).min(4));
    let ln = |row: usize, column: usize| {
        let built = table[row..].iter().map(|row| row[column]).find(|value| !value.is_nan());
        libm::log(built.unwrap_or(f64::NAN))
    };
    let (part, across) = (x - row as f64, y - column as f64);
    let at = |row| (1.0 - across) * ln(row, column) + across * ln(row, column + 1);
    libm::exp((1.0 - part) * at(row) + part * at(row + 1))
}
