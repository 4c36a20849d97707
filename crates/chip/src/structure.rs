//! The structural keys of a chip: what a run's counts depend on, so that only a chip that agrees in them can
//! price the run.

use crate::params::{CoreKind, Hardware, Mesh};
use equipoise_base::config::Value;
use equipoise_base::params::Params as _;
use std::collections::BTreeMap;

/// Every key of `hardware` but those that only time or name things, flattened, with the mesh as built.
#[must_use]
pub fn structure(hardware: &Hardware, width: u32, height: u32) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    flatten("", &hardware.write(), &mut keys);
    let foreign = if hardware.core.kind == CoreKind::Analog { "table." } else { "array." };
    keys.retain(|key, _| !key.starts_with(foreign) && !is_quality(key));
    keys.insert("mesh".to_owned(), format!("[{width}, {height}]"));
    keys
}

/// The structure of a preset that may price a run of structure `ran`: a mesh that adapts to the network is the
/// run's.
#[must_use]
pub fn of_preset(hardware: &Hardware, ran: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let (width, height) =
        if let Mesh::Fixed(width, height) = hardware.mesh { (width, height) } else { (0, 0) };
    let mut keys = structure(hardware, width, height);
    if hardware.mesh == Mesh::Auto
        && let Some(mesh) = ran.get("mesh")
    {
        keys.insert("mesh".to_owned(), mesh.clone());
    }
    keys
}

/// Keys that change how well cells and converters work, not how many there are or how long they take.
fn is_quality(key: &str) -> bool {
    let converter =
        ["adc.noise", "adc.gain_spread", "adc.offset_spread", "adc.range_forward", "adc.range_transposed"];
    (key.starts_with("device.") && key != "device.kind")
        || converter.contains(&key)
        || key == "array.cell_noise"
        || key == "power_window_cycles"
}

fn flatten(path: &str, table: &equipoise_base::config::Table, keys: &mut BTreeMap<String, String>) {
    for entry in &table.entries {
        let key = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        match &entry.node.value {
            Value::Table(section) => flatten(&key, section, keys),
            value => {
                keys.insert(key, value.shown());
            }
        }
    }
}
