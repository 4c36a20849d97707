use super::*;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use fixed::types::I8F24;

const LSB: f64 = 1.0 / (1 << 24) as f64;

fn monitor(noisy: bool, longest_delay: usize) -> SettlingMonitor {
    SettlingMonitor::new(MonitorParams {
        epsilon: 1e-3,
        hold: 4,
        noisy,
        longest_delay,
        detect: true,
        window: 256,
        granular: 8.0 * LSB,
    })
}

fn feed(monitor: &mut SettlingMonitor, values: impl Iterator<Item = f64>) {
    for value in values {
        let state = [I8F24::nearest(value)];
        monitor.states([&state[..]].into_iter());
    }
}

#[test]
fn a_noiseless_phase_settles_when_nothing_moves() {
    let mut monitor = monitor(false, 1);
    monitor.begin(100);
    assert!(!monitor.settled::<I8F24>(true));
    monitor.step(2e-3);
    assert!(!monitor.settled::<I8F24>(true));
    monitor.step(5e-4);
    assert!(monitor.settled::<I8F24>(true));
}

#[test]
fn with_delays_nothing_may_have_moved_for_the_longest_of_them() {
    let mut monitor = monitor(false, 3);
    monitor.begin(100);
    let moves = [5e-4, 5e-4, 2e-3, 5e-4, 5e-4, 5e-4];
    let settled = moves.map(|change| {
        monitor.step(change);
        monitor.settled::<I8F24>(true)
    });
    assert_eq!(settled, [false, false, false, false, false, true]);
}

#[test]
fn noise_around_a_level_settles_and_a_drift_beyond_it_does_not() {
    let noise = |t: u64| f64::from(Noise::at(1, Stream::of(StreamKind::Test, 0), t).gaussian(0)) * 0.02;
    let mut monitor = monitor(true, 1);
    monitor.begin(100);
    feed(&mut monitor, (0..8).map(|t| 0.5 + noise(t)));
    assert!(monitor.settled::<I8F24>(true));
    monitor.begin(100);
    feed(&mut monitor, (0..8).map(|t| 0.1 * t as f64 + noise(t)));
    assert!(!monitor.settled::<I8F24>(true));
    monitor.begin(100);
    feed(&mut monitor, (0..6).map(|t| 0.5 + noise(t)));
    assert!(
        monitor.settled::<I8F24>(true) && !monitor.settled::<I8F24>(false),
        "too few steps to stop early"
    );
}

/// What a monitor says of a phase in which the states of neurons are `wave(neuron, step)`.
fn judged(
    mut monitor: SettlingMonitor,
    neurons: usize,
    steps: u32,
    wave: impl Fn(usize, u32) -> f64,
) -> Verdict {
    monitor.begin(steps);
    let state = |t| (0..neurons).map(|n| I8F24::nearest(wave(n, t))).collect::<Vec<_>>();
    let mut before = state(0);
    for t in 1..=steps {
        let now = state(t);
        let change = now.iter().zip(&before).map(|(a, b)| (a.value() - b.value()).abs()).fold(0.0, f64::max);
        let wanted = monitor.step(change);
        if monitor.wants_states(Some(steps - t)) {
            monitor.states([&now[..]].into_iter());
        }
        if wanted {
            monitor.look(u64::from(t), 10 * u64::from(t), [&now[..]].into_iter());
        }
        before = now;
    }
    monitor.verdict::<I8F24>(monitor.settled::<I8F24>(true))
}

fn sine(t: u32, period: f64) -> f64 {
    libm::sin(std::f64::consts::TAU * f64::from(t) / period)
}

#[test]
fn a_lasting_wave_is_a_limit_cycle_with_its_period_amplitude_and_neurons() {
    for period in [2.0, 7.0, 7.104, 15.72, 82.67] {
        // The phase keeps samples off the zeros of a wave of two steps.
        let swing = |t: u32| 0.25 * sine(2 * t + 1, 2.0 * period);
        let wave = |n: usize, t: u32| [0.5, swing(t), 0.8 * swing(t + 1), 1e-3 * swing(t)][n];
        let verdict = judged(monitor(false, 1), 4, 600, wave);
        assert_eq!(verdict.class, PhaseClass::LimitCycle, "period {period}");
        let cycle = verdict.cycle.expect("a cycle");
        assert!((cycle.period_steps / period - 1.0).abs() < 2e-3, "{} for {period}", cycle.period_steps);
        let samples = (345..=600).map(swing);
        let (low, high) = samples.fold((1.0_f64, -1.0_f64), |(low, high), u| (low.min(u), high.max(u)));
        assert!((cycle.amplitude - (high - low)).abs() <= LSB, "{} for {period}", cycle.amplitude);
        let named: Vec<usize> = cycle.neurons.iter().map(|p| p.neuron).collect();
        assert_eq!((named, cycle.taking_part), (vec![1, 2], 2));
    }
}

#[test]
fn a_wave_of_whole_steps_is_proved_before_the_phase_ends_and_another_one_at_its_end() {
    let known = |period: f64| judged(monitor(false, 1), 1, 400, |_, t| 0.25 * sine(t % 28, period)).cycle;
    let cycle = known(7.0).expect("a cycle");
    assert!(cycle.exact && cycle.step < 300, "known at {}", cycle.step);
    assert_eq!(cycle.cycle, 10 * cycle.step);
    let wave = |_, t| 0.25 * sine(t, 7.104);
    let cycle = judged(monitor(false, 1), 1, 400, wave).cycle.expect("a cycle");
    assert_eq!((cycle.exact, cycle.step), (false, 400));
}

#[test]
fn a_shrinking_spiral_is_slow_and_a_growing_one_is_a_limit_cycle() {
    let spiral = |factor: f64| {
        judged(monitor(false, 1), 1, 600, |_, t| 0.2 * libm::pow(factor, f64::from(t)) * sine(t, 20.3)).class
    };
    assert_eq!(spiral(0.999), PhaseClass::Slow);
    assert_eq!(spiral(0.9997), PhaseClass::Slow);
    assert_eq!(spiral(1.001), PhaseClass::LimitCycle);
}

#[test]
fn a_slow_approach_without_waves_is_slow_and_a_steady_drift_is_neither() {
    let slow = judged(monitor(false, 1), 1, 300, |_, t| 2.0 * libm::pow(0.997, f64::from(t)));
    assert_eq!(slow.class, PhaseClass::Slow);
    let drift = judged(monitor(false, 1), 1, 300, |_, t| 0.015625 * f64::from(t));
    assert_eq!(drift.class, PhaseClass::Aperiodic);
}

#[test]
fn a_cycle_within_the_grain_is_granular_and_one_within_the_tolerance_a_fixed_point() {
    let flip = |amplitude: f64| judged(monitor(false, 1), 1, 100, |_, t| 0.5 + amplitude * f64::from(t % 2));
    assert_eq!(flip(8.0 * LSB).class, PhaseClass::Granular);
    assert_eq!(flip(64.0 * LSB).class, PhaseClass::FixedPoint);
    assert_eq!(flip(2e-3).class, PhaseClass::LimitCycle);
    assert_eq!(flip(0.0).class, PhaseClass::FixedPoint);
}

#[test]
fn noise_alone_is_no_cycle_and_a_wave_above_it_is() {
    let noise = |n: usize, t: u32| {
        let draw = |t: u32| {
            f64::from(Noise::at(3, Stream::of(StreamKind::Test, n as u32), u64::from(t)).gaussian(0))
        };
        // Noise of the colour that a leak of one half gives it.
        0.02 * (0..12).map(|back| libm::pow(0.5, f64::from(back)) * draw(t + 12 - back)).sum::<f64>()
    };
    for steps in [20, 130, 600] {
        let class = judged(monitor(true, 1), 40, steps, noise).class;
        assert!(class != PhaseClass::LimitCycle && class != PhaseClass::Granular, "{steps} steps: {class:?}");
    }
    let wave = |n: usize, t: u32| noise(n, t) + if n == 7 { 0.1 * sine(t, 9.3) } else { 0.0 };
    let verdict = judged(monitor(true, 1), 40, 600, wave);
    assert_eq!(verdict.class, PhaseClass::LimitCycle);
    let cycle = verdict.cycle.expect("a cycle");
    assert!((cycle.period_steps - 9.3).abs() < 0.05 && (cycle.amplitude - 0.2).abs() < 0.03, "{cycle:?}");
    assert_eq!(cycle.neurons[0].neuron, 7);
}

#[test]
fn phases_that_fall_off_or_are_short_are_never_looked_at() {
    let mut monitor = monitor(false, 1);
    for (steps, share) in [(20, 0.5_f64), (400, 0.8), (15, 1.0)] {
        monitor.begin(steps);
        let looked = (1..=steps).filter(|&t| monitor.step(libm::pow(share, f64::from(t)))).count();
        assert_eq!(looked, 0, "{steps} steps");
    }
}
