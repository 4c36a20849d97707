//! Fast signal trace.

use super::{Kind, TimeUnit, Value, Waveform, plain, steps_between};
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
    for change in waveform.in_order() {
        if let Some(id) = ids[change.signal] {
            // Values of time 0 stand before its first change of time.
            if change.cycle > 0 {
                body.time_change(unit.time(change.cycle))?;
            }
            put_value(&mut body, id, waveform.signals[change.signal].kind, change.value)?;
        }
    }
    body.time_change(unit.time(waveform.end))?;
    body.finish()
}

/// Declares the signals that the format has, scope by scope.
fn declare(
    waveform: &Waveform,
    header: &mut FstHeaderWriter<AtomicFile>,
) -> fst_writer::Result<Vec<Option<FstSignalId>>> {
    let mut ids = vec![None; waveform.signals.len()];
    let mut scopes: &[String] = &[];
    for number in waveform.by_scope() {
        let signal = &waveform.signals[number];
        let (kind, variable) = match signal.kind {
            Kind::Bits(width) => (FstSignalType::bit_vec(width), FstVarType::Wire),
            Kind::Real => (FstSignalType::real(), FstVarType::Real),
            Kind::Text => continue,
        };
        let (up, down) = steps_between(scopes, &signal.scopes);
        (0..up).try_for_each(|_| header.up_scope())?;
        down.iter().try_for_each(|scope| header.scope(plain(scope), "", FstScopeType::Module))?;
        scopes = &signal.scopes;
        let direction = FstVarDirection::Implicit;
        ids[number] = Some(header.var(plain(&signal.name), kind, variable, direction, None)?);
    }
    scopes.iter().try_for_each(|_| header.up_scope())?;
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
