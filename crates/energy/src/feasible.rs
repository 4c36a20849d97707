//! What cannot be built or operated as described: refused before a run, with the key at fault and what would do.

use crate::design::Design;
use crate::models::Refusal;
use crate::models::converter::fewest_cycles;
use crate::models::sram::shared;
use crate::operating::{highest_clock_hz, lowest_supply_v, speed};
use crate::words::SynapseStore;

/// What a preset says beside its structure, and can therefore be held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The process.
    pub technology: bool,
    /// The cells.
    pub cells: bool,
}

/// Supplies of the 22 nm class: its RRAM macros read, and its memories can be written, from 0.5 V on; its core oxide
/// bears 1 V.
const SUPPLIES_V: (f64, f64) = (0.5, 1.0);

/// Refuses the design if something speaks against it.
///
/// # Errors
/// The first thing that does.
pub(crate) fn check(design: &Design, known: Known) -> Result<(), Refusal> {
    supply(design, known)?;
    if known.technology {
        clock(design)?;
    }
    if design.store == SynapseStore::Analog {
        conversion(design)?;
        if known.cells {
            pulse(design)?;
        }
    }
    Ok(())
}

fn supply(design: &Design, known: Known) -> Result<(), Refusal> {
    let supply_v = design.supply_v;
    let refuse =
        |accepted: String| Err(Refusal { key: "supply_v".into(), found: supply_v.to_string(), accepted });
    let lowest_v = lowest_supply_v(design.temperature_k);
    if supply_v < lowest_v {
        let temperature_k = design.temperature_k;
        return refuse(format!(
            "{lowest_v:.3} V at least: below, no inverter tells one from zero at {temperature_k} K"
        ));
    }
    let (low, high) = SUPPLIES_V;
    if known.technology && !(low..=high).contains(&supply_v) {
        return refuse(format!(
            "{low} to {high} V: below, memories of the process cannot be read and written; above, its oxide breaks"
        ));
    }
    Ok(())
}

fn clock(design: &Design) -> Result<(), Refusal> {
    let Design { clock_hz, supply_v, temperature_k, update_cycles, .. } = *design;
    let refuse =
        |accepted: String| Err(Refusal { key: "clock_hz".into(), found: clock_hz.to_string(), accepted });
    let highest_hz = highest_clock_hz(design);
    let point = format!("at {supply_v} V and {temperature_k} K");
    if clock_hz > highest_hz {
        return refuse(format!(
            "at most {:.4} MHz {point}, for neurons that take {update_cycles} cycles (neuron.update_cycles)",
            highest_hz / 1e6
        ));
    }
    let memory = shared(design);
    let highest_hz = speed(design) / memory.access_s();
    if clock_hz > highest_hz {
        return refuse(format!(
            "at most {:.4} MHz {point}, for memories of {} bytes (sram.bytes) that answer within a cycle",
            highest_hz / 1e6,
            memory.bytes
        ));
    }
    Ok(())
}

fn conversion(design: &Design) -> Result<(), Refusal> {
    let Design { adc_kind, adc_bits, adc_cycles, clock_hz, .. } = *design;
    let fewest = fewest_cycles(adc_kind, adc_bits, clock_hz);
    if adc_cycles >= fewest || adc_bits == 0.0 {
        return Ok(());
    }
    let word = adc_kind.word();
    let accepted = format!("{fewest} cycles at least, for {adc_bits} bits where adc.kind = {word:?}");
    Err(Refusal { key: "read.adc_cycles".into(), found: adc_cycles.to_string(), accepted })
}

fn pulse(design: &Design) -> Result<(), Refusal> {
    let Design { pulse_cycles, clock_hz, shortest_pulse_s, longest_pulse_s, .. } = *design;
    let pulse_s = design.pulse_s();
    if (shortest_pulse_s..=longest_pulse_s).contains(&pulse_s) {
        return Ok(());
    }
    let cycles = |seconds: f64| seconds * clock_hz;
    Err(Refusal {
        key: "update.pulse_cycles".into(),
        found: format!("{pulse_cycles} cycles of {:.3} ns", 1e9 / clock_hz),
        accepted: format!(
            "{} to {} cycles at this clock: the devices take pulses of {:.3} to {:.3} us",
            libm::ceil(cycles(shortest_pulse_s) - 1e-9),
            libm::floor(cycles(longest_pulse_s) + 1e-9),
            1e6 * shortest_pulse_s,
            1e6 * longest_pulse_s
        ),
    })
}
