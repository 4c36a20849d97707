//! The actions that the chip counts, and the books that hold them.
//!
//! The hot path adds integers here and nothing else; joules, seconds and square millimetres appear when a
//! finished run is priced. One list below feeds names, units, help and the price tables.

use serde::{Deserialize, Serialize};
use std::ops::{AddAssign, Index, IndexMut};

macro_rules! actions {
    ($($variant:ident $name:literal $unit:literal $billable:literal $doc:literal,)*) => {
        /// One kind of countable work of the chip.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Action { $(#[doc = $doc] $variant,)* }

        impl Action {
            /// Every action, in the order of tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// How many actions there are.
            pub const COUNT: usize = Self::ALL.len();
            /// The name in files and price lists.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// What one count stands for.
            #[must_use]
            pub fn unit(self) -> &'static str { match self { $(Self::$variant => $unit,)* } }
            /// What is counted, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str { match self { $(Self::$variant => $doc,)* } }
            /// False for pure statistics, which need no price.
            #[must_use]
            pub fn billable(self) -> bool { match self { $(Self::$variant => $billable,)* } }
            /// The action of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|a| a.name() == name)
            }
        }
    };
}

actions! {
    Step "step" "steps" false "One relaxation step of the network (booked by core 0).",
    RowDrive "row_drive" "row drives" true "One line of an array driven by its DAC for one read (forward: a row; transposed: a column).",
    ArrayRead "array_read" "reads" true "One read of one array (tile), forward or transposed.",
    CellMac "cell_mac" "multiply-adds" true "One cell (device pair) that took part in a read.",
    ReadLevel "read_level" "activity x level" true "Sum over a read of activity (in units of full scale, 1/256) times the cells' conductance levels: the V^2 G t part of a read.",
    AdcConvert "adc_convert" "conversions" true "One analog-to-digital conversion of one line.",
    AdcClip "adc_clip" "conversions" false "Conversions that met the end of the converter's range.",
    PartialAdd "partial_add" "additions" true "One digital addition of a partial sum or of a returned drive.",
    NeuronUpdate "neuron_update" "updates" true "One neuron's integration for one step.",
    Spike "spike" "spikes" true "One spike of a spiking neuron.",
    EventEmit "event_emit" "events" true "One value sent for one axon: to one destination core, or to all of them at once where the mesh divides packets (multicast).",
    EventDeliver "event_deliver" "events" true "One value delivered to the core that listens.",
    PacketHop "packet_hop" "hops" true "One packet over one link between routers of one chip.",
    LinkBit "link_bit" "bits" true "One bit over one link between routers of one chip.",
    LatchWrite "latch_write" "words" true "One correlation written to a latch.",
    LatchRead "latch_read" "words" true "One correlation read from a latch at the update.",
    UpdateMultiply "update_multiply" "products" true "One product of the learning rule.",
    ProgramPulseUp "program_pulse_up" "pulses" true "One potentiating pulse on one device pair.",
    ProgramPulseDown "program_pulse_down" "pulses" true "One depressing pulse on one device pair.",
    PulseLevel "pulse_level" "levels" true "Sum of the conductance levels of the cells at their pulses: the V^2 G t part of programming.",
    ProgramVerify "program_verify" "reads" true "One verifying read of one cell during programming.",
    SramRead "sram_read" "bits" true "One bit read from an on-chip SRAM.",
    SramWrite "sram_write" "bits" true "One bit written to an on-chip SRAM.",
    HostIn "host_in" "bits" true "One bit from the host into the chip.",
    HostOut "host_out" "bits" true "One bit from the chip to the host.",
    Barrier "barrier" "barriers" true "One synchronisation of all cores (booked by core 0).",
    ChipHop "chip_hop" "hops" true "One packet over one link between chips.",
    ChipLinkBit "chip_link_bit" "bits" true "One bit over one link between chips.",
}

/// Counts of every action: the book of one core in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u64>", into = "Vec<u64>")]
pub struct Counts([u64; Action::COUNT]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; Action::COUNT])
    }
}

impl From<Counts> for Vec<u64> {
    fn from(counts: Counts) -> Self {
        counts.0.into()
    }
}

impl TryFrom<Vec<u64>> for Counts {
    type Error = String;

    fn try_from(counts: Vec<u64>) -> Result<Self, String> {
        let found = counts.len();
        let whole = counts.try_into().map(Self);
        whole.map_err(|_| format!("{found} counts where {} actions are counted", Action::COUNT))
    }
}

impl Counts {
    /// Adds `count` of one action.
    #[inline]
    pub fn add(&mut self, action: Action, count: u64) {
        self.0[action as usize] += count;
    }

    /// Every action with its count, in the order of tables.
    pub fn iter(&self) -> impl Iterator<Item = (Action, u64)> + '_ {
        Action::ALL.iter().map(|&action| (action, self[action]))
    }

    /// Adds `other` `times` times: a stretch of equal steps in closed form.
    pub fn add_times(&mut self, other: &Self, times: u64) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs * times;
        }
    }

    /// Sets every count to zero, keeping the memory.
    pub fn clear(&mut self) {
        self.0.fill(0);
    }
}

impl Index<Action> for Counts {
    type Output = u64;
    fn index(&self, action: Action) -> &u64 {
        &self.0[action as usize]
    }
}

impl IndexMut<Action> for Counts {
    fn index_mut(&mut self, action: Action) -> &mut u64 {
        &mut self.0[action as usize]
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back_to_their_action() {
        for &action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
    }

    #[test]
    fn a_stretch_in_closed_form_equals_the_same_steps_added_one_by_one() {
        let mut step = Counts::default();
        step.add(Action::AdcConvert, 13);
        step.add(Action::CellMac, 24);
        let (mut long, mut short) = (Counts::default(), Counts::default());
        for _ in 0..40 {
            long += &step;
        }
        short.add_times(&step, 40);
        assert_eq!(long, short);
        assert_eq!(short[Action::CellMac], 960);
    }
}
