//! `hardware.placement` as a user meets it: what is said, what is written, what is refused.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{Content::Text, RUN, refuses};
use program::{Desk, SMALL, number};

/// 64 inputs are held and send once; 64 activities and 64 drives go between the middle core and the last one, which lies
/// across from it in order: 128 packets on two links each.
const SAID: &str = "traffic: 128 packet-hops per step and 64 per sample; in order it would be 256 per step and 64 per sample, 49.5 % saved";

/// What was said, without line ends and indents.
fn unwrapped(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_placement_saves_is_said_and_written_and_no_weight_changes() {
    let desk = Desk::new();
    let run = |out: &str, placement: &str| {
        let set = format!("hardware.placement={placement}");
        let said =
            unwrapped(&desk.succeeds(&[&["run"], &SMALL[..], &["--set", &set, "--out", out]].concat()));
        (
            said,
            desk.json(&format!("{out}/summary.json")),
            std::fs::read(desk.path(&format!("{out}/weights.npz"))).unwrap(),
        )
    };
    let (_, in_order, weights) = run("order", "order");
    assert!(in_order["placement"].is_null());
    for (out, placement, rule) in [
        ("traffic", "traffic", "traffic"),
        ("list", "[0, 1, 3]", "table"),
        ("names", "{ output = 3, input = 0, hidden1 = [1] }", "table"),
    ] {
        let (said, summary, same) = run(out, placement);
        assert!(said.contains(&SAID.replace("traffic", rule)), "{said}");
        let placed = &summary["placement"];
        assert_eq!((&placed["rule"], &placed["nodes"]), (&rule.into(), &[0, 1, 3].into()), "{placement}");
        let hops = |of: &str| (number(&placed[of]["per_step"]), number(&placed[of]["per_sample"]));
        assert_eq!((hops("packet_hops"), hops("in_order")), ((128.0, 64.0), (256.0, 64.0)));
        let (steps, presentations) = (number(&summary["steps"]), 40.0 + 20.0);
        assert_eq!(number(&summary["events"]["hops"]), 128.0 * steps + 64.0 * presentations);
        let again = desk.digest(&[&format!("{out}/experiment.toml")], "again");
        assert_eq!(summary["digest"], again.as_str(), "what was written is read again");
        std::fs::remove_dir_all(desk.path("again")).unwrap();
        assert_eq!((&summary["accuracy"], same), (&in_order["accuracy"], weights.clone()), "{placement}");
        assert!(number(&summary["energy_j"]["total"]) < number(&in_order["energy_j"]["total"]));
        assert!(number(&summary["cycles"]) < number(&in_order["cycles"]));
    }
    // Where cores sit is no part of the chip that prices are for.
    desk.succeeds(&["price", "traffic", "--chip", "edge-rram"]);
}

#[test]
fn a_check_says_on_which_nodes_cores_sit() {
    let said = unwrapped(&Desk::new().succeeds(&["check", "--set", "hardware.placement=[2, 0, 1]"]));
    for line in [
        "input: 64 neurons on core 0 (node 2)",
        "hidden1: 64 neurons on core 1 (node 0)",
        "placement table: 128 packet-hops per step and 64 per sample; in order it would be 256 per step and 64 per sample, 49.5 % saved",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let said = Desk::new().succeeds(&["check"]);
    assert!(!said.contains("placement") && !said.contains("(node"), "{said}");
    let said = Desk::new().succeeds(&["check", "--chip", "ideal", "--set", "hardware.placement=traffic"]);
    assert!(said.contains("placement  traffic: no packet takes a link"), "{said}");
}

#[test]
fn tables_that_do_not_fit_are_refused_at_their_key() {
    for (what, table, said) in [
        (
            "a node twice",
            "[0, 1, 1]",
            "it.toml:2:20: `hardware.placement[2]`: found node 1 for core 2, on which core 1 sits; accepted: a node of its own for every core",
        ),
        (
            "a node outside the mesh",
            "[0, 4, 1]",
            "it.toml:2:17: `hardware.placement[1]`: found node 4; accepted: a node from 0 to 3",
        ),
        (
            "too few nodes",
            "[0, 1]",
            "it.toml:2:1: `hardware.placement`: found 2 nodes; accepted: one for each of the 3 cores that the network takes",
        ),
        (
            "an unknown population",
            "{ input = 0, middle = 1, output = 2 }",
            "it.toml:2:26: `hardware.placement.middle`: found an unknown population; accepted: input, hidden1, output",
        ),
        (
            "a population without nodes",
            "{ input = 0, output = 2 }",
            "it.toml:2:1: `hardware.placement`: found no nodes for population `hidden1`; accepted: the nodes of every population",
        ),
        (
            "a population with too many",
            "{ input = 0, hidden1 = [1, 3], output = 2 }",
            "it.toml:2:26: `hardware.placement.hidden1`: found 2 nodes; accepted: one for each of the 1 core that population `hidden1` takes",
        ),
        (
            "a negative node",
            "[0, -1, 2]",
            "it.toml:2:1: `hardware.placement`: found [0, -1, 2]; accepted: nodes of the mesh: whole numbers, y * width + x",
        ),
        (
            "an unknown rule",
            "\"hops\"",
            "it.toml:2:1: `hardware.placement`: found \"hops\"; accepted: \"order\", \"traffic\", a list with a node for every core, or a section with the node, or a list of nodes, of every population",
        ),
    ] {
        let text = format!("[hardware]\nplacement = {table}\n");
        refuses(what, &[("it.toml", Text(&text))], RUN, said);
    }
}
