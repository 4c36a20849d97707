//! The keys that all models with routers share, declared once.

use crate::arbiter::{ArbiterKind, WithArbiter};
use crate::fabric::{Fabric, Timing};
use crate::topology::Topology;
use crate::transport::{Extent, TooFewNodes, Transport};

/// Declares the parameters of a model with routers: its own keys, then those that all share.
macro_rules! router_params {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            virtual_channels = $channels:literal, $least:literal ..= $most:literal;
            $($own:tt)*
        }
    ) => {
        equipoise_base::params! {
            $(#[$meta])*
            pub struct $name {
                $($own)*
                /// Packets that each FIFO of a router's input ports holds.
                fifo_depth: u32 = 4, "packets", 1..=1_000_000;
                /// FIFOs of each input port from another router.
                virtual_channels: u32 = $channels, "channels", $least..=$most;
                /// Which of the packets that want an output port gets it.
                arbiter: ArbiterKind = ArbiterKind::Oldest, "";
                /// Cycles from winning an output port to leaving the router, T_R.
                router_cycles: u32 = 1, "cycles", 1..=1024;
                /// Cycles on a link between two routers, T_L.
                link_cycles: u32 = 1, "cycles", 0..=1024;
                /// Bits of a packet: address and value.
                flit_bits: u32 = 32, "bits", 1..=65_536;
                /// Wires of a link: a packet takes it for ceil(flit_bits / link_bits) cycles; 0 means as many as a packet needs, so that every packet is one flit.
                link_bits: u32 = 0, "bits", 0..=65_536;
                /// Whether a value for several cores travels as one packet that divides where ways part.
                multicast: bool = false, "";
            }
        }

        impl $name {
            /// What the fabric needs to know, on one chip.
            fn timing(&self) -> crate::fabric::Timing {
                let flits = crate::models::router_keys::flits(self.flit_bits, self.link_bits);
                crate::fabric::Timing {
                    fifo_depth: self.fifo_depth,
                    virtual_channels: self.virtual_channels,
                    router_cycles: self.router_cycles,
                    link_cycles: self.link_cycles,
                    chip_link_cycles: self.link_cycles,
                    flits,
                    chip_link_flits: flits,
                    packet_bits: u64::from(self.flit_bits),
                    multicast: self.multicast,
                }
            }
        }
    };
}

/// Declares the parameters of a model whose routers lie in a plane that may be cut into chips.
macro_rules! plane_params {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            virtual_channels = $channels:literal, $least:literal ..= $most:literal;
            $($own:tt)*
        }
    ) => {
        crate::models::router_keys::router_params! {
            $(#[$meta])*
            pub struct $name {
                virtual_channels = $channels, $least..=$most;
                $($own)*
                /// Cores from west to east on one chip; 0 means that one chip holds them all.
                chip_width: u32 = 0, "cores", 0..=65_536;
                /// Cores from south to north on one chip; 0 means that one chip holds them all.
                chip_height: u32 = 0, "cores", 0..=65_536;
                /// Cycles on a link between two chips.
                chip_link_cycles: u32 = 8, "cycles", 0..=65_536;
                /// Wires of a link between two chips; 0 means as many as within a chip. More than within a chip bring nothing.
                chip_link_bits: u32 = 0, "bits", 0..=65_536;
            }
        }

        impl $name {
            /// What the fabric needs to know.
            fn timing_of_chips(&self) -> crate::fabric::Timing {
                let timing = self.timing();
                let chip_link_flits = crate::models::router_keys::flits(self.flit_bits, self.chip_link_bits);
                crate::fabric::Timing {
                    chip_link_cycles: self.chip_link_cycles,
                    chip_link_flits: timing.flits.max(chip_link_flits),
                    ..timing
                }
            }

            /// How the plane is cut.
            fn chips(&self) -> crate::models::plane::Chips {
                crate::models::plane::Chips { width: self.chip_width, height: self.chip_height }
            }
        }
    };
}

pub(super) use {plane_params, router_params};

/// Flits of a packet over links of `link_bits` wires, 0 for as many as it needs.
pub(super) fn flits(packet_bits: u32, link_bits: u32) -> u32 {
    if link_bits == 0 { 1 } else { packet_bits.div_ceil(link_bits) }
}

/// An empty fabric in `topology`.
///
/// # Errors
/// If `topology`, of that extent, has fewer seats than `cores`.
pub(super) fn build<T: Topology + 'static>(
    topology: T,
    timing: Timing,
    arbiter: ArbiterKind,
    cores: usize,
    extent: Extent,
) -> Result<Box<dyn Transport>, TooFewNodes> {
    struct Build<T>(T, Timing);
    impl<T: Topology + 'static> WithArbiter for Build<T> {
        type Out = Box<dyn Transport>;
        fn with<A: crate::arbiter::Arbiter + 'static>(self) -> Self::Out {
            Box::new(Fabric::<T, A>::new(self.0, self.1))
        }
    }
    if topology.cores() < cores {
        return Err(TooFewNodes { extent, cores });
    }
    Ok(arbiter.dispatch(Build(topology, timing)))
}
