//! Spike by spike, a table and leaky integrate-and-fire neurons are the naive integer loop.

mod workload;

use equipoise_base::Action;
use workload::{FAN_OUT, Raster, Workload};

#[test]
fn every_spike_of_a_thousand_neurons_is_the_naive_loops() {
    // The known spike counts and hashes of this workload for 1,000 neurons and 1,000 steps.
    for (max_delay, spikes, hash) in [
        (1, 46_106, 0xaec5_e915_36fa_84ef),
        (6, 45_948, 0x929b_d3bf_bbc2_3c00),
        (8, 45_796, 0xfbf9_8662_6930_23f6),
    ] {
        let workload = Workload::new(1_000, max_delay);
        assert_eq!(workload.naive(1_000), Raster { spikes, hash }, "the reference itself, D = {max_delay}");
        let mut chip = workload.chip();
        assert_eq!(chip.run(1_000), Raster { spikes, hash }, "D = {max_delay}");
        assert_eq!(chip.counts[Action::Spike], spikes);
        assert_eq!(chip.counts[Action::NeuronUpdate], 1_000_000);
    }
}

#[test]
fn a_second_run_starts_from_nothing() {
    let mut chip = Workload::new(200, 6).chip();
    let first = chip.run(300);
    let digest = chip.digest();
    assert_eq!(chip.run(300), first);
    assert_eq!(chip.digest(), digest);
}

#[test]
fn every_delivered_spike_is_one_accumulation_per_synapse() {
    let mut chip = Workload::new(300, 4).chip();
    let before_last = chip.run(399).spikes;
    let mut again = Workload::new(300, 4).chip();
    again.run(400);
    // Spikes of the last step have not been read yet.
    assert_eq!(again.counts[Action::PartialAdd], before_last * FAN_OUT as u64);
}
