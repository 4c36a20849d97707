//! Lists the chip presets in `hw-models/`, and the published energy models below it, so that the program carries them
//! and needs no file.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    list("../../hw-models", "presets.rs")?;
    list("../../hw-models/published", "published.rs")
}

/// Writes name and text of every file of `folder`, in the order of names, as the list `name`.
fn list(folder: &str, name: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(&folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut list = String::from("&[\n");
    for file in files {
        let path = file.path().canonicalize()?;
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            list += &format!("    ({name:?}, include_str!({:?})),\n", path.display().to_string());
        }
    }
    list += "]\n";
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join(name), list)
}
