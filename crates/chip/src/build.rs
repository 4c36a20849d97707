//! From parameters to a chip.

use crate::axon::{Axon, delays_of};
use crate::block::{Block, Held};
use crate::bookkeeping::shape_of;
use crate::chip::Chip;
use crate::clipping;
use crate::core::{Clamped, Core, Nudge, Unit};
use crate::delays::{self, BlockDelays, axons};
use crate::derived::Derived;
use crate::flights::Flights;
use crate::free::FreeRun;
use crate::inventory::{self, Circuits};
use crate::layout::Layout;
use crate::lower::Origin;
use crate::machine::Machine;
use crate::network::{Connection, Network, NetworkError, Population, Weights, is_spiking};
use crate::oscillation::{Names, fires, granular, leak};
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::params::{CoreKind, Params, StateFormat};
use crate::placement::Slice;
use crate::routes::{Routes, Seats};
use crate::settling::{MonitorParams, SettlingMonitor};
use crate::shares::Shares;
use crate::store;
use crate::team::Team;
use crate::timing::{CorePlan, StepClock, StepPlan};
use crate::wires::Wires;
use equipoise_base::number::Wire;
use equipoise_base::record::{Block as Circuit, CoreBook, PerBlock};
use equipoise_base::{Counts, Digest, Number, Phase};
use equipoise_learning::pulses::PulseParams;
use equipoise_learning::{BiasController, Fsm, SynapseController, SynapseParams};
use equipoise_neuron::NeuronModel;
use equipoise_router::axons::Delays;
use equipoise_router::{SendPolicy, Sender};
use equipoise_scheduler::{Clock, Sync, Timeline, WindowBook};
use fixed::types::{I8F24, I16F48};
use std::sync::Arc;

/// Builds a chip in the number format that its hardware names.
///
/// # Errors
/// If the network contradicts itself or does not fit the chip.
pub fn build(params: &Params) -> Result<Box<dyn Machine>, NetworkError> {
    Ok(match params.hardware.state {
        StateFormat::Default => Box::new(Chip::<I8F24>::new(params)?),
        StateFormat::Wide => Box::new(Chip::<I16F48>::new(params)?),
    })
}

impl<N: Number> Chip<N> {
    /// Places the network and builds every core.
    ///
    /// # Errors
    /// If the network contradicts itself or does not fit the chip.
    pub fn new(params: &Params) -> Result<Self, NetworkError> {
        let Layout { network, origins, slices, rules, extent, transport } = Layout::new(params)?;
        let names = Names::new(&params.network);
        let network = &*network;
        let shares = Shares::new(network, &slices);
        let routes = Routes::new(network, &slices, &shares);
        let seats = Seats::new(&slices, &routes, params.hardware.router.has_routers());
        let activity_bits = wire_bits::<N>(params);
        let blueprint = Blueprint { params, network, shares };
        let mut stores = 0;
        let mut longest_delay = 1;
        let mut cores: Vec<Box<Core<N>>> = Vec::with_capacity(slices.len());
        let ways = params.hardware.router.has_routers().then_some(&*transport);
        let site = delays::Site { slices: &slices, width: extent.width, ways };
        for (core, slice) in slices.iter().enumerate() {
            let (delays, longest) = delays::of_core(network, &rules, site, core)?;
            longest_delay = longest_delay.max(longest as usize);
            cores.push(Box::new(build_core(&blueprint, core, slice, &delays, &mut stores)?));
        }
        let clocks = if matches!(params.hardware.sync, Sync::Free(_)) { cores.len() } else { 1 };
        let overtaking = cores.iter().flat_map(|core| &core.blocks).any(|block| block.changes.is_some());
        let flights = Flights::new(clocks, network.populations.len(), longest_delay as u64, overtaking);
        let noisy = store::is_noisy(&params.hardware);
        let settle = &params.phases.settle;
        let pace = match &params.hardware.sync {
            Sync::Barrier(_) => {
                let barrier_cycles = u64::from(params.hardware.barrier_cycles);
                let circuits = cores.iter().map(|core| core.circuits.clone()).collect();
                Pace::Barrier(Box::new(StepClock::new(transport, routes, seats, circuits, barrier_cycles)))
            }
            Sync::Free(free) => {
                let run = FreeRun::new(free, transport, routes, seats, &cores)?;
                longest_delay += run.steps_in_transport() as usize;
                Pace::Free(Box::new(run))
            }
        };
        let nodes = extent.nodes() as u64;
        let inventory = inventory::take_stock(params, nodes, &mut cores, activity_bits, &pace);
        let restart_bits = cores.iter().map(|core| core.book.inventory.get(Circuit::Restart)).sum();
        let mut chip = Self {
            derived: Derived::new(params, activity_bits, restart_bits),
            wires: Wires::new(network.populations.iter().map(|p| (p.size, p.neuron.is_none()))),
            plan: StepPlan { cores: vec![CorePlan::default(); cores.len()] },
            pace,
            clock: Clock::default(),
            timeline: Timeline::default(),
            fsm: Fsm::default(),
            monitor: SettlingMonitor::new(MonitorParams {
                epsilon: settle.tolerance,
                hold: settle.hold as usize,
                noisy,
                leak: leak(network),
                longest_delay,
                detect: params.phases.detect && !fires(network),
                window: params.phases.oscillation_window as usize,
                granular: granular::<N>(params),
            }),
            windows: WindowBook::new(params.hardware.power_window_cycles),
            settling: Default::default(),
            events: Default::default(),
            flights,
            core_order: (0..cores.len()).collect(),
            order: Digest::default(),
            training: true,
            updates: 0,
            samples: 0,
            inputs_clipped: clipping::of_start::<N>(params),
            input_range: clipping::input_range::<N>(&params.hardware),
            lessons: 0,
            inputs_are_fresh: true,
            unsettled: false,
            oscillated: false,
            last_cycle: None,
            outcome: Outcome::default(),
            trail: Default::default(),
            homes: homes(network, &origins, &params.network.connections),
            names,
            shape: shape_of(params, &cores),
            inferences: 0,
            nodes,
            inventory,
            structure: crate::structure::structure(params, slices.len())?,
            team: Team::new(1),
            cores,
        };
        chip.start();
        Ok(chip)
    }
}

/// Where synapses of a connection are found: block `block` of every core of population `to`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    pub to: usize,
    pub block: usize,
    /// What these synapses take beside their axons and what their store says.
    pub extra: u32,
}

/// The synapses of a connection, wherever they are.
#[derive(Clone, Debug)]
pub(crate) struct Homes {
    /// True for a list of synapses, false where every pair has one.
    pub listed: bool,
    pub list: Vec<Home>,
}

/// The homes of each of the connections `given`; `origins` names it for each lowered one.
fn homes(lowered: &Network, origins: &[Origin], given: &[Connection]) -> Vec<Homes> {
    let connections = &lowered.connections;
    let earlier = |i: usize| connections[..i].iter().filter(|c| c.to == connections[i].to).count();
    let listed = given.iter().map(|c| matches!(c.weights, Weights::Edges(_)));
    let mut homes: Vec<Homes> = listed.map(|listed| Homes { listed, list: Vec::new() }).collect();
    for (i, &Origin { connection, extra }) in origins.iter().enumerate() {
        homes[connection].list.push(Home { to: connections[i].to, block: earlier(i), extra });
    }
    homes
}

/// Bits of an activity on the wires.
fn wire_bits<N: Number>(params: &Params) -> u64 {
    match params.hardware.activity_bits {
        0 => u64::from(N::FRACTION),
        bits => u64::from(bits),
    }
}

/// What every core is built from.
struct Blueprint<'a> {
    params: &'a Params,
    network: &'a Network,
    shares: Shares,
}

fn build_core<N: Number>(
    blueprint: &Blueprint<'_>,
    core: usize,
    slice: &Slice,
    delays: &[BlockDelays],
    stores: &mut u32,
) -> Result<Core<N>, NetworkError> {
    let &Blueprint { params, network, .. } = blueprint;
    let population = &network.populations[slice.population];
    let neurons = slice.range.len();
    let numbers = |list: &[f64]| -> Vec<N> {
        if list.is_empty() {
            vec![N::ZERO; neurons]
        } else {
            list[slice.range.clone()].iter().map(|&v| N::nearest(v)).collect()
        }
    };
    let wire = Wire::new::<N>(params.hardware.activity_bits);
    let on_wire = |value: N| wire.map_or(value, |wire| wire.carry(value));
    let unit = match &population.neuron {
        None => Unit::Clamped(Clamped {
            value: numbers(&population.start).into_iter().map(on_wire).collect(),
            events: Vec::new(),
            played: 0,
        }),
        Some(model) => {
            Unit::Free(wired(model, params.hardware.activity_bits).build(&numbers(&population.start)))
        }
    };
    let inbound = (0..network.connections.len()).filter(|&c| network.connections[c].to == slice.population);
    let mut circuits = Circuits::default();
    let mut book = CoreBook::new(slice.node, PerBlock::default());
    let programming = book.of_mut(Phase::Program);
    let blocks: Vec<Block<N>> = inbound
        .zip(delays)
        .map(|(c, delays)| {
            build_block(blueprint, c, (core, slice), delays, stores, &mut circuits.reads, programming)
        })
        .collect::<Result<_, _>>()?;
    let lanes = &params.hardware.neuron;
    let update_cycles = neurons.div_ceil(lanes.lanes as usize) as u64 * u64::from(lanes.update_cycles);
    let is_free = matches!(unit, Unit::Free(_));
    let is_output = network.output == Some(slice.population);
    let rows =
        blocks.iter().filter(|b| b.controller.is_some()).map(|b| b.store.update_rows()).max().unwrap_or(0);
    let learns = is_free && population.bias_rate != 0.0;
    let mut core = Core {
        bias: numbers(&population.bias),
        drive: vec![0; neurons],
        alone: false,
        nudge: (is_output && is_free).then(|| Nudge {
            target: vec![N::ZERO; neurons],
            beta: N::ZERO,
            force: vec![N::ZERO; neurons],
        }),
        bias_controller: learns
            .then(|| BiasController::new(params.learning.latch.clone(), population.bias_rate, neurons)),
        sender: Sender::new(send_policy(params, network, slice), neurons),
        book,
        phase: Phase::Load,
        change: N::ZERO,
        steps: 0,
        plan: CorePlan {
            return_ready: vec![0; blocks.len()],
            update_cycles: if is_free { update_cycles } else { 0 },
            ..CorePlan::default()
        },
        circuits,
        largest: vec![0; rows],
        blocks,
        unit,
        slice: slice.clone(),
    };
    core.circuits.update = inventory::of_update(&core, u64::from(lanes.lanes));
    Ok(core)
}

/// Spiking neurons send spikes; the rest keep the chip's policy.
fn send_policy(params: &Params, network: &Network, slice: &Slice) -> SendPolicy {
    if is_spiking(network, slice.population) {
        SendPolicy::Spike(Default::default())
    } else {
        params.hardware.send.clone()
    }
}

/// The model with the chip's activity width, where it has none of its own.
fn wired(model: &NeuronModel, activity_bits: u32) -> NeuronModel {
    let mut model = model.clone();
    if let NeuronModel::Rate(rate) = &mut model
        && rate.activity_bits == 0
    {
        rate.activity_bits = activity_bits;
    }
    model
}

/// The axons with room for the delays of every phase, so that their memory is counted from the start.
fn with_room<N: Number>(mut axon: Axon<N>, changes: Option<&[[Delays; 2]; 2]>, way: usize) -> Axon<N> {
    for phase in changes.into_iter().flat_map(|changes| changes.iter().rev()) {
        axon.set_delays(&phase[way]);
    }
    axon
}

/// How the synapses between two populations learn.
pub(crate) fn synapse_params(params: &Params, rate: f64, [from, to]: [&Population; 2]) -> SynapseParams {
    let update = &params.hardware.update;
    let pulses = PulseParams {
        scheme: params.learning.update.unwrap_or(update.scheme),
        max_pulses: update.max_pulses,
        accumulator_bits: update.accumulator_bits,
        accumulator_fraction: update.accumulator_fraction,
        direct: false,
    };
    // A stored magnitude between unlike or inhibitory partners is a negative coupling of the energy.
    let negative = from.sign.factor() * to.sign.factor() < 0 || from.sign.factor() < 0;
    let sign = if negative { -1.0 } else { 1.0 };
    SynapseParams { latch: params.learning.latch.clone(), pulses, rate, sign }
}

fn build_block<N: Number>(
    blueprint: &Blueprint<'_>,
    number: usize,
    (core, slice): (usize, &Slice),
    delays: &BlockDelays,
    stores: &mut u32,
    reads: &mut Vec<PerBlock>,
    programming: &mut Counts,
) -> Result<Block<N>, NetworkError> {
    let &Blueprint { params, network, ref shares } = blueprint;
    let connection = &network.connections[number];
    let index = *stores;
    *stores += 1;
    let (from, to) = (&network.populations[connection.from], &network.populations[connection.to]);
    let spiking = is_spiking(network, connection.from);
    let site = store::Site { connection, from, to, slice, positions: shares.of(number, core) };
    let built = store::build::<N>(&params.hardware, &site, (params.seed, index), spiking)?;
    *programming += &built.counts;
    let shape = built.store.shape();
    let returns = connection.symmetric && from.neuron.is_some();
    let own_spiking = is_spiking(network, connection.to);
    let held_back =
        delays.free[1].iter().chain(delays.nudged.iter().flat_map(|[_, back]| back)).any(|&d| d > 1);
    let changes = delays.nudged.as_ref().map(|nudged| {
        let of = |[ahead, back]: &[Vec<u32>; 2]| {
            [delays_of(from.size, &axons(ahead)), delays_of(slice.range.len(), &axons(back))]
        };
        [of(&delays.free), of(nudged)]
    });
    let is_analog = params.hardware.core.kind == CoreKind::Analog;
    // A table knows its synapses itself.
    let sparsity = if is_analog || connection.rate != 0.0 { site.sparsity().map(Arc::new) } else { None };
    let controller = (connection.rate != 0.0).then(|| {
        let synapses = synapse_params(params, connection.rate, [from, to]);
        SynapseController::new(synapses, shape, sparsity.clone(), built.store.grain(), params.seed, index)
    });
    let by_value = is_analog || controller.is_some();
    let block = Block {
        from: connection.from,
        shape,
        clipped: built.clipped,
        axon: with_room(
            Axon::new(spiking, from.size, &axons(&delays.free[0]), by_value),
            changes.as_ref(),
            0,
        ),
        own: (returns && held_back).then(|| {
            let own = Axon::new(own_spiking, slice.range.len(), &axons(&delays.free[1]), true);
            with_room(own, changes.as_ref(), 1)
        }),
        changes: changes.map(Box::new),
        returned: returns.then(|| vec![0; from.size]),
        held: (from.neuron.is_none() && params.hardware.hold_clamped && !spiking).then(|| Held {
            valid: false,
            steady: true,
            drive: vec![0; slice.range.len()],
        }),
        forward_sign: from.sign.factor(),
        return_sign: to.sign.factor(),
        controller,
        sparsity: sparsity.filter(|_| is_analog),
        scratch: vec![0; slice.range.len()],
        store: built.store,
    };
    reads.push(inventory::of_read(&block, built.inventory, wire_bits::<N>(params)));
    Ok(block)
}
