//! Every number that ends in a word of the chip, looked at before anything is built: what a word cannot hold would be
//! another number without anybody knowing.
//!
//! Weights are no part of this. What a store makes of them is physics, and counted.

use crate::build::synapse_params;
use crate::network::{Network, Population};
use crate::params::{CoreKind, Hardware, Params, StateFormat};
use crate::store;
use equipoise_base::number::Wire;
use equipoise_base::words::{self, shown};
use equipoise_base::{Number, Refusal};
use equipoise_learning::limits::check_bias_rate;
use fixed::types::{I8F24, I16F48};

/// Checks the numbers of `params` against the words of their format, device and table. Keys of the hardware begin with
/// `hardware.`, those of the network with `population[0].` or `connection[0].`, those of learning with `learning.`.
///
/// # Errors
/// At the first number that cannot be held.
pub fn check_numbers(params: &Params) -> Result<(), Refusal> {
    match params.hardware.state {
        StateFormat::Default => check::<I8F24>(params),
        StateFormat::Wide => check::<I16F48>(params),
    }
}

fn check<N: Number>(params: &Params) -> Result<(), Refusal> {
    of_hardware::<N>(&params.hardware).map_err(|refusal| refusal.within("hardware"))?;
    for (index, population) in params.network.populations.iter().enumerate() {
        of_population::<N>(population).map_err(|refusal| refusal.within(&format!("population[{index}]")))?;
    }
    of_learning::<N>(params)
}

fn of_hardware<N: Number>(hardware: &Hardware) -> Result<(), Refusal> {
    words::check_fraction::<N>("activity_bits", hardware.activity_bits, Wire::most_bits::<N>())?;
    hardware.send.check::<N>().map_err(|refusal| refusal.within("send"))?;
    match hardware.core.kind {
        CoreKind::Analog => hardware.adc.check::<N>().map_err(|refusal| refusal.within("adc")),
        CoreKind::Sram => hardware.table.check::<N>().map_err(|refusal| refusal.within("table")),
    }
}

fn of_population<N: Number>(population: &Population) -> Result<(), Refusal> {
    let Population { neuron, bias, start, .. } = population;
    of_each(bias, |value| words::check_range::<N>("bias", value))?;
    let Some(model) = neuron else {
        return of_each(start, |value| words::check_range::<N>("start", value));
    };
    model.check::<N>().map_err(|refusal| refusal.within("neuron"))?;
    let (least, most) = model.start_range::<N>();
    let half_step = words::half_step::<N>();
    of_each(start, |value| {
        words::check_range::<N>("start", value)?;
        if (least - half_step..=most + half_step).contains(&value) {
            return Ok(());
        }
        let accepted = format!("{} to {}, the states that the neurons hold", shown(least), shown(most));
        Err(Refusal::new("start", shown(value), accepted))
    })
}

/// Checks one number per neuron; what is found names the neuron.
fn of_each(values: &[f64], check: impl Fn(f64) -> Result<(), Refusal>) -> Result<(), Refusal> {
    values.iter().enumerate().try_for_each(|(neuron, &value)| {
        check(value)
            .map_err(|refusal| Refusal { found: format!("{} for neuron {neuron}", refusal.found), ..refusal })
    })
}

fn of_learning<N: Number>(params: &Params) -> Result<(), Refusal> {
    let Params { hardware, network, learning, .. } = params;
    words::check::<N>("learning.beta", learning.beta)?;
    let gain = learning.nudging.gain(learning.beta, 1);
    for (index, connection) in network.connections.iter().enumerate().filter(|(_, c)| c.rate != 0.0) {
        let [from, to] = [connection.from, connection.to].map(|end| &network.populations[end]);
        let synapses = synapse_params(params, connection.rate, [from, to]);
        // Of two products of activities up to one, one may be the other's opposite.
        let largest = 2.0 * largest_activity::<N>(hardware, network, connection.from);
        let grain = store::grain::<N>(hardware, [from, to]);
        synapses.check::<N>(grain, gain, largest).map_err(|refusal| match refusal.key.as_str() {
            "rate" => refusal.within(&format!("connection[{index}]")),
            _ => refusal.within("hardware.update"),
        })?;
    }
    for (index, population) in network.populations.iter().enumerate().filter(|(_, p)| p.neuron.is_some()) {
        check_bias_rate::<N>(population.bias_rate, gain)
            .map_err(|refusal| refusal.within(&format!("population[{index}]")))?;
    }
    Ok(())
}

/// The largest size of an activity of a population: only the values of inputs on full wires exceed one.
fn largest_activity<N: Number>(hardware: &Hardware, network: &Network, population: usize) -> f64 {
    let has_neurons = network.populations[population].neuron.is_some();
    if has_neurons || hardware.activity_bits > 0 { 1.0 } else { -N::MIN.value() }
}
