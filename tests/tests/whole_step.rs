//! How many cycles a step takes, and that equal steps may share one schedule.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{NeuronModel, RouterModel};
use equipoise_chip::params::Mesh;
use equipoise_chip::{Params, build};
use equipoise_router::transport::FOREVER;
use equipoise_router::{Extent, Packet};
use equipoise_tests::trail::{follow, watched};
use equipoise_tests::{bench_chip, layered, mesh, on_change, sample};
use std::collections::BTreeSet;

/// 4-3-2, layers on (0,0), (1,0), (2,0), one array per layer.
fn row_of_three(router: RouterModel) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = router;
    params
}

#[test]
fn every_step_of_4_3_2_takes_23_cycles_on_wires_and_33_to_41_on_the_mesh() {
    for (router, cycles) in [(RouterModel::default(), 23), (mesh(1_000), 33), (mesh(2), 35), (mesh(1), 41)] {
        let program = [
            Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None },
            Instruction::Settle { steps: Some(6) },
        ];
        let trail = watched(&row_of_three(router.clone()), &program, &[]);
        assert_eq!(trail.step_cycles(), [cycles; 5], "{router:?}");
    }
}

#[test]
fn in_these_33_cycles_drives_arrive_at_25_26_27_and_activities_at_31_32_33() {
    let mut transport = mesh(1_000).build(3, Extent { width: 3, height: 1 }).expect("three nodes");
    let mut send = |count, created_cycle, source, target| {
        (0..count).for_each(|_| transport.send(Packet { created_cycle, source, target, tag: 0 }));
    };
    // Inputs at cycle 0. The output core reads forward (12 cycles) and then transposed (10) and returns three
    // drives at 22. When the last is there, the hidden core updates for one cycle and sends at 28.
    send(4, 0, 0, 1);
    send(3, 22, 2, 1);
    send(3, 28, 1, 2);
    let arrivals = |source: u32, all: &[(u32, u64)]| -> Vec<u64> {
        all.iter().filter(|(from, _)| *from == source).map(|&(_, cycle)| cycle).collect()
    };
    let all: Vec<(u32, u64)> = std::iter::from_fn(|| transport.next_delivery(FOREVER))
        .map(|delivery| (delivery.packet.source, delivery.cycle))
        .collect();
    assert_eq!(arrivals(2, &all), [25, 26, 27]);
    assert_eq!(arrivals(1, &all), [31, 32, 33]);
}

/// Layers cut over several cores on a narrow mesh, sending only what moved: steps of many lengths.
fn uneven() -> Params {
    let mut params = bench_chip(layered(&[9, 25, 20, 12], &NeuronModel::default(), 0.1, 5));
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (5, 4, 5);
    params.hardware.router = mesh(2);
    params.hardware.send = on_change(1.0 / 256.0);
    params.network.connections[1].delay = vec![2];
    params.network.connections[2].return_delay = vec![3];
    params
}

#[test]
fn scheduling_every_step_anew_changes_nothing() {
    let params = uneven();
    let program: Vec<Instruction> = (0..6)
        .flat_map(|i| {
            sample(&[0.9, 0.1, 0.0, 0.4, 0.2, 0.7, 0.3, 0.5, 0.1 * i as f32], i, params.learning.nudging)
        })
        .collect();
    let (mut reusing, mut anew) = (build(&params).expect("it fits"), build(&params).expect("it fits"));
    anew.reuse_schedules(false);
    let populations = [1, 2, 3];
    let first = follow(reusing.as_mut(), &program, &populations);
    assert_eq!(first, follow(anew.as_mut(), &program, &populations), "states and cycles of every step");
    assert_eq!(reusing.digest(), anew.digest());
    assert_eq!(reusing.record(), anew.record(), "all counts, and the traffic of every link");
    // More lengths than the chip remembers schedules: some were forgotten, some used again.
    let lengths: BTreeSet<u64> = first.step_cycles().into_iter().collect();
    assert!(lengths.len() > 16, "{lengths:?}");
    assert!(reusing.record().links.iter().any(|link| link.packets > 0));
}
