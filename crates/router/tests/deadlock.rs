//! Why a torus needs its second class of virtual channels: without it, it stops for good.

use equipoise_router::arbiters::OldestFirst;
use equipoise_router::fabric::{Fabric, Timing};
use equipoise_router::models::Rings;
use equipoise_router::topology::{End, Topology, Way};
use equipoise_router::{Extent, Packet, Transport};

/// The torus of the simulator with every channel in one class.
struct OneClass(Rings);

impl Topology for OneClass {
    fn cores(&self) -> usize {
        self.0.cores()
    }
    fn routers(&self) -> usize {
        self.0.routers()
    }
    fn ports(&self) -> usize {
        self.0.ports()
    }
    fn seat(&self, core: usize) -> (usize, usize) {
        self.0.seat(core)
    }
    fn route(&self, router: usize, core: usize) -> Way {
        Way { class: 0, ..self.0.route(router, core) }
    }
    fn end(&self, router: usize, port: usize) -> End {
        self.0.end(router, port)
    }
    fn hops(&self, source: usize, target: usize) -> u64 {
        self.0.hops(source, target)
    }
}

const RING: Extent = Extent { width: 4, height: 1 };

fn timing(virtual_channels: u32) -> Timing {
    Timing {
        fifo_depth: 1,
        virtual_channels,
        router_cycles: 1,
        link_cycles: 1,
        chip_link_cycles: 1,
        flits: 1,
        chip_link_flits: 1,
        packet_bits: 32,
        multicast: false,
    }
}

/// Every node of a ring of four sends two packets half-way around, all upward: (in flight after a while, and
/// whether anything has moved in the hundred thousand cycles after that).
fn ring_of_four<T: Topology>(topology: T, virtual_channels: u32) -> (u64, bool) {
    let mut ring = Fabric::<T, OldestFirst>::new(topology, timing(virtual_channels));
    for source in 0..4 {
        for tag in 0..2 {
            ring.send(Packet { created_cycle: 0, source, target: (source + 2) % 4, tag });
        }
    }
    let mut run = |limit| {
        while ring.next_delivery(limit).is_some() {}
        (ring.in_flight(), ring.snapshot().flights)
    };
    let (before, after) = (run(1_000), run(101_000));
    (after.0, before != after)
}

#[test]
fn a_ring_with_one_class_of_channels_deadlocks_and_with_two_it_does_not() {
    // At 0 all first packets win their link. At 2 each stands in the only slot of the next node and wants the
    // slot behind it, which the packet before it holds: a circle.
    assert_eq!(ring_of_four(OneClass(Rings::new(RING)), 1), (8, false));
    assert_eq!(ring_of_four(Rings::new(RING), 2), (0, false));
    // It is the class that helps and not the second FIFO: two channels in one class, by source, stop as well
    // as soon as both are full.
    let torus = || Rings::new(Extent { width: 8, height: 8 });
    assert!(uniform_overload(OneClass(torus()), 2) > 0);
    assert_eq!(uniform_overload(torus(), 2), 0);
}

/// What never arrives of an overload of a torus.
fn uniform_overload<T: Topology>(topology: T, virtual_channels: u32) -> u64 {
    let mut torus = Fabric::<T, OldestFirst>::new(topology, timing(virtual_channels));
    for i in 0..6_400_u64 {
        let (source, target) = ((i % 64) as u32, (i * i % 61 + i % 3) as u32);
        torus.send(Packet { created_cycle: i / 64, source, target, tag: i });
    }
    while torus.next_delivery(100_000).is_some() {}
    torus.in_flight()
}
