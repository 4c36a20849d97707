//! How long the axons of each block take, in each phase: what a connection says, and what follows from where
//! its populations are placed.

use crate::lower::Origin;
use crate::network::{Connection, Network, NetworkError, Weights};
use crate::params::Params;
use crate::placement::Slice;
use equipoise_base::Delay;
use equipoise_router::Transport;

/// Delays that grow with the way: `base_steps` + `steps_per_hop` x hops between the cores, rounded to the nearest
/// whole step (halves up), at least 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistanceDelay {
    /// Steps within a core, at least 1.
    pub base_steps: u32,
    /// Steps for every link of the way that the router takes, not negative; on wires, as if there were a mesh.
    pub steps_per_hop: f64,
    /// Each step beyond the first counts so many times.
    pub times: u32,
}

impl DistanceDelay {
    /// Steps over `hops` links.
    #[must_use]
    pub fn steps(&self, hops: u64) -> u32 {
        let steps = (f64::from(self.base_steps) + self.steps_per_hop * hops as f64).round().clamp(1.0, 1e6);
        stretched(steps as u32, self.times)
    }
}

/// A delay whose steps beyond the first are taken `times` times.
fn stretched(steps: u32, times: u32) -> u32 {
    (steps - 1).saturating_mul(times).saturating_add(1)
}

impl Params {
    /// The same chip with every synapse `extra` steps later than it can be, in every phase, whatever its delay was.
    #[must_use]
    pub fn late_by(&self, extra: u32) -> Self {
        let mut params = self.clone();
        params.delay_rules.clear();
        params.network.each_delay(|delay| *delay = 1);
        for connection in &mut params.network.connections {
            (connection.delay, connection.return_delay) = (vec![extra + 1], vec![extra + 1]);
        }
        params
    }

    /// The same chip with the steps of every delay beyond the first taken `times` times, in every phase; with 0 times
    /// none is late.
    #[must_use]
    pub fn with_delays_times(&self, times: u32) -> Self {
        let mut params = self.clone();
        params.network.each_delay(|delay| *delay = stretched(*delay, times));
        for rules in &mut params.delay_rules {
            rules
                .distance
                .iter_mut()
                .flatten()
                .for_each(|rule| rule.times = rule.times.saturating_mul(times));
            rules.nudged.iter_mut().flatten().for_each(|delay| *delay = stretched(*delay, times));
        }
        params
    }
}

/// What the delays of one connection follow beside its own numbers, forward and returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelayRules {
    /// From the distance of the cores; this takes the place of the connection's numbers.
    pub distance: [Option<DistanceDelay>; 2],
    /// In nudged phases: one per neuron of the side that sends, or one for all; empty for those of the free phase.
    pub nudged: [Vec<u32>; 2],
}

/// The delays of one block's axons: forward (one per source neuron) and returned (one per neuron of the core),
/// or one for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockDelays {
    pub free: [Vec<u32>; 2],
    /// In nudged phases, where they differ.
    pub nudged: Option<[Vec<u32>; 2]>,
}

impl BlockDelays {
    /// The longest, in any phase.
    fn longest(&self) -> u32 {
        let nudged = self.nudged.iter().flatten();
        self.free.iter().chain(nudged).flatten().copied().max().unwrap_or(1)
    }
}

/// Delays as the axons take them.
pub(crate) fn axons(steps: &[u32]) -> Vec<Delay> {
    steps.iter().filter_map(|&d| Delay::new(d)).collect()
}

/// The rules of each of the `lowered` connections, given those of the network's own. A part that holds the
/// synapses of one delay adds that delay in every phase.
pub(crate) fn lowered_rules(params: &Params, lowered: &Network, origins: &[Origin]) -> Vec<Lowered> {
    let part = |(connection, origin): (&Connection, &Origin)| {
        let rules = params.delay_rules.get(origin.connection).cloned().unwrap_or_default();
        Lowered { rules, extra: origin.extra, longest_synapse: longest_synapse(connection) }
    };
    lowered.connections.iter().zip(origins).map(part).collect()
}

/// The rules of a lowered connection.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    rules: DelayRules,
    /// What the synapses of the part take beside the axons.
    extra: u32,
    /// The longest delay of its synapses, found once for all cores: an edge list may be long.
    longest_synapse: u32,
}

/// Where the cores are.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub slices: &'a [Slice],
    /// Nodes of the mesh in a row.
    pub width: u32,
    /// What knows the ways between nodes; `None` for wires.
    pub ways: Option<&'a dyn Transport>,
}

impl Site<'_> {
    /// Links on the way between two cores.
    fn hops(&self, a: usize, b: usize) -> u64 {
        let (a, b) = (self.slices[a].node, self.slices[b].node);
        match self.ways {
            Some(transport) => transport.hops(a, b),
            None => {
                let across = (a % self.width).abs_diff(b % self.width);
                u64::from(across + (a / self.width).abs_diff(b / self.width))
            }
        }
    }

    fn cores_of(&self, population: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.slices.len()).filter(move |&core| self.slices[core].population == population)
    }
}

/// The delays of every block of `core`, in the order of its blocks, and the longest way from an activity to a
/// drive on it, synapses included.
///
/// # Errors
/// If a drive would return to cores at different distances: the neurons that drive send one value for all.
pub(crate) fn of_core(
    network: &Network,
    rules: &[Lowered],
    site: Site<'_>,
    core: usize,
) -> Result<(Vec<BlockDelays>, u32), NetworkError> {
    let slice = &site.slices[core];
    let mut longest = 1;
    let mut blocks = Vec::new();
    for (connection, rules) in network.connections.iter().zip(rules) {
        if connection.to != slice.population {
            continue;
        }
        let free =
            [forward(connection, rules, site, core), returned(network, connection, rules, site, core)?];
        let [ahead, back] = &rules.rules.nudged;
        let changes = !ahead.is_empty() || !back.is_empty();
        let nudged = changes.then(|| {
            let change =
                |given: Vec<u32>, free: &Vec<u32>| if given.is_empty() { free.clone() } else { given };
            [
                change(later(ahead, rules.extra), &free[0]),
                change(own(&later(back, rules.extra), slice), &free[1]),
            ]
        });
        let delays = BlockDelays { free, nudged };
        longest = longest.max(delays.longest().saturating_add(rules.longest_synapse - 1));
        blocks.push(delays);
    }
    Ok((blocks, longest))
}

fn longest_synapse(connection: &Connection) -> u32 {
    match &connection.weights {
        Weights::Dense(_) => 1,
        Weights::Edges(edges) => edges.iter().map(|edge| edge.delay).max().unwrap_or(1),
    }
}

fn later(steps: &[u32], extra: u32) -> Vec<u32> {
    steps.iter().map(|steps| steps.saturating_add(extra)).collect()
}

/// Of one delay per neuron of a population, those of the slice.
fn own(steps: &[u32], slice: &Slice) -> Vec<u32> {
    if steps.len() <= 1 { steps.to_vec() } else { steps[slice.range.clone()].to_vec() }
}

fn forward(connection: &Connection, rules: &Lowered, site: Site<'_>, core: usize) -> Vec<u32> {
    let Some(distance) = rules.rules.distance[0] else { return connection.delay.clone() };
    let from = site.cores_of(connection.from);
    let of_slice = |source: usize| {
        let steps = distance.steps(site.hops(source, core)).saturating_add(rules.extra);
        std::iter::repeat_n(steps, site.slices[source].range.len())
    };
    from.flat_map(of_slice).collect()
}

fn returned(
    network: &Network,
    connection: &Connection,
    rules: &Lowered,
    site: Site<'_>,
    core: usize,
) -> Result<Vec<u32>, NetworkError> {
    let free = network.populations[connection.from].neuron.is_some();
    let (Some(distance), true, true) = (rules.rules.distance[1], connection.symmetric, free) else {
        return Ok(own(&connection.return_delay, &site.slices[core]));
    };
    let steps: Vec<u32> =
        site.cores_of(connection.from).map(|to| distance.steps(site.hops(core, to))).collect();
    let first = steps.first().copied().unwrap_or(1);
    match steps.iter().find(|&&other| other != first) {
        None => Ok(vec![first.saturating_add(rules.extra)]),
        Some(other) => Err(NetworkError(format!(
            "`delays.steps` by distance: the neurons of `{}` on core {core} would drive the cores of `{}` after \
             {first} and {other} steps, but hold their activities back once for all; accepted: populations on \
             one core each, or `delays.return_steps`",
            network.populations[connection.to].name, network.populations[connection.from].name
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_router::{Extent, RouterModel};

    #[test]
    fn distance_counts_links_on_the_mesh_and_halves_round_up() {
        let slices = |nodes: [u32; 6]| -> Vec<Slice> {
            nodes
                .iter()
                .enumerate()
                .map(|(population, &node)| Slice { population, range: 0..1, node })
                .collect()
        };
        let hops = |slices: &[Slice], ways| {
            let site = Site { slices, width: 3, ways };
            [(0, 0), (0, 2), (2, 3), (5, 0)].map(|(a, b)| site.hops(a, b))
        };
        // 0 1 2 over 3 4 5, and the other way round.
        let (in_order, turned) = (slices([0, 1, 2, 3, 4, 5]), slices([5, 1, 2, 3, 4, 0]));
        assert_eq!(hops(&in_order, None), [0, 2, 3, 3]);
        assert_eq!(hops(&turned, None), [0, 1, 3, 3]);
        // On a torus a row of three is a ring.
        let torus = RouterModel::Torus(Default::default());
        let torus = torus.build(6, Extent { width: 3, height: 2 }).expect("a node per core");
        assert_eq!(hops(&in_order, Some(&*torus)), [0, 1, 2, 2]);
        let rule = DistanceDelay { base_steps: 1, steps_per_hop: 0.5, times: 1 };
        assert_eq!([0, 1, 2, 3].map(|hops| rule.steps(hops)), [1, 2, 2, 3]);
        let stretched = DistanceDelay { times: 4, ..rule };
        assert_eq!([0, 1, 2, 3].map(|hops| stretched.steps(hops)), [1, 5, 5, 9]);
    }
}
