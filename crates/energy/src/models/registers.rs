//! Files of registers, for memories of a few words.

use super::node::low_power;
use super::sram::{latch_bytes, shared_bytes, word_bits};
use super::{Law, Model};
use crate::design::Design;
use crate::evidence::Evidence;

const SHARED: &[&str] = &[
    "sram.bytes",
    "core.kind",
    "array.rows",
    "array.columns",
    "update.scheme",
    "update.accumulator_bits",
    "sram.port_bits",
];
const LATCH: &[&str] = &["latch.kind", "latch.bits", "state", "array.rows", "array.columns"];

/// Flip-flops of DSENT.
pub const REGISTER_FILE: Model = Model {
    name: "register_file",
    meaning: "a file of flip-flops, n words of b bits: cheaper to read than the smallest SRAM below about 12 words of 32 \
              bits, 17 times as large",
    source: "DSENT's flip-flop RAM, 22 nm low-threshold cells at 0.8 V, within 11 % from 4 to 64 words",
    holds: &[("technology.node_nm", 22.0, 22.0)],
    laws: &[
        Law {
            figure: "price.sram_read",
            equation: "read / b, read = 0.3604 fJ n b, b = sram.port_bits, n = 8 sram.bytes / b",
            follows: SHARED,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(shared(d).read_j() / d.sram_port_bits),
        },
        Law {
            figure: "price.sram_write",
            equation: "write / b, write = b (0.3474 n + 2.06) fJ + 5 fJ + 0.09 n fJ",
            follows: SHARED,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(shared(d).write_j() / d.sram_port_bits),
        },
        Law {
            figure: "price.latch_read",
            equation: "read, b = latch.bits, n b = bits of the latches beside one array",
            follows: LATCH,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(latches(d).read_j()),
        },
        Law {
            figure: "price.latch_write",
            equation: "write, b = latch.bits, n b = bits of the latches beside one array",
            follows: LATCH,
            evidence: Evidence::Model,
            band: Some((0.5, 2.0)),
            value: |d| Ok(latches(d).write_j()),
        },
        Law {
            figure: "leakage.sram_kilobit",
            equation: "1024 0.706 uW, times 0.00258 for low standby power",
            follows: &["technology.flavour"],
            evidence: Evidence::Assumed,
            band: Some((0.33, 3.0)),
            value: |d| Ok(1024.0 * BIT_W * low_power(d.flavour)),
        },
        Law {
            figure: "area.sram_kilobit",
            equation: "1024 1.94 um2",
            follows: &[],
            evidence: Evidence::Model,
            band: None,
            value: |_| Ok(1024.0 * BIT_MM2),
        },
    ],
};

/// Watts of a bit in low-threshold cells.
const BIT_W: f64 = 0.706e-6;
/// Square millimetres of a bit.
const BIT_MM2: f64 = 1.94e-6;

/// A file of registers.
#[derive(Clone, Copy, Debug)]
pub struct RegisterFile {
    /// Words.
    pub words: f64,
    /// Bits of a word.
    pub bits: f64,
}

impl RegisterFile {
    /// Joules of reading a word.
    #[must_use]
    pub fn read_j(&self) -> f64 {
        self.words * self.bits * 0.3604e-15
    }

    /// Joules of writing a word.
    #[must_use]
    pub fn write_j(&self) -> f64 {
        self.bits * (self.words * 0.3474e-15 + 2.06e-15) + 5e-15 + 0.09e-15 * self.words
    }

    /// Watts of low-threshold cells.
    #[must_use]
    pub fn leakage_w(&self) -> f64 {
        self.words * self.bits * BIT_W
    }

    /// Square millimetres.
    #[must_use]
    pub fn area_mm2(&self) -> f64 {
        self.words * self.bits * BIT_MM2
    }
}

fn shared(design: &Design) -> RegisterFile {
    let bits = design.sram_port_bits;
    RegisterFile { words: 8.0 * shared_bytes(design) / bits, bits }
}

fn latches(design: &Design) -> RegisterFile {
    let bits = word_bits(design);
    RegisterFile { words: 8.0 * latch_bytes(design) / bits, bits }
}
