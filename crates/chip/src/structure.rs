//! The structural keys of a chip: what the counts and the prices of a run depend on.

use crate::layout::mesh_for;
use crate::network::NetworkError;
use crate::params::{CoreKind, Hardware, Mesh, Params};
use equipoise_base::params::{Field, Params as Declared};
use std::collections::BTreeMap;

/// Keys of the chip with their values as an error message shows them.
pub type Keys = BTreeMap<String, String>;

/// The keys of a run whose network takes that many cores: those of the chip with the mesh as built, and after
/// `learning.` what the experiment chose instead of the chip's own.
///
/// # Errors
/// If the mesh has too few nodes.
pub fn structure(params: &Params, cores: usize) -> Result<Keys, NetworkError> {
    let extent = mesh_for(params, cores)?;
    let mut keys = flat(&params.hardware, Some((extent.width, extent.height)));
    let latch = &params.learning.latch;
    let scheme = params.learning.update.unwrap_or(params.hardware.update.scheme);
    let chosen = [
        ("latch.kind", latch.kind.write()),
        ("latch.bits", latch.bits.write()),
        ("update.scheme", scheme.write()),
    ];
    keys.extend(chosen.map(|(key, value)| (format!("learning.{key}"), value.shown())));
    Ok(keys)
}

/// The keys of a preset that may price a run of structure `ran`, as far as counts depend on them: a mesh that adapts
/// to the network is the run's.
#[must_use]
pub fn of_preset(hardware: &Hardware, ran: &Keys) -> Keys {
    let mut keys = match hardware.mesh {
        Mesh::Fixed(width, height) => flat(hardware, Some((width, height))),
        Mesh::Auto => flat(hardware, None),
    };
    if hardware.mesh == Mesh::Auto
        && let Some(mesh) = ran.get("mesh")
    {
        keys.insert("mesh".to_owned(), mesh.clone());
    }
    counted(keys)
}

/// Of those keys the ones on which counts depend: a chip that differs in them cannot price the run.
#[must_use]
pub fn counted(mut keys: Keys) -> Keys {
    keys.retain(|key, _| !is_quality(key) && !key.starts_with("learning."));
    keys
}

fn flat(hardware: &Hardware, mesh: Option<(u32, u32)>) -> Keys {
    let mut keys = Declared::write(hardware).flat();
    let foreign = if hardware.core.kind == CoreKind::Analog { "table." } else { "array." };
    // Where cores sit is no part of the chip.
    keys.retain(|key, _| !key.starts_with(foreign) && key != "placement" && !key.starts_with("placement."));
    if let Some((width, height)) = mesh {
        keys.insert("mesh".to_owned(), format!("[{width}, {height}]"));
    }
    keys
}

/// Keys that change how well cells and converters work, not how many there are or how long they take.
fn is_quality(key: &str) -> bool {
    let converter = [
        "adc.kind",
        "adc.noise",
        "adc.gain_spread",
        "adc.offset_spread",
        "adc.range_forward",
        "adc.range_transposed",
    ];
    (key.starts_with("device.") && key != "device.kind")
        || converter.contains(&key)
        || key == "array.cell_noise"
        || key == "power_window_cycles"
}
