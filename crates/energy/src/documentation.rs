//! The page `docs/energy.md`: how a joule is computed, written from the models themselves.

use crate::circuit::Circuit;
use crate::models::{ALL, Law, Model};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# How a joule is computed

This page is written by the program from the price models themselves (`cargo test -p equipoise-energy --test documentation`
holds it against them; with `UPDATE=1` it writes it).

A run counts integers; a bill is counts times prices, and leakage times cycles. A price list ([hw-models/](../hw-models/)) gives
every figure as a number or as a model:

```toml
adc_convert = { value = 0.847e-12, unit = \"J\", model = \"adc_survey\", evidence = \"model\", source = \"...\" }
```

- **A number** holds for a design point: that of its own `at = { adc.bits = 8 }`, or the file's `[at]`, or, in a file without one, the
  file's own keys. Off that point it stays the number that it is, its evidence becomes `assumed`, the report says \"priced for
  adc.bits = 8\", `summary.json` lists the key under `priced_at`, and `--strict-prices` refuses.
- **A model** computes the figure from the structure that ran. With a number beside it, it is brought to that number at the design
  point and follows the design from there; without one it gives what its source says. Where a model is asked beyond what it was
  made for, it is continued, `assumed`, and named in the same way.
- **A price that an experiment sets** holds for that experiment: an explicit price is a price.

Prices never reach the chip: no result and no digest depends on one. What a conversion takes does depend on its bits, by the kind of
converter: `adc.kind = \"sar\"` takes bits + 2 cycles (one to sample, one to reset), `\"ramp\"` 2^bits, `\"oscillator\"` 300 ps times
2^bits; `read.adc_cycles`, where it is given, wins and may not be less than the converter can.

## Supply, temperature, clock

All formulas below hold at 0.8 V and 350 K.

| what | follows | evidence |
|---|---|---|
| actions that charge what the core supplies | (V / V0)^2; DSENT's routers exactly, 0.5 to 1.0 V | model |
| `adc_convert` | (V / V0)^x, x = 2 up to 8 bits, 0 from 11, linear between | model, x assumed |
| `cell_mac`, `read_level`, `program_pulse_*`, `pulse_level`, `chip_link_bit`, `host_*` | nothing: voltages of their own | |
| leakage | V / V0 10^(1.45 (V - V0)) 2^((T - T0) / `leakage_doubling_k`); DSENT's routers to 1 % | model; temperature assumed |
| highest clock | `neuron.update_cycles` / (80 FO4 24.2 ps nm / 22) g(V, T) / g(0.8 V, 350 K), g = ln(1 + exp((V - Vth) / (1.3 1.5 k T / q)))^1.3 / V | model, depth assumed |
| corner of the process | `technology.corner` moves thresholds by 48 mV: leakage by 3, at 0.1 V a decade, and the highest clock by its law | assumed |

Vth is 0.401, 0.232 and 0.14 V for `technology.flavour` lstp, lop and hp. Refused before a run, in `check` and in `price`: a supply below
2 ln 2 k T / q, at which no inverter works (Swanson and Meindl 1972); where the preset names its technology, a supply outside 0.5 to 1 V, a
clock above the highest, and an SRAM that does not answer within a cycle; a conversion in fewer cycles than its kind can; where it names
its cells, a pulse outside what they take.
";

/// The whole page.
#[must_use]
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page += "\n## Models\n\nEvidence is what a formula is known by away from a design point. The band holds the factors between which the \
             truth is expected,\nwhere a source gives them; it makes the error bars of a bill.\n";
    ALL.iter().for_each(|model| page += &of_model(model));
    page += "\n## What models take for granted\n\nKeys of a preset beside its structure; an experiment overlays them like any other.\n\n\
             | key | unit | default | meaning |\n|---|---|---|---|\n";
    for (name, key) in Circuit::keys() {
        let _ = writeln!(page, "| `{name}` | {} | {} | {} |", key.unit, key.default.shown(), key.meaning);
    }
    page
}

fn of_model(model: &Model) -> String {
    let mut text =
        format!("\n### `{}`\n\n{}.\n\nSource: {}.\n", model.name, sentence(model.meaning), model.source);
    if !model.holds.is_empty() {
        let range = |(key, low, high): &(&str, f64, f64)| format!("`{key}` {low} to {high}");
        let ranges: Vec<String> = model.holds.iter().map(range).collect();
        let _ = writeln!(text, "Holds for {}.", ranges.join(", "));
    }
    text += "\n| figure | formula | follows | evidence | band |\n|---|---|---|---|---|\n";
    model.laws.iter().for_each(|law| text += &of_law(law));
    text
}

fn of_law(law: &Law) -> String {
    let keys: Vec<String> = law.follows.iter().map(|key| format!("`{key}`")).collect();
    let band = law.band.map_or(String::new(), |(low, high)| format!("x {low} to {high}"));
    format!(
        "| `{}` | {} | {} | {} | {band} |\n",
        law.figure,
        law.equation,
        keys.join(", "),
        law.evidence.word()
    )
}

/// The text with a capital at its start.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
