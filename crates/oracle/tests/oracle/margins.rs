//! Margins of rate networks, against the reference's spectra, closed forms, and one way of computing them against
//! another.

use crate::files::{count, list, load, matrix, number, vector};
use equipoise_oracle::critical_delay::CriticalDelay;
use equipoise_oracle::limit_cycle::Case;
use equipoise_oracle::stability::{Margin, OperatingPoint, UniformDelay, margin};
use equipoise_oracle::{
    Activation, CostOn, Delayed, Delays, Flow, Matrix, Neuron, Pull, RateNetwork, SplitMix64, Synapse,
};

#[test]
fn the_margin_of_every_delay_case_is_that_of_the_file() {
    let file = load("delay/delay_discrete.json");
    let mut compared = 0;
    for case in list(&file) {
        let activation = if case["phi"] == "tanh" { Activation::Tanh } else { Activation::HardSigmoid };
        let rows = case["delay_matrix"].as_array();
        let pattern = rows.map(|rows| rows.iter().map(|row| list(row).iter().map(count).collect()).collect());
        for (delay, expected) in list(&case["d"]).iter().zip(list(&case["spectral_radius"])) {
            let delays = match &pattern {
                Some(pattern) => Delays::PerPair(Vec::clone(pattern)).times(count(delay)),
                None => Delays::Uniform(count(delay)),
            };
            let (weights, bias) = (matrix(&case["W"]), vector(&case["I"]));
            let network =
                Delayed::new(weights, bias, delays, number(&case["a"]), activation).expect("it fits");
            let point = RateNetwork::from(&network).at(&vector(&case["fixed_point"]));
            let found = margin(&point, 0).expect("eigenvalues");
            assert!(
                (found.spectral_radius() - number(expected)).abs() < 1e-9,
                "{} d = {delay}",
                case["name"]
            );
            assert_eq!(found.margin(), 1.0 - found.spectral_radius());
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared} rows");
}

#[test]
fn the_three_neurons_have_a_margin_with_everything_in_it() {
    let case = Case::with_delay(13);
    let network = RateNetwork::from(&case.network(&case.parameters));
    let state = network.equilibrium(&case.start).expect("it settles without delay");
    let found = margin(&network.at(&state), 64).expect("eigenvalues");
    assert!((found.spectral_radius() - 1.000_215_109_157_419_6).abs() < 1e-12);
    assert_eq!(found.uniform, UniformDelay::From(13));
    // mu = -1.819205: omega = sqrt(mu^2 - 1), tau = (pi - arctan omega) / omega.
    let mu = -1.819_205_364_468_490_2_f64;
    let omega = (mu * mu - 1.0).sqrt();
    match found.continuous {
        Some(CriticalDelay::Oscillates(onset)) => {
            assert!((onset.omega - omega).abs() < 1e-9);
            // Near tau = 1.42 time constants of ten steps each; the discrete onset lies between 12 and 13.
            assert!((12.0..15.0).contains(&(onset.tau / case.leak)), "{}", onset.tau);
        }
        other => panic!("{other:?}"),
    }
    assert!(found.on_kink.is_empty());
}

/// Two layers of tanh units with random symmetric couplings, biases that move them off zero, a delay each way.
fn two_layers(sizes: [usize; 2], gain: f64, forward: usize, back: usize) -> RateNetwork {
    let mut draw = SplitMix64::new(7);
    let [hidden, outputs] = sizes;
    let unit = Neuron::cohen_grossberg(Activation::Tanh, 0.5);
    let mut synapses = Vec::new();
    let scale = gain * (6.0 / (hidden + outputs) as f64).sqrt();
    for h in 0..hidden {
        for y in hidden..hidden + outputs {
            let weight = scale * draw.uniform(-1.0, 1.0);
            synapses.push(Synapse { to: y, from: h, delay: forward, weight });
            synapses.push(Synapse { to: h, from: y, delay: back, weight });
        }
    }
    let current = (0..hidden + outputs).map(|_| draw.uniform(-0.2, 0.2)).collect();
    RateNetwork::new(vec![unit; hidden + outputs], current, synapses).expect("it fits")
}

fn settled(network: &RateNetwork, units: usize) -> OperatingPoint {
    network.at(&network.equilibrium(&vec![0.0; units]).expect("it settles"))
}

/// In `(z - k)^2 z^(f+b) = a^2 lambda^2` only the sum of both delays counts.
#[test]
fn between_two_layers_the_mean_of_the_delays_there_and_back_decides_also_for_a_thousand_neurons() {
    for (sizes, delays) in [([6, 4], [3, 1]), ([60, 40], [4, 0]), ([900, 100], [3, 1])] {
        let units = sizes[0] + sizes[1];
        let [forward, back] = delays;
        let uneven = settled(&two_layers(sizes, 0.5, forward, back), units);
        let even = settled(&two_layers(sizes, 0.5, 2, 2), units);
        let (uneven, even) = (margin(&uneven, 8).expect("modes"), margin(&even, 8).expect("modes"));
        let apart = (uneven.spectral_radius() - even.spectral_radius()).abs();
        assert!(apart < 1e-9, "{sizes:?}: {} and {}", uneven.spectral_radius(), even.spectral_radius());
        assert!(even.margin() > 0.0);
        assert_eq!((even.uniform, uneven.uniform), (UniformDelay::Never, UniformDelay::Never));
        assert_eq!(even.continuous, Some(CriticalDelay::StableForEveryDelay));
    }
}

/// All inhibit all: n units, each couples to the others with -w, so that the eigenvalues are -w (n - 1) and w.
#[test]
fn mutual_inhibition_of_many_units_has_the_margin_of_one() {
    let (n, w, a) = (1_200, 0.002, 0.25);
    let weights = Matrix::from_fn(n, n, |to, from| if to == from { 0.0 } else { -w });
    let of = |weights: Matrix, delay| {
        let bias = vec![0.0; weights.nrows()];
        let network =
            Delayed::new(weights, bias, Delays::Uniform(delay), a, Activation::Tanh).expect("it fits");
        let rest = vec![0.0; network.bias().len()];
        margin(&RateNetwork::from(&network).at(&rest), 40).expect("modes")
    };
    let one = |delay| of(Matrix::from_element(1, 1, -w * (n - 1) as f64), delay);
    let (many, alone): (Margin, Margin) = (of(weights, 5), one(5));
    assert!((many.spectral_radius() - alone.spectral_radius()).abs() < 1e-10);
    assert_eq!(many.uniform, alone.uniform);
    assert!(matches!(many.uniform, UniformDelay::From(d) if d > 0), "{:?}", many.uniform);
}

#[test]
fn units_on_a_kink_are_named_and_units_held_by_their_range_keep_nothing() {
    let unit = Neuron::cohen_grossberg(Activation::HardSigmoid, 0.5);
    let held = Neuron { flow: Flow::Scellier, range: (0.0, 1.0), ..unit };
    let units = vec![unit, unit, held, held];
    let pair = |to, from| Synapse { to, from, delay: 0, weight: 0.5 };
    // Drives: 0 exactly; 0.4; far above the range; at the end of the range.
    let network = RateNetwork::new(units, vec![0.0, 0.4, 3.0, 1.0], vec![pair(0, 1), pair(1, 0)]);
    let point = network.expect("it fits").at(&[0.0, 0.4, 1.0, 1.0]);
    let found = margin(&point, 0).expect("modes");
    assert_eq!(found.on_kink, [0, 3]);
    assert_eq!([0, 1, 2, 3].map(|i| point.units()[i].keep), [0.5, 0.5, 0.0, 0.5]);
    // z = 1/2 +- 1/2 * 1/2.
    assert!((found.spectral_radius() - 0.75).abs() < 1e-12);
}

#[test]
fn a_network_without_loops_only_leaks() {
    let units = vec![Neuron::cohen_grossberg(Activation::Tanh, 0.25); 3];
    let chain = [(1, 0), (2, 1)].map(|(to, from)| Synapse { to, from, delay: 5, weight: 9.0 });
    let network = RateNetwork::new(units, vec![0.1; 3], chain.to_vec()).expect("it fits");
    let found = margin(&settled(&network, 3), 4).expect("modes");
    assert_eq!((found.spectral_radius(), found.uniform), (0.75, UniformDelay::Never));
    assert_eq!(found.dominant.period_steps(), None);
}

/// One step of two tanh units, each driven by the other, of which the first is nudged: written out.
#[allow(clippy::disallowed_methods, reason = "a test may take its tanh from std")]
fn nudged_step(flow: Flow, cost_on: CostOn, beta: f64, u: [f64; 2]) -> [f64; 2] {
    let (a, target, currents, weights) = (0.3, 0.7, [0.2, -0.1], [0.9, -1.3]);
    let rho = u.map(f64::tanh);
    let gain = rho.map(|r| if flow == Flow::Scellier { 1.0 - r * r } else { 1.0 });
    let error = if cost_on == CostOn::State { u[0] - target } else { rho[0] - target };
    let pull = [-beta * error, 0.0];
    [0, 1].map(|i| u[i] + a * (gain[i] * (weights[i] * rho[1 - i] + currents[i]) - u[i] + pull[i]))
}

#[test]
fn a_nudge_moves_the_equilibrium_and_its_modes_as_the_steps_written_out_do() {
    for (flow, cost_on, beta) in [
        (Flow::CohenGrossberg, CostOn::Activity, 0.8),
        (Flow::CohenGrossberg, CostOn::State, -0.6),
        (Flow::Scellier, CostOn::Activity, -0.6),
        (Flow::Scellier, CostOn::State, 0.8),
    ] {
        let unit = Neuron { flow, cost_on, ..Neuron::cohen_grossberg(Activation::Tanh, 0.3) };
        let synapse = |to, from, weight| Synapse { to, from, delay: 0, weight };
        let synapses = vec![synapse(0, 1, 0.9), synapse(1, 0, -1.3)];
        let network = RateNetwork::new(vec![unit; 2], vec![0.2, -0.1], synapses).expect("it fits");
        let network =
            network.nudged(vec![Pull { beta, target: 0.7 }, Pull::default()]).expect("one for each");
        let mut u = [0.1, 0.1];
        (0..2_000).for_each(|_| u = nudged_step(flow, cost_on, beta, u));
        let state = network.equilibrium(&[0.1, 0.1]).expect("it settles");
        assert!((state[0] - u[0]).abs() + (state[1] - u[1]).abs() < 1e-11, "{state:?} and {u:?}");
        let h = 1e-6;
        let column = |j: usize| {
            let [mut more, mut less] = [u; 2];
            (more[j], less[j]) = (u[j] + h, u[j] - h);
            let [more, less] = [more, less].map(|u| nudged_step(flow, cost_on, beta, u));
            [0, 1].map(|i| (more[i] - less[i]) / (2.0 * h))
        };
        let [[p, r], [q, s]] = [column(0), column(1)];
        // Eigenvalues of [[p, q], [r, s]]: a complex pair here, of size sqrt(det).
        assert!((p - s) * (p - s) + 4.0 * q * r < 0.0, "{flow:?} {cost_on:?}");
        let found = network.at(&state).dominant().expect("modes").radius();
        assert!((found - (p * s - q * r).sqrt()).abs() < 1e-8, "{flow:?} {cost_on:?}: {found}");
    }
}
