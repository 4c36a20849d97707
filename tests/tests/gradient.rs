//! The gradient that an ideal chip's latches hold is the gradient of the loss, as well as beta and the word
//! length allow.

use equipoise_chip::build;
use equipoise_chip::catalog::Nudging;
use equipoise_chip::params::StateFormat;
use equipoise_oracle::{EnergyNetwork, Fidelity, Nudge, Settling, ep};
use equipoise_tests::ep_case::{EpCase, flat, lsb};

/// Long enough to settle to the last bit: the slowest mode loses 12 % per step.
const STEPS: u32 = 2_000;

fn cases() -> [EpCase; 2] {
    ["smooth", "clip"].map(|kind| EpCase::load(&format!("ep_static_gradient_{kind}.json")))
}

/// The true gradient, by implicit differentiation.
fn truth(case: &EpCase) -> Vec<f64> {
    flat(&case.file["grad_implicit"], |name| name)
}

fn relative_error(estimate: &[f64], truth: &[f64]) -> f64 {
    Fidelity::of(estimate, truth).expect("a gradient").relative_error
}

fn chips_error(case: &EpCase, state: StateFormat, nudging: Nudging, beta: f64) -> f64 {
    relative_error(&case.gradient_on_chip(state, nudging, beta, STEPS), &truth(case))
}

/// How far words of `state` can take the estimate at `beta` from exact arithmetic, as a share of the true
/// gradient: both compared correlations may be off, and their difference is divided by the distance of the
/// betas.
fn word_error_bound(case: &EpCase, state: StateFormat, nudging: Nudging, beta: f64) -> f64 {
    let distance = if nudging == Nudging::Centered { 2.0 * beta } else { beta };
    let norm = truth(case).iter().map(|g| g * g).sum::<f64>().sqrt();
    2.0 * case.correlation_error_lsb(beta) * lsb(state) / distance / norm
}

fn estimator(nudging: Nudging) -> &'static str {
    match nudging {
        Nudging::OneSided => "plus",
        Nudging::Negative => "minus",
        _ => "centred",
    }
}

#[test]
fn the_wide_chips_estimates_are_those_of_the_reference_to_the_word_length() {
    for case in cases() {
        for nudging in [Nudging::OneSided, Nudging::Negative, Nudging::Centered] {
            let rows = case.file["estimates"].as_array().expect("a list");
            let mine = rows.iter().filter(|row| row["estimator"] == estimator(nudging));
            // Above 0.1 a nudged phase may need more steps, or have no equilibrium at all.
            let small = mine.filter(|row| row["beta"].as_f64().is_some_and(|beta| beta <= 0.1));
            let mut compared = 0;
            for row in small {
                let beta = row["beta"].as_f64().expect("a number");
                let found = case.gradient_on_chip(StateFormat::Wide, nudging, beta, STEPS);
                let apart = relative_error(&found, &flat(&row["grad"], |name| name));
                // The reference itself is good to 1e-10 in absolute terms.
                let allowed = word_error_bound(&case, StateFormat::Wide, nudging, beta) + 1e-10;
                assert!(apart <= allowed, "{} beta {beta}: {apart:e} > {allowed:e}", estimator(nudging));
                compared += 1;
            }
            assert_eq!(compared, 4, "beta = 0.1, 0.05, 0.01, 0.001");
        }
    }
}

/// The chip's errors at these betas, and how much smaller each is than the one before.
fn ratios(case: &EpCase, nudging: Nudging, betas: &[f64]) -> Vec<f64> {
    let errors: Vec<f64> =
        betas.iter().map(|&beta| chips_error(case, StateFormat::Wide, nudging, beta)).collect();
    errors.windows(2).map(|pair| pair[0] / pair[1]).collect()
}

#[test]
fn with_wide_words_the_error_falls_tenfold_per_decade_of_beta_and_a_hundredfold_if_centered() {
    for case in cases() {
        for nudging in [Nudging::OneSided, Nudging::Negative] {
            let found = ratios(&case, nudging, &[1e-2, 1e-3, 1e-4, 1e-5]);
            assert!(found.iter().all(|r| (9.5..10.5).contains(r)), "{found:?}");
        }
        let found = ratios(&case, Nudging::Centered, &[1e-1, 1e-2, 1e-3, 1e-4]);
        assert!(found.iter().all(|r| (95.0..105.0).contains(r)), "{found:?}");
    }
}

/// The share of the estimate's error that is due to the words alone: against exact arithmetic at the same beta.
fn word_error(case: &EpCase, state: StateFormat, nudging: Nudging, beta: f64) -> f64 {
    let of_oracle = match nudging {
        Nudging::OneSided => equipoise_oracle::Nudging::OneSided,
        Nudging::Negative => equipoise_oracle::Nudging::Negative,
        _ => equipoise_oracle::Nudging::Centered,
    };
    let nudge = Nudge { nudging: of_oracle, beta };
    let start = case.network.zero_state();
    let exact = ep::at_fixed_points(&case.network, case.sample(), &start, nudge, &Settling::default());
    let exact = exact.expect("it settles").gradient.flat();
    let found = case.gradient_on_chip(state, nudging, beta, STEPS);
    let apart: Vec<f64> = found.iter().zip(&exact).map(|(f, e)| f - e).collect();
    let truth = truth(case);
    let shifted: Vec<f64> = truth.iter().zip(&apart).map(|(t, a)| t + a).collect();
    relative_error(&shifted, &truth)
}

#[test]
fn the_words_add_an_error_of_lsb_over_beta_in_both_formats() {
    for case in cases() {
        for (state, betas) in
            [(StateFormat::Default, [1e-1, 1e-2, 1e-3]), (StateFormat::Wide, [1e-2, 1e-4, 1e-6])]
        {
            for nudging in [Nudging::OneSided, Nudging::Centered] {
                for beta in betas {
                    let (found, bound) = (
                        word_error(&case, state, nudging, beta),
                        word_error_bound(&case, state, nudging, beta),
                    );
                    assert!(found <= bound, "{} beta {beta}: {found:e} > {bound:e}", state.word());
                    // It is there: not less than a thousandth of one LSB over beta.
                    assert!(found * beta >= 1e-3 * lsb(state), "{} beta {beta}: {found:e}", state.word());
                }
            }
        }
    }
}

#[test]
fn with_24_bits_a_smaller_beta_stops_helping_and_one_that_would_be_lost_is_refused() {
    for case in cases() {
        let error = |beta| chips_error(&case, StateFormat::Default, Nudging::OneSided, beta);
        let (large, best, small) = (error(1e-1), error(1e-3), error(1e-6));
        assert!(best < large / 5.0 && small > 5.0 * best, "{large:e} {best:e} {small:e}");
        let lost = case.chip(StateFormat::Default, Nudging::OneSided, lsb(StateFormat::Default) / 4.0);
        let refusal = build(&lost).err().map_or_else(String::new, |error| error.to_string());
        assert!(refusal.contains("`learning.beta`") && refusal.contains("rounded to 0"), "{refusal}");
    }
}
