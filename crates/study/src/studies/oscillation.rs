//! Amplitude and period of a trajectory, measured on its recorded states alone.

/// What the states of a stretch of time do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oscillation {
    /// The greatest peak-to-peak swing of a neuron in the second half of the stretch.
    pub swing: f64,
    /// The neuron that swings so far.
    pub neuron: usize,
    /// That swing over the largest in the first half: below 1 while an oscillation dies down, 1 on a cycle; 0 where
    /// nothing moves.
    pub growth: f64,
    /// True if the swing becomes less from each eighth of the stretch to the next.
    pub declines: bool,
    /// Mean steps between upward crossings of the neuron's mean, interpolated; `None` with fewer than two of them.
    pub period_steps: Option<f64>,
}

/// Growth from the first half to the second below which an oscillation is dying down. A deviation that shrinks by 1e-3 in
/// each step is below it after 360 steps; the swing of an irregular oscillation is not.
const DYING: f64 = 0.7;
/// Growth below which it is dying down slowly if it does so all the time. The peaks of a cycle fall between steps, but over some
/// ten periods the highest of them is seen to a few parts in ten thousand.
const STEADY: f64 = 0.995;
/// Windows of the stretch in which a slow decline has to show, each smaller than the one before.
const WINDOWS: usize = 8;

impl Oscillation {
    /// Measures `states` (one per step, each a value per neuron). The stretch should hold several periods.
    ///
    /// # Panics
    /// Without states or neurons.
    #[must_use]
    pub fn of(states: &[Vec<f64>]) -> Self {
        let (first, second) = states.split_at(states.len() / 2);
        let largest = |window: &[Vec<f64>]| {
            let swings = (0..states[0].len()).map(|neuron| (swing(window, neuron), neuron));
            // Of equal swings the first neuron's.
            let further = |best: (f64, usize), next: (f64, usize)| if next.0 > best.0 { next } else { best };
            swings.reduce(further).expect("a network has neurons")
        };
        let (swing, neuron) = largest(second);
        let before = if first.is_empty() { 0.0 } else { largest(first).0 };
        let growth = if before > 0.0 { swing / before } else { 0.0 };
        let eighths: Vec<f64> =
            states.chunks(states.len().div_ceil(WINDOWS)).map(|window| largest(window).0).collect();
        let declines = eighths.windows(2).all(|pair| pair[1] < pair[0]);
        Self { swing, neuron, growth, declines, period_steps: period(second, neuron) }
    }

    /// True if the states swing by more than `floor` and are not coming to rest. A swing that shrinks towards a smaller cycle
    /// counts as coming to rest as long as it shrinks steadily: runs have to be long enough for that to end.
    #[must_use]
    pub fn is_sustained(&self, floor: f64) -> bool {
        let dies_down = self.growth < DYING || self.growth < STEADY && self.declines;
        self.swing > floor && !dies_down
    }
}

/// Growth per step, `|z|`, of a trajectory that one mode rules: `x(t) = c + Re(k z^t)`. `None` for a mode that does not
/// turn (z is real), or fewer than five values.
///
/// The differences v of such a trajectory obey `v(t+2) = 2 Re(z) v(t+1) - |z|^2 v(t)`, so that `v(t) v(t+2) - v(t+1)^2`
/// grows by exactly `|z|^2` per step, wherever in a period the steps fall.
#[must_use]
pub fn growth_per_step(values: &[f64]) -> Option<f64> {
    let moves: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let curved: Vec<f64> = moves.windows(3).map(|v| v[0] * v[2] - v[1] * v[1]).collect();
    let (first, last) = (curved.first()?, curved.last()?);
    let steps = (curved.len() - 1) as f64;
    let ratio = last / first;
    (steps > 0.0 && ratio > 0.0 && ratio.is_finite()).then(|| libm::pow(ratio, 0.5 / steps))
}

fn swing(window: &[Vec<f64>], neuron: usize) -> f64 {
    let extremes = window.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), state| {
        (low.min(state[neuron]), high.max(state[neuron]))
    });
    (extremes.1 - extremes.0).max(0.0)
}

fn period(window: &[Vec<f64>], neuron: usize) -> Option<f64> {
    let mean = window.iter().map(|state| state[neuron]).sum::<f64>() / window.len() as f64;
    let crossings: Vec<f64> = window
        .windows(2)
        .enumerate()
        .map(|(step, pair)| (step as f64, pair[0][neuron] - mean, pair[1][neuron] - mean))
        .filter(|(_, before, after)| *before < 0.0 && *after >= 0.0)
        .map(|(step, before, after)| step - before / (after - before))
        .collect();
    let (first, last) = (crossings.first()?, crossings.last()?);
    (crossings.len() > 1).then(|| (last - first) / (crossings.len() - 1) as f64)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test may take its sine from std")]
mod tests {
    use super::*;

    fn wave(steps: usize, value: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        (0..steps).map(|step| vec![0.1, value(step as f64)]).collect()
    }

    #[test]
    fn a_sine_is_sustained_and_has_its_amplitude_and_period() {
        let seen = Oscillation::of(&wave(600, |t| 0.5 + 0.25 * (std::f64::consts::TAU * t / 7.3).sin()));
        assert_eq!(seen.neuron, 1);
        assert!((seen.swing - 0.5).abs() < 1e-3, "{seen:?}");
        assert!((seen.period_steps.unwrap() - 7.3).abs() < 0.01, "{seen:?}");
        assert!(seen.is_sustained(0.4) && !seen.is_sustained(0.6));
    }

    /// The logistic map at 3.9 is chaotic.
    #[test]
    fn what_swings_irregularly_is_sustained() {
        let mut x = 0.3;
        let states: Vec<Vec<f64>> = std::iter::repeat_with(|| {
            x = 3.9 * x * (1.0 - x);
            vec![x]
        })
        .take(500)
        .collect();
        assert!(Oscillation::of(&states).is_sustained(0.5));
    }

    #[test]
    fn the_growth_of_a_mode_is_read_off_whatever_its_angle() {
        for (radius, angle) in [(0.95_f64, 0.87_f64), (1.02, 0.15), (0.999, 2.9)] {
            let value = |t: i32| 0.3 + 1e-3 * radius.powi(t) * (angle * f64::from(t) + 0.4).cos();
            let values: Vec<f64> = (0..60).map(value).collect();
            assert!((growth_per_step(&values).unwrap() - radius).abs() < 1e-9);
        }
        assert_eq!(growth_per_step(&[1.0; 60]), None);
    }

    #[test]
    fn what_dies_down_or_stands_still_is_not_sustained() {
        let dying = wave(600, |t| (-1e-3 * t).exp() * (0.9 * t).sin());
        assert!(!Oscillation::of(&dying).is_sustained(0.0));
        let slowly = wave(8000, |t| (-1e-5 * t).exp() * (0.9 * t).sin());
        assert!(!Oscillation::of(&slowly).is_sustained(0.0));
        let still = Oscillation::of(&wave(600, |_| 0.3));
        assert_eq!((still.swing, still.growth, still.period_steps), (0.0, 0.0, None));
        assert!(!still.is_sustained(0.0));
    }
}
