//! Settings that cannot be accepted, each with the whole message that a person reads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{
    Content::{Bytes, Preset, Text},
    RUN, refuses,
};

#[test]
fn unknown_keys_are_named_with_their_place_and_the_nearest_known_one() {
    let cases = [
        (
            "unknown root key",
            "titel = \"x\"\n",
            "it.toml:1:1: `titel`: found an unknown key; accepted: title, chip, seed, hardware, network, neuron, learning, phases, delays, data, stimulus, probe (did you mean `title`?)",
        ),
        (
            "unknown section",
            "seed = 1\n\n[lerning]\nbeta = 1\n",
            "it.toml:3:2: `lerning`: found an unknown key; accepted: title, chip, seed, hardware, network, neuron, learning, phases, delays, data, stimulus, probe (did you mean `learning`?)",
        ),
        (
            "unknown key of a section",
            "[learning]\nbeta = 1\n  bias_rate = 1\n",
            "it.toml:3:3: `learning.bias_rate`: found an unknown key; accepted: rule, nudging, beta, loss, rates, bias_rates, decay, decay_updates, update, latch, measure_gradient, measure_stability (did you mean `bias_rates`?)",
        ),
        (
            "key of another kind of network",
            "[network]\nkind = \"recurrent\"\nlayers = [1, 2]\n",
            "it.toml:3:1: `network.layers`: found an unknown key; accepted: kind, neurons, inputs, outputs, storage, patterns, weights, biases, gain",
        ),
        (
            "key of another kind of neuron",
            "[neuron]\nkind = \"lif\"\nactivation = \"tanh\"\n",
            "it.toml:3:1: `neuron.activation`: found an unknown key; accepted: kind, integrator, tau_ms, dt_ms, leak_shift, threshold, fires, reset, reset_value, refractory_steps, state_bits",
        ),
        (
            "unknown key of a population",
            "[network]\nkind = \"populations\"\n[[network.population]]\nname = \"a\"\nsizes = 3\n",
            "it.toml:5:1: `network.population[0].sizes`: found an unknown key; accepted: name, size, neuron, sign, bias, start, bias_rate (did you mean `size`?)",
        ),
        (
            "unknown hardware key",
            "[hardware]\nadc.bitz = 3\n",
            "it.toml:2:5: `hardware.adc.bitz`: found an unknown key; accepted: bits, count, range_forward, range_transposed, noise, gain_spread, offset_spread, kind (did you mean `bits`?)",
        ),
        (
            "unknown hardware section",
            "[hardware.adcs]\nbits = 3\n",
            "it.toml:1:11: `hardware.adcs`: found an unknown key; accepted: mesh, placement, state, sync, barrier_cycles, hold_clamped, activity_bits, latch_cycles, restore_cycles, power_window_cycles, router, send, core, array, adc, read, device, table, neuron, update, latch, host, clock_hz, supply_v, temperature_k, leakage_doubling_k, price, unpriced, leakage, area, gating, technology, converter, cell, sram, link, gates, layout (did you mean `adc`?)",
        ),
        (
            "unknown price",
            "[hardware]\nprice = { adc_convrt = 1e-12 }\n",
            "it.toml:2:11: `hardware.price.adc_convrt`: found an unknown key; accepted: row_drive, array_read, cell_mac, read_level, adc_convert, partial_add, neuron_update, spike, event_emit, event_deliver, packet_hop, link_bit, latch_write, latch_read, update_multiply, program_pulse_up, program_pulse_down, pulse_level, program_verify, sram_read, sram_write, host_in, host_out, barrier, chip_hop, chip_link_bit (did you mean `adc_convert`?)",
        ),
        (
            "identity of a preset",
            "[hardware]\nname = \"mine\"\n",
            r#"it.toml:2:1: `hardware.name`: found "mine"; accepted: any key of the preset but its name, summary and scope"#,
        ),
        (
            "annotated overlay",
            "[hardware]\nadc.bits = { value = 6, unit = \"bits\", evidence = \"assumed\", source = \"me\" }\n",
            "it.toml:2:5: `hardware.adc.bits`: found a section; accepted: a plain value: what an experiment overlays is assumed",
        ),
        (
            "device key of another kind",
            "[hardware]\ndevice = { kind = \"ideal\", gamma = 0.5 }\n",
            "it.toml:2:28: `hardware.device.gamma`: found an unknown key; accepted: kind, w_max, weight_bits",
        ),
        (
            "key twice",
            "seed = 1\nseed = 2\n",
            "it.toml:2:1: found `seed` a second time; accepted: each key and each section once",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
}

#[test]
fn wrong_types_ranges_and_words_say_what_is_accepted() {
    let cases = [
        (
            "text for a number",
            "[learning]\nbeta = \"big\"\n",
            r#"it.toml:2:1: `learning.beta`: found "big"; accepted: a finite number"#,
        ),
        (
            "fraction for a whole number",
            "[phases]\nfree_steps = 2.5\n",
            "it.toml:2:1: `phases.free_steps`: found 2.5; accepted: a whole number",
        ),
        ("number for a section", "learning = 3\n", "it.toml:1:1: `learning`: found 3; accepted: a section"),
        ("number for a text", "title = 3\n", "it.toml:1:1: `title`: found 3; accepted: a text in quotes"),
        (
            "number for a list",
            "[network]\nlayers = 64\n",
            "it.toml:2:1: `network.layers`: found 64; accepted: a list in brackets",
        ),
        (
            "number for a truth value",
            "[data]\nshuffle = 1\n",
            "it.toml:2:1: `data.shuffle`: found 1; accepted: true or false",
        ),
        (
            "date",
            "title = 2026-01-01\n",
            "it.toml:1:9: `title`: found the date 2026-01-01; accepted: a date in quotes, as text",
        ),
        (
            "below the range",
            "[learning]\nbeta = 0\n",
            "it.toml:2:1: `learning.beta`: found 0; accepted: a number from 0.000001 to 100",
        ),
        (
            "above the range",
            "[hardware]\nadc.bits = 99\n",
            "it.toml:2:5: `hardware.adc.bits`: found 99; accepted: a number from 0 to 16",
        ),
        (
            "negative seed",
            "seed = -1\n",
            "it.toml:1:1: `seed`: found -1; accepted: a whole number from 0 to 9223372036854775807",
        ),
        (
            "seed beyond all numbers",
            "seed = 99999999999999999999\n",
            "it.toml:1:8: `seed`: found `99999999999999999999`; accepted: a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        (
            "not a number",
            "[learning]\nbeta = nan\n",
            "it.toml:2:1: `learning.beta`: found NaN; accepted: a finite number",
        ),
        (
            "infinite",
            "[learning]\nrates = [0.1, inf]\n",
            "it.toml:2:1: `learning.rates`: found inf; accepted: a finite number",
        ),
        (
            "unknown network kind",
            "[network]\nkind = \"cube\"\n",
            r#"it.toml:2:1: `network.kind`: found "cube"; accepted: "layered", "recurrent", "populations", "explicit""#,
        ),
        (
            "unknown neuron kind",
            "[neuron]\nkind = \"izhikevich\"\n",
            r#"it.toml:2:1: `neuron.kind`: found "izhikevich"; accepted: "rate", "lif""#,
        ),
        (
            "unknown rule",
            "[learning]\nrule = \"bptt\"\n",
            r#"it.toml:2:1: `learning.rule`: found "bptt"; accepted: "ep", "none""#,
        ),
        (
            "unknown nudging",
            "[learning]\nnudging = \"both\"\n",
            r#"it.toml:2:1: `learning.nudging`: found "both"; accepted: "one_sided", "negative", "centered", "random_sign""#,
        ),
        (
            "unknown latch",
            "[learning]\nlatch = { kind = \"flip-flop\" }\n",
            r#"it.toml:2:11: `learning.latch.kind`: found "flip-flop"; accepted: "product", "accumulate", "state""#,
        ),
        (
            "settling by neither",
            "[phases]\nsettle = \"soon\"\n",
            r#"it.toml:2:1: `phases.settle`: found "soon"; accepted: "steps", "tolerance", or { tolerance = .., hold = .., limit = .. }"#,
        ),
        (
            "unknown pace",
            "[hardware]\nsync = \"sometimes\"\n",
            r#"it.toml:2:1: `hardware.sync.kind`: found "sometimes"; accepted: "barrier", "free""#,
        ),
        (
            "period of a barrier",
            "[hardware.sync]\nperiod_cycles = 30\n",
            "it.toml:2:1: `hardware.sync.period_cycles`: found an unknown key; accepted: kind",
        ),
        (
            "period in half cycles",
            "[hardware.sync]\nkind = \"free\"\nperiod_cycles = [30, 30.5]\n",
            "it.toml:3:1: `hardware.sync.period_cycles`: found [30, 30.5]; accepted: whole cycles from 0 to 1000000000, or a list of them, one per core",
        ),
        (
            "negative price",
            "[hardware]\nprice.adc_convert = -1e-12\n",
            "it.toml:2:7: `hardware.price.adc_convert`: found -1e-12; accepted: a number from 0 to 1",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
}

#[test]
fn what_is_no_toml_is_refused_where_it_begins() {
    let cases = [
        (
            "section not closed",
            "[learning\nbeta = 1\n",
            "it.toml:1:10: found the end of the line; accepted: TOML (unclosed table, expected `]`)",
        ),
        (
            "word without quotes",
            "title = digits\n",
            "it.toml:1:9: found `digits`; accepted: a number, true, false, a list in [ ] or a text in quotes",
        ),
        (
            "value missing",
            "seed =\n",
            "it.toml:1:7: found the end of the file; accepted: a number, true, false, a list in [ ] or a text in quotes",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    refuses(
        "no UTF-8",
        &[("it.toml", Bytes(b"title = \"\xff\"\n"))],
        RUN,
        "it.toml:1:10: found the byte 0xff, which is no UTF-8; accepted: text in UTF-8",
    );
}

#[test]
fn chips_that_cannot_be_had_are_refused_where_they_are_named() {
    let cases = [
        (
            "unknown chip",
            "chip = \"loihi\"\n",
            r#"it.toml:1:1: `chip`: found no preset "loihi"; accepted: edge-rram, ideal, or the path of a preset file (.toml)"#,
        ),
        (
            "missing chip file",
            "chip = \"chips/mine.toml\"\n",
            "it.toml:1:1: `chip`: found no file `chips/mine.toml`; accepted: edge-rram, ideal, or the path of a preset file (.toml)",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.toml", Text(text))], RUN, said);
    }
    refuses(
        "unknown chip on the command line",
        &[],
        &["run", "--chip", "loihi", "--quiet"],
        r#"command line: `--chip`: found no preset "loihi"; accepted: edge-rram, ideal, or the path of a preset file (.toml)"#,
    );
    refuses(
        "preset without its name",
        &[("it.toml", Text("chip = \"mine.toml\"\n")), ("mine.toml", Text("scope = \"per_term\"\n"))],
        RUN,
        "mine.toml: found no key `name`; accepted: the preset's name",
    );
    refuses(
        "price in another unit",
        &[
            ("it.toml", Text("chip = \"mine.toml\"\n")),
            (
                "mine.toml",
                Preset(
                    r#"adc_convert = { value = 0.847e-12, unit = "J""#,
                    r#"adc_convert = { value = 0.847, unit = "pJ""#,
                ),
            ),
        ],
        RUN,
        r#"mine.toml:90:1: `price.adc_convert.unit`: found "pJ"; accepted: "J""#,
    );
    refuses(
        "price without evidence",
        &[
            ("it.toml", Text("chip = \"mine.toml\"\n")),
            (
                "mine.toml",
                Preset(
                    r#"clock_hz = { value = 100e6, unit = "Hz", evidence = "assumed", source"#,
                    r#"clock_hz = { value = 100e6, unit = "Hz", source"#,
                ),
            ),
        ],
        RUN,
        r#"mine.toml:21:12: `clock_hz`: found no key `evidence`; accepted: "measured", "calibrated", "simulated", "model" or "assumed""#,
    );
    refuses(
        "experiment as a preset",
        &[("it.toml", Text("seed = 1\n"))],
        &["run", "--chip", "it.toml", "--quiet"],
        "it.toml: found no key `name`; accepted: the preset's name",
    );
}

#[test]
fn assignments_of_the_command_line_are_checked_like_files() {
    let cases = [
        (
            "no value",
            "learning.beta",
            r#"command line: found "learning.beta"; accepted: KEY=VALUE, as in learning.beta=0.1"#,
        ),
        (
            "unknown key",
            "learning.bet=1",
            "command line: `learning.bet`: found an unknown key; accepted: rule, nudging, beta, loss, rates, bias_rates, decay, decay_updates, update, latch, measure_gradient, measure_stability (did you mean `beta`?)",
        ),
        (
            "wrong type",
            "learning.beta=big",
            r#"command line: `learning.beta`: found "big"; accepted: a finite number"#,
        ),
        (
            "below a value",
            "learning.beta.x=1",
            "command line: `learning.beta.x`: found `learning.beta` = 1.0, which has no key `x`; accepted: a key of a section",
        ),
        (
            "beyond a list",
            "network.layers[7]=3",
            "command line: `network.layers[7]`: found element 7 of `network.layers`, which has 3; accepted: an element of a list that exists, from 0",
        ),
        (
            "list that is not there",
            "network.population[0].size=3",
            "command line: `network.population[0].size`: found no list `network.population`; accepted: an element of a list that exists",
        ),
        (
            "no key",
            "=3",
            r#"command line: found ""; accepted: keys joined by dots, as in hardware.adc.bits or list[0].key"#,
        ),
        (
            "not closed",
            "network.layers=[1,2",
            "command line: `network.layers`: found `[1,2`; accepted: a TOML value (unclosed array, expected `]`)",
        ),
        (
            "does not fit",
            "network.layers[0]=63",
            "default experiment:15:1: `network.layers`: found 63 input neurons for samples of 64 values (digits); accepted: 64 input neurons",
        ),
    ];
    for (what, assignment, said) in cases {
        refuses(what, &[], &["run", "--set", assignment, "--quiet"], said);
    }
}
