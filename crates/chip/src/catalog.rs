//! The families of models and the choices that a file can make: re-exported, so that what reads files needs
//! no block.

pub use equipoise_crossbar::{ConverterKind, DeviceModel};
pub use equipoise_learning::{Latch, LatchKind, Loss, Nudging, UpdateScheme};
pub use equipoise_neuron::{Activation, CostOn, Flow, Integrator, LifParams, NeuronModel, RateParams};
pub use equipoise_router::arbiter::ArbiterKind;
pub use equipoise_router::transport::TooFewNodes;
pub use equipoise_router::{Extent, RouterModel, SendPolicy, load};
pub use equipoise_scheduler::{Barrier, Clock, Free, PerCore, Span, Sync};
