//! Hand-worked cases of the mesh: which packet arrives in which cycle.

use equipoise_router::models::Mesh;
use equipoise_router::transport::FOREVER;
use equipoise_router::{Delivery, Extent, Packet, RouterModel, Transport};

/// Deep enough that no case below ever fills a FIFO.
const DEEP: u32 = 1_000;

/// A node by its coordinates, x to the east, y to the north.
type Node = (u32, u32);

struct Case {
    width: u32,
    mesh: Box<dyn Transport>,
    sent: u64,
}

impl Case {
    fn new(width: u32, height: u32, fifo_depth: u32) -> Self {
        let params = Mesh { fifo_depth, ..Mesh::default() };
        assert_eq!((params.router_cycles, params.link_cycles), (1, 1), "the cases are worked for these");
        let mesh = RouterModel::Mesh(params).build((width * height) as usize, Extent { width, height });
        Self { width, mesh: mesh.expect("a node per core"), sent: 0 }
    }

    fn send(mut self, created_cycle: u64, from: Node, to: Node) -> Self {
        let [source, target] = [from, to].map(|(x, y)| y * self.width + x);
        self.mesh.send(Packet { created_cycle, source, target, tag: self.sent });
        self.sent += 1;
        self
    }

    fn send_times(self, times: u32, created_cycle: u64, from: Node, to: Node) -> Self {
        (0..times).fold(self, |case, _| case.send(created_cycle, from, to))
    }

    /// The cycle in which each packet arrives, in the order in which they were sent.
    fn arrivals(mut self) -> Vec<u64> {
        let mut cycles = vec![0; self.sent as usize];
        while let Some(Delivery { cycle, packet }) = self.mesh.next_delivery(FOREVER) {
            cycles[packet.tag as usize] = cycle;
        }
        cycles
    }
}

#[test]
fn five_hops_in_an_empty_mesh_take_eleven_cycles() {
    assert_eq!(Case::new(4, 4, DEEP).send(0, (0, 0), (3, 2)).arrivals(), [11]);
}

#[test]
fn a_packet_to_its_own_core_takes_one_cycle() {
    assert_eq!(Case::new(4, 4, DEEP).send(7, (1, 1), (1, 1)).arrivals(), [8]);
}

#[test]
fn the_older_of_two_packets_that_meet_goes_first() {
    let meet = |from: Node, on_the_way: Node, to: Node| {
        Case::new(4, 4, DEEP).send(0, from, to).send(2, on_the_way, to).arrivals()
    };
    assert_eq!(meet((0, 0), (1, 0), (2, 0)), [5, 6]);
    // Here the younger one has the smaller id.
    assert_eq!(meet((2, 0), (1, 0), (0, 0)), [5, 6]);
}

#[test]
fn packets_of_one_core_leave_one_per_cycle() {
    assert_eq!(Case::new(4, 4, DEEP).send_times(3, 0, (0, 0), (2, 0)).arrivals(), [5, 6, 7]);
    // Also if they want different outputs: one leaves a FIFO per cycle.
    assert_eq!(Case::new(4, 4, DEEP).send(0, (0, 0), (2, 0)).send(0, (0, 0), (0, 2)).arrivals(), [5, 6]);
}

#[test]
fn shallow_fifos_spread_a_train_of_packets() {
    let three = |depth| Case::new(4, 4, depth).send_times(3, 0, (0, 0), (2, 0)).arrivals();
    assert_eq!(three(4), [5, 6, 7]);
    assert_eq!(three(2), [5, 6, 8]);
    assert_eq!(three(1), [5, 8, 11]);
    let six = Case::new(4, 4, 2).send_times(6, 0, (0, 0), (3, 0)).arrivals();
    assert_eq!(six, [7, 8, 10, 11, 13, 14]);
}

#[test]
fn a_local_fifo_of_depth_one_is_refilled_in_the_cycle_after_it_empties() {
    assert_eq!(Case::new(4, 4, 1).send_times(3, 0, (0, 0), (0, 0)).arrivals(), [1, 2, 3]);
}

#[test]
fn eight_cores_that_send_to_their_centre_arrive_in_the_worked_order() {
    let hotspot = |depth| {
        let around = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2), (2, 2)];
        around.into_iter().fold(Case::new(3, 3, depth), |case, node| case.send(0, node, (1, 1))).arrivals()
    };
    assert_eq!(hotspot(DEEP), [5, 3, 6, 4, 7, 9, 8, 10]);
    assert_eq!(hotspot(1), [6, 3, 9, 4, 5, 10, 7, 13]);
}

#[test]
fn flows_that_cross_do_not_hinder_each_other() {
    let crossing = Case::new(4, 4, DEEP).send(0, (0, 1), (3, 1)).send(0, (1, 0), (1, 3)).arrivals();
    assert_eq!(crossing, [7, 7]);
}

#[test]
fn a_transpose_of_sixteen_cores_needs_no_waiting() {
    let nodes: Vec<Node> = (0..4).flat_map(|y| (0..4).map(move |x| (x, y))).collect();
    let send = |case: Case, &(x, y): &Node| case.send(0, (x, y), (y, x));
    let arrivals = nodes.iter().fold(Case::new(4, 4, DEEP), send).arrivals();
    let expected: Vec<u64> = nodes.iter().map(|&(x, y)| 1 + 4 * u64::from(x.abs_diff(y))).collect();
    assert_eq!(arrivals, expected);
}

/// The traffic of one step of a 4-3-2 network with its layers on (0,0), (1,0) and (2,0): four inputs at cycle
/// 0, three drives back at 22 when layer 2 has read, three activities one cycle after the last drive.
fn step_of_a_small_network(fifo_depth: u32) -> (Vec<u64>, Vec<u64>) {
    let mut case = Case::new(3, 1, fifo_depth).send_times(4, 0, (0, 0), (1, 0));
    case = case.send_times(3, 22, (2, 0), (1, 0));
    let arrivals = |case: &mut Case, wanted: u64| {
        let mut cycles = Vec::new();
        while let Some(Delivery { cycle, packet }) = case.mesh.next_delivery(FOREVER) {
            if packet.source == wanted as u32 {
                cycles.push(cycle);
            }
        }
        cycles
    };
    let drives = arrivals(&mut case, 2);
    let updated = drives[2] + 1;
    case = case.send_times(3, updated, (1, 0), (2, 0));
    let activities = arrivals(&mut case, 1);
    (drives, activities)
}

#[test]
fn a_whole_step_of_a_small_network_ends_in_the_worked_cycle() {
    assert_eq!(step_of_a_small_network(DEEP), (vec![25, 26, 27], vec![31, 32, 33]));
    assert_eq!(step_of_a_small_network(2).1.last(), Some(&35));
    assert_eq!(step_of_a_small_network(1).1.last(), Some(&41));
}
