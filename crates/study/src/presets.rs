//! The chip presets: those that the program carries, and files by path.

use crate::Error;
use equipoise_base::config::{ConfigError, Place};
use equipoise_base::params::Params;
use equipoise_chip::Hardware;
use equipoise_energy::Preset;
use equipoise_trace::toml_tree;
use std::path::Path;

/// Name and text of every preset in `hw-models/`.
pub const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// Name and text of every published energy model in `hw-models/published/`.
const PUBLISHED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/published.rs"));

/// The published energy models: price lists without a chip, for a second opinion on a bill.
///
/// # Errors
/// If one is not accepted: a mistake of ours.
pub fn published() -> Result<Vec<Preset>, Error> {
    let read = |(name, text): &(&str, &str)| {
        let table = toml_tree::parse(text, &format!("hw-models/published/{name}.toml"))?;
        Ok(Preset::read(&table)?)
    };
    PUBLISHED.iter().map(read).collect()
}

/// The preset of that name, or at that path (relative paths count from `folder`): a path, which has a
/// separator or ends in `.toml`, wins over a name.
///
/// # Errors
/// If there is none, or the file is not accepted. `place` and `key` say who named it.
pub fn find(chip: &str, folder: &Path, place: &Place, key: &str) -> Result<Preset, Error> {
    let is_path = chip.ends_with(".toml") || chip.contains(['/', '\\']);
    let table = if is_path {
        let path = folder.join(chip);
        if !path.is_file() {
            let found = format!("no file `{}`", path.display());
            return Err(refused(place, key, found));
        }
        toml_tree::read(&path)?
    } else {
        match EMBEDDED.iter().find(|(name, _)| *name == chip) {
            Some((name, text)) => toml_tree::parse(text, &format!("hw-models/{name}.toml"))?,
            None => return Err(refused(place, key, format!("no preset {chip:?}"))),
        }
    };
    let preset = Preset::read(&table)?;
    refuse_unknown(&preset)?;
    Ok(preset)
}

/// Refuses keys that are neither the chip's nor prices, naming all that there are.
pub(crate) fn refuse_unknown(preset: &Preset) -> Result<(), ConfigError> {
    let structure: Vec<&str> = Hardware::keys().iter().map(|key| key.name).collect();
    preset.refuse_unknown(&structure)
}

fn refused(place: &Place, key: &str, found: String) -> Error {
    let names: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    let accepted = format!("{}, or the path of a preset file (.toml)", names.join(", "));
    ConfigError { place: place.clone(), key: key.to_owned(), found, accepted }.into()
}
