//! What a topology tells the fabric of routers: who is whose neighbour, and which way a packet goes on.

/// The port between a router and its own core: the local FIFO as an input, ejection as an output.
pub const LOCAL: usize = 0;

/// Most ports of a router, the local one included: a router's ports are the bits of a byte.
pub const MAX_PORTS: usize = 8;

/// Nodes, links and deterministic routing. A routing that could wait in a circle (a torus, adaptive routes)
/// must break the circle itself; the fabric has no virtual channels.
pub trait Topology: Send {
    /// Ports of every router, the local one included, at most [`MAX_PORTS`].
    const PORTS: usize;

    /// How many nodes there are.
    fn nodes(&self) -> usize;

    /// The output port by which a packet for `target` leaves `node`; [`LOCAL`] if it is there.
    fn route(&self, node: usize, target: usize) -> usize;

    /// The node and its input port at the far end of output `port` (1 .. PORTS) of `node`; `None` where
    /// there is no link.
    fn neighbour(&self, node: usize, port: usize) -> Option<(usize, usize)>;

    /// Links on the route from `source` to `target`.
    fn hops(&self, source: usize, target: usize) -> u64 {
        let (mut node, mut hops) = (source, 0);
        loop {
            let port = self.route(node, target);
            if port == LOCAL {
                return hops;
            }
            let next = self.neighbour(node, port);
            node = next.expect("our own bug: a route leads where there is no link").0;
            hops += 1;
        }
    }
}
