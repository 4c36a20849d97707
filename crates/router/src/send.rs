//! Which axons send in a step.

use crate::Which;
use crate::models::{EveryStep, OnChange, Spike};
use equipoise_base::{Digest, Number, Refusal, SpikeSet, words};
use serde::{Deserialize, Serialize};

equipoise_base::family! {
    /// When an axon sends its value.
    pub enum SendPolicy {
        /// Every axon sends at every step.
        EveryStep(EveryStep) = "every_step",
        /// An axon sends when its value has moved since it last sent.
        OnChange(OnChange) = "on_change",
        /// An axon sends when its neuron spikes.
        Spike(Spike) = "spike",
    }
}

impl SendPolicy {
    /// Checks what a chip of format `N` cannot hold of the parameters.
    ///
    /// # Errors
    /// Names the key and what is accepted.
    pub fn check<N: Number>(&self) -> Result<(), Refusal> {
        match self {
            // Less than a step is a step: every move is one or more.
            Self::OnChange(on_change) => words::check_range::<N>("threshold", on_change.threshold),
            Self::EveryStep(_) | Self::Spike(_) => Ok(()),
        }
    }
}

/// What evolves in a [`Sender`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State<N> {
    /// The value that each axon last sent: what its listeners hold.
    pub last_sent: Vec<N>,
}

/// The senders of one group of axons under one policy.
#[derive(Clone, Debug)]
pub struct Sender<N> {
    policy: SendPolicy,
    state: State<N>,
    shadow: State<N>,
    /// Scratch: the answer of the last decision.
    sent: SpikeSet,
}

impl<N: Number> Sender<N> {
    /// Senders for `axons` axons that last sent zero.
    #[must_use]
    pub fn new(policy: SendPolicy, axons: usize) -> Self {
        let state = State { last_sent: vec![N::ZERO; axons] };
        Self { policy, shadow: state.clone(), state, sent: SpikeSet::new(axons) }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &SendPolicy {
        &self.policy
    }

    /// The listeners hold `values`, one per axon: a start state that was loaded and not sent.
    pub fn start(&mut self, values: &[N]) {
        self.state.last_sent.copy_from_slice(values);
    }

    /// Decides which axons send, given the new `values`, one per axon, and remembers what they sent.
    pub fn decide(&mut self, values: &[N]) -> Which<'_> {
        let Self { policy, state, sent, .. } = self;
        assert_eq!(values.len(), state.last_sent.len(), "one value per axon");
        sent.clear();
        match policy {
            // Nothing reads what every axon last sent, so it is not kept.
            SendPolicy::EveryStep(_) => return Which::All,
            SendPolicy::OnChange(on_change) => on_change.choose(values, &mut state.last_sent, sent),
            SendPolicy::Spike(_) => {
                for (axon, value) in values.iter().enumerate() {
                    if *value != N::ZERO {
                        sent.insert(axon);
                    }
                }
            }
        }
        Which::Only(sent)
    }

    /// Copies the state to the shadow registers.
    pub fn save(&mut self) {
        self.shadow.last_sent.copy_from_slice(&self.state.last_sent);
    }

    /// Copies the shadow registers back.
    pub fn restore(&mut self) {
        self.state.last_sent.copy_from_slice(&self.shadow.last_sent);
    }

    /// What evolves.
    #[must_use]
    pub fn state(&self) -> &State<N> {
        &self.state
    }

    /// Continues from `state`, of the same number of axons.
    pub fn set_state(&mut self, state: &State<N>) {
        self.start(&state.last_sent);
    }

    /// Folds the state into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.last_sent.iter().map(|value| value.raw() as u64));
    }
}
