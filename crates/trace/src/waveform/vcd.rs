//! Value change dump.

use super::names::{Declaration, declarations};
use super::{Change, Kind, TimeUnit, Value, Waveform};
use crate::atomic::AtomicFile;
use crate::error::Error;
use std::io;
use std::path::Path;
use vcd::{IdCode, SimulationCommand, TimescaleUnit, VarType, Writer};

pub(super) fn write(waveform: &Waveform, path: &Path, unit: TimeUnit) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    let name = file.name().clone();
    put(waveform, &mut file, unit).map_err(|error| Error::io(&name, "writing", error))?;
    file.commit()
}

fn put(waveform: &Waveform, file: &mut AtomicFile, unit: TimeUnit) -> io::Result<()> {
    let mut writer = Writer::new(file);
    writer.version("equipoise")?;
    for line in &waveform.comments {
        writer.comment(line)?;
    }
    let (count, unit_name) = timescale(unit.exponent);
    writer.timescale(count, unit_name)?;
    let codes = declare(waveform, &mut writer)?;
    writer.enddefinitions()?;
    let changes = &waveform.changes;
    let mut now = None;
    for change in changes {
        if now != Some(change.cycle) {
            if now.is_none() {
                writer.timestamp(unit.time(change.cycle))?;
                writer.begin(SimulationCommand::Dumpvars)?;
            } else {
                end_of_dump(now, changes, &mut writer)?;
                writer.timestamp(unit.time(change.cycle))?;
            }
            now = Some(change.cycle);
        }
        put_change(waveform, codes[change.signal], change, &mut writer)?;
    }
    end_of_dump(now, changes, &mut writer)?;
    let end = waveform.last_cycle();
    if now.is_none_or(|now| now < end) {
        writer.timestamp(unit.time(end))?;
    }
    Ok(())
}

/// The first cycle's values are a dump, which ends when the next cycle begins.
fn end_of_dump(now: Option<u64>, changes: &[Change], writer: &mut Writer<&mut AtomicFile>) -> io::Result<()> {
    if now.is_some() && now == changes.first().map(|first| first.cycle) { writer.end() } else { Ok(()) }
}

/// Declares the signals, scope by scope; returns the code of each.
fn declare(waveform: &Waveform, writer: &mut Writer<&mut AtomicFile>) -> io::Result<Vec<IdCode>> {
    let mut codes = vec![IdCode::FIRST; waveform.signals.len()];
    let (declarations, open) = declarations(&waveform.signals);
    for Declaration { number, up, down, name } in declarations {
        (0..up).try_for_each(|_| writer.upscope())?;
        down.iter().try_for_each(|scope| writer.add_module(scope))?;
        let (kind, width) = match waveform.signals[number].kind {
            Kind::Bits(width) => (VarType::Wire, width),
            Kind::Real => (VarType::Real, 64),
            Kind::Text => (VarType::String, 1),
        };
        codes[number] = writer.add_var(kind, width, &name, None)?;
    }
    (0..open).try_for_each(|_| writer.upscope())?;
    Ok(codes)
}

fn put_change(
    waveform: &Waveform,
    code: IdCode,
    change: &Change,
    writer: &mut Writer<&mut AtomicFile>,
) -> io::Result<()> {
    match (waveform.signals[change.signal].kind, change.value) {
        (Kind::Bits(1), Value::Bits(bits)) => writer.change_scalar(code, bits & 1 == 1),
        (Kind::Bits(width), Value::Bits(bits)) => {
            let digits = (0..width).rev().map(|bit| vcd::Value::from(bits >> bit & 1 == 1));
            writer.change_vector(code, digits)
        }
        (_, Value::Real(number)) => writer.change_real(code, number),
        (_, Value::Text(word)) => writer.change_string(code, word),
        (kind, value) => unreachable!("a signal of {kind:?} never takes {value:?}"),
    }
}

/// `10 ns` for -8.
fn timescale(exponent: i8) -> (u32, TimescaleUnit) {
    let names = [
        (0, TimescaleUnit::S),
        (-3, TimescaleUnit::MS),
        (-6, TimescaleUnit::US),
        (-9, TimescaleUnit::NS),
        (-12, TimescaleUnit::PS),
    ];
    let (base, name) =
        names.into_iter().find(|(base, _)| exponent >= *base).unwrap_or((-15, TimescaleUnit::FS));
    (10_u32.pow(u32::from((exponent - base).unsigned_abs())), name)
}
