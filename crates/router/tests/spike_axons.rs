//! Axons that carry spikes: every spike arrives once, in its step, and spikes add.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Delay, Digest, Number, SpikeSet};
use equipoise_router::SpikeAxons;
use equipoise_router::axons::Delays;
use fixed::types::I8F24;

fn delay(steps: u32) -> Delay {
    Delay::new(steps).expect("at least one step")
}

fn set(len: usize, members: &[usize]) -> SpikeSet {
    let mut set = SpikeSet::new(len);
    members.iter().for_each(|&member| set.insert(member));
    set
}

/// Every axon with a spike, once for each.
fn arrivals(axons: &SpikeAxons) -> Vec<usize> {
    let spikes = axons.arrived();
    let repeats = spikes.repeats.iter().map(|&axon| axon as usize);
    let mut all: Vec<usize> = spikes.set.iter().chain(repeats).collect();
    all.sort_unstable();
    assert_eq!(all.len(), spikes.count());
    all
}

fn digest(axons: &SpikeAxons) -> u64 {
    let mut digest = Digest::default();
    axons.digest(&mut digest);
    digest.value()
}

#[test]
fn between_two_neurons_every_delay_from_1_to_1024_is_exact() {
    for d in 1..=1024_u32 {
        let mut axons = SpikeAxons::new(Delays::uniform(2, delay(d)));
        axons.start(5);
        axons.emit(5, &set(2, &[1]));
        assert_eq!(axons.in_flight(), 1);
        for ahead in 1..=u64::from(d) + 2 {
            axons.arrive(5 + ahead);
            let expected: &[usize] = if ahead == u64::from(d) { &[1] } else { &[] };
            assert_eq!(arrivals(&axons), expected, "delay {d}, {ahead} steps later");
        }
        assert_eq!((axons.in_flight(), axons.collisions()), (0, 0));
    }
}

/// (step, neuron) of every spike in a ring of neurons that fire when their predecessor's spike arrives; one
/// spike of neuron 0 at step 0.
fn ring(neurons: usize, steps: u32, until: u64) -> Vec<(u64, usize)> {
    let mut axons = SpikeAxons::new(Delays::uniform(neurons, delay(steps)));
    axons.start(0);
    let mut fired = vec![(0, 0)];
    axons.emit(0, &set(neurons, &[0]));
    for step in 1..=until {
        let mut spikes = SpikeSet::new(neurons);
        for axon in axons.arrive(step).set.iter() {
            spikes.insert((axon + 1) % neurons);
        }
        fired.extend(spikes.iter().map(|neuron| (step, neuron)));
        axons.emit(step, &spikes);
    }
    fired
}

#[test]
fn one_spike_runs_round_a_ring_of_neurons_at_the_pace_of_the_delays() {
    let steps: Vec<u64> = ring(5, 3, 15).iter().map(|&(step, _)| step).collect();
    assert_eq!(steps, [0, 3, 6, 9, 12, 15]);
    for (n, d) in [(5, 3), (4, 7), (3, 1), (2, 100), (70, 2)] {
        let until = u64::from(d) * n as u64 * 3;
        // Neuron i fires at d i + n d j.
        let mut expected: Vec<(u64, usize)> = (0..n)
            .flat_map(|i| (0..4).map(move |j| (u64::from(d) * (i as u64 + n as u64 * j), i)))
            .filter(|&(step, _)| step <= until)
            .collect();
        expected.sort_unstable();
        assert_eq!(ring(n, d, until), expected, "n = {n}, d = {d}");
    }
}

#[test]
fn two_emissions_that_arrive_together_both_count() {
    let mut axons = SpikeAxons::new(Delays::uniform(70, delay(3)));
    axons.emit(0, &set(70, &[2, 65]));
    axons.arrive(1);
    axons.set_delays(Delays::uniform(70, delay(2)));
    axons.emit(1, &set(70, &[65, 69]));
    axons.arrive(2);
    axons.set_delays(Delays::uniform(70, delay(1)));
    axons.emit(2, &set(70, &[65]));
    let spikes = axons.arrive(3);
    let mut values = vec![I8F24::from_num(9); 70];
    spikes.write(&mut values);
    let nonzero: Vec<_> = (0..70).filter(|&i| values[i] != 0).map(|i| (i, values[i].value())).collect();
    assert_eq!(nonzero, [(2, 1.0), (65, 3.0), (69, 1.0)]);
    assert_eq!((spikes.count(), axons.collisions(), axons.in_flight()), (5, 2, 0));
}

#[test]
fn random_spikes_under_changing_delays_agree_with_a_list_of_arrivals() {
    for trial in 0..100_u32 {
        let longest = [1, 2, 5, 30][trial as usize % 4];
        let noise = |step: u64| Noise::at(6, Stream::of(StreamKind::Test, trial), step);
        let count = 1 + noise(0).below(0, 130) as usize;
        let mut delays = vec![Delay::ONE; count];
        let mut axons = SpikeAxons::new(Delays::per_axon(&delays));
        let mut flights: Vec<(u64, usize)> = Vec::new();
        for step in 0..80 {
            let noise = noise(1 + step);
            if step > 0 {
                axons.arrive(step);
                let mut expected: Vec<usize> =
                    flights.extract_if(.., |flight| flight.0 == step).map(|flight| flight.1).collect();
                expected.sort_unstable();
                assert_eq!(arrivals(&axons), expected, "trial {trial}, step {step}");
            }
            if noise.below(0, 5) == 0 {
                let uniform = noise.below(1, 2) == 0;
                for (axon, slot) in delays.iter_mut().enumerate() {
                    *slot = delay(1 + noise.below(if uniform { 2 } else { 2 + axon as u32 }, longest));
                }
                axons.set_delays(Delays::per_axon(&delays));
            }
            let firing: Vec<usize> = (0..count).filter(|&a| noise.below(200 + a as u32, 4) == 0).collect();
            axons.emit(step, &set(count, &firing));
            flights.extend(firing.iter().map(|&axon| (step + u64::from(delays[axon].steps()), axon)));
            assert_eq!(axons.in_flight(), flights.len() as u64);
        }
    }
}

#[test]
fn a_restored_ring_repeats_what_the_saved_one_went_on_to_do() {
    let mut axons = SpikeAxons::new(Delays::per_axon(&[1, 4, 7, 2].map(delay)));
    axons.emit(0, &set(4, &[0, 1, 2, 3]));
    axons.arrive(1);
    axons.emit(1, &set(4, &[1, 2]));
    axons.arrive(2);
    axons.save();
    let go_on = |axons: &mut SpikeAxons, first: u64| {
        let mut seen = vec![arrivals(axons)];
        for ahead in 1..12 {
            axons.emit(first + ahead - 1, &set(4, &[ahead as usize % 4]));
            axons.arrive(first + ahead);
            seen.push(arrivals(axons));
            axons.set_delays(Delays::uniform(4, delay(1 + ahead as u32)));
        }
        axons.set_delays(Delays::per_axon(&[1, 4, 7, 2].map(delay)));
        (seen, axons.in_flight())
    };
    let first = go_on(&mut axons, 2);
    for step in [13, 40, 2] {
        axons.restore(step);
        assert_eq!(go_on(&mut axons, step), first);
    }
}

#[test]
fn a_state_put_into_other_axons_continues_to_the_same_digest() {
    let mut axons = SpikeAxons::new(Delays::uniform(100, delay(6)));
    for step in 0..9 {
        if step > 0 {
            axons.arrive(step);
        }
        axons.emit(step, &set(100, &[step as usize * 11]));
    }
    let mut other = SpikeAxons::new(Delays::uniform(100, delay(6)));
    other.set_state(axons.state());
    for step in 9..20 {
        assert_eq!(arrivals(&other), arrivals(&axons));
        assert_eq!(digest(&other), digest(&axons));
        other.arrive(step);
        axons.arrive(step);
    }
    assert_eq!(other.in_flight(), 0);
}

#[test]
fn a_start_empties_the_ring() {
    let mut axons = SpikeAxons::new(Delays::uniform(3, delay(2)));
    axons.emit(0, &set(3, &[1]));
    axons.start(4);
    assert_eq!(axons.in_flight(), 0);
    // Nothing is in flight, so steps may be jumped.
    assert_eq!(axons.arrive(1_000).count(), 0);
    assert_eq!(axons.bits(), 3);
}
