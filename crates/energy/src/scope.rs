//! What a price list contains, and the combinations that would pay twice.
//!
//! A price per operation and a price that spreads a whole chip's power over its synaptic events differ in
//! kind: adding a hop to the latter counts the hop twice.

use crate::evidence::Figure;
use equipoise_base::Action;
use equipoise_base::config::{ConfigError, Table};

equipoise_base::choice! {
    /// What a price list contains.
    pub enum Scope {
        /// Each action has its own price.
        PerTerm = "per_term",
        /// The price of `cell_mac` is a whole chip's power over its synaptic events: reading, neurons, events,
        /// transport and leakage are in it.
        AllIn = "all_in",
        /// The price of `array_read` is a whole matrix-vector product: drivers, cells and converters are in it.
        LumpedMvm = "lumped_mvm",
    }
}

/// What an all-in synaptic event already pays for.
const IN_A_SYNAPTIC_EVENT: [Action; 15] = [
    Action::RowDrive,
    Action::ArrayRead,
    Action::ReadLevel,
    Action::AdcConvert,
    Action::PartialAdd,
    Action::NeuronUpdate,
    Action::Spike,
    Action::EventEmit,
    Action::EventDeliver,
    Action::PacketHop,
    Action::LinkBit,
    Action::ChipHop,
    Action::ChipLinkBit,
    Action::SramRead,
    Action::Barrier,
];

/// What a lumped matrix-vector product already pays for.
const IN_A_PRODUCT: [Action; 4] = [Action::RowDrive, Action::CellMac, Action::ReadLevel, Action::AdcConvert];

impl Scope {
    /// The action whose price contains others, and these others.
    #[must_use]
    pub fn lump(self) -> Option<(Action, &'static [Action])> {
        match self {
            Self::PerTerm => None,
            Self::AllIn => Some((Action::CellMac, &IN_A_SYNAPTIC_EVENT)),
            Self::LumpedMvm => Some((Action::ArrayRead, &IN_A_PRODUCT)),
        }
    }

    /// Refuses a price above zero for what the lumped price contains, and leakage beside an all-in price.
    ///
    /// # Errors
    /// At the first key that would be paid twice.
    pub fn refuse_double(
        self,
        prices: &Table,
        energy_j: &[Option<Figure>],
        leakage: &Table,
        leakage_w: &[Option<Figure>],
    ) -> Result<(), ConfigError> {
        let charges = |figure: Option<Figure>| figure.is_some_and(|f| f.value > 0.0);
        let Some((lump, contained)) = self.lump() else { return Ok(()) };
        if !charges(energy_j[lump as usize]) {
            return Ok(());
        }
        let why = format!("0, for scope {:?}: `price.{}` contains it", self.word(), lump.name());
        for action in contained {
            if let Some(entry) = prices.get(action.name()).filter(|_| charges(energy_j[*action as usize])) {
                return Err(prices.error(entry, why));
            }
        }
        if self == Self::AllIn
            && let Some(i) = leakage_w.iter().position(|&w| charges(w))
            && let Some(entry) = leakage.get(equipoise_base::record::Block::ALL[i].key())
        {
            return Err(leakage.error(entry, why));
        }
        Ok(())
    }
}
