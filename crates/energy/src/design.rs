//! The design that is priced: the numbers and words of a chip that price models follow, by the keys of its files.

use crate::words::{
    ConverterKind, Corner, Flavour, LatchKind, PaidBits, RouterKind, SynapseStore, UpdateScheme,
};
use std::collections::BTreeMap;

/// Keys of a chip with their values as a file shows them: `adc.bits` and `8`, `adc.kind` and `"sar"`.
pub type Keys = BTreeMap<String, String>;

/// What a key of a design can hold.
trait Said: Sized {
    /// The value that a file shows as `text`.
    fn hear(text: &str) -> Option<Self>;
    /// The value as a file shows it.
    fn say(&self) -> String;
}

impl Said for f64 {
    fn hear(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &Self| number.is_finite())
    }
    fn say(&self) -> String {
        self.to_string()
    }
}

impl Said for bool {
    fn hear(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn say(&self) -> String {
        self.to_string()
    }
}

/// A number, or `"auto"`: what follows from the rest of the design.
impl Said for Option<f64> {
    fn hear(text: &str) -> Option<Self> {
        if text == "\"auto\"" { Some(None) } else { f64::hear(text).map(Some) }
    }
    fn say(&self) -> String {
        self.map_or("\"auto\"".to_owned(), |number| number.to_string())
    }
}

/// Bits of a number format: 32 of `i8f24`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Width(pub f64);

impl Said for Width {
    fn hear(text: &str) -> Option<Self> {
        let (whole, fraction) = text.trim_matches('"').strip_prefix('i')?.split_once('f')?;
        Some(Self(f64::hear(whole)? + f64::hear(fraction)?))
    }
    fn say(&self) -> String {
        format!("{} bits", self.0)
    }
}

/// Nodes of a mesh: 4 of `[2, 2]`; one of `"auto"`, before there is a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nodes(pub f64);

impl Said for Nodes {
    fn hear(text: &str) -> Option<Self> {
        if text == "\"auto\"" {
            return Some(Self(1.0));
        }
        let (width, height) = text.strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
        Some(Self(f64::hear(width.trim())? * f64::hear(height.trim())?))
    }
    fn say(&self) -> String {
        format!("{} nodes", self.0)
    }
}

macro_rules! said_words {
    ($($words:ty)*) => {$(
        impl Said for $words {
            fn hear(text: &str) -> Option<Self> {
                let word = text.trim_matches('"');
                Self::ALL.iter().find(|(_, known, _)| *known == word).map(|&(choice, _, _)| choice)
            }
            fn say(&self) -> String {
                format!("{:?}", self.word())
            }
        }
    )*};
}
said_words!(ConverterKind Corner Flavour LatchKind PaidBits RouterKind SynapseStore UpdateScheme);

macro_rules! design {
    ($( $(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:expr, $key:literal; )*) => {
        /// What price models follow. A key that nobody gives has a value at which no model refuses.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Design { $( $(#[doc = $doc])+ pub $field: $type, )* }

        impl Default for Design {
            fn default() -> Self { Self { $( $field: $default, )* } }
        }

        impl Design {
            /// Every key that a model may follow.
            pub const KEYS: &'static [&'static str] = &[$($key),*];

            /// Sets `key` to what a file shows as `text`; false if that cannot be understood. Other keys than
            /// [`Self::KEYS`] change nothing.
            fn set(&mut self, key: &str, text: &str) -> bool {
                match key {
                    $( $key => match <$type as Said>::hear(text) {
                        Some(value) => self.$field = value,
                        None => return false,
                    }, )*
                    _ => {}
                }
                true
            }

            /// The value of `key` as a file shows it; `None` where it is none of [`Self::KEYS`].
            #[must_use]
            pub fn said(&self, key: &str) -> Option<String> {
                match key {
                    $( $key => Some(Said::say(&self.$field)), )*
                    _ => None,
                }
            }
        }
    };
}

design! {
    /// Cycles per second.
    clock_hz: f64 = 100e6, "clock_hz";
    /// Supply voltage.
    supply_v: f64 = 0.8, "supply_v";
    /// Temperature.
    temperature_k: f64 = 350.0, "temperature_k";
    /// Feature size in nanometres.
    node_nm: f64 = 22.0, "technology.node_nm";
    /// The flavour of transistors.
    flavour: Flavour = Flavour::Lstp, "technology.flavour";
    /// The corner of the process.
    corner: Corner = Corner::Typical, "technology.corner";
    /// Where a core keeps its synapses.
    store: SynapseStore = SynapseStore::Analog, "core.kind";
    /// Bits of state, drives and weights.
    state: Width = Width(32.0), "state";
    /// Bits of an activity; 0 for the state's full width.
    activity_bits: f64 = 8.0, "activity_bits";
    /// True where lines are driven one activity bit after the other.
    bit_serial: bool = false, "array.bit_serial";
    /// Rows of an array.
    rows: f64 = 64.0, "array.rows";
    /// Columns of an array.
    columns: f64 = 64.0, "array.columns";
    /// Bits of a converter's code; 0 where sums are passed on exactly.
    adc_bits: f64 = 8.0, "adc.bits";
    /// How a converter works.
    adc_kind: ConverterKind = ConverterKind::Given, "adc.kind";
    /// Noise of a conversion, standard deviation in fractions of the half range.
    adc_noise: f64 = 0.0, "adc.noise";
    /// The bits that a converter is paid for.
    paid_bits: PaidBits = PaidBits::Nominal, "converter.paid_bits";
    /// True where the sample and hold of a line is paid with its conversion.
    holds: bool = false, "converter.holds";
    /// Full scale of a sample and hold.
    full_scale_v: f64 = 0.5, "converter.full_scale_v";
    /// Cycles of one conversion.
    adc_cycles: f64 = 10.0, "read.adc_cycles";
    /// Cycles for which the lines of a read integrate.
    integrate_cycles: f64 = 4.0, "read.integrate_cycles";
    /// Devices of a cell.
    devices: f64 = 2.0, "cell.devices";
    /// Gates of a cell on its word line.
    gates: f64 = 2.0, "cell.gates";
    /// Voltage of a read.
    read_v: f64 = 0.2, "cell.read_v";
    /// Voltage of a programming pulse.
    program_v: f64 = 2.0, "cell.program_v";
    /// Smallest conductance of a device.
    min_siemens: f64 = 1e-6, "cell.min_siemens";
    /// Largest conductance of a device.
    max_siemens: f64 = 40e-6, "cell.max_siemens";
    /// Conductance of a device in a verifying read.
    verify_siemens: f64 = 20e-6, "cell.verify_siemens";
    /// Share of its input that the pump of the programming voltage passes on.
    pump_efficiency: f64 = 1.0, "cell.pump_efficiency";
    /// Cycles of a programming pulse.
    pulse_cycles: f64 = 4.0, "update.pulse_cycles";
    /// Cycles of a neuron's update.
    update_cycles: f64 = 1.0, "neuron.update_cycles";
    /// Shortest pulse that programs a device.
    shortest_pulse_s: f64 = 10e-9, "cell.shortest_pulse_s";
    /// Longest pulse that a device bears.
    longest_pulse_s: f64 = 10e-6, "cell.longest_pulse_s";
    /// What a latch holds.
    latch_kind: LatchKind = LatchKind::Product, "latch.kind";
    /// Bits of a latched word; 0 for the state's full width.
    latch_bits: f64 = 10.0, "latch.bits";
    /// How a weight change becomes pulses.
    scheme: UpdateScheme = UpdateScheme::Accumulator, "update.scheme";
    /// Bits of an update accumulator.
    accumulator_bits: f64 = 8.0, "update.accumulator_bits";
    /// Bytes of the macro behind the bits that are counted one by one; else those of the accumulators beside an array.
    sram_bytes: Option<f64> = Some(32768.0), "sram.bytes";
    /// Bits of its port.
    sram_port_bits: f64 = 64.0, "sram.port_bits";
    /// Ports of it, and of the latches beside an array.
    sram_ports: f64 = 1.0, "sram.ports";
    /// Bits of the port of the latches beside an array.
    latch_port_bits: f64 = 64.0, "sram.latch_port_bits";
    /// The topology of the routers.
    router_kind: RouterKind = RouterKind::Mesh, "router.kind";
    /// Cores of a router of a concentrated mesh.
    concentration: f64 = 4.0, "router.concentration";
    /// Branches of a router of a tree.
    arity: f64 = 4.0, "router.arity";
    /// Bits of a packet.
    flit_bits: f64 = 32.0, "router.flit_bits";
    /// Wires of a link; 0 for as many as a packet has bits.
    link_bits: f64 = 0.0, "router.link_bits";
    /// FIFOs of an input port.
    virtual_channels: f64 = 1.0, "router.virtual_channels";
    /// Packets that a FIFO holds.
    fifo_depth: f64 = 4.0, "router.fifo_depth";
    /// Nodes of the mesh.
    nodes: Nodes = Nodes(4.0), "mesh";
    /// Arrays of a core.
    arrays: f64 = 16.0, "core.arrays";
    /// Neurons of a core.
    neurons: f64 = 256.0, "core.neurons";
    /// Neuron lanes of a core.
    lanes: f64 = 16.0, "neuron.lanes";
    /// Converters of an array.
    adc_count: f64 = 8.0, "adc.count";
    /// Length of a link; else the pitch of a core.
    link_mm: Option<f64> = Some(0.5), "link.mm";
    /// Square millimetres of a core with everything that it has room for, by the areas of this list.
    core_mm2: f64 = 0.25, "area.core";
    /// Length of the way from the barrier to a core.
    barrier_mm: f64 = 1.0, "link.barrier_mm";
    /// Cores that a barrier reaches; else all nodes of the mesh.
    barrier_cores: Option<f64> = Some(16.0), "link.barrier_cores";
    /// Gates of a neuron lane for a state of 32 bits.
    neuron_gates: f64 = 2000.0, "gates.neuron";
    /// Gates of a learning controller.
    controller_gates: f64 = 5000.0, "gates.controller";
    /// Share of a block of standard cells that is cells.
    utilisation: f64 = 1.0, "layout.utilisation";
    /// Joules of a driven line, as this list prices them.
    row_drive_j: f64 = 0.0, "price.row_drive";
    /// Joules of a conversion, as this list prices them.
    adc_convert_j: f64 = 0.0, "price.adc_convert";
}

impl Design {
    /// The design of a chip with `keys`. What an experiment chose instead of the chip's own stands there after
    /// `learning.`, as in `learning.latch.bits`, and wins.
    ///
    /// # Errors
    /// The first key whose value no model understands.
    pub fn new(keys: &Keys) -> Result<Self, String> {
        let mut design = Self::default();
        let chosen = |key: &str| key.starts_with("learning.");
        let own = keys.iter().filter(|(key, _)| !chosen(key));
        for (key, text) in own.chain(keys.iter().filter(|(key, _)| chosen(key))) {
            if !design.set(key.strip_prefix("learning.").unwrap_or(key), text) {
                return Err(key.clone());
            }
        }
        Ok(design)
    }

    /// Seconds for which the lines of a read integrate.
    #[must_use]
    pub fn integrate_s(&self) -> f64 {
        self.integrate_cycles / self.clock_hz
    }

    /// Seconds of a programming pulse.
    #[must_use]
    pub fn pulse_s(&self) -> f64 {
        self.pulse_cycles / self.clock_hz
    }

    /// Conversions per second of one converter.
    #[must_use]
    pub fn conversions_hz(&self) -> f64 {
        self.clock_hz / self.adc_cycles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &[(&str, &str)]) -> Keys {
        list.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_a_file_shows_is_understood_and_said_again() {
        let shown = keys(&[("adc.bits", "6"), ("adc.kind", "\"ramp\""), ("array.bit_serial", "true")]);
        let design = Design::new(&shown).expect("understood");
        for (key, text) in &shown {
            assert_eq!(design.said(key).as_ref(), Some(text));
        }
        let wide =
            Design::new(&keys(&[("state", "\"i16f48\""), ("clock_hz", "100000000.0")])).expect("understood");
        assert_eq!((wide.state, wide.clock_hz), (Width(64.0), 100e6));
        assert_eq!(Design::new(&keys(&[("adc.kind", "\"flash\"")])), Err("adc.kind".to_owned()));
        assert_eq!(Design::new(&keys(&[("adc.bits", "many")])), Err("adc.bits".to_owned()));
    }

    #[test]
    fn what_the_experiment_chose_wins_over_the_chips_own() {
        let both = keys(&[("learning.adc.bits", "3"), ("adc.bits", "6"), ("learning.state", "\"i8f24\"")]);
        assert_eq!(Design::new(&both).map(|d| d.adc_bits), Ok(3.0));
    }

    #[test]
    fn every_key_says_its_default() {
        let design = Design::default();
        for key in Design::KEYS {
            assert!(design.said(key).is_some_and(|text| !text.is_empty()), "{key}");
        }
        assert_eq!(design.said("title"), None);
    }
}
