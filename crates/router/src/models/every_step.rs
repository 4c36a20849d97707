//! Sending at every step.

equipoise_base::params! {
    /// Every axon sends its activity at every step.
    pub struct EveryStep {}
}
