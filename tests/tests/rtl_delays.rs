//! The delay rings against their Verilog reference: what every axon's far end holds after every step.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Delay, Number, SpikeSet};
use equipoise_router::axons::Delays;
use equipoise_router::{RateAxons, SpikeAxons, Which};
use equipoise_tests::rtl::{Bench, Waveform, compare, waveform};
use fixed::types::I8F24;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

const AXONS: usize = 6;

/// What happens to an axon in an operation.
#[derive(Clone, Copy)]
struct Emission {
    /// The rate axon emits the value.
    rate: bool,
    value: u32,
    /// The spike axon spikes.
    spike: bool,
    delay: u32,
}

/// An operation on both groups of axons.
struct Operation {
    code: Code,
    axons: [Emission; AXONS],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Step,
    Start,
    Save,
    Restore,
}

/// A random program: mostly steps, in phases whose delays differ, between starts, saves and restores.
fn program(seed: u64, longest: u32) -> Vec<Operation> {
    let noise = |at: usize| Noise::at(seed, Stream::of(StreamKind::Test, 1), at as u64);
    let (sparse, uniform) = (noise(0).below(0, 2) == 0, noise(0).below(1, 2) == 0);
    let (mut delays, mut saved) = ([1; AXONS], false);
    let mut operations = Vec::new();
    for at in 1..=100 {
        let noise = noise(at);
        let code = match noise.below(0, 30) {
            _ if at == 1 => Code::Start,
            0 => Code::Start,
            1 | 2 => Code::Save,
            3 | 4 if saved => Code::Restore,
            _ => Code::Step,
        };
        saved |= code == Code::Save;
        if noise.below(1, 8) == 0 {
            let drawn = |axon| 1 + noise.below(if uniform { 4 } else { 4 + axon as u32 }, longest);
            delays = std::array::from_fn(drawn);
        }
        let emission = |axon: usize| {
            let draw = |which, bound| noise.below((16 + 4 * axon + which) as u32, bound);
            let rate = !sparse || draw(0, 3) > 0;
            Emission { rate, value: draw(1, 1 << 16), spike: draw(2, 2) == 0, delay: delays[axon] }
        };
        operations.push(Operation { code, axons: std::array::from_fn(emission) });
    }
    operations
}

/// The axons of the simulator.
struct Both {
    step: u64,
    rate: RateAxons<I8F24>,
    spiking: SpikeAxons,
}

impl Both {
    fn new() -> Self {
        let delays = Delays::uniform(AXONS, Delay::ONE);
        Self { step: 0, rate: RateAxons::new(delays.clone()), spiking: SpikeAxons::new(delays) }
    }

    fn execute(&mut self, operation: &Operation) {
        let values = operation.axons.map(|axon| I8F24::from_raw(i64::from(axon.value)));
        match operation.code {
            Code::Start => {
                self.rate.start(self.step, &values);
                self.spiking.start(self.step);
            }
            Code::Save => {
                self.rate.save();
                self.spiking.save();
            }
            Code::Restore => {
                self.rate.restore(self.step);
                self.spiking.restore(self.step);
            }
            Code::Step => self.step(operation, &values),
        }
    }

    fn step(&mut self, operation: &Operation, values: &[I8F24]) {
        let steps = operation.axons.map(|axon| Delay::new(axon.delay).expect("at least one step"));
        self.rate.set_delays(Delays::per_axon(&steps));
        self.spiking.set_delays(Delays::per_axon(&steps));
        let set = |chosen: fn(&Emission) -> bool| {
            let mut set = SpikeSet::new(AXONS);
            (0..AXONS).filter(|&axon| chosen(&operation.axons[axon])).for_each(|axon| set.insert(axon));
            set
        };
        let emits = set(|axon| axon.rate);
        let which = if emits.count() == AXONS { Which::All } else { Which::Only(&emits) };
        self.rate.emit(self.step, values, which);
        self.spiking.emit(self.step, &set(|axon| axon.spike));
        self.step += 1;
        self.rate.arrive(self.step);
        self.spiking.arrive(self.step);
    }

    fn line(&self) -> String {
        let mut spikes = [I8F24::ZERO; AXONS];
        self.spiking.arrived().write(&mut spikes);
        let written = |numbers: &mut dyn Iterator<Item = i64>| {
            numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
        };
        let held = written(&mut self.rate.held().iter().map(|value| value.raw()));
        let spikes = written(&mut spikes.iter().map(|count| count.to_num::<i64>()));
        let (rate, spiking) = (&self.rate, &self.spiking);
        format!(
            "{held} r {} {} {spikes} s {} {}",
            rate.in_flight(),
            rate.superseded(),
            spiking.in_flight(),
            spiking.collisions()
        )
    }
}

fn simulator(programs: &[Vec<Operation>]) -> Waveform {
    let mut waveform = Waveform::new();
    for (run, program) in (0..).zip(programs) {
        let mut axons = Both::new();
        for (at, operation) in (0..).zip(program) {
            axons.execute(operation);
            waveform.insert((run, at), BTreeMap::from([(0, axons.line())]));
        }
    }
    waveform
}

fn rtl(name: &str, programs: &[Vec<Operation>], slots: u64, macros: &[&str]) -> Waveform {
    let mut text = format!("{}\n", programs.len());
    for program in programs {
        writeln!(text, "{}", program.len()).expect("a string takes it");
        for Operation { code, axons } in program {
            write!(text, "{}", *code as u8).expect("a string takes it");
            for Emission { rate, value, spike, delay } in axons {
                let (rate, spike) = (u8::from(*rate), u8::from(*spike));
                write!(text, " {rate} {value} {spike} {delay}").expect("a string takes it");
            }
            text.push('\n');
        }
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rtl-delays-{name}"));
    let parameters = [("AXONS", AXONS as u64), ("SLOTS", slots)];
    let design = ["rate_ring", "spike_ring"];
    waveform(&Bench::compile(&folder, "delay_ring_tb", &design, &parameters, macros).run(&text))
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn on_a_hundred_random_programs_no_step_of_a_delay_ring_differs_from_the_rtl() {
    for (slots, seeds) in [(8, 0..60), (24, 60..100)] {
        let programs: Vec<_> = seeds.map(|seed| program(seed, slots)).collect();
        let (simulator, rtl) = (simulator(&programs), rtl(&slots.to_string(), &programs, slots.into(), &[]));
        let operations = programs.iter().map(Vec::len).sum::<usize>();
        assert_eq!((simulator.len(), rtl.len()), (operations, operations));
        let found = compare(&simulator, &rtl);
        println!("{slots} slots: {operations} operations, {} differ", found.cycles);
        assert_eq!(found.cycles, 0, "{}", found.first);
    }
}

#[test]
#[cfg_attr(not(have_iverilog), ignore = "needs Icarus Verilog (iverilog) on PATH")]
fn a_ring_in_which_old_values_overwrite_or_spikes_merge_is_found_out() {
    let programs: Vec<_> = (0..10).map(|seed| program(seed, 8)).collect();
    for defect in ["MUTANT_OLD_OVERWRITES", "MUTANT_SPIKES_MERGE"] {
        let found = compare(&simulator(&programs), &rtl(defect, &programs, 8, &[defect]));
        assert!(found.cycles > 0, "{defect}");
    }
}
