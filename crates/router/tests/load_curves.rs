//! Load-latency curves against what theory says about them.

use equipoise_router::load::{self, Pattern};
use equipoise_router::models::{Ideal, Mesh, Torus, Tree};
use equipoise_router::{Extent, RouterModel};

const EIGHT: Extent = Extent { width: 8, height: 8 };

fn bounds(model: &RouterModel, pattern: Pattern) -> load::Bounds {
    load::bounds(model, 64, EIGHT, pattern).expect("a node per core")
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} is not {b}");
}

#[test]
fn saturation_bounds_are_the_textbooks() {
    let mesh = RouterModel::Mesh(Mesh::default());
    // Half of 32 cores' packets over the 8 links of the middle: 2 per packet and core.
    close(bounds(&mesh, Pattern::Uniform).saturation, 1.0 / 2.0);
    // Four cores of each row send over its middle link.
    close(bounds(&mesh, Pattern::BitComplement).saturation, 1.0 / 4.0);
    // Seven cores of the topmost row turn at its end.
    close(bounds(&mesh, Pattern::Transpose).saturation, 1.0 / 7.0);
    close(bounds(&mesh, Pattern::Neighbour).saturation, 1.0);
    // A quarter of all packets and the middle's share of the rest leave by one port.
    close(bounds(&mesh, Pattern::Hotspot).saturation, 1.0 / 16.75);
    // A ring of eight, ties upward: (1 + 2 + 3 + 4) / 8 packets on each link up.
    let torus = RouterModel::Torus(Torus::default());
    close(bounds(&torus, Pattern::Uniform).saturation, 1.0 / 1.25);
    // 16 cores below each of the root's four links, three quarters of their packets go up.
    let tree = RouterModel::Tree(Tree::default());
    close(bounds(&tree, Pattern::Uniform).saturation, 1.0 / 12.0);
    // Four flits take four times as long.
    let long = RouterModel::Mesh(Mesh { link_bits: 8, ..Mesh::default() });
    close(bounds(&long, Pattern::Uniform).saturation, 1.0 / 8.0);
    assert_eq!(bounds(&RouterModel::Ideal(Ideal {}), Pattern::Uniform).saturation, f64::INFINITY);
}

#[test]
fn zero_load_bounds_are_the_closed_forms() {
    let mesh = RouterModel::Mesh(Mesh::default());
    // Uniform over a side of eight: (64 - 1) / 24 hops per axis.
    let uniform = bounds(&mesh, Pattern::Uniform);
    close(uniform.hops, 2.0 * 63.0 / 24.0);
    close(uniform.zero_load_latency_cycles, 2.0 * uniform.hops + 1.0);
    // Seven of eight go one hop, one goes back seven.
    close(bounds(&mesh, Pattern::Neighbour).hops, 14.0 / 8.0);
    close(bounds(&mesh, Pattern::BitComplement).hops, 2.0 * (7.0 + 5.0 + 3.0 + 1.0) / 4.0);
    let torus = RouterModel::Torus(Torus::default());
    close(bounds(&torus, Pattern::Neighbour).hops, 1.0);
    close(bounds(&torus, Pattern::Uniform).hops, 2.0 * 2.0);
}

#[test]
fn a_curve_begins_at_zero_load_and_bends_before_the_bound() {
    let mesh = RouterModel::Mesh(Mesh::default());
    for pattern in Pattern::ALL.iter().map(|&(pattern, ..)| pattern) {
        let bounds = bounds(&mesh, pattern);
        let rates = [0.02, 0.5, 3.0].map(|share| share * bounds.saturation);
        let points = load::curve(&mesh, 64, EIGHT, pattern, &rates, 2_000, 1).expect("a node per core");
        let [idle, half, over] = points.as_slice() else { panic!("one point per rate") };
        let zero = bounds.zero_load_latency_cycles;
        assert!((idle.mean_latency_cycles / zero - 1.0).abs() < 0.1, "{pattern:?}: {idle:?} {zero}");
        for point in [idle, half] {
            assert_eq!(point.undelivered, 0, "{pattern:?}");
            let deviation = 5.0 * (point.offered / (64.0 * 2_000.0)).sqrt();
            assert!((point.accepted - point.offered).abs() < deviation, "{pattern:?}: {point:?}");
            assert!(point.busiest_link <= 1.0);
        }
        assert!(half.mean_latency_cycles > idle.mean_latency_cycles || pattern == Pattern::Neighbour);
        if rates[2] <= 1.0 {
            // Cores whose way avoids the busiest link go on, so more than the bound may arrive, never all.
            assert!(over.accepted < over.offered, "{pattern:?}: {over:?}");
            assert!(over.busiest_link > 0.95 || pattern == Pattern::Hotspot, "{pattern:?}: {over:?}");
            assert!(over.mean_latency_cycles > 10.0 * half.mean_latency_cycles, "{pattern:?}");
        }
    }
}

#[test]
fn what_arrives_under_uniform_overload_stays_below_the_bound_and_near_it() {
    let depth = |fifo_depth| RouterModel::Mesh(Mesh { fifo_depth, ..Mesh::default() });
    let accepted = |model: &RouterModel| {
        load::curve(model, 64, EIGHT, Pattern::Uniform, &[0.9], 2_000, 2).expect("room")[0].accepted
    };
    let bound = bounds(&depth(4), Pattern::Uniform).saturation;
    let (shallow, deep) = (accepted(&depth(1)), accepted(&depth(1_000)));
    assert!(shallow < deep && deep < 1.02 * bound, "{shallow} {deep} of {bound}");
    assert!(deep > 0.75 * bound, "{deep} of {bound}");
}

#[test]
fn a_curve_is_a_function_of_its_seed() {
    let mesh = RouterModel::Mesh(Mesh::default());
    let curve = |rates: &[f64], seed| {
        load::curve(&mesh, 64, EIGHT, Pattern::Hotspot, rates, 300, seed).expect("a node per core")
    };
    let both = curve(&[0.01, 0.05], 3);
    assert_eq!(curve(&[0.05], 3), both[1..], "points do not depend on those before them");
    assert_ne!(curve(&[0.05], 4), both[1..]);
}
