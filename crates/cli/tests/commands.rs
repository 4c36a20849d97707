//! What `list`, `init`, `check`, `trace info` and the help texts say.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_base::Action;
use equipoise_study::studies::STUDIES;
use program::{Desk, SMALL, repository};

/// The first words of lines that are not indented.
fn names(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next()).collect()
}

#[test]
fn lists_name_every_member_of_their_family() {
    let desk = Desk::new();
    let list = |what: &str| desk.succeeds(&["list", what]);
    let of = |text: &str| {
        names(text).into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(&list("chips")), ["edge-rram", "ideal"]);
    assert_eq!(of(&list("devices")), ["ideal", "soft_bounds"]);
    assert_eq!(of(&list("neurons")), ["rate", "lif"]);
    assert_eq!(of(&list("nudging")), ["one_sided", "negative", "centered", "random_sign"]);
    assert_eq!(of(&list("losses")), ["squared_error"]);
    assert_eq!(of(&list("latches")), ["product", "accumulate", "state"]);
    assert_eq!(of(&list("routers")), ["ideal", "mesh", "torus", "concentrated_mesh", "tree"]);
    let studies: Vec<&str> = STUDIES.iter().map(|study| study.name).collect();
    assert_eq!(of(&list("studies")), studies);
    let probes = ["table", "waveform", "timeline", "spikes", "messages", "performance", "delays"];
    assert_eq!(of(&list("probes")), probes);
    let actions: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(of(&list("actions")), actions);
}

#[test]
fn models_are_listed_with_their_keys_defaults_units_and_ranges() {
    let text = Desk::new().succeeds(&["list", "neurons"]);
    let line =
        |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned();
    assert_eq!(
        line("tau_ms"),
        "  tau_ms            20.0     Membrane time constant, for `exact` and `euler`."
    );
    assert!(text.contains("[ms, 0.000001 to 1000000]"), "{text}");
    assert!(text.contains("  activation      \"hard_sigmoid\"     The response function."), "{text}");
}

#[test]
fn no_line_of_a_list_or_report_is_too_long_or_ends_in_a_blank() {
    let desk = Desk::new();
    let mut texts: Vec<String> = [
        "chips", "devices", "neurons", "nudging", "losses", "latches", "routers", "probes", "studies",
        "actions",
    ]
    .map(|what| desk.succeeds(&["list", what]))
    .to_vec();
    texts.push(desk.succeeds(&[&["run", "--out", "out"], &SMALL[..]].concat()));
    texts.extend(STUDIES.iter().map(|s| desk.succeeds(&["study", s.name, "--quick", "--out", s.name])));
    texts.push(desk.succeeds(&["price", "out", "--chip", "edge-rram"]));
    texts.push(desk.succeeds(&["check", "--chip", "ideal", "--set", "learning.nudging=centered"]));
    texts.push(desk.succeeds(&["trace", "info", repository("traces/hopfield.trace").to_str().unwrap()]));
    for command in ["run", "study", "price", "trace", "list", "init", "check"] {
        texts.push(desk.succeeds(&[command, "--help"]));
    }
    texts.push(desk.succeeds(&["--help"]));
    for line in texts.iter().flat_map(|text| text.lines()) {
        assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line:?}");
        assert!(!line.contains('\u{a0}'), "{line:?}");
    }
}

#[test]
fn init_writes_the_default_experiment_which_runs_as_no_file_does() {
    let desk = Desk::new();
    let printed = desk.succeeds(&["init"]);
    assert!(printed.starts_with("# A small analog chip learns handwritten digits"), "{printed}");
    let said = desk.succeeds(&["init", "my.toml"]);
    assert_eq!(said, "written to my.toml; run it with `equipoise run my.toml`\n");
    assert_eq!(desk.text("my.toml"), printed);
    assert_eq!(desk.digest(&[&["my.toml"], &SMALL[..]].concat(), "a"), desk.digest(&SMALL, "b"));
    let refused = desk.says(&["init", "my.toml"]);
    let message =
        "error: my.toml: found a file that is already there; accepted: another path, or --overwrite\n";
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    desk.put("my.toml", "seed = 3\n");
    desk.succeeds(&["init", "my.toml", "--overwrite"]);
    assert_eq!(desk.text("my.toml"), printed);
}

/// What the default experiment shows in comments can be switched on.
#[test]
fn every_commented_key_of_the_default_experiment_is_accepted() {
    let desk = Desk::new();
    let text = desk.succeeds(&["init"]);
    let is_setting = |line: &str| line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# ["));
    let open: Vec<String> = text
        .lines()
        .map(|line| if is_setting(line) { line[2..].to_owned() } else { line.to_owned() })
        .filter(|line| !line.starts_with("weights"))
        .collect();
    assert_ne!(open.join("\n"), text.trim_end());
    desk.put("open.toml", open.join("\n"));
    desk.digest(&[&["open.toml"], &SMALL[..]].concat(), "out");
}

#[test]
fn check_says_what_would_run_and_writes_nothing() {
    let desk = Desk::new();
    desk.put("it.toml", "title = \"it\"\n[network]\nlayers = [64, 500, 10]\n");
    let before = desk.everything();
    let text = desk.succeeds(&["check", "it.toml", "--seed", "9"]);
    let wanted = [
        "run        it: 64-500-10 on edge-rram, 29 100 presentations, seed 9",
        "cores      4",
        "           input: 64 neurons on core 0",
        "           hidden1: 500 neurons on cores 1 to 2",
        "           output: 10 neurons on core 3",
        "network    37 000 synapses, 37 000 plastic; 510 neurons",
        "phases     20 free steps, then 6 nudged steps (one_sided)",
        "delays     1 step",
    ];
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..wanted.len()], wanted);
    assert!(lines[wanted.len()].starts_with("memory     "), "{text}");
    let time = lines.iter().find(|line| line.starts_with("time       about ")).unwrap();
    assert!(time.ends_with(" to simulate (from 32 samples)"), "{time}");
    assert_eq!(lines.last(), Some(&"accepted; nothing was written"));
    assert_eq!(desk.everything(), before);
}

#[test]
fn a_trace_is_summed_up() {
    let desk = Desk::new();
    let ring = repository("traces/delay-ring.trace");
    desk.put("ring.trace", std::fs::read(ring).unwrap());
    let text = desk.succeeds(&["trace", "info", "ring.trace"]);
    let start = "ring.trace: text trace, 4 instructions, 1 sample\n  done      1\n  evaluate  1\n  events    1\n  settle    1\nsettings\n";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("  network.population[1].neuron.threshold   1.0\n"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_reader_who_leaves_early_is_no_error() {
    let program = env!("CARGO_BIN_EXE_equipoise");
    let script = format!("'{program}' list actions | head -n 1; exit ${{PIPESTATUS[0]}}");
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
