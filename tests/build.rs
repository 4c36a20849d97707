//! Looks for Icarus Verilog, with which the tests against the reference in `rtl/` run.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(have_iverilog)");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-changed=build.rs");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).filter(|folder| folder.is_dir()).collect();
    let find = |program: &str| folders.iter().map(|folder| folder.join(program)).find(|file| file.is_file());
    if let (Some(compiler), Some(simulator)) = (find("iverilog"), find("vvp")) {
        println!("cargo::rustc-cfg=have_iverilog");
        println!("cargo::rerun-if-changed={}", compiler.display());
        println!("cargo::rerun-if-changed={}", simulator.display());
    } else {
        // It may be installed later, into one of these.
        folders.iter().for_each(|folder| println!("cargo::rerun-if-changed={}", folder.display()));
    }
}
