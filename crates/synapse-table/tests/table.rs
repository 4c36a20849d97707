//! The table against sums over the edge list, and against hand-worked cases.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Action, Axons, Counts, Delay, Digest, Number, Shape, SpikeSet, Synapses, Way};
use equipoise_synapse_table::{Carried, Edge, SynapseTable, TableError, TableParams, Traffic};
use fixed::types::{I8F24, I16F48};

const HELD: Carried = Carried::Held { activity_bits: 8 };

fn edge<N: Number>(source: u32, target: u32, weight: f64, delay: u32) -> Edge<N> {
    let delay = Delay::new(delay).unwrap_or_else(|| panic!("delays are at least one"));
    Edge { source, target, weight: N::nearest(weight), delay }
}

fn table<N: Number>(rows: usize, columns: usize, edges: &[Edge<N>], carried: Carried) -> SynapseTable<N> {
    let traffic = Traffic { carried, transposed: true };
    let params = TableParams::default();
    SynapseTable::from_edges(Shape { rows, columns }, edges, &params, traffic, &mut Counts::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// One read of every line's value.
fn read<N: Number>(table: &mut SynapseTable<N>, way: Way, value: &[N]) -> Vec<i64> {
    let mut drive = vec![0; table.shape().lines(way).1];
    table.read(way, Axons::held(value), 0, &mut drive, &mut Counts::default());
    drive
}

/// Random edges with parallel ones among them; weights are multiples of the default code, 2^-6.
fn random_edges<N: Number>(rows: usize, columns: usize, count: u32, max_delay: u32) -> Vec<Edge<N>> {
    let noise = Noise::at(3, Stream::of(StreamKind::Test, 0), 0);
    (0..count)
        .map(|i| {
            let code = f64::from(noise.below(4 * i, 256)) - 128.0;
            let source = noise.below(4 * i + 1, rows as u32);
            let target = noise.below(4 * i + 2, columns as u32);
            edge(source, target, code / 64.0, 1 + noise.below(4 * i + 3, max_delay))
        })
        .collect()
}

/// What arrives in direction `way` at step `now`, summed edge by edge: `history[k]` are the activities of
/// step k, and those before step 0 are `history[0]` (held) or absent (spikes).
fn expected<N: Number>(
    edges: &[Edge<N>],
    (way, lines): (Way, usize),
    history: &[Vec<N>],
    held: bool,
) -> Vec<i64> {
    let mut sums = vec![0_i128; lines];
    for edge in edges {
        let (from, to) = match way {
            Way::Forward => (edge.source, edge.target),
            Way::Transposed => (edge.target, edge.source),
        };
        let emitted = history.len() as i64 - i64::from(edge.delay.steps());
        if emitted >= 0 || held {
            let x = history[emitted.max(0) as usize][from as usize];
            sums[to as usize] += i128::from(x.raw()) * i128::from(edge.weight.raw());
        }
    }
    let one = 2_i128.pow(N::FRACTION);
    sums.iter().map(|sum| (2 * sum + one).div_euclid(2 * one) as i64).collect()
}

fn agrees<N: Number>(edges: &[Edge<N>], carried: Carried, activity: impl Fn(f64) -> f64) {
    let (rows, columns) = (13, 9);
    let held = carried != Carried::Spikes;
    for way in Way::BOTH {
        let mut table = table(rows, columns, edges, carried);
        let (driving, read_out) = table.shape().lines(way);
        let values = |step: u64| -> Vec<N> {
            let noise = Noise::at(9, Stream::of(StreamKind::Test, 1), step);
            (0..driving).map(|line| N::nearest(activity(noise.uniform(line as u32)))).collect()
        };
        let mut history = vec![values(0)];
        table.start(way, Axons::held(&history[0]));
        for step in 1..30 {
            let drive = read(&mut table, way, &history[history.len() - 1]);
            assert_eq!(drive, expected(edges, (way, read_out), &history, held), "{way:?}, step {step}");
            history.push(values(step));
        }
    }
}

#[test]
fn held_activities_arrive_as_old_as_their_synapses_delays_in_both_directions() {
    agrees::<I8F24>(&random_edges(13, 9, 150, 7), HELD, |x| x);
    agrees::<I8F24>(&random_edges(13, 9, 150, 1), HELD, |x| 2.0 * x - 1.0);
    agrees::<I16F48>(&random_edges(13, 9, 150, 7), HELD, |x| x);
}

#[test]
fn a_sum_beyond_64_bits_of_products_is_still_exact() {
    // 400 products of 127 and -2, in units of 2^-48: 1.55 times 2^64.
    let edges: Vec<Edge<I8F24>> = (0..400).map(|source| edge(source, 0, -2.0, 1)).collect();
    let mut table = table(400, 1, &edges, HELD);
    let drive = read(&mut table, Way::Forward, &[I8F24::nearest(127.0); 400]);
    assert_eq!(drive, [-400 * 127 * 2 * (1 << 24)]);
    assert_eq!(read(&mut table, Way::Forward, &[I8F24::ONE; 400]), [-800 * (1 << 24)]);
}

#[test]
fn spikes_arrive_when_their_synapses_delays_have_passed_in_both_directions() {
    let spiking = |x: f64| f64::from(x < 0.3);
    agrees::<I8F24>(&random_edges(13, 9, 150, 7), Carried::Spikes, spiking);
    agrees::<I8F24>(&random_edges(13, 9, 150, 1), Carried::Spikes, spiking);
    agrees::<I16F48>(&random_edges(13, 9, 150, 7), Carried::Spikes, spiking);
}

#[test]
fn spikes_that_add_up_to_more_than_the_widest_word_saturate_it() {
    let params = TableParams { weight_bits: 0, weight_range: 0.0, ..TableParams::default() };
    let traffic = Traffic { carried: Carried::Spikes, transposed: true };
    for sign in [1.0, -1.0] {
        let edges: Vec<Edge<I16F48>> = (0..3).map(|i| edge(i, i, sign * 20_000.0, 1)).collect();
        let all: Vec<Edge<I16F48>> = edges
            .iter()
            .map(|e| Edge { target: 0, ..*e })
            .chain(edges.iter().map(|e| Edge { source: 0, ..*e }))
            .collect();
        let shape = Shape { rows: 3, columns: 3 };
        let mut table =
            SynapseTable::from_edges(shape, &all, &params, traffic, &mut Counts::default()).unwrap();
        for way in Way::BOTH {
            let drive = read(&mut table, way, &[I16F48::ONE; 3])[0];
            assert_eq!(drive, if sign > 0.0 { i64::MAX } else { i64::MIN }, "{way:?}");
        }
    }
}

#[test]
fn every_delay_from_one_to_the_maximum_is_that_delay() {
    let (one, zero) = ([I8F24::ONE], [I8F24::ZERO]);
    for delay in 1..=70 {
        let mut spiking = table::<I8F24>(1, 1, &[edge(0, 0, 1.5, delay)], Carried::Spikes);
        let mut held = table::<I8F24>(1, 1, &[edge(0, 0, 1.5, delay)], HELD);
        held.start(Way::Forward, Axons::held(&zero));
        // The activity of step 0 is read first in step 0 and is part of the drive of step 1.
        for step in 1..=150 {
            let drive = read(&mut spiking, Way::Forward, if step == 1 { &one } else { &zero })[0];
            assert_eq!(drive != 0, step == delay, "delay {delay}, step {step}");
            let drive = read(&mut held, Way::Forward, &one)[0];
            assert_eq!(drive != 0, step >= delay, "delay {delay}, step {step}");
        }
        assert_eq!(spiking.max_delay().steps(), delay);
    }
}

#[test]
fn one_spike_goes_round_a_ring() {
    // n neurons in a ring with delays d: neuron i fires at steps d i + n d j.
    let (n, d) = (5, 3);
    let edges: Vec<Edge<I8F24>> = (0..n).map(|i| edge(i, (i + 1) % n, 1.0, d)).collect();
    let mut table = table(5, 5, &edges, Carried::Spikes);
    let mut spikes = SpikeSet::new(5);
    spikes.insert(0);
    let mut value = [I8F24::ONE, I8F24::ZERO, I8F24::ZERO, I8F24::ZERO, I8F24::ZERO];
    for step in 1..100 {
        let mut drive = [0; 5];
        let axons = Axons { value: &value, spikes: Some(&spikes) };
        table.read(Way::Forward, axons, step, &mut drive, &mut Counts::default());
        spikes.clear();
        for i in 0..5 {
            value[i] = I8F24::from_raw(drive[i]);
            let fires = drive[i] != 0;
            let due = step % u64::from(n * d) == u64::from(d) * i as u64;
            assert_eq!(fires, due, "neuron {i}, step {step}");
            if fires {
                spikes.insert(i);
            }
        }
    }
}

#[test]
fn a_held_start_state_is_in_flight_from_the_beginning_and_spikes_are_not() {
    let edges = [edge::<I8F24>(0, 0, 0.5, 1), edge(0, 0, 0.25, 9)];
    let mut held = table(1, 1, &edges, HELD);
    let half = [I8F24::nearest(0.5)];
    held.start(Way::Forward, Axons::held(&half));
    assert_eq!(read(&mut held, Way::Forward, &half), [I8F24::nearest(0.375).raw()]);
    let mut spiking = table(1, 1, &edges, Carried::Spikes);
    assert_eq!(read(&mut spiking, Way::Forward, &[I8F24::ONE]), [I8F24::nearest(0.5).raw()]);
    spiking.start(Way::Forward, Axons::held(&[I8F24::ONE]));
    for _ in 0..20 {
        assert_eq!(read(&mut spiking, Way::Forward, &[I8F24::ZERO]), [0]);
    }
}

#[test]
fn what_was_in_flight_comes_back_exactly() {
    for carried in [HELD, Carried::Spikes] {
        let edges = random_edges::<I8F24>(6, 6, 40, 5);
        let mut table = table(6, 6, &edges, carried);
        let one_in_three = |step: usize| -> Vec<I8F24> {
            (0..6).map(|i| I8F24::from((i + step).is_multiple_of(3))).collect()
        };
        let run = |table: &mut SynapseTable<I8F24>, steps: std::ops::Range<usize>| -> Vec<Vec<i64>> {
            let both = |step: usize| Way::BOTH.map(|way| (way, one_in_three(step)));
            steps.flat_map(both).map(|(way, value)| read(table, way, &value)).collect()
        };
        run(&mut table, 0..7);
        table.save();
        let digest = |table: &SynapseTable<I8F24>| {
            let mut digest = Digest::default();
            table.digest(&mut digest);
            digest.value()
        };
        let saved = digest(&table);
        let after = run(&mut table, 7..20);
        assert_ne!(digest(&table), saved);
        for _ in 0..2 {
            table.restore();
            assert_eq!(digest(&table), saved);
            assert_eq!(run(&mut table, 7..20), after);
        }
    }
}

#[test]
fn programming_a_dense_table_stores_the_nearest_codes() {
    let shape = Shape { rows: 3, columns: 4 };
    let traffic = Traffic { carried: HELD, transposed: true };
    let mut table = SynapseTable::<I8F24>::dense(shape, &TableParams::default(), traffic).unwrap();
    let weights: Vec<I8F24> = (0..12).map(|i| I8F24::nearest(f64::from(i) / 7.0 - 0.9)).collect();
    let mut counts = Counts::default();
    table.program(&weights, &mut counts);
    assert_eq!(counts[Action::SramWrite], 12 * 8);
    for (row, wanted) in weights.chunks(4).enumerate() {
        let mut stored = [I8F24::ZERO; 4];
        table.weights_row(row, &mut stored);
        for (stored, wanted) in stored.iter().zip(wanted) {
            assert_eq!(stored.value() * 64.0, (wanted.value() * 64.0).round(), "codes of 2 / 2^7");
        }
    }
    let bits = table.bits();
    assert_eq!((bits.weights, bits.delays, bits.routing), (96, 0, 0), "no addresses, no delays");
    assert_eq!(table.update_rows(), 3);
    assert_eq!([0, 1, 2].map(|row| table.update_slot(row)), [0, 1, 2]);
}

#[test]
fn a_pulse_is_one_code_and_pulses_without_a_synapse_are_ignored() {
    let mut table = table::<I8F24>(2, 3, &[edge(0, 0, 0.5, 1), edge(0, 2, 1.0, 3)], HELD);
    let grain = table.grain();
    assert_eq!((grain.weight_per_pulse, grain.direct), (1.0 / 64.0, true));
    let mut counts = Counts::default();
    table.pulse_row(0, &[3, 100, -64], 0, &mut counts);
    table.pulse_row(1, &[1, 1, 1], 0, &mut counts);
    let mut row = [I8F24::ZERO; 3];
    table.weights_row(0, &mut row);
    assert_eq!(row, [0.5 + 3.0 / 64.0, 0.0, 0.0]);
    table.weights_row(1, &mut row);
    assert_eq!(row, [0.0; 3]);
    // One access to row 0: two pointers of 2 bits, two entries of 2 (target) + 8 + 2 (delay) bits.
    assert_eq!(counts[Action::SramRead], 2 * 2 + 2 * 12);
    assert_eq!((counts[Action::SramWrite], counts[Action::PartialAdd]), (16, 2));
    assert_eq!(counts[Action::ProgramPulseUp] + counts[Action::ProgramPulseDown], 0);
}

#[test]
fn every_entry_is_shown_with_its_weight_and_its_delay_whatever_the_lines_carry() {
    let edges = random_edges::<I8F24>(13, 9, 200, 6);
    let word = |e: &Edge<I8F24>| (e.source as usize, e.target as usize, e.weight, e.delay);
    let mut wanted: Vec<_> = edges.iter().map(word).collect();
    wanted.sort_unstable();
    for carried in [HELD, Carried::Spikes] {
        let table = table(13, 9, &edges, carried);
        let mut shown = Vec::new();
        for row in 0..13 {
            table.synapses_of(row, &mut |column, delay, weight| shown.push((row, column, weight, delay)));
        }
        shown.sort_unstable();
        assert_eq!(shown, wanted, "{carried:?}");
    }
}

#[test]
fn parallel_synapses_are_one_address_and_the_quickest_takes_the_writes() {
    let edges = [edge::<I8F24>(0, 0, 0.25, 4), edge(0, 0, 0.5, 2), edge(0, 0, 0.125, 2)];
    let mut table = table(1, 1, &edges, Carried::Spikes);
    let mut sum = [I8F24::ZERO];
    table.weights_row(0, &mut sum);
    assert_eq!(sum, [0.875]);
    table.program(&sum, &mut Counts::default());
    table.pulse_row(0, &[8], 0, &mut Counts::default());
    let arrivals: Vec<f64> = (0..5)
        .map(|step| read(&mut table, Way::Forward, &[I8F24::from(step == 0)])[0] as f64 / 16_777_216.0)
        .collect();
    assert_eq!(arrivals, [0.0, 0.75, 0.0, 0.25, 0.0]);
    table.program(&[I8F24::ONE], &mut Counts::default());
    table.weights_row(0, &mut sum);
    assert_eq!(sum, [1.0]);
}

#[test]
fn a_spike_is_billed_by_the_row_it_reads() {
    let edges = [edge::<I8F24>(0, 0, 0.5, 1), edge(0, 2, 1.0, 3), edge(1, 1, 1.0, 1)];
    let mut table = table(2, 3, &edges, Carried::Spikes);
    let mut counts = Counts::default();
    let mut cost = |value: [i32; 2], table: &mut SynapseTable<I8F24>| {
        counts.clear();
        table.read(Way::Forward, Axons::held(&value.map(I8F24::from_num)), 0, &mut [0; 3], &mut counts);
        [counts[Action::SramRead], counts[Action::SramWrite], counts[Action::PartialAdd]]
    };
    // Words: pointer 2, target 2, weight 8, delay 2 bits; a pending drive has 9 (two weights at most meet).
    // Every read delivers three pending drives; a row costs its pointers and entries, and each accumulation
    // reads and writes a pending drive.
    assert_eq!(cost([0, 0], &mut table), [3 * 9, 3 * 9, 0]);
    assert_eq!(cost([1, 0], &mut table), [3 * 9 + 4 + 2 * 12 + 2 * 9, 3 * 9 + 2 * 9, 2]);
    assert_eq!(cost([1, 1], &mut table), [3 * 9 + 8 + 3 * 12 + 3 * 9, 3 * 9 + 3 * 9, 3]);
    let bits = table.bits();
    // In flight: two slots beyond the present one, for three columns and, transposed, two rows.
    assert_eq!((bits.weights, bits.delays, bits.routing), (24, 3 * 2 + 2 * 5 * 9, 3 * 2 + 3 * 2));
}

#[test]
fn held_activities_read_every_row_in_every_step() {
    let edges = [edge::<I8F24>(0, 0, 0.5, 1), edge(0, 2, 1.0, 3), edge(1, 1, 1.0, 1)];
    let mut table = table(2, 3, &edges, HELD);
    let mut counts = Counts::default();
    table.read(Way::Forward, Axons::held(&[I8F24::ZERO; 2]), 0, &mut [0; 3], &mut counts);
    // Three runs look into the history, two new activities of 8 bits are written to it.
    assert_eq!(counts[Action::SramRead], 2 * 4 + 3 * 12 + 3 * 8);
    assert_eq!((counts[Action::SramWrite], counts[Action::PartialAdd]), (2 * 8, 3));
    counts.clear();
    table.read(Way::Transposed, Axons::held(&[I8F24::ZERO; 3]), 0, &mut [0; 2], &mut counts);
    assert_eq!(counts[Action::SramRead], 2 * 4 + 3 * 12 + 3 * 8);
    assert_eq!((counts[Action::SramWrite], counts[Action::PartialAdd]), (3 * 8, 3));
    assert_eq!(counts[Action::CellMac] + counts[Action::AdcConvert] + counts[Action::RowDrive], 0);
}

#[test]
fn the_cycles_of_a_read_are_those_of_the_rows_it_accessed() {
    let mut edges: Vec<Edge<I8F24>> = (0..9).map(|i| edge(0, i, 0.5, 1)).collect();
    edges.push(edge(1, 0, 0.5, 1));
    let mut spiking = table(3, 9, &edges, Carried::Spikes);
    // Four entries per cycle: 3, 1 and, for a row without entries, 1.
    assert_eq!(Way::BOTH.map(|way| spiking.read_cycles(way)), [5, 5], "before the first read: every row");
    for (value, cycles) in [([1, 0, 0], 3), ([0, 1, 1], 2), ([1, 1, 1], 5), ([0, 0, 0], 0)] {
        read(&mut spiking, Way::Forward, &value.map(I8F24::from_num));
        assert_eq!(spiking.read_cycles(Way::Forward), cycles);
    }
    read(&mut spiking, Way::Transposed, &[I8F24::ZERO; 9]);
    assert_eq!(spiking.read_cycles(Way::Transposed), 0);
    let mut one_column = [I8F24::ZERO; 9];
    one_column[7] = I8F24::ONE;
    read(&mut spiking, Way::Transposed, &one_column);
    assert_eq!(spiking.read_cycles(Way::Transposed), 5, "the table has no index by target");
    let mut held = table(3, 9, &edges, HELD);
    read(&mut held, Way::Forward, &[I8F24::ZERO; 3]);
    assert_eq!(held.read_cycles(Way::Forward), 5);
}

#[test]
fn an_edge_outside_and_too_long_a_delay_are_named() {
    let build = |edges: &[Edge<I8F24>]| {
        let shape = Shape { rows: 2, columns: 3 };
        let traffic = Traffic { carried: HELD, transposed: false };
        SynapseTable::from_edges(shape, edges, &TableParams::default(), traffic, &mut Counts::default()).err()
    };
    let outside = build(&[edge(0, 0, 1.0, 1), edge(1, 3, 1.0, 1)]);
    assert_eq!(
        outside.unwrap().to_string(),
        "edge 1 goes from 1 to 3, but there are 2 sources and 3 targets"
    );
    assert!(matches!(build(&[edge(2, 0, 1.0, 1)]), Some(TableError::OutOfRange { edge: 0, .. })));
    let long = build(&[edge(0, 0, 1.0, u32::MAX)]);
    assert_eq!(
        long.unwrap().to_string(),
        "the delay memory needs 12884901885 words, accepted: up to 4294967295"
    );
    assert_eq!(build(&[]), None, "a table without synapses is a table");
}
