//! Fast signal trace.

use super::names::{Declaration, declarations};
use super::{Kind, TimeUnit, Value, Waveform};
use crate::atomic::AtomicFile;
use crate::error::Error;
use fst_writer::{
    FstBodyWriter, FstFileType, FstHeaderWriter, FstInfo, FstScopeType, FstSignalId, FstSignalType,
    FstVarDirection, FstVarType,
};
use std::io;
use std::path::Path;

pub(super) fn write(waveform: &Waveform, path: &Path, unit: TimeUnit) -> Result<(), Error> {
    let file = AtomicFile::create(path)?;
    let name = file.name().clone();
    let written = put(waveform, file, unit).map_err(|error| {
        let source = match error {
            fst_writer::FstWriteError::Io(source) => source,
            other => io::Error::other(other.to_string()),
        };
        Error::io(&name, "writing", source)
    });
    written?.commit()
}

fn put(waveform: &Waveform, file: AtomicFile, unit: TimeUnit) -> fst_writer::Result<AtomicFile> {
    let info = FstInfo {
        start_time: 0,
        timescale_exponent: unit.exponent,
        version: "equipoise".to_owned(),
        date: String::new(),
        file_type: FstFileType::Verilog,
    };
    let mut header = FstHeaderWriter::new(file, &info)?;
    let ids = declare(waveform, &mut header)?;
    let mut body = header.finish()?;
    for change in &waveform.changes {
        if let Some(id) = ids[change.signal] {
            // Values of time 0 stand before its first change of time.
            if change.cycle > 0 {
                body.time_change(unit.time(change.cycle))?;
            }
            put_value(&mut body, id, waveform.signals[change.signal].kind, change.value)?;
        }
    }
    body.time_change(unit.time(waveform.last_cycle()))?;
    body.finish()
}

/// Declares the signals that the format has, scope by scope.
fn declare(
    waveform: &Waveform,
    header: &mut FstHeaderWriter<AtomicFile>,
) -> fst_writer::Result<Vec<Option<FstSignalId>>> {
    let mut ids = vec![None; waveform.signals.len()];
    let (declarations, open) = declarations(&waveform.signals);
    for Declaration { number, up, down, name } in declarations {
        (0..up).try_for_each(|_| header.up_scope())?;
        down.iter().try_for_each(|scope| header.scope(scope, "", FstScopeType::Module))?;
        let (kind, variable) = match waveform.signals[number].kind {
            Kind::Bits(width) => (FstSignalType::bit_vec(width), FstVarType::Wire),
            Kind::Real => (FstSignalType::real(), FstVarType::Real),
            Kind::Text => continue,
        };
        ids[number] = Some(header.var(name, kind, variable, FstVarDirection::Implicit, None)?);
    }
    (0..open).try_for_each(|_| header.up_scope())?;
    Ok(ids)
}

fn put_value(
    body: &mut FstBodyWriter<AtomicFile>,
    id: FstSignalId,
    kind: Kind,
    value: Value,
) -> fst_writer::Result<()> {
    match (kind, value) {
        (Kind::Bits(width), Value::Bits(bits)) => {
            let digit = |bit: u32| if bits >> bit & 1 == 1 { b'1' } else { b'0' };
            let digits: Vec<u8> = (0..width).rev().map(digit).collect();
            body.signal_change(id, &digits)
        }
        (_, Value::Real(number)) => body.signal_change(id, &number.to_le_bytes()),
        (kind, value) => unreachable!("a signal of {kind:?} never takes {value:?}"),
    }
}
