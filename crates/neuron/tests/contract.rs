//! What every neuron model must do: the tests loop over the family's list, so a new model is covered.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Action, Counts, Digest, Number};
use equipoise_neuron::{
    Activation, Fires, Flow, Integrator, LifParams, NeuronModel, Neurons, RateParams, Reset,
};
use fixed::types::{I8F24, I16F48};

const NEURONS: usize = 70;

/// Every model with its defaults, and each model's other words and narrower registers.
fn models() -> Vec<NeuronModel> {
    let mut models = NeuronModel::defaults();
    for &(activation, _, _) in Activation::ALL {
        for &(flow, _, _) in Flow::ALL {
            let params =
                RateParams { activation, flow, activity_bits: 5, state_bits: 9, ..Default::default() };
            models.push(NeuronModel::Rate(params));
        }
    }
    for &(integrator, _, _) in Integrator::ALL {
        let params = LifParams { integrator, refractory_steps: 3, state_bits: 10, ..Default::default() };
        models.push(NeuronModel::Lif(params));
        let params =
            LifParams { integrator, reset: Reset::Subtract, fires: Fires::Above, ..Default::default() };
        models.push(NeuronModel::Lif(params));
    }
    models
}

/// Drives from -1 to 5, different in every step: strong enough that spiking models spike.
fn drive<N: Number>(step: u64) -> Vec<i64> {
    let noise = Noise::at(11, Stream::of(StreamKind::Test, 0), step);
    (0..NEURONS as u32).map(|i| N::nearest(6.0 * noise.uniform(i) - 1.0).raw()).collect()
}

fn built<N: Number>(model: &NeuronModel) -> Box<dyn Neurons<N>> {
    model.build(&[N::ZERO; NEURONS])
}

/// Runs `steps` steps from step `first` and returns the digest after each, with the activities in it.
fn run<N: Number>(neurons: &mut dyn Neurons<N>, first: u64, steps: u64) -> Vec<u64> {
    let bias = [N::nearest(0.1); NEURONS];
    let force = [N::nearest(-0.05); NEURONS];
    let mut counts = Counts::default();
    let mut digests = Vec::new();
    for step in first..first + steps {
        let nudged = (step % 2 == 1).then_some(&force[..]);
        let change = neurons.update(&drive::<N>(step), &bias, nudged, &mut counts);
        digests.push(digest_of(neurons, change));
    }
    assert_eq!(counts[Action::NeuronUpdate], steps * NEURONS as u64);
    digests
}

fn digest_of<N: Number>(neurons: &dyn Neurons<N>, change: N) -> u64 {
    let mut digest = Digest::default();
    neurons.digest(&mut digest);
    digest.words(
        neurons
            .activity()
            .iter()
            .chain(neurons.observed())
            .map(|r| r.raw() as u64)
            .collect::<Vec<_>>()
            .into_iter(),
    );
    digest.word(change.raw() as u64);
    digest.value()
}

fn state_digest<N: Number>(neurons: &dyn Neurons<N>) -> u64 {
    let mut digest = Digest::default();
    neurons.digest(&mut digest);
    digest.value()
}

#[test]
fn equal_inputs_give_equal_bits_and_other_inputs_other_bits() {
    for model in models() {
        let once = run::<I8F24>(&mut *built(&model), 0, 40);
        assert_eq!(once, run::<I8F24>(&mut *built(&model), 0, 40), "{model:?}");
        assert_ne!(once, run::<I8F24>(&mut *built(&model), 1, 40), "{model:?}");
        assert_eq!(run::<I16F48>(&mut *built(&model), 0, 40), run::<I16F48>(&mut *built(&model), 0, 40));
    }
}

#[test]
fn starting_again_forgets_the_run() {
    for model in models() {
        let mut neurons = built::<I8F24>(&model);
        let first = run(&mut *neurons, 0, 30);
        neurons.start();
        assert_eq!(run(&mut *neurons, 0, 30), first, "{model:?}");
    }
}

#[test]
fn the_start_state_is_the_populations_own() {
    for model in NeuronModel::defaults() {
        let start: Vec<I8F24> = (0..NEURONS).map(|i| I8F24::nearest(i as f64 / 100.0)).collect();
        let mut neurons = model.build(&start);
        assert_eq!(neurons.state(), start);
        run(&mut *neurons, 0, 3);
        assert_ne!(neurons.state(), start);
        neurons.start();
        assert_eq!(neurons.state(), start);
        run(&mut *neurons, 0, 3);
        neurons.restore();
        assert_eq!(neurons.state(), start, "shadow registers that were never written hold the start state");
    }
}

#[test]
fn what_was_saved_comes_back_with_everything_that_follows_from_it() {
    for model in models() {
        let mut neurons = built::<I16F48>(&model);
        run(&mut *neurons, 0, 25);
        neurons.save();
        let (state, activity) = (neurons.state().to_vec(), neurons.activity().to_vec());
        let spikes = neurons.spikes().cloned();
        let after = run(&mut *neurons, 25, 20);
        for _ in 0..2 {
            neurons.restore();
            assert_eq!(neurons.state(), state, "{model:?}");
            assert_eq!(neurons.activity(), activity, "{model:?}");
            assert_eq!(neurons.spikes(), spikes.as_ref(), "{model:?}");
            assert_eq!(run(&mut *neurons, 25, 20), after, "{model:?}");
        }
    }
}

#[test]
fn without_drive_zero_stays_and_anything_else_decays() {
    let (none, no_bias) = ([0_i64; NEURONS], [I8F24::ZERO; NEURONS]);
    for model in models() {
        let mut neurons = built::<I8F24>(&model);
        let mut counts = Counts::default();
        for _ in 0..5 {
            assert_eq!(neurons.update(&none, &no_bias, None, &mut counts), I8F24::ZERO, "{model:?}");
        }
        assert!(neurons.state().iter().all(|&u| u == I8F24::ZERO));

        let start: Vec<I8F24> = (0..NEURONS).map(|i| I8F24::nearest(i as f64 / 100.0)).collect();
        neurons.set_state(&start);
        let mut before = neurons.state().to_vec();
        for _ in 0..400 {
            neurons.update(&none, &no_bias, None, &mut counts);
            assert!(neurons.state().iter().zip(&before).all(|(now, was)| now.abs() <= *was), "{model:?}");
            before = neurons.state().to_vec();
        }
        // A narrow register stalls where a step is below half a code: 20 codes of 2^-9 for tau = 20 steps.
        assert!(before.iter().all(|&u| u.value() < 0.025), "{model:?}: {before:?}");
        assert_eq!(counts[Action::Spike], 0, "{model:?}");
    }
}

#[test]
fn one_lsb_of_one_neuron_or_two_neurons_exchanged_change_the_digest() {
    for model in NeuronModel::defaults() {
        let mut neurons = built::<I8F24>(&model);
        let mut state: Vec<I8F24> = (0..NEURONS).map(|i| I8F24::nearest(i as f64 / 100.0)).collect();
        neurons.set_state(&state);
        let reference = state_digest(&*neurons);
        state.swap(3, 50);
        neurons.set_state(&state);
        assert_ne!(state_digest(&*neurons), reference);
        state.swap(3, 50);
        neurons.set_state(&state);
        assert_eq!(state_digest(&*neurons), reference);
        state[69] += I8F24::DELTA;
        neurons.set_state(&state);
        assert_ne!(state_digest(&*neurons), reference);
    }
}

#[test]
fn activities_stay_in_their_range_and_spikes_are_told_in_one_way_only() {
    for model in models() {
        let mut neurons = built::<I8F24>(&model);
        let bias = [I8F24::ZERO; NEURONS];
        let mut counts = Counts::default();
        let mut spikes = 0;
        for step in 0..60 {
            let strong: Vec<i64> = drive::<I8F24>(step).iter().map(|d| d * (step as i64 - 20)).collect();
            neurons.update(&strong, &bias, None, &mut counts);
            let activity = neurons.activity();
            assert!(activity.iter().all(|&r| (-1..=1).contains(&r)), "{model:?}");
            if let Some(set) = neurons.spikes() {
                spikes += set.count() as u64;
                let told: Vec<usize> = (0..NEURONS).filter(|&i| activity[i] == 1).collect();
                assert_eq!(set.iter().collect::<Vec<_>>(), told, "{model:?}");
                assert!(activity.iter().all(|&r| r == 0 || r == 1), "{model:?}");
            }
        }
        assert_eq!(counts[Action::Spike], spikes, "{model:?}");
        assert_eq!(neurons.spikes().is_some(), spikes > 0, "the test's drive makes spiking models spike");
    }
}

#[test]
fn the_returned_change_is_the_largest_over_all_neurons() {
    for model in models() {
        let mut neurons = built::<I8F24>(&model);
        let bias = [I8F24::ZERO; NEURONS];
        for step in 0..30 {
            let before = neurons.state().to_vec();
            let change = neurons.update(&drive::<I8F24>(step), &bias, None, &mut Counts::default());
            let largest = before.iter().zip(neurons.state()).map(|(was, now)| (*now - *was).abs()).max();
            assert_eq!(Some(change), largest, "{model:?}");
        }
    }
}

#[test]
fn every_model_survives_writing_and_reading() {
    for model in models() {
        assert_eq!(NeuronModel::read_section(&model.write_section()).unwrap(), model);
    }
}
