//! Cycles of reads against a cycle-by-cycle simulation and hand-worked cases.

use equipoise_base::{Shape, Synapses, Way};
use equipoise_crossbar::timing::pipeline_cycles;
use equipoise_crossbar::{Adc, Crossbar, Params, Sign, Timing};
use fixed::types::I8F24;

fn timing(times: [u32; 4], pipelined: bool) -> Timing {
    let [dac_cycles, integrate_cycles, hold_cycles, adc_cycles] = times;
    Timing { dac_cycles, integrate_cycles, hold_cycles, adc_cycles, pipelined }
}

#[test]
fn reads_in_a_row_take_as_long_as_a_cycle_by_cycle_simulation_says() {
    let text = include_str!("oracles/pipeline_cycles.json");
    let oracle: serde_json::Value = serde_json::from_str(text).expect("the oracle parses");
    let rows = oracle["rows"].as_array().expect("a list");
    assert_eq!(rows.len(), 40);
    for row in rows {
        let number = |at: usize| row[at].as_u64().expect("a number");
        let times = [1, 2, 3, 4].map(|at| number(at) as u32);
        let timing = timing(times, row[7].as_bool().expect("a truth value"));
        assert_eq!(pipeline_cycles(&timing, number(5), number(6), number(0)), number(8), "{row}");
    }
    assert_eq!(pipeline_cycles(&timing([1, 4, 1, 2], true), 8, 1, 0), 0);
}

fn cycles(params: &Params, rows: usize, columns: usize) -> [u64; 2] {
    let crossbar = Crossbar::<I8F24>::new(params, Shape { rows, columns }, Sign::Any, 0, 0);
    Way::BOTH.map(|way| crossbar.read_cycles(way))
}

#[test]
fn the_4_3_2_network_reads_in_12_and_10_plus_12_cycles() {
    let params = Params { timing: timing([1, 4, 1, 2], false), ..Params::default() };
    assert_eq!(cycles(&params, 4, 3)[0], 12);
    assert_eq!(cycles(&params, 3, 2), [10, 12]);
}

#[test]
fn tiles_convert_in_parallel_and_the_fullest_one_counts() {
    let adc = Adc { count: 16, ..Adc::default() };
    let params = Params { adc, timing: timing([1, 10, 1, 1], false), ..Params::default() };
    // 784 x 512 on 128 x 128: 128 lines through 16 converters, both ways. 10 columns: one round.
    assert_eq!(cycles(&params, 784, 512), [20, 20]);
    assert_eq!(cycles(&params, 512, 10), [13, 20]);
    // Arrays of 64 x 32: 2 rounds forward, 4 transposed.
    let params = Params { array_rows: 64, array_columns: 32, ..params };
    assert_eq!(cycles(&params, 784, 512), [14, 16]);
}

#[test]
fn serial_bits_are_reads_in_a_row() {
    for (pipelined, wanted) in [(false, 5 * 22), (true, 86)] {
        let params = Params {
            activity_bits: 5,
            bit_serial: true,
            timing: timing([1, 4, 1, 2], pipelined),
            ..Params::default()
        };
        assert_eq!(cycles(&params, 3, 8)[0], wanted);
    }
}
