//! Every number of `ep/ep_static_gradient_{smooth,clip}.json`: the gradient at the fixed point and EP's estimates of it.

use crate::files::{Case, assert_close, list, number, parameters, state, vector};
use equipoise_oracle::{
    EnergyNetwork, Fidelity, Nudge, Nudging, Settling, Steps, cost, ep, finite_difference, fixed_point,
    implicit,
};

const TOLERANCE: f64 = 1e-10;

fn cases() -> [Case; 2] {
    ["smooth", "clip"].map(|kind| Case::load(&format!("ep/ep_static_gradient_{kind}.json")))
}

fn free_state(case: &Case) -> Vec<f64> {
    let start = case.network.zero_state();
    fixed_point(&case.network, case.sample(), 0.0, &start, &Settling::default()).expect("it settles").state
}

#[test]
fn the_free_fixed_point_and_its_loss_are_those_of_the_reference() {
    for case in cases() {
        let free = free_state(&case);
        assert_close("free state", &free, &state(&case.file["free_h"], &case.file["free_y"]), TOLERANCE);
        let loss = cost(&case.network, case.sample().target, &free);
        assert_close("loss", &[loss], &[number(&case.file["loss"])], TOLERANCE);
    }
}

#[test]
fn the_energy_is_as_curved_at_the_fixed_point_as_in_the_reference() {
    for case in cases() {
        let hessian = -implicit::force_jacobian(&case.network, case.sample(), 0.0, &free_state(&case));
        let mut found: Vec<f64> = hessian.symmetric_eigenvalues().iter().copied().collect();
        found.sort_by(f64::total_cmp);
        assert_close("eigenvalues", &found, &vector(&case.file["hessian_eigs"]), TOLERANCE);
    }
}

#[test]
fn finite_differences_and_implicit_differentiation_give_the_gradient_of_the_reference() {
    for case in cases() {
        let free = free_state(&case);
        let expected = parameters(&case.file["grad_implicit"]).flat();
        let found = implicit::gradient(&case.network, case.sample(), &free).expect("a strict minimum").flat();
        assert_close("implicit", &found, &expected, TOLERANCE);

        let settling = Settling::default();
        let found = finite_difference::loss_gradient(&case.network, case.sample(), &free, &settling);
        let found = found.expect("it settles").flat();
        // Both sets of differences carry an error of their own of some 5e-12 (`max_abs_fd_minus_implicit`).
        assert_close("differences", &found, &parameters(&case.file["grad_fd"]).flat(), 2e-11);
        assert_close("differences against implicit", &found, &expected, 1e-11);
        assert!(number(&case.file["max_abs_fd_minus_implicit"]) < 1e-11);
    }
}

/// Where the logistic network is nudged with beta = -1 its output has no equilibrium: the pull of the energy and the
/// push of the nudge cancel, and the state creeps away. The reference holds what it found after 8,000 steps.
const STEPS: Steps = Steps { free: 0, nudged: 8000 };

fn has_equilibrium(case: &Case, nudge: Nudge) -> bool {
    case.file["kind"] == "clip" || nudge.betas().0 > -1.0
}

fn estimate(case: &Case, free: &[f64], nudge: Nudge) -> ep::Estimate {
    let settled = ep::at_fixed_points(&case.network, case.sample(), free, nudge, &Settling::default());
    assert_eq!(settled.is_ok(), has_equilibrium(case, nudge), "{nudge:?}: {:?}", settled.err());
    settled.unwrap_or_else(|_| ep::after_steps(&case.network, case.sample(), free, nudge, STEPS))
}

#[test]
fn ep_gives_every_estimate_of_the_reference() {
    for case in cases() {
        let free = free_state(&case);
        let truth = implicit::gradient(&case.network, case.sample(), &free).expect("a strict minimum").flat();
        let estimates = list(&case.file["estimates"]);
        assert_eq!(estimates.len(), 3 * 7, "three estimators, seven strengths");
        for expected in estimates {
            let nudging = match expected["estimator"].as_str() {
                Some("plus") => Nudging::OneSided,
                Some("minus") => Nudging::Negative,
                Some("centred") => Nudging::Centered,
                other => panic!("estimator {other:?}"),
            };
            let nudge = Nudge { nudging, beta: number(&expected["beta"]) };
            let what = format!("{nudge:?}");
            let found = estimate(&case, &free, nudge);
            let gradient = found.gradient.flat();
            assert_close(&what, &gradient, &parameters(&expected["grad"]).flat(), TOLERANCE);
            let fidelity = Fidelity::of(&gradient, &truth).unwrap();
            assert_close(&what, &[fidelity.cosine], &[number(&expected["cosine"])], TOLERANCE);
            assert_close(&what, &[fidelity.relative_error], &[number(&expected["rel_err"])], TOLERANCE);
            // An angle in degrees is 57 times the relative change of direction that it stands for.
            assert_close(&what, &[fidelity.angle_deg], &[number(&expected["angle_deg"])], 57.3 * TOLERANCE);
            if nudging == Nudging::OneSided {
                let plus = state(&expected["h_plus"], &expected["y_plus"]);
                assert_close(&what, &found.upper, &plus, TOLERANCE);
                let mirrored = estimate(&case, &free, Nudge { nudging: Nudging::Negative, ..nudge });
                let minus = state(&expected["h_minus"], &expected["y_minus"]);
                assert_close(&what, &mirrored.lower, &minus, TOLERANCE);
            }
        }
    }
}
