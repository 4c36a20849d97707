//! Joules for each thing done, and shares of what could have been done, against the hand-worked run.

mod run;
mod tree;

use equipoise_base::record::{Block, FifoUse, LinkTraffic, Record};
use equipoise_base::{Action, Phase};
use equipoise_energy::{Prices, price};
use run::{blocks, close, record};
use tree::preset_with;

fn prices(rest: &str) -> Prices {
    tree::prices(&preset_with(rest))
}

const LIST: &str = "[price]\nadc_convert = 2e-12\nprogram_pulse_up = 10e-12\npacket_hop = 1e-12\ncell_mac = 0.0\n\
                    [leakage]\nadc = 1e-6\nrouter = 4e-6\n";

/// The hand-worked run, 1500 pJ, with 3000 multiply-adds and five inferences.
fn worked() -> Record {
    let mut record = record();
    record.cores[0].of_mut(Phase::Free).add(Action::CellMac, 2000);
    record.cores[0].of_mut(Phase::Evaluate).add(Action::CellMac, 1000);
    record.inferences = 5;
    record
}

#[test]
fn each_multiply_add_inference_and_update_has_its_share() {
    let found = price(&worked(), &prices(LIST)).efficiency;
    assert_eq!((found.macs, found.inferences), (3000, 5));
    close(found.pj_per_mac.expect("macs"), 0.5);
    // 6000 operations for 1.5 nJ: 4 operations per pJ.
    close(found.tops_per_w.expect("macs"), 4.0);
    // EVALUATE is 200 pJ of conversions and 2 us of 18 uW.
    close(found.per_inference_j.expect("inferences"), 236e-12 / 5.0);
    close(found.per_update_j.expect("updates"), 432e-12);
    let nothing = price(&Record::default(), &prices(LIST)).efficiency;
    assert_eq!((nothing.pj_per_mac, nothing.tops_per_w), (None, None));
    assert_eq!((nothing.per_inference_j, nothing.per_update_j), (None, None));
    let free = price(&worked(), &prices("price.cell_mac = 0.0")).efficiency;
    assert_eq!((free.pj_per_mac, free.tops_per_w), (Some(0.0), None), "nothing costs something");
}

#[test]
fn shares_are_of_the_part_in_use_and_of_the_cycles_of_the_run() {
    let mut record = worked();
    record.conversion_cycles = 4;
    record.cores[0].inventory = blocks(&[(Block::Adc, 2), (Block::Array, 5), (Block::Controller, 1)]);
    record.cores[0].active[Phase::Free as usize].add(Block::Array, 2500);
    record.inventory.add(Block::Array, 20);
    record.cores[0].busy_cycles = 700;
    let link = |busy_cycles| LinkTraffic { from: 0, to: 1, packets: 1, busy_cycles };
    record.links = vec![link(100), link(0), link(50), link(50)];
    record.fifos = FifoUse { slots: 16, slot_cycles: 800, most: 3 };
    let found = price(&record, &prices(LIST)).utilisation;
    close(found.converters.expect("converters"), 400.0 * 4.0 / 2000.0);
    close(found.arrays.expect("arrays"), 0.5);
    close(found.cores.expect("a core with neurons"), 0.7);
    close(found.links.mean.expect("links"), 0.05);
    close(found.links.busiest.expect("links"), 0.1);
    close(found.fifos.mean.expect("slots"), 0.05);
    assert_eq!(found.fifos.most_packets, 3);
    close(found.occupied.cores.expect("nodes"), 0.5);
    close(found.occupied.arrays.expect("arrays"), 0.25);
    let nothing = price(&Record::default(), &prices(LIST)).utilisation;
    assert_eq!((nothing.converters, nothing.links.busiest, nothing.occupied.cores), (None, None, None));
}
