//! What a fabric computes once: where every output leads, and what a way costs.

use super::Timing;
use super::queues::NONE;
use crate::topology::{End, MAX_FIFOS, Topology, Way};
use crate::traffic::Link;

/// The far end of an output port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Far {
    /// The FIFO of virtual channel 0 there; the sink for a core, which always has room.
    pub fifo: u32,
    /// The number of the link, `NONE` for ejection.
    pub link: u32,
    /// Cycles from winning the output to joining the FIFO.
    pub flight_cycles: u32,
    /// Cycles for which a packet takes the output.
    pub taken_cycles: u32,
    /// Whether the link leaves the chip.
    pub crosses_chips: bool,
}

/// Where everything is. Inside the fabric FIFOs are numbered router times a power of two plus port times
/// virtual channels plus channel; in public router times FIFOs of a router plus the rest.
#[derive(Clone, Debug)]
pub(super) struct Wiring {
    pub timing: Timing,
    /// By router times ports plus output port.
    pub far: Vec<Far>,
    pub links: Vec<Link>,
    /// By core: the FIFO that it sends by.
    pub entry: Vec<u32>,
    /// By FIFO: the router whose link leads there, `NONE` for a core's.
    pub before: Vec<u32>,
    /// By class: how many virtual channels it has.
    lanes: Vec<u32>,
    ports: usize,
    channels: usize,
    shift: u32,
}

impl Wiring {
    /// The wiring of `topology`; links are numbered by router, then port.
    pub fn new<T: Topology>(topology: &T, timing: Timing) -> Self {
        let (ports, channels) = (topology.ports(), timing.virtual_channels as usize);
        let classes = topology.classes();
        assert!(ports * channels <= MAX_FIFOS, "a router has at most 64 FIFOs");
        assert!((1..=channels).contains(&classes), "every class of channels needs one");
        let mut wiring = Self {
            timing,
            far: Vec::new(),
            links: Vec::new(),
            entry: Vec::new(),
            before: Vec::new(),
            lanes: (0..classes).map(|class| (channels - class).div_ceil(classes) as u32).collect(),
            ports,
            channels,
            shift: (ports * channels).next_power_of_two().trailing_zeros(),
        };
        wiring.before = vec![NONE; topology.routers() << wiring.shift];
        for (router, port) in (0..topology.routers()).flat_map(|r| (0..ports).map(move |p| (r, p))) {
            let far = wiring.connect(router, topology.end(router, port));
            wiring.far.push(far);
        }
        let seats = (0..topology.cores()).map(|core| topology.seat(core));
        wiring.entry = seats.map(|(router, port)| wiring.fifo(router, port)).collect();
        wiring
    }

    fn connect(&mut self, router: usize, end: End) -> Far {
        let Timing { router_cycles, link_cycles, chip_link_cycles, flits, chip_link_flits, .. } = self.timing;
        let ejection = Far {
            fifo: self.sink(),
            link: NONE,
            flight_cycles: router_cycles,
            taken_cycles: flits,
            crosses_chips: false,
        };
        let End::Router { router: to, port, crosses_chips } = end else { return ejection };
        let (cycles, taken_cycles) =
            if crosses_chips { (chip_link_cycles, chip_link_flits) } else { (link_cycles, flits) };
        let link = self.links.len() as u32;
        self.links.push(Link {
            from: router as u32,
            to: to as u32,
            crosses_chips,
            packet_cycles: u64::from(taken_cycles),
        });
        let fifo = self.fifo(to, port);
        self.before[fifo as usize..][..self.channels].fill(router as u32);
        let flight_cycles = router_cycles + cycles + taken_cycles - flits;
        Far { fifo, link, flight_cycles, taken_cycles, crosses_chips }
    }

    /// FIFO 0 of a port.
    fn fifo(&self, router: usize, port: usize) -> u32 {
        (router << self.shift | (port * self.channels)) as u32
    }

    /// A FIFO that stands for all cores: nothing is ever put there.
    pub fn sink(&self) -> u32 {
        self.before.len() as u32
    }

    /// FIFOs, numbers that are not in use included, the sink not.
    pub fn fifos(&self) -> usize {
        self.before.len()
    }

    /// FIFOs of a router.
    pub fn inputs(&self) -> usize {
        self.ports * self.channels
    }

    /// The router of a FIFO, and its number there.
    #[inline]
    pub fn place(&self, fifo: usize) -> (usize, usize) {
        (fifo >> self.shift, fifo & ((1 << self.shift) - 1))
    }

    /// The first FIFO of a router.
    #[inline]
    pub fn first(&self, router: usize) -> usize {
        router << self.shift
    }

    /// The number of a FIFO as others know it.
    pub fn public_number(&self, fifo: usize) -> usize {
        let (router, input) = self.place(fifo);
        router * self.inputs() + input
    }

    /// And back.
    pub fn own_number(&self, public: usize) -> usize {
        (public / self.inputs()) << self.shift | (public % self.inputs())
    }

    /// The port and the FIFO by which a packet of `source` goes on from `router`, which has so many `ports` (a
    /// constant to the topologies that know it).
    #[inline]
    pub fn next(&self, router: usize, ports: usize, way: Way, source: u32) -> (u8, u32) {
        let far = self.far[router * ports + way.port].fifo;
        let channel = if self.channels == 1 || far == self.sink() {
            0
        } else {
            way.class as u32 + self.lanes.len() as u32 * (source % self.lanes[way.class])
        };
        (way.port as u8, far + channel)
    }

    /// Cycles from winning an output to leaving at the far end of the longest link.
    pub fn longest_flight(&self) -> u32 {
        self.far.iter().map(|far| far.flight_cycles).max().unwrap_or(0)
    }

    /// The outputs over which a packet goes.
    fn outputs<T: Topology>(&self, topology: &T, source: usize, target: usize) -> Vec<Far> {
        let (mut router, mut outputs) = (topology.seat(source).0, Vec::new());
        loop {
            let far = self.far[router * self.ports + topology.route(router, target).port];
            if far.link == NONE {
                return outputs;
            }
            outputs.push(far);
            router = self.links[far.link as usize].to as usize;
        }
    }

    /// The links of a route.
    pub fn path<T: Topology>(&self, topology: &T, source: usize, target: usize) -> Vec<u32> {
        self.outputs(topology, source, target).iter().map(|far| far.link).collect()
    }

    /// Cycles from creation to the tail's arrival if nothing is in the way.
    pub fn zero_load_cycles<T: Topology>(&self, topology: &T, source: usize, target: usize) -> u64 {
        let flights = self
            .outputs(topology, source, target)
            .iter()
            .map(|far| u64::from(far.flight_cycles))
            .sum::<u64>();
        flights + u64::from(self.timing.router_cycles) + u64::from(self.timing.flits) - 1
    }
}
