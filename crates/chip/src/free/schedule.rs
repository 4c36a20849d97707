//! When each core steps.

use crate::core::{Core, Unit};
use crate::network::NetworkError;
use equipoise_base::{Number, Way};
use equipoise_scheduler::{Free, PerCore};

/// The steps of one core.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// Cycles from a phase's start to the first step.
    pub offset: u64,
    /// Cycles of a step.
    pub period: u64,
    /// Cycles of the neurons' update, with which a step ends; 0 for clamped inputs.
    pub update_cycles: u64,
    /// True from the first event of this relaxation on.
    pub is_under_way: bool,
    /// Own steps that have ended in this relaxation.
    pub done: u64,
    /// Own steps to make in this relaxation.
    pub goal: u64,
    /// Own steps that belong to the chip's present step.
    pub target: u64,
    /// Controllers look after own steps beyond this number.
    pub look_after: u64,
    /// The cycle of the last sample of array rows.
    pub sampled_rows: Option<u64>,
    /// The cycle of the last sample of drives.
    pub sampled_drives: Option<u64>,
}

impl Schedule {
    /// Own steps that fit into `steps` steps of the slowest core.
    pub(super) fn fit(&self, steps: u64, longest_period: u64) -> u64 {
        (u128::from(steps) * u128::from(longest_period) / u128::from(self.period)) as u64
    }
}

/// The schedules of all cores, and the longest period.
pub(super) fn of_cores<N: Number>(
    params: &Free,
    cores: &[Box<Core<N>>],
) -> Result<(Vec<Schedule>, u64), NetworkError> {
    check_length("period_cycles", &params.period_cycles, cores.len())?;
    check_length("offset_cycles", &params.offset_cycles, cores.len())?;
    let mut pipelines = Vec::with_capacity(cores.len());
    for (index, core) in cores.iter().enumerate() {
        pipelines.push(pipeline(index, core)?);
    }
    // Clamped inputs have no pipeline; by default they keep pace with the slowest core.
    let period = |core: usize| match (params.period_cycles.of(core), pipelines[core]) {
        (Some(0) | None, pipeline) => pipeline,
        (Some(given), _) => Some(given),
    };
    let longest = (0..cores.len()).filter_map(period).max().unwrap_or(1);
    let mut schedules = Vec::with_capacity(cores.len());
    for (index, core) in cores.iter().enumerate() {
        let period = period(index).unwrap_or(longest);
        if let Some(needed) = pipelines[index].filter(|&needed| needed > period) {
            return Err(NetworkError(format!(
                "core {index} needs {needed} cycles for a step, and `hardware.sync.period_cycles` gives it {period}; accepted: {needed} or more, or 0 for as few as possible"
            )));
        }
        schedules.push(Schedule {
            offset: params.offset_cycles.of(index).unwrap_or(0),
            period,
            update_cycles: core.plan.update_cycles,
            is_under_way: false,
            done: 0,
            goal: 0,
            target: 0,
            look_after: 0,
            sampled_rows: None,
            sampled_drives: None,
        });
    }
    Ok((schedules, longest))
}

fn check_length(key: &str, list: &PerCore, cores: usize) -> Result<(), NetworkError> {
    match list.cores() {
        Some(length) if length != cores => Err(NetworkError(format!(
            "`hardware.sync.{key}` has {length} numbers for {cores} cores; accepted: one number for all, or {cores}"
        ))),
        _ => Ok(()),
    }
}

/// Cycles of a core's reads and update; `None` for clamped inputs.
fn pipeline<N: Number>(index: usize, core: &Core<N>) -> Result<Option<u64>, NetworkError> {
    let Unit::Free(_) = core.unit else { return Ok(None) };
    let refuse = |what: &str, key: &str| {
        Err(NetworkError(format!(
            "{what} of core {index} takes no time, and without a barrier it must; accepted: `{key}` such that it takes at least one cycle"
        )))
    };
    if core.plan.update_cycles == 0 {
        return refuse("the neurons' update", "hardware.neuron.update_cycles");
    }
    let mut reads = 0;
    for block in &core.blocks {
        let mut cycles = block.store.read_cycles(Way::Forward);
        if block.returned.is_some() {
            cycles += block.store.read_cycles(Way::Transposed);
            if cycles == 0 {
                return refuse("a transposed read", "hardware.read");
            }
        }
        reads = reads.max(cycles);
    }
    Ok(Some(reads + core.plan.update_cycles))
}
