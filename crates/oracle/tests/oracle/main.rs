//! The oracle against numbers computed independently (`tests/oracles`), and against the theory it states.

mod bptt;
mod delay_continuous;
mod delay_discrete;
mod ep_theory;
mod files;
mod limit_cycle;
mod margins;
mod networks;
mod noise_response;
mod static_gradient;
