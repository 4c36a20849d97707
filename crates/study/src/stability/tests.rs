use super::{LONGEST_DELAY_STEPS, Sample, Stability, measure};
use crate::Session;
use crate::experiment::Experiment;
use crate::session::parse;
use equipoise_chip::catalog::{Activation, NeuronModel, RateParams};
use equipoise_chip::catalog::{DeviceModel, Free, Sync};
use equipoise_chip::{
    Connection, DelayRules, DistanceDelay, Edge, Network, Params, Population, Sign, Weights, build,
};
use equipoise_oracle::limit_cycle::Case;
use equipoise_oracle::stability::Linearisation;
use equipoise_oracle::{Delays, Matrix};

/// No inputs and nothing to learn.
const NOTHING: Sample<'_> = Sample { input: &[], class: None };

/// The stability of a chip as it is built.
fn measured(params: &Params) -> Stability {
    measure(params, &*build(params).unwrap(), NOTHING).expect("an equilibrium")
}

/// The oracle's three neurons, as a recurrent population of an ideal chip.
fn three_neurons(delay: u32) -> String {
    let case = Case::with_delay(0);
    let w = case.parameters.weights();
    let mut text =
        "chip = \"ideal\"\n[hardware]\nstate = \"i16f48\"\n[neuron]\nactivation = \"tanh\"\na = 0.1\n\
         [learning]\nrule = \"none\"\n[stimulus]\nsteps = 3\n[network]\nkind = \"populations\"\n"
            .to_owned();
    for (unit, bias) in case.parameters.bias().iter().enumerate() {
        text += &format!("[[network.population]]\nname = \"n{unit}\"\nsize = 1\nbias = [{bias:?}]\n");
    }
    for to in 0..3 {
        for from in 0..3 {
            let weight = w[(to, from)];
            text += &format!(
                "[[network.connection]]\nfrom = \"n{from}\"\nto = \"n{to}\"\nweights = [[{weight:?}]]\ndelay = {delay}\n"
            );
        }
    }
    text
}

#[test]
fn a_chip_with_the_oracles_three_neurons_has_their_margin() {
    for (delay, radius) in [(1, 0.905_188_084_475_591), (14, 1.000_215_109_157_419_6)] {
        let root = parse(&three_neurons(delay), "it.toml").unwrap();
        let session = Session::new(Experiment::read(&root, None, None).unwrap()).unwrap();
        let found = measured(&session.params);
        assert!((found.spectral_radius - radius).abs() < 1e-9, "{found:?}");
        assert_eq!(found.margin, 1.0 - found.spectral_radius);
        // 13 extra steps are a delay of 14.
        assert_eq!((found.uniform_delay, found.first_unstable_delay_steps), ("unstable", Some(14)));
        assert!(found.critical_delay_time_constants.is_some_and(|tau| (1.2..1.5).contains(&tau)));
        assert_eq!(found.neurons_on_kink, 0);
    }
    const { assert!(LONGEST_DELAY_STEPS > 14) };
}

/// Two excitatory neurons and an inhibitory one that drives them back through the same synapses, each with a delay
/// of its own beside that of its axon.
fn excitation_and_inhibition() -> Params {
    let rate = RateParams { activation: Activation::Tanh, a: 0.25, ..RateParams::default() };
    let population = |name: &str, size, sign| Population {
        name: name.to_owned(),
        size,
        neuron: Some(NeuronModel::Rate(rate.clone())),
        sign,
        bias: Vec::new(),
        start: Vec::new(),
        bias_rate: 0.0,
    };
    let edge = |source, weight, delay| Edge { source, target: 0, weight, delay };
    let around = Connection {
        from: 0,
        to: 1,
        weights: Weights::Edges(vec![edge(0, 0.75, 1), edge(1, 0.5, 3)]),
        delay: vec![2],
        return_delay: vec![4],
        symmetric: true,
        rate: 0.0,
    };
    let populations = vec![population("e", 2, Sign::Excitatory), population("i", 1, Sign::Inhibitory)];
    let network = Network { populations, connections: vec![around], ..Network::default() };
    Params { network, ..Params::default() }
}

#[test]
fn a_returned_synapse_has_the_sign_of_its_driver_and_delays_of_axon_and_synapse_add() {
    let mut params = excitation_and_inhibition();
    let [mut frozen, mut plastic] = [0.0; 2];
    for (rate, radius) in [(0.0, &mut frozen), (0.1, &mut plastic)] {
        params.network.connections[0].rate = rate;
        *radius = measured(&params).spectral_radius;
    }
    // Rows: into e0, e1, i. Extra delays: axon + synapse - 2.
    let jacobian = Matrix::from_row_slice(3, 3, &[0.0, 0.0, -0.75, 0.0, 0.0, -0.5, 0.75, 0.5, 0.0]);
    let delays = Delays::PerPair(vec![vec![0, 0, 3], vec![0, 0, 5], vec![1, 3, 0]]);
    let expected = Linearisation { jacobian, leak: 0.25 }.dominant(&delays).unwrap().radius();
    assert!((frozen - expected).abs() < 1e-9, "{frozen} and {expected}");
    assert_eq!(plastic, frozen, "both are read from the chip");
}

/// One neuron that drives itself.
fn alone(weights: Weights) -> Params {
    let rate = RateParams { activation: Activation::Tanh, a: 0.25, ..RateParams::default() };
    let population = Population {
        name: "alone".to_owned(),
        size: 1,
        neuron: Some(NeuronModel::Rate(rate)),
        sign: Sign::Any,
        bias: Vec::new(),
        start: Vec::new(),
        bias_rate: 0.0,
    };
    let connection = Connection {
        from: 0,
        to: 0,
        weights,
        delay: vec![1],
        return_delay: vec![1],
        symmetric: false,
        rate: 0.0,
    };
    let network =
        Network { populations: vec![population], connections: vec![connection], ..Network::default() };
    Params { network, ..Params::default() }
}

#[test]
fn weights_are_those_that_the_cells_hold_and_not_those_that_were_written() {
    let written = |delay| Weights::Edges(vec![Edge { source: 0, target: 0, weight: -8.0, delay }]);
    for weights in [Weights::Dense(vec![-8.0]), written(1)] {
        let mut params = alone(weights);
        let DeviceModel::Ideal(device) = &mut params.hardware.device else { panic!("ideal by default") };
        device.w_max = 0.5;
        // z = 1 - a - a w: 0.625 of w = 0.5, where 8 would be unstable.
        assert!((measured(&params).spectral_radius - 0.625).abs() < 1e-6);
    }
}

#[test]
fn delays_by_distance_are_those_of_the_cores_where_the_network_was_placed() {
    let mut params = alone(Weights::Dense(vec![-2.0]));
    params
        .network
        .populations
        .push(Population { name: "other".to_owned(), ..params.network.populations[0].clone() });
    let there = Connection {
        from: 0,
        to: 1,
        weights: Weights::Dense(vec![-1.5]),
        ..params.network.connections[0].clone()
    };
    let back = Connection { from: 1, to: 0, weights: Weights::Dense(vec![1.5]), ..there.clone() };
    params.network.connections = vec![there, back];
    let prompt = measured(&params);
    let rule = DistanceDelay { base_steps: 2, steps_per_hop: 3.0, times: 1 };
    params.delay_rules = vec![DelayRules { distance: [Some(rule); 2], ..DelayRules::default() }; 2];
    // Two cores side by side: 2 + 3 steps each way.
    let late = measured(&params);
    let written = measured(&params.late_by(4));
    assert_eq!(late, written);
    assert!(late.margin < 0.0 && prompt.margin > late.margin, "{late:?} and {prompt:?}");
}

#[test]
fn nudged_phases_have_their_own_delays() {
    let root = parse(&three_neurons(1), "it.toml").unwrap();
    let mut params = Session::new(Experiment::read(&root, None, None).unwrap()).unwrap().params;
    params.network.output = Some(0);
    params.network.connections[0].rate = 0.1;
    params.learning.beta = 1e-6;
    params.delay_rules = vec![DelayRules { nudged: [vec![14], vec![]], ..DelayRules::default() }; 9];
    let chip = build(&params).unwrap();
    let found = measure(&params, &*chip, Sample { class: Some(0), ..NOTHING }).expect("an equilibrium");
    assert!((found.spectral_radius - 0.905_188_084_475_591).abs() < 1e-9, "{found:?}");
    let nudged = found.nudged.expect("it learns");
    assert!((nudged.spectral_radius - 1.000_215_109_157_419_6).abs() < 1e-5, "{nudged:?}");
    assert_eq!(measure(&params, &*chip, NOTHING).expect("an equilibrium").nudged, None);
}

#[test]
fn without_a_barrier_the_margin_is_not_known() {
    let mut params = alone(Weights::Dense(vec![-1.0]));
    params.hardware.sync = Sync::Free(Free { delay_cycles: 1000, ..Free::default() });
    let error = measure(&params, &*build(&params).unwrap(), NOTHING).unwrap_err();
    assert!(
        error.contains("hardware.sync = \"free\"") && error.contains("steps of the slowest core"),
        "{error}"
    );
}
