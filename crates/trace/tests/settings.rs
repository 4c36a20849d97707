//! TOML with places, its writing, and `KEY=VALUE` of the command line.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::config::{Node, Place, Table, Value};
use equipoise_trace::{assignment, toml_tree, toml_write};
use fixtures::{Folder, meaning, message};
use proptest::prelude::*;

const EXPERIMENT: &str = r#"title = "größer" # a comment
chip  = "ideal"
[hardware]
  adc.bits = 6
adc . "n adc" = 0x10
[[network.population]]
name = "é"; size = 3
"#;

/// Every key of the tree with the place of the key and of its value, as `path key-place value-place`.
fn places(table: &Table) -> Vec<String> {
    let at = |place: &Place| format!("{}:{}", place.line, place.column);
    let mut found = Vec::new();
    for entry in &table.entries {
        found.push(format!("{} {} {}", table.path_of(&entry.key), at(&entry.place), at(&entry.node.place)));
        let inner = match &entry.node.value {
            Value::Table(inner) => vec![inner],
            Value::List(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    Value::Table(inner) => Some(inner),
                    _ => None,
                })
                .collect(),
            _ => vec![],
        };
        inner.into_iter().for_each(|inner| found.extend(places(inner)));
    }
    found
}

#[test]
fn every_key_knows_its_own_line_and_column_in_characters() {
    let text = "a = 1\n[hardware]\n  adc.bits = 6\nadc.\"ö ö\".n = 0x10\nlatch = { \"ä\" = 1, kind = [1, {x=2}] }\n\
                [[network.population]]\nname = 'x'\n[[network.population]]\n  size = 3\n[network.population.p]\nq = true\n";
    let table = toml_tree::parse(text, "x.toml").unwrap();
    let wanted = [
        "a 1:1 1:5",
        "hardware 2:2 2:1",
        "hardware.adc 3:3 3:3",
        "hardware.adc.bits 3:7 3:14",
        "hardware.adc.ö ö 4:5 4:5",
        "hardware.adc.ö ö.n 4:11 4:15",
        "hardware.latch 5:1 5:9",
        "hardware.latch.ä 5:11 5:17",
        "hardware.latch.kind 5:20 5:27",
        "hardware.latch.kind[1].x 5:32 5:34",
        "network 6:3 6:3",
        "network.population 6:11 6:1",
        "network.population[0].name 7:1 7:8",
        "network.population[1].size 9:3 9:10",
        "network.population[1].p 10:21 10:1",
        "network.population[1].p.q 11:1 11:5",
    ];
    assert_eq!(places(&table), wanted);
}

#[test]
fn values_have_the_types_and_numbers_that_were_written() {
    let table = toml_tree::parse(
        "i = -1_000\nh = 0xff\nf = 6.5e-1\nn = inf\nb = false\nt = \"a\\tb\"\nl = [1, 2.0, 'x']\n",
        "x",
    )
    .unwrap();
    let value = |key: &str| &table.get(key).unwrap().node.value;
    assert_eq!(*value("i"), Value::Integer(-1000));
    assert_eq!(*value("h"), Value::Integer(255));
    assert_eq!(*value("f"), Value::Float(0.65));
    assert_eq!(*value("n"), Value::Float(f64::INFINITY));
    assert_eq!(*value("b"), Value::Bool(false));
    assert_eq!(*value("t"), Value::Text("a\tb".into()));
    assert_eq!(value("l").shown(), "[1, 2.0, \"x\"]");
}

#[test]
fn an_unknown_key_is_reported_where_it_stands() {
    let table = toml_tree::parse("[hardware]\nadc = { bitz = 6 }\n", "runs/x.toml").unwrap();
    let adc = table.section("hardware").unwrap().unwrap().section("adc").unwrap().unwrap();
    assert_eq!(
        message(adc.refuse_unknown(&["bits"])),
        "runs/x.toml:2:9: `hardware.adc.bitz`: found an unknown key; accepted: bits (did you mean `bits`?)"
    );
}

#[test]
fn syntax_errors_name_line_and_column() {
    let error = |text: &str| message(toml_tree::parse(text, "x.toml"));
    assert_eq!(
        error("source = digits\n"),
        "x.toml:1:10: found `digits`; accepted: a number, true, false, a list in [ ] or a text in quotes"
    );
    assert_eq!(
        error("a = 1\nb = 2\na = 3\n"),
        "x.toml:3:1: found `a` a second time; accepted: each key and each section once"
    );
    assert_eq!(
        error("x = [1,\n2"),
        "x.toml:2:2: found the end of the file; accepted: TOML (unclosed array, expected `]`)"
    );
    assert_eq!(
        error("[x]\nd = 2026-01-02\n"),
        "x.toml:2:5: `x.d`: found the date 2026-01-02; accepted: a date in quotes, as text"
    );
    assert_eq!(
        error("n = 9223372036854775808\n"),
        "x.toml:1:5: `n`: found `9223372036854775808`; accepted: a whole number from -9223372036854775808 to \
         9223372036854775807"
    );
    assert_eq!(
        error("a.b = [0, 1e999]\n"),
        "x.toml:1:11: `a.b[1]`: found `1e999`; accepted: a number up to 1.8e308"
    );
    assert!(error(EXPERIMENT).starts_with("x.toml:7:11: found `; size = 3`; accepted: TOML ("));
}

#[test]
fn nesting_without_end_is_an_error_and_not_a_full_stack() {
    for text in [format!("a = {}", "[".repeat(200_000)), format!("{} = 1", vec!["a"; 100_000].join("."))] {
        assert!(toml_tree::parse(&text, "x").is_err());
    }
    assert!(assignment::parse(&format!("a={}", "[".repeat(200_000))).is_err());
}

#[test]
fn a_file_is_read_with_its_name_in_the_places() {
    let folder = Folder::new();
    let path = folder.with("e.toml", "[learning]\nbeta = 0.5\n");
    let table = toml_tree::read(&path).unwrap();
    let learning = table.section("learning").unwrap().unwrap();
    assert_eq!(learning.get("beta").unwrap().place.to_string(), format!("{}:2:1", path.display()));
}

fn set(text: &str, arguments: &[&str]) -> Result<Table, equipoise_base::config::ConfigError> {
    let mut table = toml_tree::parse(text, "x.toml").unwrap();
    for argument in arguments {
        assignment::set(&mut table, &assignment::parse(argument)?)?;
    }
    Ok(table)
}

#[test]
fn the_command_line_reaches_every_key_with_or_without_quotes() {
    let text = "[learning]\nbeta = 1.0\n[[network.population]]\nsize = 3\n";
    let table = set(
        text,
        &[
            "learning.beta=0.1",
            "data.source=digits",
            "title = two words ",
            "hardware.mesh=[6, 6]",
            "network.population[0].size=5",
            "learning.latch={ kind = \"product\", bits = 10 }",
            "data.path=../a=b.csv",
            "quoted=\"true\"",
            "flag=true",
            "a.half=.5",
            "sweep=4..10",
            "date=2026-01-02",
            "empty=",
        ],
    )
    .unwrap();
    let wanted = "title = 'two words'\nquoted = 'true'\nflag = true\nsweep = '4..10'\ndate = '2026-01-02'\nempty = ''\n\
                  data.source = 'digits'\ndata.path = '../a=b.csv'\na.half = 0.5\nhardware.mesh = [6, 6]\n\
                  [learning]\nbeta = 0.1\nlatch = { kind = 'product', bits = 10 }\n[[network.population]]\nsize = 5\n";
    assert_eq!(meaning(&table), meaning(&toml_tree::parse(wanted, "w").unwrap()));
    let beta = table.section("learning").unwrap().unwrap().get("beta").unwrap();
    assert_eq!(
        (beta.place.to_string(), beta.node.place.to_string()),
        ("command line".into(), "command line".into())
    );
    let made = table.section("data").unwrap().unwrap();
    assert_eq!(made.path_of("source"), "data.source");
}

#[test]
fn a_malformed_assignment_says_what_is_accepted() {
    let error = |argument: &str| message(set("beta = 1\nlist = [1]\n", &[argument]));
    assert_eq!(error("beta"), "command line: found \"beta\"; accepted: KEY=VALUE, as in learning.beta=0.1");
    assert_eq!(
        error("a..b=1"),
        "command line: `a..b`: found \"a..b\"; accepted: keys joined by dots, as in hardware.adc.bits or list[0].key"
    );
    assert_eq!(
        error("beta.x=1"),
        "command line: `beta.x`: found `beta` = 1, which has no key `x`; accepted: a key of a section"
    );
    assert_eq!(
        error("list[3]=1"),
        "command line: `list[3]`: found element 3 of `list`, which has 1; accepted: an element of a list that \
         exists, from 0"
    );
    assert_eq!(
        error("none[0].a=1"),
        "command line: `none[0].a`: found no list `none`; accepted: an element of a list that exists"
    );
    assert!(
        error("list=[1, 2")
            .starts_with("command line: `list`: found `[1, 2`; accepted: a TOML value (unclosed array")
    );
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{1,8}", "\\PC{0,5}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("a number", |v| !v.is_nan()).prop_map(Value::Float),
        "\\PC{0,12}".prop_map(Value::Text),
        any::<String>().prop_map(Value::Text),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| Value::List(items.into_iter().map(Value::built_in).collect())),
            entries(inner).prop_map(Value::Table),
        ]
    })
}

fn entries(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Table> {
    proptest::collection::vec((key(), value), 0..5).prop_map(|pairs| {
        let mut table = Table::new("", Place::whole(""));
        for (key, value) in pairs {
            table.set(&key, Place::whole(""), Node { place: Place::whole(""), value });
        }
        table
    })
}

/// Gives every section the path that it has in the tree.
fn with_paths(table: &mut Table, path: &str) {
    fn in_node(node: &mut Node, path: &str) {
        match &mut node.value {
            Value::Table(table) => with_paths(table, path),
            Value::List(items) => {
                items.iter_mut().enumerate().for_each(|(i, item)| in_node(item, &format!("{path}[{i}]")));
            }
            _ => {}
        }
    }
    table.path = path.to_owned();
    for index in 0..table.entries.len() {
        let inner = table.path_of(&table.entries[index].key);
        in_node(&mut table.entries[index].node, &inner);
    }
}

proptest! {
    #[test]
    fn any_tree_reads_back_as_it_was_written(mut table in entries(value())) {
        with_paths(&mut table, "");
        let text = toml_write::write(&table).unwrap();
        let back = toml_tree::parse(&text, "back").unwrap();
        prop_assert_eq!(meaning(&back), meaning(&table), "{}", text);
    }

    #[test]
    fn any_text_is_a_tree_or_an_error(text in any::<String>(), toml in "[\\[\\]{}=.,\"'#a-c0-9 \n\\\\-]{0,60}") {
        let _ = toml_tree::parse(&text, "x");
        let _ = toml_tree::parse(&toml, "x");
        let _ = assignment::parse(&text);
        let _ = assignment::parse(&format!("a.b[0]={toml}"));
    }
}
