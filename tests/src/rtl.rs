//! Runs the Verilog reference in `rtl/` with Icarus Verilog and counts the cycles in which it differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiled test bench, in a folder of its own that is removed with it.
pub struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// Compiles the test bench `top` (a module in `rtl/<top>.v`) with the design files of those names, setting
    /// parameters of `top` and defining macros. What is written lies in `folder`, with the number of this
    /// process behind its name.
    ///
    /// # Panics
    /// If Icarus Verilog finds anything to complain about, warnings included.
    #[must_use]
    pub fn compile(
        folder: &Path,
        top: &str,
        design: &[&str],
        parameters: &[(&str, u64)],
        macros: &[&str],
    ) -> Self {
        let rtl = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rtl"));
        let mut name = folder.as_os_str().to_owned();
        name.push(format!("-{}", std::process::id()));
        let bench = Self { folder: name.into() };
        fs::create_dir_all(&bench.folder).expect("a folder for the simulation");
        let mut command = Command::new("iverilog");
        command.args(["-g2005", "-Wall", "-s", top, "-o"]).arg(bench.file("bench.vvp")).arg("-I").arg(rtl);
        command.args(parameters.iter().map(|(name, value)| format!("-P{top}.{name}={value}")));
        command.args(macros.iter().map(|name| format!("-D{name}")));
        command.args([&[top], design].concat().iter().map(|module| rtl.join(format!("{module}.v"))));
        let output = command.output().expect("iverilog is on PATH");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaints.is_empty(), "{command:?}\n{complaints}");
        bench
    }

    /// Simulates with `input` as the file behind the plusarg `in`; returns what was written to the one behind
    /// `out`.
    ///
    /// # Panics
    /// If the simulation fails.
    #[must_use]
    pub fn run(&self, input: &str) -> String {
        fs::write(self.file("in.txt"), input).expect("a writable folder");
        // Names in plusargs are relative, since the bench has a fixed room for them.
        let mut command = Command::new("vvp");
        command.current_dir(&self.folder).args(["-N", "bench.vvp", "+in=in.txt", "+out=out.txt"]);
        let output = command.output().expect("vvp is on PATH");
        assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(self.file("out.txt")).expect("the bench writes its output")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What cannot be removed lies in a temporary folder anyway.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is to be seen in a run: by run and cycle, then by the rest of the key (the node, say), a line of signals.
pub type Waveform = BTreeMap<(u64, u64), BTreeMap<u64, String>>;

/// Reads lines of "run cycle place signals".
///
/// # Panics
/// If a line is of another form.
#[must_use]
pub fn waveform(text: &str) -> Waveform {
    let mut waveform = Waveform::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        let (Some(run), Some(cycle), Some(place)) = (number(), number(), number()) else {
            panic!("the bench says: {line}");
        };
        let signals = words.next().unwrap_or_default().to_owned();
        let twice = waveform.entry((run, cycle)).or_default().insert(place, signals);
        assert!(twice.is_none(), "written down twice: {line}");
    }
    waveform
}

/// The cycles in which two waveforms differ.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// How many cycles.
    pub cycles: usize,
    /// The first one: what the simulator says, and what the RTL says.
    pub first: String,
}

/// Compares cycle by cycle; a place without a line is one where nothing is to be seen.
#[must_use]
pub fn compare(simulator: &Waveform, rtl: &Waveform) -> Differences {
    let keys: BTreeSet<_> = simulator.keys().chain(rtl.keys()).collect();
    let different: Vec<_> = keys.into_iter().filter(|key| simulator.get(key) != rtl.get(key)).collect();
    let first = different.first().map_or(String::new(), |key| {
        let (run, cycle) = key;
        format!("run {run}, cycle {cycle}\nsimulator {:#?}\nRTL {:#?}", simulator.get(key), rtl.get(key))
    });
    Differences { cycles: different.len(), first }
}
