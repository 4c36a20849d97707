//! What a topology tells the fabric of routers: who is whose neighbour, and which way a packet goes on.

/// Most FIFOs of a router (its ports times the virtual channels of each): they are the bits of a word.
pub const MAX_FIFOS: usize = 64;

/// What lies behind an output port of a router, and before the input port of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is connected.
    Open,
    /// A core: it sends by the input port, and the output port ejects.
    Core(usize),
    /// A link to another router.
    Router {
        /// The router.
        router: usize,
        /// The input port there.
        port: usize,
        /// Whether the link leaves the chip.
        crosses_chips: bool,
    },
}

/// The next step of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The output port.
    pub port: usize,
    /// The class of virtual channels that it uses behind that port, below [`Topology::classes`].
    pub class: usize,
}

/// Cores, routers, links and deterministic routing.
///
/// The way on depends on nothing but the router and the target, so the ways from one source form a tree. No
/// packet may wait in a circle: the channels (link and class) must have an order in which every route only
/// rises. Then a packet at a head waits only for channels behind its own; those behind which nothing waits
/// always empty, and so, going back along the order, do all. This holds as well for a packet that waits for
/// several channels at once, one per branch of its tree.
pub trait Topology: Send {
    /// How many cores have a seat.
    fn cores(&self) -> usize;

    /// How many routers there are.
    fn routers(&self) -> usize;

    /// What the ports of a router are called where people look at it, where each core has a router of the same
    /// number and port 0 is its own; empty where that is not so.
    const PORT_NAMES: &'static [&'static str] = &[];

    /// Routers from west to east and from south to north, where they are a mesh of routers with a core each, numbered
    /// row by row, whose packets go along x first.
    fn mesh_sides(&self) -> Option<(usize, usize)> {
        None
    }

    /// Ports of every router, those of its cores included.
    fn ports(&self) -> usize;

    /// Classes of virtual channels that routing needs to be free of deadlock.
    fn classes(&self) -> usize {
        1
    }

    /// The router and the port of a core.
    fn seat(&self, core: usize) -> (usize, usize);

    /// The way on of a packet at `router` for `core`.
    fn route(&self, router: usize, core: usize) -> Way;

    /// What lies behind a port.
    fn end(&self, router: usize, port: usize) -> End;

    /// Links on the way between two cores, in closed form: the route has as many.
    fn hops(&self, source: usize, target: usize) -> u64;
}
