//! Axons that hold a value: when it arrives, and which one wins when delays change.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Delay, Digest, Number, SpikeSet};
use equipoise_router::axons::Delays;
use equipoise_router::{RateAxons, Which};
use fixed::types::I8F24;

fn value(raw: i64) -> I8F24 {
    I8F24::from_raw(raw)
}

fn delay(steps: u32) -> Delay {
    Delay::new(steps).expect("at least one step")
}

fn digest(axons: &RateAxons<I8F24>) -> u64 {
    let mut digest = Digest::default();
    axons.digest(&mut digest);
    digest.value()
}

#[test]
fn between_two_neurons_every_delay_from_1_to_1024_is_exact() {
    for d in 1..=1024 {
        let mut axons = RateAxons::new(Delays::uniform(2, delay(d)));
        axons.start(0, &[value(-1), value(-2)]);
        for step in 0..u64::from(d) + 3 {
            if step > 0 {
                let held = axons.arrive(step).to_vec();
                // The activity of step k is seen in step k + d; before that, the start state.
                let seen = |neuron: i64| match step.checked_sub(u64::from(d)) {
                    Some(emitted) => value(10 * emitted as i64 + neuron),
                    None => value(-1 - neuron),
                };
                assert_eq!(held, [seen(0), seen(1)], "delay {d}, step {step}");
            }
            let activity = [value(10 * step as i64), value(10 * step as i64 + 1)];
            axons.emit(step, &activity, Which::All);
            assert_eq!(axons.in_flight(), 2 * (step + 1).min(u64::from(d)));
        }
        assert_eq!(axons.superseded(), 0);
    }
}

/// One axon: emits `k` in step k with delay `delays[k]`, where there is one, and returns what is held in
/// steps 1, 2, ...
fn held_with_changing_delays(delays: &[Option<u32>], steps: u64) -> Vec<i64> {
    let mut axons = RateAxons::new(Delays::uniform(1, Delay::ONE));
    axons.start(0, &[value(-1)]);
    let mut held = Vec::new();
    for step in 0..steps {
        if step > 0 {
            held.push(axons.arrive(step)[0].raw());
        }
        if let Some(Some(steps)) = delays.get(step as usize) {
            axons.set_delays(Delays::uniform(1, delay(*steps)));
            axons.emit(step, &[value(step as i64)], Which::All);
        }
    }
    held
}

#[test]
fn a_longer_delay_leaves_a_gap_in_which_the_last_value_is_held() {
    // 0 arrives in 1, 1 in 2; 2 leaves with delay 4 and arrives in 6, 3 in 7.
    let held = held_with_changing_delays(&[Some(1), Some(1), Some(4), Some(4)], 9);
    assert_eq!(held, [0, 1, 1, 1, 1, 2, 3, 3]);
}

#[test]
fn a_value_that_was_overtaken_never_overwrites_the_newer_one() {
    // 0 would arrive in 5; 1 leaves with delay 1 and arrives in 2; 0 is older and changes nothing in 5.
    assert_eq!(held_with_changing_delays(&[Some(5), Some(1)], 8), [-1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn of_two_values_that_arrive_together_the_one_emitted_last_wins() {
    // 0 with delay 3 and 1 with delay 2 both arrive in 3.
    assert_eq!(held_with_changing_delays(&[Some(3), Some(2)], 5), [-1, -1, 1, 1]);
}

#[test]
fn what_is_in_flight_keeps_the_delay_it_left_with() {
    // 0 and 1 left with delay 3 and arrive in 3 and 4, although the delay is 2 from step 2 on: 2 arrives in 4.
    assert_eq!(held_with_changing_delays(&[Some(3), Some(3), Some(2), Some(2)], 7), [-1, -1, 0, 2, 3, 3]);
}

/// The rules once more, as a list: every value ever emitted with its arrival and its emission.
struct Naive {
    flights: Vec<(u64, u64, usize, i64)>,
    held: Vec<(Option<u64>, i64)>,
}

impl Naive {
    fn arrive(&mut self, step: u64) -> Vec<i64> {
        for &(_, emission, axon, raw) in self.flights.iter().filter(|(arrival, ..)| *arrival == step) {
            if self.held[axon].0.is_none_or(|newest| emission > newest) {
                self.held[axon] = (Some(emission), raw);
            }
        }
        self.held.iter().map(|&(_, raw)| raw).collect()
    }
}

/// 1 to 9 axons, some of which send, with delays up to `longest` that change now and then.
fn random_run_agrees_with_the_list(trial: u64, longest: u32) {
    let noise = |time: u64| Noise::at(5, Stream::of(StreamKind::Test, trial as u32), time);
    let count = 1 + noise(0).below(0, 9) as usize;
    let mut axons = RateAxons::new(Delays::uniform(count, Delay::ONE));
    let first_step = 17 * trial;
    let start: Vec<i64> = (0..count as i64).map(|axon| -1 - axon).collect();
    axons.start(first_step, &start.iter().map(|&raw| value(raw)).collect::<Vec<_>>());
    let mut naive = Naive { flights: Vec::new(), held: start.iter().map(|&raw| (None, raw)).collect() };
    let mut delays = vec![Delay::ONE; count];
    let mut emitted = 0;
    for step in first_step..first_step + 120 {
        let noise = noise(1 + step);
        if step > first_step {
            let held: Vec<i64> = axons.arrive(step).iter().map(|v| v.raw()).collect();
            assert_eq!(held, naive.arrive(step), "trial {trial}, step {step}");
        }
        // Delays change before a step's emission, or after it.
        let changes = noise.below(0, 4);
        let uniform = noise.below(1, 2) == 0;
        let drawn = |axon: u32| delay(1 + noise.below(if uniform { 4 } else { 4 + axon }, longest));
        let next: Vec<Delay> = (0..count as u32).map(drawn).collect();
        if changes == 0 {
            delays.clone_from(&next);
            axons.set_delays(Delays::per_axon(&delays));
        }
        let mut set = SpikeSet::new(count);
        let everybody = noise.below(2, 2) == 0;
        (0..count).filter(|&a| everybody || noise.below(50 + a as u32, 3) == 0).for_each(|a| set.insert(a));
        let which = if everybody { Which::All } else { Which::Only(&set) };
        let values: Vec<i64> = (0..count).map(|axon| (step * 16 + axon as u64) as i64).collect();
        axons.emit(step, &values.iter().map(|&raw| value(raw)).collect::<Vec<_>>(), which);
        emitted += set.count() as u64;
        for axon in set.iter() {
            naive.flights.push((step + u64::from(delays[axon].steps()), step, axon, values[axon]));
        }
        if changes == 1 {
            delays.clone_from(&next);
            axons.set_delays(Delays::per_axon(&delays));
        }
        let overtaken = |&&(arrival, emission, axon, _): &&(u64, u64, usize, i64)| {
            naive.flights.iter().any(|f| f.2 == axon && f.1 > emission && f.0 <= arrival)
        };
        let superseded = naive.flights.iter().filter(overtaken).count() as u64;
        assert_eq!(axons.superseded(), superseded, "trial {trial}, step {step}");
        let arrived = naive.flights.iter().filter(|f| f.0 <= step && !overtaken(f)).count() as u64;
        assert_eq!(axons.in_flight(), emitted - superseded - arrived, "trial {trial}, step {step}");
    }
}

#[test]
fn random_delay_changes_agree_with_a_list_of_arrivals() {
    for trial in 0..100 {
        random_run_agrees_with_the_list(trial, [1, 2, 3, 8, 40][trial as usize % 5]);
    }
}

#[test]
fn jumping_to_a_later_step_equals_walking_there() {
    let far = 1_000_000_000_000;
    for to in [4, 20, far] {
        let mut jumping = RateAxons::<I8F24>::new(Delays::per_axon(&[delay(1), delay(6), delay(9)]));
        jumping.emit(0, &[value(1), value(2), value(3)], Which::All);
        let mut walking = jumping.clone();
        (1..to.min(30)).for_each(|step| {
            walking.arrive(step);
        });
        assert_eq!(walking.arrive(to), jumping.arrive(to));
        assert_eq!(digest(&walking), digest(&jumping));
        assert_eq!(jumping.in_flight(), if to == 4 { 2 } else { 0 });
    }
}

#[test]
fn a_restored_ring_repeats_what_the_saved_one_went_on_to_do() {
    let delays: Vec<Delay> = [1, 4, 7, 2].map(delay).to_vec();
    let mut axons = RateAxons::<I8F24>::new(Delays::per_axon(&delays));
    axons.start(0, &[value(-1); 4]);
    // From `first` on, relative to it: changes of delays too, so that values overtake one another.
    let go_on = |axons: &mut RateAxons<I8F24>, first: u64| {
        let mut seen = Vec::new();
        for ahead in 0..12_u32 {
            let step = first + u64::from(ahead);
            if ahead > 0 {
                seen.push(axons.arrive(step).to_vec());
            }
            let steps = [7, 3, 1, 20][ahead as usize % 4];
            axons.set_delays(Delays::uniform(4, delay(steps)));
            axons.emit(step, &[value(i64::from(ahead)); 4], Which::All);
        }
        (seen, axons.in_flight())
    };
    axons.emit(0, &[value(1000); 4], Which::All);
    axons.arrive(1);
    axons.set_delays(Delays::uniform(4, delay(2)));
    axons.emit(1, &[value(2000); 4], Which::All);
    axons.arrive(2);
    axons.save();
    let before = (axons.held().to_vec(), axons.in_flight());
    let first = go_on(&mut axons, 2);
    for step in [13, 40, 2] {
        axons.restore(step);
        assert_eq!((axons.held().to_vec(), axons.in_flight()), before);
        assert_eq!(go_on(&mut axons, step), first);
    }
}

#[test]
fn a_value_restored_under_shorter_delays_is_still_overtaken() {
    let shorter = [Delay::ONE, delay(2)];
    for now_shorter in shorter {
        let mut axons = RateAxons::<I8F24>::new(Delays::uniform(1, delay(4)));
        axons.emit(0, &[value(10)], Which::All);
        axons.save();
        axons.set_delays(Delays::uniform(1, now_shorter));
        axons.restore(100);
        // 10 arrives in 104; what leaves in 101 arrives in 102 or 103 and stays.
        axons.arrive(101);
        axons.emit(101, &[value(11)], Which::All);
        let held: Vec<i64> = (102..107).map(|step| axons.arrive(step)[0].raw()).collect();
        let expected = if now_shorter == Delay::ONE { [11; 5] } else { [0, 11, 11, 11, 11] };
        assert_eq!(held, expected);
    }
}

#[test]
fn a_value_saved_after_its_delay_was_shortened_is_still_overtaken() {
    let mut axons = RateAxons::<I8F24>::new(Delays::uniform(1, delay(6)));
    axons.emit(0, &[value(10)], Which::All);
    axons.set_delays(Delays::uniform(1, Delay::ONE));
    axons.save();
    axons.arrive(1);
    axons.restore(50);
    axons.arrive(51);
    axons.emit(51, &[value(11)], Which::All);
    let held: Vec<i64> = (52..60).map(|step| axons.arrive(step)[0].raw()).collect();
    assert_eq!(held, [11; 8]);
}

#[test]
fn a_state_put_into_other_axons_continues_to_the_same_digest() {
    let mut axons = RateAxons::<I8F24>::new(Delays::uniform(3, delay(5)));
    for step in 0..9 {
        if step > 0 {
            axons.arrive(step);
        }
        axons.emit(step, &[value(step as i64), value(7), value(9)], Which::All);
    }
    let mut other = RateAxons::new(Delays::uniform(3, delay(5)));
    other.set_state(axons.state());
    for step in 9..20 {
        assert_eq!(digest(&other), digest(&axons));
        assert_eq!(other.arrive(step), axons.arrive(step));
    }
}

#[test]
fn a_start_forgets_everything_before_it() {
    let mut used = RateAxons::<I8F24>::new(Delays::uniform(3, delay(4)));
    used.emit(0, &[value(1); 3], Which::All);
    used.arrive(1);
    used.emit(1, &[value(2); 3], Which::All);
    used.start(8, &[value(5); 3]);
    let mut fresh = RateAxons::new(Delays::uniform(3, delay(4)));
    fresh.start(8, &[value(5); 3]);
    assert_eq!(digest(&used), digest(&fresh));
    assert_eq!(used.arrive(9), [value(5); 3]);
}

#[test]
fn delay_memory_is_what_its_formula_says() {
    let bits = |d| RateAxons::<I8F24>::new(Delays::uniform(10, delay(d))).bits(8);
    assert_eq!(bits(1), 0);
    assert_eq!(bits(8), 10 * 7 * 9);
    let mut axons = RateAxons::<I8F24>::new(Delays::per_axon(&[delay(2), delay(5)]));
    assert_eq!(axons.bits(8), 2 * 4 * 9);
    axons.set_delays(Delays::uniform(2, Delay::ONE));
    assert_eq!(axons.bits(8), 2 * 4 * 9, "a chip does not lose its memory when delays get shorter");
}
