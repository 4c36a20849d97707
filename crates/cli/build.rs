//! Tells the tests whether the data sets that are not shipped are at hand.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_data)");
    println!("cargo::rerun-if-env-changed=EQUIPOISE_DATA");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("EQUIPOISE_DATA").is_some_and(|folder| !folder.is_empty()) {
        println!("cargo::rustc-cfg=has_data");
    }
}
