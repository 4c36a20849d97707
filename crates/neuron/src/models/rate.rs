//! Rate neurons: u <- clip(u + a (-u + g(u) (drive + b) - beta dC/d·)), activity rho(u).

use crate::Neurons;
use crate::activation::{Activation, to_wire};
use crate::neurons::add_half_squares;
use crate::register::{LeakyRegister, Range, saturated_sum};
use equipoise_base::number::Wire;
use equipoise_base::{Action, Counts, Digest, Number, Refusal, SpikeSet, choice, params, words};

choice! {
    /// Which gradient flow a step follows.
    pub enum Flow {
        /// g = 1: the drive enters as it is (Cohen and Grossberg 1983); u stays within the register's range.
        CohenGrossberg = "cohen_grossberg",
        /// g = rho'(u): the gradient of the energy in u (Scellier and Bengio 2017). For the hard sigmoid g is
        /// one on the closed interval and u is clipped to [0, 1]; smooth responses keep the register's range.
        Scellier = "scellier",
    }
}

choice! {
    /// What the loss looks at, and so where the nudge pulls.
    pub enum CostOn {
        /// The activity rho(u), at full width. What `scellier` then follows is R(u) - d u, R being the integral of rho.
        Activity = "activity",
        /// The state u. What `cohen_grossberg` then follows is u rho(u) - R(u) - d rho(u): for tanh u tanh u - ln cosh u - d tanh u.
        State = "state",
    }
}

params! {
    /// Parameters of rate neurons.
    pub struct RateParams {
        /// The flow that a step follows.
        flow: Flow = Flow::default(), "";
        /// The response function.
        activation: Activation = Activation::default(), "";
        /// What the loss looks at.
        cost_on: CostOn = CostOn::default(), "";
        /// Step factor: the share of the way to its target that a state moves in one step.
        a: f64 = 0.5, "1", 0.0..=1.0;
        /// The register holds states from minus this to this (the hard sigmoid under `scellier`: 0 to 1).
        register_range: f64 = 8.0, "1", 0.0..=32767.0;
        /// Bits of an activity's magnitude on the wire, from 0 to 1 in 2^bits - 1 steps; 0: the full width of the format.
        activity_bits: u32 = 0, "bits", 0..=48;
        /// Fraction bits of the state's register; 0: the full width of the format.
        state_bits: u32 = 0, "bits", 0..=48;
    }
}

/// The cost whose gradient, in the flow's own metric, the nudge is; R is the integral of rho, d the target.
enum Cost {
    /// (o - d)^2 / 2 of what is observed: where flow and nudge belong together.
    HalfSquare,
    /// R(u) - d u: a pull of d - rho(u) in the metric of u.
    OnActivity,
    /// u rho(u) - R(u) - d rho(u): a pull of d - u in the metric of rho, du C' = rho' (u - d).
    OnState,
}

impl Cost {
    fn of(params: &RateParams) -> Self {
        match (params.flow, params.cost_on, params.activation) {
            // Within [0, 1], where this state stays, rho(u) is u.
            (Flow::Scellier, _, Activation::HardSigmoid) => Self::HalfSquare,
            (Flow::Scellier, CostOn::Activity, _) => Self::OnActivity,
            (Flow::CohenGrossberg, CostOn::State, _) => Self::OnState,
            (Flow::Scellier, CostOn::State, _) | (Flow::CohenGrossberg, CostOn::Activity, _) => {
                Self::HalfSquare
            }
        }
    }
}

impl RateParams {
    /// The states that a register holds.
    pub(super) fn range<N: Number>(&self) -> Range {
        let limit = N::nearest(self.register_range);
        let hard_scellier = self.flow == Flow::Scellier && self.activation == Activation::HardSigmoid;
        let (low, high) = if hard_scellier { (N::ZERO, N::from_raw(N::one_raw())) } else { (-limit, limit) };
        Range::new(low, high, self.state_bits)
    }

    /// Checks what a chip of format `N` cannot hold.
    pub(super) fn check<N: Number>(&self) -> Result<(), Refusal> {
        words::check::<N>("a", self.a)?;
        words::check::<N>("register_range", self.register_range)?;
        words::check_fraction::<N>("activity_bits", self.activity_bits, Wire::most_bits::<N>())?;
        words::check_fraction::<N>("state_bits", self.state_bits, N::FRACTION)?;
        if self.register_range != 0.0 && self.range::<N>().ends::<N>() == (0.0, 0.0) {
            let range = words::shown(self.register_range);
            let found = format!("{range}, less than a step of {} fraction bits", self.state_bits);
            return Err(Refusal::new("register_range", found, "0, a larger range, or more `state_bits`"));
        }
        Ok(())
    }
}

/// What follows from the parameters once.
struct Derived<N> {
    activation: Activation,
    cost_on: CostOn,
    cost: Cost,
    /// True where g(u) is not constant one.
    sloped: bool,
    /// The wire, where it is narrower than the format.
    wire: Option<Wire>,
    range: Range,
    register: LeakyRegister,
    start: Vec<N>,
}

/// What the neurons remember from step to step.
struct State<N> {
    potential: Vec<N>,
    shadow: Vec<N>,
}

/// Functions of the state, kept because others read them, and the step's buffer.
struct Scratch<N> {
    rho: Vec<N>,
    wire: Vec<N>,
    target: Vec<N>,
}

/// A slice of rate neurons.
pub(crate) struct Rate<N> {
    derived: Derived<N>,
    state: State<N>,
    scratch: Scratch<N>,
}

impl<N: Number> Rate<N> {
    pub(crate) fn new(params: &RateParams, start: &[N]) -> Self {
        let range = params.range::<N>();
        let start: Vec<N> = start.iter().map(|&value| range.hold(value)).collect();
        let wire = Wire::new::<N>(params.activity_bits);
        let wire_len = if wire.is_some() { start.len() } else { 0 };
        let mut neurons = Self {
            state: State { potential: start.clone(), shadow: start.clone() },
            scratch: Scratch { rho: start.clone(), wire: vec![N::ZERO; wire_len], target: start.clone() },
            derived: Derived {
                activation: params.activation,
                cost_on: params.cost_on,
                cost: Cost::of(params),
                sloped: params.flow == Flow::Scellier && params.activation != Activation::HardSigmoid,
                wire,
                register: LeakyRegister::new::<N>(params.a, range.clone()),
                range,
                start,
            },
        };
        neurons.respond();
        neurons
    }

    /// Brings rho and the wires up to date with the state.
    fn respond(&mut self) {
        let Scratch { rho, wire, .. } = &mut self.scratch;
        self.derived.activation.respond(&self.state.potential, rho);
        if let Some(words) = self.derived.wire {
            to_wire(words, rho, wire);
        }
    }

    /// Where every state is drawn to: g(u) (drive + b) + force.
    fn aim(&mut self, drive: &[i64], bias: &[N], force: Option<&[N]>) {
        let Scratch { rho, target, .. } = &mut self.scratch;
        if !self.derived.sloped {
            return saturated_sum(drive, bias, force, target);
        }
        saturated_sum(drive, bias, None, target);
        for (target, &rho) in target.iter_mut().zip(rho.iter()) {
            if let Some(slope) = self.derived.activation.slope(rho) {
                *target = slope.times(*target);
            }
        }
        if let Some(force) = force {
            assert_eq!(force.len(), target.len(), "one force per neuron");
            target.iter_mut().zip(force).for_each(|(target, &force)| *target = target.saturating_add(force));
        }
    }
}

impl<N: Number> Neurons<N> for Rate<N> {
    fn start(&mut self) {
        self.state.potential.copy_from_slice(&self.derived.start);
        self.respond();
    }

    fn set_state(&mut self, state: &[N]) {
        assert_eq!(state.len(), self.len(), "one state per neuron");
        let range = &self.derived.range;
        self.state.potential.iter_mut().zip(state).for_each(|(mine, &given)| *mine = range.hold(given));
        self.respond();
    }

    fn range(&self) -> (f64, f64) {
        self.derived.range.ends::<N>()
    }

    fn state(&self) -> &[N] {
        &self.state.potential
    }

    fn activity(&self) -> &[N] {
        if self.derived.wire.is_some() { &self.scratch.wire } else { &self.scratch.rho }
    }

    fn observed(&self) -> &[N] {
        match self.derived.cost_on {
            CostOn::Activity => &self.scratch.rho,
            CostOn::State => &self.state.potential,
        }
    }

    fn add_cost(&self, target: &[N], sum: &mut f64) {
        let Derived { cost, activation, .. } = &self.derived;
        let neurons = self.state.potential.iter().zip(&self.scratch.rho).zip(target);
        let numbers = neurons.map(|((u, rho), d)| (u.value(), rho.value(), d.value()));
        match cost {
            Cost::HalfSquare => add_half_squares(self.observed(), target, sum),
            Cost::OnActivity => numbers.for_each(|(u, _, d)| *sum += activation.integral(u) - d * u),
            Cost::OnState => {
                numbers.for_each(|(u, rho, d)| *sum += u * rho - activation.integral(u) - d * rho);
            }
        }
    }

    fn spikes(&self) -> Option<&SpikeSet> {
        None
    }

    fn update(&mut self, drive: &[i64], bias: &[N], force: Option<&[N]>, counts: &mut Counts) -> N {
        self.aim(drive, bias, force);
        let largest = self.derived.register.advance(&mut self.state.potential, &self.scratch.target);
        self.respond();
        counts.add(Action::NeuronUpdate, self.state.potential.len() as u64);
        largest
    }

    fn save(&mut self) {
        self.state.shadow.copy_from_slice(&self.state.potential);
    }

    fn restore(&mut self) {
        self.state.potential.copy_from_slice(&self.state.shadow);
        self.respond();
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.potential.iter().map(|u| u.raw() as u64));
    }

    fn bits_per_neuron(&self) -> u64 {
        self.derived.range.bits()
    }
}
