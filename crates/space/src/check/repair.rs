//! Making damaged segments again from the stored texts.

use std::path::Path;

use vectory_core::Context;

use super::{CheckLevel, CheckReport, Damage, Problem, check};
use crate::engine::EncoderProvider;
use crate::write::{WriteError, Writer, WriterParams};

pub(super) fn repair(
    path: &Path,
    found: CheckReport,
    encoders: &dyn EncoderProvider,
    ctx: &Context,
) -> Result<CheckReport, WriteError> {
    // Neither can be made again: the encoder was learned from the passages as they were then.
    if found.problems.iter().any(|p| matches!(p.damage, Damage::Recipe | Damage::Model)) {
        return Ok(found);
    }
    let mut writer = Writer::open(path, encoders, WriterParams::default())?;
    let mut lost = writer.repair_items()?;
    let all = found.problems.iter().any(|p| matches!(p.damage, Damage::Numbers | Damage::Items));
    let damaged = |number: u32| all || found.problems.iter().any(|p| p.damage == Damage::Segment(number));
    let numbers: Vec<u32> = writer.manifest().segments.iter().map(|s| s.number).filter(|n| damaged(*n)).collect();
    lost.extend(writer.rebuild(&numbers, all, ctx)?);
    drop(writer);
    let after = check(path, CheckLevel::Full, encoders, ctx)?;
    let gone = |p: &&Problem| !after.problems.iter().any(|q| q.damage == p.damage && q.file == p.file);
    let repaired = found.problems.iter().filter(gone).cloned().collect();
    Ok(CheckReport { repaired, lost, ..after })
}
