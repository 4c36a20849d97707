//! What arrives on the lines of a block: held rate activities, or spikes.

use equipoise_base::{Axons, Delay, Digest, Number, SpikeSet};
use equipoise_router::axons::Delays;
use equipoise_router::{RateAxons, SpikeAxons, Which};

/// The axons of one source population as one core holds them.
#[derive(Clone, Debug)]
pub(crate) enum Axon<N> {
    /// A value is held until the next one arrives.
    Rate(RateAxons<N>),
    /// A spike is there for one step.
    Spike(Spiking<N>),
}

/// Spiking axons, with their arrivals written out as values where somebody reads these.
#[derive(Clone, Debug)]
pub(crate) struct Spiking<N> {
    axons: SpikeAxons,
    /// One per axon, or none at all.
    values: Vec<N>,
}

impl<N: Number> Spiking<N> {
    fn write(&mut self) {
        if !self.values.is_empty() {
            self.axons.arrived().write(&mut self.values);
        }
    }
}

/// One delay each, or one for all of `size` axons.
pub(crate) fn delays_of(size: usize, delay: &[Delay]) -> Delays {
    match delay {
        [common] => Delays::uniform(size, *common),
        each => Delays::per_axon(each),
    }
}

impl<N: Number> Axon<N> {
    /// `size` axons with one delay each, or one delay for all. `by_value` says whether anybody reads the values of
    /// spikes: a forward read of a table asks only who spikes.
    pub(crate) fn new(spiking: bool, size: usize, delay: &[Delay], by_value: bool) -> Self {
        let delays = delays_of(size, delay);
        if spiking {
            let values = vec![N::ZERO; if by_value { size } else { 0 }];
            Self::Spike(Spiking { axons: SpikeAxons::new(delays), values })
        } else {
            Self::Rate(RateAxons::new(delays))
        }
    }

    /// The delays of what leaves from now on.
    pub(crate) fn delays(&self) -> &Delays {
        match self {
            Self::Rate(axons) => axons.delays(),
            Self::Spike(spiking) => spiking.axons.delays(),
        }
    }

    /// Changes the delays of what leaves from now on.
    pub(crate) fn set_delays(&mut self, delays: &Delays) {
        match self {
            Self::Rate(axons) => axons.set_delays(delays.clone()),
            Self::Spike(spiking) => spiking.axons.set_delays(delays.clone()),
        }
    }

    /// A relaxation begins at `step`: rate axons hold `values`, spike axons are empty.
    pub(crate) fn start(&mut self, step: u64, values: &[N]) {
        match self {
            Self::Rate(axons) => axons.start(step, values),
            Self::Spike(spiking) => {
                spiking.axons.start(step);
                spiking.values.fill(N::ZERO);
            }
        }
    }

    /// The source's values of `step`, of which `which` were sent.
    pub(crate) fn emit(&mut self, step: u64, values: &[N], which: Which<'_>) {
        match (self, which) {
            (Self::Rate(axons), which) => axons.emit(step, values, which),
            (Self::Spike(spiking), Which::Only(set)) => spiking.axons.emit(step, set),
            (Self::Spike(spiking), Which::All) => {
                let mut set = SpikeSet::new(values.len());
                (0..values.len()).filter(|&i| values[i] != N::ZERO).for_each(|i| set.insert(i));
                spiking.axons.emit(step, &set);
            }
        }
    }

    /// A value (any but zero is a spike on a spiking axon) comes in from a packet, for the present step or
    /// later, by the axon's delay.
    pub(crate) fn deliver(&mut self, axon: usize, value: N) {
        match self {
            Self::Rate(axons) => axons.deliver(axon, value),
            Self::Spike(spiking) => {
                if spiking.axons.deliver(axon)
                    && let Some(value) = spiking.values.get_mut(axon)
                {
                    *value = value.saturating_add(N::from_raw(N::one_raw()));
                }
            }
        }
    }

    /// What is due in `step` arrives.
    pub(crate) fn arrive(&mut self, step: u64) {
        match self {
            Self::Rate(axons) => {
                axons.arrive(step);
            }
            Self::Spike(spiking) => {
                let Spiking { axons, values } = spiking;
                if values.is_empty() {
                    axons.arrive(step);
                    return;
                }
                // Of very many lines few spike: only those that did are put back.
                axons.arrived().set.iter().for_each(|axon| values[axon] = N::ZERO);
                axons.arrive(step).add(values);
            }
        }
    }

    /// True where a value is held until the next one arrives.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self, Self::Rate(_))
    }

    /// What the lines hold.
    pub(crate) fn axons(&self) -> Axons<'_, N> {
        match self {
            Self::Rate(axons) => Axons::held(axons.held()),
            Self::Spike(spiking) => {
                Axons { value: &spiking.values, spikes: Some(spiking.axons.arrived().set) }
            }
        }
    }

    pub(crate) fn save(&mut self) {
        match self {
            Self::Rate(axons) => axons.save(),
            Self::Spike(spiking) => spiking.axons.save(),
        }
    }

    pub(crate) fn restore(&mut self, step: u64) {
        match self {
            Self::Rate(axons) => axons.restore(step),
            Self::Spike(spiking) => {
                spiking.axons.restore(step);
                spiking.write();
            }
        }
    }

    /// Bits of delay memory, with `activity_bits` per held value.
    pub(crate) fn bits(&self, activity_bits: u32) -> u64 {
        match self {
            Self::Rate(axons) => axons.bits(activity_bits),
            Self::Spike(spiking) => spiking.axons.bits(),
        }
    }

    /// Bits of the registers that hold what arrived, with `activity_bits` per value.
    pub(crate) fn register_bits(&self, activity_bits: u32) -> u64 {
        match self {
            Self::Rate(axons) => axons.register_bits(activity_bits),
            Self::Spike(spiking) => spiking.axons.register_bits(),
        }
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        match self {
            Self::Rate(axons) => axons.digest(digest),
            Self::Spike(spiking) => spiking.axons.digest(digest),
        }
    }
}
