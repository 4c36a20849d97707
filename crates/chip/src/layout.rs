//! How a network sits on its chip, before anything is built.

use crate::delays::{self, Lowered};
use crate::lower::{Origin, lowered};
use crate::network::{Network, NetworkError};
use crate::numbers::check_numbers;
use crate::params::{CoreKind, Mesh, Params, Settle, StateFormat};
use crate::placement::{self, Arrays, Capacity, Demand, Saving, Slice, place, smallest_mesh};
use crate::routes::Routes;
use crate::settling::SettleRule;
use crate::shares::Shares;
use crate::store;
use equipoise_base::synapses::Shape;
use equipoise_router::{Extent, Transport};
use fixed::types::{I8F24, I16F48};
use std::borrow::Cow;

/// How a network would sit on a chip, without building it.
///
/// # Errors
/// As [`build`](crate::build()).
pub fn plan(params: &Params) -> Result<Vec<Slice>, NetworkError> {
    Layout::new(params).map(|layout| layout.slices)
}

/// What the placement of a network's cores saves.
///
/// # Errors
/// As [`build`](crate::build()).
pub fn placement_saving(params: &Params) -> Result<Saving, NetworkError> {
    let Layout { network, slices, transport, .. } = Layout::new(params)?;
    let nodes: Vec<u32> = slices.iter().map(|slice| slice.node).collect();
    Ok(demand(params, &network, &slices, &*transport).saving(&nodes, &*transport))
}

/// A network on its cores.
pub(crate) struct Layout<'a> {
    pub network: Cow<'a, Network>,
    /// For each connection of the network where it comes from.
    pub origins: Vec<Origin>,
    /// The cores, each on its node.
    pub slices: Vec<Slice>,
    /// What the delays of each connection follow.
    pub rules: Vec<Lowered>,
    pub extent: Extent,
    pub transport: Box<dyn Transport>,
}

impl<'a> Layout<'a> {
    /// The layout of the network that `params` put on their chip.
    ///
    /// # Errors
    /// If the network contradicts itself or does not fit.
    pub fn new(params: &'a Params) -> Result<Self, NetworkError> {
        params.network.check()?;
        check_numbers(params).map_err(|refusal| NetworkError(refusal.to_string()))?;
        let (network, origins) = lowered(&params.network, params.hardware.core.kind);
        let mut slices = place(&network, capacity(params))?;
        let extent = mesh_for(params, slices.len())?;
        let transport = params.hardware.router.build(slices.len(), extent);
        let transport = transport.map_err(|error| NetworkError(error.to_string()))?;
        let demand = |slices: &[Slice]| demand(params, &network, slices, &*transport);
        placement::seat(
            &mut slices,
            &params.hardware.placement,
            &network,
            extent.nodes(),
            &*transport,
            demand,
        )?;
        let rules = delays::lowered_rules(params, &network, &origins);
        let ways = params.hardware.router.has_routers().then_some(&*transport);
        let site = delays::Site { slices: &slices, width: extent.width, ways };
        (0..slices.len()).try_for_each(|core| delays::of_core(&network, &rules, site, core).map(|_| ()))?;
        for (connection, slice) in network.connections.iter().flat_map(|c| slices.iter().map(move |s| (c, s)))
        {
            if connection.to == slice.population {
                let shape =
                    Shape { rows: network.populations[connection.from].size, columns: slice.range.len() };
                match params.hardware.state {
                    StateFormat::Default => store::check::<I8F24>(&params.hardware, shape)?,
                    StateFormat::Wide => store::check::<I16F48>(&params.hardware, shape)?,
                }
            }
        }
        check_settle(params)?;
        Ok(Self { network, origins, slices, rules, extent, transport })
    }
}

/// What the cores of a placed network send each other.
fn demand(params: &Params, network: &Network, slices: &[Slice], transport: &dyn Transport) -> Demand {
    let routes = Routes::new(network, slices, &Shares::new(network, slices));
    Demand::new(params, network, slices, &routes, transport.multicasts())
}

/// Refuses a limit at which no phase has settled, whatever it does.
fn check_settle(params: &Params) -> Result<(), NetworkError> {
    let Settle { rule, hold, limit, .. } = params.phases.settle;
    let (needed, why) = if store::is_noisy(&params.hardware) {
        (hold.saturating_mul(2), "twice `hold`, whose means are compared where reads are noisy")
    } else {
        (params.network.longest_delay(), "the longest delay, for which a change may be on its way")
    };
    if rule == SettleRule::Steps || limit >= needed {
        return Ok(());
    }
    let found = format!("`phases.settle`: found a limit of {limit} steps, within which no phase settles");
    Err(NetworkError(format!("{found}; accepted: at least {needed}: {why}")))
}

fn capacity(params: &Params) -> Capacity {
    let core = &params.hardware.core;
    let arrays = (core.kind == CoreKind::Analog).then_some(Arrays {
        count: core.arrays as usize,
        rows: params.hardware.array.rows as usize,
        columns: params.hardware.array.columns as usize,
    });
    Capacity { neurons: core.neurons as usize, arrays }
}

/// The mesh for that many cores.
pub(crate) fn mesh_for(params: &Params, cores: usize) -> Result<Extent, NetworkError> {
    match params.hardware.mesh {
        Mesh::Auto => {
            let (width, height) = smallest_mesh(cores);
            Ok(Extent { width: width as u32, height: height as u32 })
        }
        Mesh::Fixed(width, height) if (width as usize) * (height as usize) >= cores => {
            Ok(Extent { width, height })
        }
        Mesh::Fixed(width, height) => Err(NetworkError(format!(
            "the network needs {cores} cores and the mesh [{width}, {height}] has {}; accepted: a larger `hardware.mesh`, or \"auto\"",
            width * height
        ))),
    }
}
