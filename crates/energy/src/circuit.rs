//! What a price list takes for granted about circuits, beside the structure that the chip knows itself: keys of
//! a preset that price models follow and nothing in a run does.

use crate::design::Keys;
use crate::preset::{Annotations, check_unit, join};
use crate::words::{Corner, Flavour, PaidBits};
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::{Field, Key, Params as Declared, written_table};

/// A number, or "auto": what follows from the rest of the design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auto(Option<f64>);

impl Field for Auto {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(word) if word == "auto" => Ok(Self(None)),
            Value::Text(_) => Err(table.error(entry, "a number, or \"auto\"")),
            _ => f64::read(table, entry, range).map(|number| Self(Some(number))),
        }
    }
    fn write(&self) -> Value {
        self.0.map_or(Value::Text("auto".to_owned()), Value::Float)
    }
}

equipoise_base::params! {
    /// The process.
    pub struct Technology {
        /// Feature size.
        node_nm: f64 = 22.0, "nm", 14.0..=180.0;
        /// The flavour of transistors.
        flavour: Flavour = Flavour::Lstp, "";
        /// The corner of the process.
        corner: Corner = Corner::Typical, "";
    }
}

equipoise_base::params! {
    /// The converters' circuits.
    pub struct Converter {
        /// The bits that a converter is paid for.
        paid_bits: PaidBits = PaidBits::Nominal, "";
        /// Pays the sample and hold of a line with its conversion.
        holds: bool = false, "";
        /// Full scale of a sample and hold.
        full_scale_v: f64 = 0.5, "V", 0.001..=10.0;
    }
}

equipoise_base::params! {
    /// The cells of an array and the voltages on them.
    pub struct Cell {
        /// Devices of a cell.
        devices: u32 = 2, "devices", 1..=64;
        /// Gates of a cell on its word line.
        gates: u32 = 2, "gates", 1..=64;
        /// Voltage of a read.
        read_v: f64 = 0.2, "V", 0.001..=10.0;
        /// Voltage of a programming pulse.
        program_v: f64 = 2.0, "V", 0.001..=100.0;
        /// Smallest conductance of a device.
        min_siemens: f64 = 1e-6, "S", 0.0..=1.0;
        /// Largest conductance of a device.
        max_siemens: f64 = 40e-6, "S", 0.0..=1.0;
        /// Conductance of a device in a verifying read.
        verify_siemens: f64 = 20e-6, "S", 0.0..=1.0;
        /// Share of its input that the pump of the programming voltage passes on.
        pump_efficiency: f64 = 1.0, "1", 0.01..=1.0;
        /// Shortest pulse that programs a device.
        shortest_pulse_s: f64 = 10e-9, "s", 0.0..=1.0;
        /// Longest pulse that a device bears.
        longest_pulse_s: f64 = 10e-6, "s", 0.0..=1.0;
    }
}

equipoise_base::params! {
    /// The macros of memory.
    pub struct Sram {
        /// Bytes of the macro behind the bits that are counted one by one, or "auto": those of the accumulators beside an array, 32 KB where there are none.
        bytes: Auto = Auto(None), "bytes", 1..=1_073_741_824;
        /// Bits of its port.
        port_bits: u32 = 64, "bits", 8..=256;
        /// Ports of it, and of the latches beside an array.
        ports: u32 = 1, "ports", 1..=2;
        /// Bits of the port of the latches beside an array.
        latch_port_bits: u32 = 64, "bits", 8..=256;
    }
}

equipoise_base::params! {
    /// Lengths of wires.
    pub struct Link {
        /// Length of a link between two routers, or "auto": the pitch of a core.
        mm: Auto = Auto(None), "mm", 0.0..=100.0;
        /// Length of the way from the barrier to a core.
        barrier_mm: f64 = 1.0, "mm", 0.0..=100.0;
        /// Cores that a barrier reaches, or "auto": all nodes of the mesh.
        barrier_cores: Auto = Auto(None), "cores", 1..=1_000_000;
    }
}

equipoise_base::params! {
    /// Gates of blocks of logic.
    pub struct Gates {
        /// Of a neuron lane for a state of 32 bits.
        neuron: u32 = 2000, "gates", 1..=100_000_000;
        /// Of a learning controller.
        controller: u32 = 5000, "gates", 1..=100_000_000;
    }
}

equipoise_base::params! {
    /// How densely cells are placed.
    pub struct Layout {
        /// Share of a block of standard cells that is cells.
        utilisation: f64 = 1.0, "1", 0.1..=1.0;
    }
}

/// Declares the sections of [`Circuit`].
macro_rules! sections {
    ($($field:ident: $section:ty,)*) => {
        /// All of these sections.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Circuit { $( $field: $section, )* }

        impl Circuit {
            /// The names of the sections.
            pub const SECTIONS: &'static [&'static str] = &[$(stringify!($field)),*];

            /// Every key as `section.key`, with its declaration.
            #[must_use]
            pub fn keys() -> Vec<(String, Key)> {
                let mut keys = Vec::new();
                $( keys.extend(<$section as Declared>::keys().into_iter().map(|key| {
                    (join(stringify!($field), key.name), key)
                })); )*
                keys
            }

            /// Reads the sections of a preset.
            ///
            /// # Errors
            /// If a key is unknown, a value out of range, or a number in another unit than its key says.
            pub(crate) fn read(settings: &Table, known: &Annotations) -> Result<Self, ConfigError> {
                let mut circuit = Self::default();
                $( if let Some(section) = settings.section(stringify!($field))? {
                    circuit.$field = read_section(section, stringify!($field), known)?;
                } )*
                Ok(circuit)
            }

            /// Every key with its value.
            pub(crate) fn said(&self) -> Keys {
                let all = written_table(vec![$( (stringify!($field), Field::write(&self.$field)), )*]);
                all.flat()
            }
        }
    };
}

sections! {
    technology: Technology,
    converter: Converter,
    cell: Cell,
    sram: Sram,
    link: Link,
    gates: Gates,
    layout: Layout,
}

fn read_section<P: Declared>(section: &Table, path: &str, known: &Annotations) -> Result<P, ConfigError> {
    for key in P::keys() {
        if let Some(entry) = section.get(key.name).filter(|e| !matches!(e.node.value, Value::Text(_))) {
            check_unit(section, entry, known.get(&join(path, key.name)), key.unit)?;
        }
    }
    <P as Declared>::read(section)
}
