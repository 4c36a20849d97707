//! What a block does in cycles without work.

use crate::evidence::Evidence;
use crate::preset::{Annotations, check_unit, join};
use equipoise_base::config::{ConfigError, Table, Value};
use equipoise_base::params::Params;
use equipoise_base::record::Block;

equipoise_base::choice! {
    /// What happens to a block in an idle cycle. Leakage never stops; power gating lowers it.
    pub enum GatingPolicy {
        /// The clock runs on.
        None = "none",
        /// The clock stops; leakage is whole.
        Clock = "clock",
        /// The supply is switched off; a fraction of the leakage stays, and waking costs energy.
        Power = "power",
    }
}

equipoise_base::params! {
    /// The gating of one kind of block.
    pub struct Gating {
        /// What happens in an idle cycle.
        policy: GatingPolicy = GatingPolicy::None, "";
        /// Energy of one idle block-cycle whose clock runs on; used by policy `none`.
        idle_cycle_j: f64 = 0.0, "J", 0.0..=1.0;
        /// Fraction of the leakage that stays in an idle cycle; used by policy `power`.
        retained: f64 = 1.0, "1", 0.0..=1.0;
        /// Energy of switching one block on again; used by policy `power`.
        wake_j: f64 = 0.0, "J", 0.0..=1.0;
    }
}

/// The gating of a block with what is known of its numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownGating {
    /// The gating.
    pub gating: Gating,
    /// The weakest evidence of the numbers that the policy uses; `None` where it uses none.
    pub evidence: Option<Evidence>,
    /// What the bill lacks: the section of a block that has none, or an energy that its policy uses.
    pub missing: Option<String>,
}

impl Gating {
    /// The keys that the policy uses, besides `policy`.
    fn used(&self) -> &'static [&'static str] {
        match self.policy {
            GatingPolicy::None => &["idle_cycle_j"],
            GatingPolicy::Clock => &[],
            GatingPolicy::Power => &["retained", "wake_j"],
        }
    }

    /// The energy that the policy uses: one that is not given costs nothing on the bill, and is no price.
    fn energy(&self) -> Option<&'static str> {
        match self.policy {
            GatingPolicy::None => Some("idle_cycle_j"),
            GatingPolicy::Clock => None,
            GatingPolicy::Power => Some("wake_j"),
        }
    }
}

impl KnownGating {
    /// Reads the section of one block, at `path`.
    ///
    /// # Errors
    /// If a key is unknown, a value out of range or a number in another unit than its key says.
    fn read(section: &Table, path: &str, known: &Annotations) -> Result<Self, ConfigError> {
        let gating = <Gating as Params>::read(section)?;
        for key in <Gating as Params>::keys() {
            if let Some(entry) = section.get(key.name) {
                check_unit(section, entry, known.get(&join(path, key.name)), key.unit)?;
            }
        }
        let mut evidence = None;
        for key in gating.used().iter().filter(|key| section.get(key).is_some()) {
            let this = known.get(&join(path, key)).map_or(Evidence::Assumed, |p| p.evidence);
            evidence = Some(evidence.map_or(this, |e: Evidence| e.weaker(this)));
        }
        let missing = gating.energy().filter(|key| section.get(key).is_none());
        Ok(Self { missing: missing.map(|key| join(path, key)), evidence, gating })
    }

    /// Reads the gating of every block, in the order of [`Block::ALL`]; memories share a section.
    ///
    /// # Errors
    /// At the first block that is unknown or is no section.
    pub(crate) fn read_all(settings: &Table, known: &Annotations) -> Result<Vec<Self>, ConfigError> {
        let section = settings.section("gating")?;
        if let Some(section) = section {
            section.refuse_unknown(&Block::KEYS)?;
        }
        let of_block = |block: Block| {
            let path = join("gating", block.key());
            let entry = section.and_then(|section| Some((section, section.get(block.key())?)));
            match entry.map(|(section, entry)| (section, entry, &entry.node.value)) {
                None => Ok(Self { missing: Some(path), ..Self::default() }),
                Some((_, _, Value::Table(one))) => Self::read(one, &path, known),
                Some((section, entry, _)) => Err(section.error(entry, "a section with `policy`")),
            }
        };
        Block::ALL.into_iter().map(of_block).collect()
    }
}
