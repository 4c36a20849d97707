//! Controllers of synapses against what their latches and accumulators should hold and count.

use equipoise_base::synapses::Shape;
use equipoise_base::{Action, Counts, Digest, Grain, Number};
use equipoise_learning::pulses::PulseParams;
use equipoise_learning::{
    BiasController, Latch, LatchKind, Slot, SynapseController, SynapseParams, UpdateScheme,
};
use fixed::types::I8F24;

const SHAPE: Shape = Shape { rows: 8, columns: 40 };
const SYNAPSES: u64 = 8 * 40;

fn controller(latch: Latch, scheme: UpdateScheme, rate: f64) -> SynapseController<I8F24> {
    let pulses =
        PulseParams { scheme, max_pulses: 16, accumulator_bits: 8, accumulator_fraction: 5, direct: false };
    let grain = Grain { weight_per_pulse: 1.0, direct: false };
    SynapseController::new(SynapseParams { latch, pulses, rate, sign: 1.0 }, SHAPE, None, grain, 5, 0)
}

fn latch(kind: LatchKind, bits: u32, window: u32) -> Latch {
    Latch { kind, bits, window }
}

/// A phase of those (pre, post) activities, one pair per step and the same on all lines, that is latched.
fn phase(controller: &mut SynapseController<I8F24>, slot: Slot, steps: &[(f64, f64)], counts: &mut Counts) {
    controller.begin_phase();
    for &(pre, post) in steps {
        controller.observe(&[I8F24::nearest(pre); SHAPE.rows], &[I8F24::nearest(post); SHAPE.columns]);
    }
    controller.latch(slot, counts);
}

/// All pulses of update number `update`, added up.
fn updated(controller: &mut SynapseController<I8F24>, update: u64, counts: &mut Counts) -> i64 {
    let factor = controller.factor(1.0, 1.0);
    let (mut done, mut total) = (0, 0);
    while let Some(requests) = controller.update_rows(&mut done, update, factor, counts) {
        requests.for_each_row(SHAPE.columns, |_, pulses| {
            total += pulses.iter().map(|&p| i64::from(p)).sum::<i64>();
        });
    }
    total
}

#[test]
fn each_latch_counts_the_words_that_it_reads_and_writes() {
    // Reads, writes and multiplications of each of two latches, then of an update.
    let neurons = (SHAPE.rows + SHAPE.columns) as u64;
    for (kind, at_latch, at_update) in [
        (LatchKind::Product, [0, SYNAPSES, SYNAPSES], [2 * SYNAPSES, 0, 0]),
        // It adds in place: the old word is read and the new one written.
        (LatchKind::Accumulate, [SYNAPSES, SYNAPSES, SYNAPSES], [SYNAPSES, 0, 0]),
        (LatchKind::State, [0, 0, 0], [2 * neurons, 0, 2 * SYNAPSES]),
    ] {
        let mut controller = controller(latch(kind, 10, 1), UpdateScheme::PulsesRounded, 0.1);
        let words = |counts: &Counts| {
            [Action::LatchRead, Action::LatchWrite, Action::UpdateMultiply].map(|action| counts[action])
        };
        for slot in [Slot::Second, Slot::First] {
            let mut counts = Counts::default();
            phase(&mut controller, slot, &[(0.5, 0.5)], &mut counts);
            assert_eq!(words(&counts), at_latch, "{}", kind.word());
        }
        let mut counts = Counts::default();
        controller.count_update(&mut counts);
        assert_eq!(words(&counts), at_update, "{}", kind.word());
    }
}

#[test]
fn a_phase_shorter_than_the_window_is_averaged_over_its_own_steps() {
    let steps = [(0.25, 0.5), (0.5, 0.75), (1.0, 0.25)];
    let of_products = (0.25 * 0.5 + 0.5 * 0.75 + 0.25) / 3.0;
    let of_activities = (0.25 + 0.5 + 1.0) / 3.0 * ((0.5 + 0.75 + 0.25) / 3.0);
    for (kind, expected) in [
        (LatchKind::Product, of_products),
        (LatchKind::Accumulate, of_products),
        (LatchKind::State, of_activities),
    ] {
        for bits in [0, 10] {
            let mut synapses = controller(latch(kind, bits, 8), UpdateScheme::PulsesRounded, 0.1);
            phase(&mut synapses, Slot::First, &steps, &mut Counts::default());
            let found = synapses.latched(3, 7)[0];
            let allowed = if bits == 0 { 1e-6 } else { 1.0 / 512.0 };
            assert!((found - expected).abs() <= allowed, "{} {bits} bits: {found}", kind.word());
            let mut biases = BiasController::<I8F24>::new(latch(kind, bits, 8), 0.1, 1);
            biases.begin_phase();
            steps.iter().for_each(|&(_, post)| biases.observe(&[I8F24::nearest(post)]));
            biases.latch(Slot::First, &mut Counts::default());
            assert!((biases.estimate(0, 1.0) - 0.5).abs() <= 1.0 / 1024.0, "{} {bits} bits", kind.word());
        }
    }
}

/// Three tenths of the least that an accumulator holds in each update, up and down: what comes out is what goes in, whether
/// rows go together (short windows) or one by one (windows that are no power of two).
#[test]
fn accumulators_keep_what_is_less_than_their_grain_on_average() {
    for window in [1, 2, 3] {
        for (first, second, sign) in [(1.0, 0.0, 1.0), (0.0, 1.0, -1.0)] {
            let grain = 1.0 / 32.0;
            let mut controller =
                controller(latch(LatchKind::Product, 0, window), UpdateScheme::Accumulator, 0.3 * grain);
            let mut counts = Counts::default();
            for (slot, activity) in [(Slot::Second, second), (Slot::First, first)] {
                phase(&mut controller, slot, &vec![(1.0, activity); window as usize], &mut counts);
            }
            let updates = 2_000;
            let total: i64 = (0..updates).map(|update| updated(&mut controller, update, &mut counts)).sum();
            let cells = SYNAPSES as f64;
            let expected = sign * 0.3 * grain * updates as f64 * cells;
            // Five standard errors of as many coins of one grain, and less than a pulse that each cell holds back.
            let allowed = 5.0 * (0.3 * 0.7 * updates as f64 * cells).sqrt() * grain + cells;
            assert!((total as f64 - expected).abs() < allowed, "window {window}: {total}, not {expected}");
        }
    }
}

fn digest(controller: &SynapseController<I8F24>) -> u64 {
    let mut digest = Digest::default();
    controller.digest(&mut digest);
    digest.value()
}

#[test]
fn what_latches_and_accumulators_hold_is_in_the_digest() {
    let make = || controller(latch(LatchKind::Product, 10, 1), UpdateScheme::Accumulator, 0.3 / 32.0);
    let mut counts = Counts::default();
    let mut latched = |activity: f64| {
        let mut controller = make();
        phase(&mut controller, Slot::Second, &[(1.0, 0.0)], &mut counts);
        phase(&mut controller, Slot::First, &[(1.0, activity)], &mut counts);
        controller
    };
    let (one, same, other) = (latched(0.5), latched(0.5), latched(0.75));
    assert_eq!(digest(&one), digest(&same));
    assert_ne!(digest(&one), digest(&other));
    // Equal latches; one of the two has gathered fractions of pulses.
    let mut gathered = same;
    let moved: i64 = (0..20).map(|update| updated(&mut gathered, update, &mut counts)).sum();
    assert_eq!(moved, 0, "less than a pulse for every cell");
    assert_ne!(digest(&one), digest(&gathered));
    let mut biases = BiasController::<I8F24>::new(latch(LatchKind::Product, 10, 1), 0.1, 1);
    let mut of_biases = |activity: f64| {
        biases.begin_phase();
        biases.observe(&[I8F24::nearest(activity)]);
        biases.latch(Slot::First, &mut counts);
        let mut digest = Digest::default();
        biases.digest(&mut digest);
        digest.value()
    };
    assert_ne!(of_biases(0.5), of_biases(0.25));
}
