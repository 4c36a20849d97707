//! The linear map of one step of a delayed network, with its delay lines, as lists.

use crate::Matrix;

/// What a deviation of `from`, `delay` steps ago, adds to `to` in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Feed {
    pub to: usize,
    pub from: usize,
    /// Extra delay: 0 is the present.
    pub delay: usize,
    pub feed: f64,
}

/// `e_i(t+1) = keep_i e_i(t) + sum of feeds`. The map's state has, for each unit, its deviations now, one step ago, and
/// so on as far as anyone listens to them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LinearSteps {
    keep: Vec<f64>,
    feeds: Vec<Feed>,
    /// Which units of the network these are.
    names: Vec<usize>,
    /// Where each unit's part of the state begins, and where the last one ends.
    offsets: Vec<usize>,
}

impl LinearSteps {
    pub(crate) fn new(keep: Vec<f64>, feeds: Vec<Feed>) -> Self {
        let names = (0..keep.len()).collect();
        Self::named(keep, feeds, names)
    }

    fn named(keep: Vec<f64>, feeds: Vec<Feed>, names: Vec<usize>) -> Self {
        let mut lengths = vec![1; keep.len()];
        feeds.iter().for_each(|f| lengths[f.from] = lengths[f.from].max(f.delay + 1));
        let mut offsets = vec![0];
        lengths.iter().for_each(|length| offsets.push(offsets[offsets.len() - 1] + length));
        Self { keep, feeds, names, offsets }
    }

    /// Splits off, one after the other, units that hear nothing, not even themselves, or are heard by none: what such a
    /// unit keeps is an eigenvalue, and the rest have theirs without it. Returns those eigenvalues and the rest.
    pub(crate) fn isolated(&self) -> (Vec<f64>, Self) {
        let n = self.keep.len();
        let mut is_alone = vec![false; n];
        loop {
            let (mut hears, mut is_heard) = (vec![false; n], vec![false; n]);
            for f in self.feeds.iter().filter(|f| !is_alone[f.to] && !is_alone[f.from]) {
                (hears[f.to], is_heard[f.from]) = (true, true);
            }
            let more: Vec<usize> = (0..n).filter(|i| !(is_alone[*i] || hears[*i] && is_heard[*i])).collect();
            if more.is_empty() {
                break;
            }
            more.into_iter().for_each(|i| is_alone[i] = true);
        }
        let rest: Vec<usize> = (0..n).filter(|i| !is_alone[*i]).collect();
        let mut place = vec![0; n];
        rest.iter().enumerate().for_each(|(row, unit)| place[*unit] = row);
        let among_the_rest = self.feeds.iter().filter(|f| !is_alone[f.to] && !is_alone[f.from]);
        let feeds = among_the_rest.map(|f| Feed { to: place[f.to], from: place[f.from], ..*f }).collect();
        let keep = rest.iter().map(|i| self.keep[*i]).collect();
        let names = rest.iter().map(|i| self.names[*i]).collect();
        let alone = (0..n).filter(|i| is_alone[*i]).map(|i| self.keep[i]).collect();
        (alone, Self::named(keep, feeds, names))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keep.is_empty()
    }

    /// Which units of the network these are.
    pub(crate) fn names(&self) -> &[usize] {
        &self.names
    }

    /// Length of the map's state.
    pub(crate) fn order(&self) -> usize {
        self.offsets[self.keep.len()]
    }

    /// The extra delay of all feeds, if they have the same.
    pub(crate) fn common_delay(&self) -> Option<usize> {
        let first = self.feeds.first()?.delay;
        self.feeds.iter().all(|f| f.delay == first).then_some(first)
    }

    /// What all units keep of themselves, if it is the same.
    pub(crate) fn common_keep(&self) -> Option<f64> {
        let first = *self.keep.first()?;
        self.keep.iter().all(|keep| *keep == first).then_some(first)
    }

    /// The map as a matrix.
    pub(crate) fn companion(&self) -> Matrix {
        let mut matrix = Matrix::zeros(self.order(), self.order());
        for (unit, keep) in self.keep.iter().enumerate() {
            let (start, end) = (self.offsets[unit], self.offsets[unit + 1]);
            matrix[(start, start)] += keep;
            (start + 1..end).for_each(|shifted| matrix[(shifted, shifted - 1)] = 1.0);
        }
        for f in &self.feeds {
            matrix[(self.offsets[f.to], self.offsets[f.from] + f.delay)] += f.feed;
        }
        matrix
    }

    /// The map applied to a state.
    pub(crate) fn apply(&self, state: &[f64], next: &mut [f64]) {
        next[1..].copy_from_slice(&state[..state.len() - 1]);
        for (unit, keep) in self.keep.iter().enumerate() {
            next[self.offsets[unit]] = keep * state[self.offsets[unit]];
        }
        for f in &self.feeds {
            next[self.offsets[f.to]] += f.feed * state[self.offsets[f.from] + f.delay];
        }
    }
}
