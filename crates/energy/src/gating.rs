//! What a block does in cycles without work.

use crate::evidence::Evidence;
use crate::preset::{Annotations, check_unit, join};
use equipoise_base::config::{ConfigError, Table, Value};
use equipoise_base::params::Params;

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

impl Gating {
    /// The keys that the policy uses, besides `policy`.
    fn used(&self) -> &'static [&'static str] {
        match self.policy {
            GatingPolicy::None => &["idle_cycle_j"],
            GatingPolicy::Clock => &[],
            GatingPolicy::Power => &["retained", "wake_j"],
        }
    }

    /// Reads the section of one block, at `path`; the evidence is the weakest of the numbers that the policy
    /// uses, `None` where it uses none.
    ///
    /// # Errors
    /// If a key is unknown, a value out of range or a number in another unit than its key says.
    pub fn read(
        section: &Table,
        path: &str,
        known: &Annotations,
    ) -> Result<(Self, Option<Evidence>), ConfigError> {
        let gating = <Self as Params>::read(section)?;
        for key in <Self as Params>::keys() {
            if let Some(entry) = section.get(key.name) {
                check_unit(section, entry, known.get(&join(path, key.name)), key.unit)?;
            }
        }
        let mut evidence = None;
        for key in gating.used().iter().filter(|key| section.get(key).is_some()) {
            let this = known.get(&join(path, key)).map_or(Evidence::Assumed, |p| p.evidence);
            evidence = Some(evidence.map_or(this, |e: Evidence| e.weaker(this)));
        }
        Ok((gating, evidence))
    }

    /// Reads the gating of every block, in the order of [`Block::ALL`](equipoise_base::record::Block::ALL).
    ///
    /// # Errors
    /// At the first block that is unknown or is no section.
    pub(crate) fn read_all(
        settings: &Table,
        known: &Annotations,
    ) -> Result<Vec<(Self, Option<Evidence>)>, ConfigError> {
        let blocks = equipoise_base::record::Block::ALL;
        let mut all = vec![(Self::default(), None); blocks.len()];
        let Some(section) = settings.section("gating")? else { return Ok(all) };
        section.refuse_unknown(&blocks.map(|b| b.name()))?;
        for block in blocks {
            match section.get(block.name()) {
                None => {}
                Some(entry) => match &entry.node.value {
                    Value::Table(one) => {
                        let path = join("gating", block.name());
                        all[block as usize] = Self::read(one, &path, known)?;
                    }
                    _ => return Err(section.error(entry, "a section with `policy`")),
                },
            }
        }
        Ok(all)
    }
}
