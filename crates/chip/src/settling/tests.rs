use super::*;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use fixed::types::I8F24;

const LSB: f64 = 1.0 / (1 << 24) as f64;

fn monitor(noisy: bool, longest_delay: usize) -> SettlingMonitor {
    SettlingMonitor::new(MonitorParams {
        epsilon: 1e-3,
        hold: 4,
        noisy,
        leak: 0.5,
        longest_delay,
        detect: true,
        window: 256,
        granular: 8.0 * LSB,
    })
}

#[test]
fn a_noiseless_phase_settles_when_nothing_moves() {
    let mut monitor = monitor(false, 1);
    monitor.begin(100, true);
    assert!(!monitor.settled());
    monitor.step(2e-3);
    assert!(!monitor.settled());
    monitor.step(5e-4);
    assert!(monitor.settled());
}

#[test]
fn with_delays_nothing_may_have_moved_for_the_longest_of_them() {
    let mut monitor = monitor(false, 3);
    monitor.begin(100, true);
    let moves = [5e-4, 5e-4, 2e-3, 5e-4, 5e-4, 5e-4];
    let settled = moves.map(|change| {
        monitor.step(change);
        monitor.settled()
    });
    assert_eq!(settled, [false, false, false, false, false, true]);
}

/// White noise of standard deviation `noise` in the drive of `neurons` that leak by a half, around levels that drift by
/// `drift` in a step. How many of `phases` phases of `steps` steps settle, and how many are hidden by noise.
fn noisy_phases(neurons: usize, steps: u32, noise: f64, drift: f64, phases: u32) -> (u32, u32) {
    let mut monitor = monitor(true, 1);
    let (mut settled, mut hidden, mut time) = (0, 0, 0);
    let mut u = vec![0.0; neurons];
    for _ in 0..phases {
        monitor.begin(steps, true);
        for t in 1..=steps {
            time += 1;
            let draws = Noise::at(1, Stream::of(StreamKind::Test, 0), time);
            for (neuron, u) in u.iter_mut().enumerate() {
                *u += 0.5 * (noise * f64::from(draws.gaussian(neuron as u32)) - *u);
            }
            let state: Vec<I8F24> =
                u.iter().map(|u| I8F24::nearest(0.5 + u + drift * f64::from(t))).collect();
            monitor.step(1.0);
            if monitor.wants_states() {
                monitor.states([&state[..]].into_iter());
            }
        }
        settled += u32::from(monitor.settled());
        hidden += u32::from(monitor.verdict::<I8F24>(monitor.settled()).class == PhaseClass::Hidden);
    }
    (settled, hidden)
}

#[test]
fn a_level_under_noise_has_settled_once_its_drift_is_known_to_be_small() {
    // 30 neurons and epsilon 1e-3: c is 4, and s / h = 0.02 sqrt(2) / h^1.5 is to be below a quarter of 1e-3: some 25 steps.
    assert_eq!(noisy_phases(30, 200, 0.02, 0.0, 100), (100, 0));
    assert_eq!(noisy_phases(30, 20, 0.02, 0.0, 100), (0, 100), "twice eight steps do not tell");
    assert_eq!(noisy_phases(30, 200, 0.02, 3e-3, 100), (0, 0), "a drift of three epsilon is seen");
}

#[test]
fn the_more_noise_there_is_the_fewer_phases_have_settled() {
    for (steps, drift) in [(20, 0.0), (20, 5e-4), (60, 0.0), (60, 5e-4), (60, 8e-4), (200, 9e-4)] {
        let ladder = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0];
        let settled = ladder.map(|noise| noisy_phases(30, steps, noise, drift, 40).0);
        assert!(settled.is_sorted_by(|less, more| less >= more), "{steps} steps, drift {drift}: {settled:?}");
        assert_eq!((settled[0], settled[8]), (40, 0), "{steps} steps, drift {drift}");
    }
}

/// The standard error that is assumed is that of what is seen: the differences of means of two blocks, in units of it, have
/// a variance of one.
#[test]
fn the_standard_error_of_a_mean_is_that_of_coloured_noise() {
    for (a, noise) in [(0.5, 0.02), (0.2, 0.05), (1.0, 0.01)] {
        let draw =
            |t: u32| f64::from(Noise::at(7, Stream::of(StreamKind::Test, 1), u64::from(t)).gaussian(0));
        let (mut u, block, blocks) = (0.0, 64, 400);
        let states: Vec<f64> = (0..block * blocks)
            .map(|t| {
                u += a * (noise * draw(t) - u);
                u
            })
            .collect();
        let means: Vec<f64> = states
            .chunks(block as usize)
            .map(|block| block.iter().sum::<f64>() / block.len() as f64)
            .collect();
        let mean_square = |values: &[f64]| {
            let squares = values.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0]));
            squares.sum::<f64>() / (values.len() - 1) as f64
        };
        let (differences, q) = (mean_square(&means), mean_square(&states) / 2.0);
        let assumed = 2.0 / f64::from(block) * q * (2.0 - a) / (a * a);
        assert!((differences / assumed - 1.0).abs() < 0.25, "{differences} and {assumed}");
    }
}

/// What a monitor says of a phase in which the states of neurons are `wave(neuron, step)`.
fn judged(
    mut monitor: SettlingMonitor,
    neurons: usize,
    steps: u32,
    wave: impl Fn(usize, u32) -> f64,
) -> Verdict {
    monitor.begin(steps, true);
    let state = |t| (0..neurons).map(|n| I8F24::nearest(wave(n, t))).collect::<Vec<_>>();
    let mut before = state(0);
    for t in 1..=steps {
        let now = state(t);
        let change = now.iter().zip(&before).map(|(a, b)| (a.value() - b.value()).abs()).fold(0.0, f64::max);
        let wanted = monitor.step(change);
        if monitor.wants_states() {
            monitor.states([&now[..]].into_iter());
        }
        if wanted {
            monitor.look(u64::from(t), 10 * u64::from(t), [&now[..]].into_iter());
        }
        before = now;
    }
    monitor.verdict::<I8F24>(monitor.settled())
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
        monitor.begin(steps, true);
        let looked = (1..=steps).filter(|&t| monitor.step(libm::pow(share, f64::from(t)))).count();
        assert_eq!(looked, 0, "{steps} steps");
    }
}
