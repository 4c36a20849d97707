//! What a chip could not take as it was given: start weights that their store changed, and inputs beyond its range.

use crate::params::{CoreKind, Hardware, Params};
use equipoise_base::record::Clipped;
use equipoise_base::words::half_step;
use equipoise_base::{Number, Synapses};

/// Weights that are compared together.
const CHUNK: usize = 1024;

/// What `store` makes of the weights that were `written`, by an error-free programming.
pub(crate) fn of_weights<N: Number>(store: &dyn Synapses<N>, written: impl Iterator<Item = f64>) -> Clipped {
    let mut clipped = Clipped::default();
    let (mut chunk, mut words) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
    let mut written = written.fuse();
    loop {
        chunk.clear();
        chunk.extend(written.by_ref().take(CHUNK));
        if chunk.is_empty() {
            return clipped;
        }
        words.clear();
        words.extend(chunk.iter().map(|&weight| N::nearest(weight)));
        store.hold(&mut words);
        for (weight, word) in chunk.iter().zip(&words) {
            clipped.changed((weight - word.value()).abs(), half_step::<N>());
        }
    }
}

/// How many of `values` lie beyond `range`, by more than half a step.
pub(crate) fn beyond<N: Number>(values: impl Iterator<Item = f64>, (least, most): (f64, f64)) -> u64 {
    let (least, most) = (least - half_step::<N>(), most + half_step::<N>());
    values.map(|value| u64::from(!(least..=most).contains(&value))).sum()
}

/// The values that inputs can drive with: those of their wires, or of registers and drivers where wires are full.
pub(crate) fn input_range<N: Number>(hardware: &Hardware) -> (f64, f64) {
    if hardware.activity_bits > 0 {
        return (-1.0, 1.0);
    }
    let most = match hardware.core.kind {
        CoreKind::Analog => equipoise_crossbar::MOST_ACTIVITY,
        CoreKind::Sram => f64::INFINITY,
    };
    (N::MIN.value().max(-most), N::MAX.value().min(most))
}

/// How many activities that clamped populations start with lie beyond what they can drive with.
pub(crate) fn of_start<N: Number>(params: &Params) -> u64 {
    let clamped = params.network.populations.iter().filter(|p| p.neuron.is_none());
    beyond::<N>(clamped.flat_map(|p| p.start.iter().copied()), input_range::<N>(&params.hardware))
}
