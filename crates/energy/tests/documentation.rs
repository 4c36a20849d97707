//! The page on energy says what the models do: it is written from them.

mod tree;

use equipoise_energy::documentation::page;

/// `UPDATE=1 cargo test -p equipoise-energy --test documentation` writes the page.
#[test]
fn the_page_on_energy_is_that_of_the_models() {
    let path = tree::repository("docs/energy.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page()).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the page is there");
    let first = written.lines().zip(page().lines().map(str::to_owned)).find(|(old, new)| old != new);
    assert_eq!(
        written,
        page(),
        "docs/energy.md is not that of the models (UPDATE=1 writes it); first: {first:?}"
    );
}
