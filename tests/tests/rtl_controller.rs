//! The learning controller and the steps under it against their Verilog reference: the state of every cycle,
//! on random phase programs. The RTL works the length of a step out itself, with cores and packets of its own.

use equipoise_base::instruction::{Instruction, LatchSlot, Target};
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_chip::catalog::{DeviceModel, NeuronModel, Nudging, RouterModel, UpdateScheme};
use equipoise_chip::params::Mesh as Nodes;
use equipoise_chip::{Params, build};
use equipoise_learning::timing::{UpdateSlots, WriteMode};
use equipoise_router::models::Mesh;
use equipoise_tests::rtl::{Bench, Waveform, compare, waveform};
use equipoise_tests::trail::follow;
use equipoise_tests::{bench_chip, layered};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// The controller's states, by their number in the RTL.
const STATES: [&str; 8] = ["IDLE", "LOAD", "FREE", "LATCH_F", "NUDGE", "LATCH_N", "UPDATE", "DONE"];

/// What the RTL is compiled for: nodes, FIFO depth, T_R, T_L. No depth stands for wires of zero cycles.
#[derive(Clone, Copy)]
struct Fabric {
    nodes: (u32, u32),
    depth: u32,
    router_cycles: u32,
    link_cycles: u32,
}

/// One sample: training or evaluation, steps of its phases.
#[derive(Clone, Copy)]
struct Sample {
    train: bool,
    free_steps: u32,
    nudged_steps: u32,
}

/// A chip and the samples that it sees.
struct Program {
    params: Params,
    samples: Vec<Sample>,
}

const fn on_mesh(nodes: (u32, u32), depth: u32, router_cycles: u32, link_cycles: u32) -> Fabric {
    Fabric { nodes, depth, router_cycles, link_cycles }
}

const FABRICS: [Fabric; 10] = [
    on_mesh((4, 1), 0, 1, 1),
    on_mesh((2, 2), 0, 1, 1),
    on_mesh((3, 1), 8, 1, 1),
    on_mesh((4, 1), 1, 1, 2),
    on_mesh((2, 2), 2, 2, 1),
    on_mesh((1, 3), 1, 1, 0),
    on_mesh((3, 2), 3, 3, 2),
    on_mesh((4, 1), 2, 1, 1),
    on_mesh((2, 3), 1, 2, 0),
    on_mesh((4, 4), 4, 1, 1),
];

impl Fabric {
    fn router(self) -> RouterModel {
        let Self { depth: fifo_depth, router_cycles, link_cycles, .. } = self;
        if fifo_depth == 0 {
            return RouterModel::default();
        }
        RouterModel::Mesh(Mesh { fifo_depth, router_cycles, link_cycles, ..Mesh::default() })
    }

    fn rtl(self, name: &str, programs: &[Program], macros: &[&str]) -> Waveform {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rtl-controller-{name}"));
        let (width, height) = self.nodes;
        let parameters = [
            ("WIDTH", width),
            ("HEIGHT", height),
            ("DEPTH", self.depth.max(1)),
            ("T_R", self.router_cycles),
            ("T_L", self.link_cycles),
            ("IDEAL", u32::from(self.depth == 0)),
        ];
        let design =
            ["chip", "controller", "core", "array_read", "mesh", "mesh_router", "fifo", "delay_line"];
        let bench =
            Bench::compile(&folder, "chip_tb", &design, &parameters.map(|(k, v)| (k, v.into())), macros);
        let text: String = programs.iter().map(|program| program.file((width * height) as usize)).collect();
        waveform(&bench.run(&format!("{}\n{text}", programs.len())))
    }

    /// A random program: two to four layers, any times, one to three samples.
    fn random_program(self, seed: u64) -> Program {
        let noise = Noise::at(17, Stream::of(StreamKind::Test, 2), seed);
        let mut lane = 0;
        let mut draw = |low: u32, high: u32| {
            lane += 1;
            low + noise.below(lane, high - low + 1)
        };
        let depth = draw(2, (self.nodes.0 * self.nodes.1).min(4));
        let layers: Vec<usize> = (0..depth).map(|_| draw(1, 9) as usize).collect();
        let mut params = bench_chip(layered(&layers, &NeuronModel::default(), 0.1, seed));
        params.learning.nudging = [Nudging::OneSided, Nudging::Centered][draw(0, 1) as usize];
        let hardware = &mut params.hardware;
        hardware.mesh = Nodes::Fixed(self.nodes.0, self.nodes.1);
        hardware.router = self.router();
        hardware.core.arrays = 100;
        hardware.hold_clamped = draw(0, 1) == 1;
        (hardware.array.rows, hardware.array.columns) = (draw(2, 12), draw(2, 12));
        hardware.adc.count = draw(1, 4);
        let read = &mut hardware.read;
        (read.dac_cycles, read.integrate_cycles, read.hold_cycles) = (draw(0, 2), draw(1, 5), draw(0, 1));
        read.adc_cycles = draw(1, 3);
        (hardware.neuron.lanes, hardware.neuron.update_cycles) = (draw(1, 4), draw(1, 2));
        (hardware.barrier_cycles, hardware.host.words_per_cycle) = (draw(0, 3), draw(1, 5));
        (hardware.latch_cycles, hardware.restore_cycles) = (draw(1, 3), draw(0, 5));
        let update = &mut hardware.update;
        update.slots = UpdateSlots::Fixed;
        update.scheme = UpdateScheme::Accumulator;
        update.write = [WriteMode::RowSerial, WriteMode::OuterProduct][draw(0, 1) as usize];
        (update.max_pulses, update.pulse_cycles, update.accumulator_cycles) =
            (draw(1, 4), draw(1, 3), draw(0, 2));
        // Only writes that are not digital have accumulators.
        let kind = ["ideal", "soft_bounds"][draw(0, 1) as usize];
        let mut devices = DeviceModel::defaults().into_iter();
        hardware.device = devices.find(|device| device.kind() == kind).expect("the family has it");
        let sample = |_| Sample { train: draw(0, 3) > 0, free_steps: draw(1, 6), nudged_steps: draw(1, 4) };
        let samples = [0; 3].map(sample)[..1 + seed as usize % 3].to_vec();
        Program { params, samples }
    }
}

impl Program {
    fn centered(&self) -> bool {
        self.params.learning.nudging == Nudging::Centered
    }

    /// The numbers that the bench reads: what the controller and each core must know.
    fn file(&self, nodes: usize) -> String {
        let hardware = &self.params.hardware;
        let layers: Vec<u64> = self.params.network.layers.clone();
        let (read, update) = (&hardware.read, &hardware.update);
        let (rows, columns) = (u64::from(hardware.array.rows), u64::from(hardware.array.columns));
        let most_rows = layers[..layers.len() - 1].iter().map(|&n| n.min(rows)).max().unwrap_or(0);
        let gathers = hardware.device.kind() != "ideal";
        let mut text = format!(
            "{} {} {} {} {} {} {}\n{} {} {} {} {}\n{most_rows} {} {} {} {}\n",
            read.dac_cycles + read.integrate_cycles + read.hold_cycles,
            read.adc_cycles,
            hardware.neuron.update_cycles,
            hardware.adc.count,
            hardware.neuron.lanes,
            hardware.barrier_cycles,
            u8::from(hardware.hold_clamped),
            layers[0],
            layers[layers.len() - 1],
            hardware.host.words_per_cycle,
            hardware.latch_cycles,
            hardware.restore_cycles,
            update.max_pulses,
            update.pulse_cycles,
            if gathers { update.accumulator_cycles } else { 0 },
            u8::from(update.write == WriteMode::OuterProduct),
        );
        let size = |layer: usize| layers.get(layer).copied().unwrap_or(0);
        for layer in 0..nodes {
            let neurons = if layer == 0 { 0 } else { size(layer) };
            // The inputs are clamped, so no drive goes back to them.
            let driven = if layer < 2 || neurons == 0 { 0 } else { size(layer - 1) };
            let sends = if size(layer + 1) == 0 { 0 } else { size(layer) };
            let (forward, back) = (neurons.min(columns), driven.min(rows));
            writeln!(text, "{forward} {back} {neurons} {driven} {sends}").expect("a string takes it");
        }
        writeln!(text, "{}", self.samples.len()).expect("a string takes it");
        for Sample { train, free_steps, nudged_steps } in &self.samples {
            let (train, centered) = (u8::from(*train), u8::from(self.centered()));
            writeln!(text, "{train} {centered} {free_steps} {nudged_steps}").expect("a string takes it");
        }
        text
    }

    fn instructions(&self) -> Vec<Instruction> {
        let input: Vec<f32> = (0..self.params.network.layers[0]).map(|i| 0.1 * i as f32).collect();
        let mut program = Vec::new();
        for sample in &self.samples {
            let target = sample.train.then_some(Target::Class(0));
            program.push(Instruction::Train(sample.train));
            program.push(Instruction::Present { input: input.as_slice().into(), target });
            program.push(Instruction::Settle { steps: Some(sample.free_steps) });
            if sample.train {
                if !self.centered() {
                    program.push(Instruction::Latch(LatchSlot::Free));
                }
                for index in 1..=self.params.learning.nudging.phases() {
                    program.push(Instruction::Nudge { index, steps: Some(sample.nudged_steps) });
                    program.push(Instruction::Latch(LatchSlot::Nudged));
                }
                program.push(Instruction::Update);
            } else {
                program.push(Instruction::ReadOut);
            }
            program.push(Instruction::Done);
        }
        program
    }

    /// The simulator's state in every cycle, and how many steps have ended.
    fn simulate(&self, run: u64, waveform: &mut Waveform) {
        let mut chip = build(&self.params).expect("the chip can be built");
        chip.keep_timeline(true);
        let trail = follow(chip.as_mut(), &self.instructions(), &[]);
        let ends: Vec<u64> = trail.steps.iter().map(|step| step.cycle).collect();
        for span in chip.timeline() {
            let state = STATES.iter().position(|name| *name == span.state).expect("a state of the RTL");
            for cycle in span.start..span.end {
                let steps = ends.partition_point(|&end| end <= cycle);
                let twice = waveform.insert((run, cycle), BTreeMap::from([(0, format!("{state} {steps}"))]));
                assert!(twice.is_none(), "a cycle has one state");
            }
        }
    }
}

fn simulator(programs: &[Program]) -> Waveform {
    let mut waveform = Waveform::new();
    (0..).zip(programs).for_each(|(run, program)| program.simulate(run, &mut waveform));
    waveform
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn on_a_hundred_random_phase_programs_no_cycle_differs_from_the_rtl() {
    let (mut programs_seen, mut cycles, mut different) = (0, 0, 0);
    for (number, fabric) in FABRICS.iter().enumerate() {
        let programs: Vec<Program> =
            (0..10).map(|program| fabric.random_program(10 * number as u64 + program)).collect();
        let simulator = simulator(&programs);
        let found = compare(&simulator, &fabric.rtl(&number.to_string(), &programs, &[]));
        programs_seen += programs.len();
        cycles += simulator.len();
        different += found.cycles;
        assert_eq!(different, 0, "fabric {number}, {}", found.first);
    }
    println!("{programs_seen} programs, {cycles} cycles, {different} of them differ");
    assert!(programs_seen >= 100 && cycles > 10_000, "{programs_seen} programs, {cycles} cycles");
}

/// 4-3-2 on a row of three nodes, the machine of the hand-worked cases.
fn by_hand(fabric: Fabric, nudging: Nudging) -> Program {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    params.learning.nudging = nudging;
    params.hardware.update.slots = UpdateSlots::Fixed;
    params.hardware.mesh = Nodes::Fixed(3, 1);
    params.hardware.router = fabric.router();
    Program { params, samples: vec![Sample { train: true, free_steps: 20, nudged_steps: 10 }] }
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn the_rtl_takes_the_cycles_worked_out_by_hand() {
    for (depth, one_sided, centered) in [(0, 718, 948), (16, 1018, 1348), (2, 1078, 1428), (1, 1258, 1668)] {
        let fabric = on_mesh((3, 1), depth, 1, 1);
        let programs = [by_hand(fabric, Nudging::OneSided), by_hand(fabric, Nudging::Centered)];
        let waveform = fabric.rtl(&format!("by-hand-{depth}"), &programs, &[]);
        let cycles = [0, 1].map(|run| waveform.keys().filter(|key| key.0 == run).count());
        assert_eq!(cycles, [one_sided, centered], "depth {depth}");
    }
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn a_controller_that_is_one_cycle_off_is_found_out() {
    let fabric = FABRICS[0];
    let programs: Vec<Program> = (0..3).map(|program| fabric.random_program(program)).collect();
    let found = compare(&simulator(&programs), &fabric.rtl("mutant", &programs, &["MUTANT_SLOW_DONE"]));
    assert!(found.cycles > 0, "a cycle more in DONE is a difference");
}
