//! The best of all arrangements, where there are few: branch and bound.

use super::demand::Demand;
use equipoise_router::Transport;

/// Most arrangements among which the best is looked for: nine cores on nine nodes.
const MOST: u64 = 362_880;

/// The nodes of each core, of `nodes`, over which a sample takes the fewest hops; the first of them to be found, beginning
/// with the order. `None` where there are too many arrangements.
pub(super) fn best(demand: &Demand, transport: &dyn Transport, nodes: usize) -> Option<Vec<u32>> {
    let cores = demand.cores;
    let arrangements = (0..cores).try_fold(1_u64, |all, core| all.checked_mul((nodes - core) as u64))?;
    if arrangements > MOST {
        return None;
    }
    let in_order: Vec<u32> = (0..cores as u32).collect();
    let mut search = Search {
        demand,
        transport,
        complete: complete(demand),
        least: demand.flows.iter().map(|flow| flow.hops(&in_order, transport)).sum(),
        nodes: in_order.clone(),
        taken: vec![false; nodes],
        best: in_order,
    };
    search.place(0, 0);
    Some(search.best)
}

struct Search<'a> {
    demand: &'a Demand,
    transport: &'a dyn Transport,
    /// By core: the flows whose last core, in the order of the cores, it is.
    complete: Vec<Vec<usize>>,
    /// The hops of the best arrangement so far.
    least: u64,
    nodes: Vec<u32>,
    taken: Vec<bool>,
    best: Vec<u32>,
}

fn complete(demand: &Demand) -> Vec<Vec<usize>> {
    let mut complete = vec![Vec::new(); demand.cores];
    for (number, flow) in demand.flows.iter().enumerate() {
        let last = flow.targets.iter().fold(flow.source, |last, &target| last.max(target));
        complete[last as usize].push(number);
    }
    complete
}

impl Search<'_> {
    /// Tries every free node for `core`; the flows among the cores before it come to `hops`.
    fn place(&mut self, core: usize, hops: u64) {
        if hops >= self.least {
            return;
        }
        if core == self.nodes.len() {
            self.least = hops;
            self.best.clone_from(&self.nodes);
            return;
        }
        for node in 0..self.taken.len() {
            if self.taken[node] {
                continue;
            }
            self.nodes[core] = node as u32;
            let flows = self.complete[core].iter().map(|&flow| &self.demand.flows[flow]);
            let more: u64 = flows.map(|flow| flow.hops(&self.nodes, self.transport)).sum();
            self.taken[node] = true;
            self.place(core + 1, hops + more);
            self.taken[node] = false;
        }
    }
}
