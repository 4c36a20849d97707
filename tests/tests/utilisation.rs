//! How busy a chip is, and what each thing done costs, against a step worked out by hand.

use equipoise_base::Instruction;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::params::Mesh;
use equipoise_chip::{Params, Unobserved, build};
use equipoise_energy::utilisation::Utilisation;
use equipoise_tests::{bench_chip, layered, mesh};

/// 4-3-2, layers on (0,0), (1,0), (2,0), one array per layer: a step of 33 cycles on the mesh.
fn row_of_three() -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.hardware.mesh = Mesh::Fixed(3, 1);
    params.hardware.router = mesh(4);
    params
}

fn after(params: &Params, steps: u32) -> equipoise_base::record::Record {
    let mut chip = build(params).expect("it fits");
    let program = [
        Instruction::Train(false),
        Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None },
        Instruction::Settle { steps: Some(steps) },
    ];
    for instruction in program {
        chip.execute(&instruction, &mut Unobserved).expect("it can be executed");
    }
    chip.record()
}

fn close(found: Option<f64>, wanted: f64) {
    assert!(found.is_some_and(|found| (found - wanted).abs() < 1e-12), "{found:?} is not {wanted}");
}

#[test]
fn shares_of_a_step_are_those_worked_out_by_hand() {
    let (once, many) = (after(&row_of_three(), 1), after(&row_of_three(), 7));
    for (record, steps) in [(once, 1), (many, 7)] {
        let load = record.cycles - 33 * steps;
        let share = |busy: u64, many: u64| (busy * steps) as f64 / (many * (33 * steps + load)) as f64;
        let found = Utilisation::new(&record);
        // Core 1 reads for 12 cycles, core 2 for 10 and 12; then each updates its neurons for one.
        close(found.cores, share(13 + 23, 2));
        close(found.arrays, share(12 + 22, 2));
        // 3 + 2 conversions forward and 3 back, of two cycles, by one converter beside each array.
        close(found.converters, share(8 * 2, 2));
        // Four inputs and three activities to the east, three drives to the west, over four links.
        close(found.links.mean, share(10, 4));
        close(found.links.busiest, share(4, 1));
        // Each packet takes a slot for the cycle on the way and the one in which it goes on; they come one a cycle.
        close(found.fifos.mean, share(10 * 2, 4 * 4));
        assert_eq!(found.fifos.most_packets, 3);
        close(found.occupied.cores, 1.0);
        assert_eq!(record.inferences, 1);
    }
}

#[test]
fn the_use_of_fifos_does_not_depend_on_whether_schedules_are_used_again() {
    let params = row_of_three();
    let mut anew = build(&params).expect("it fits");
    anew.reuse_schedules(false);
    let program = [
        Instruction::Train(false),
        Instruction::Present { input: [0.1, 0.2, 0.3, 0.4].into(), target: None },
        Instruction::Settle { steps: Some(7) },
    ];
    for instruction in program {
        anew.execute(&instruction, &mut Unobserved).expect("it can be executed");
    }
    assert_eq!(anew.record(), after(&params, 7));
}
