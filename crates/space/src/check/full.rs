//! Every byte, every number, every link.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use vectory_core::Context;

use super::quick::Opened;
use super::{CheckReport, Damage};
use crate::store::{DenseRows, PartView, StoreError, Sums};
use crate::write::WriteError;

/// What the items say, to be compared with what the segments say.
struct Items {
    /// The document of each passage.
    document: FxHashMap<u32, u32>,
    passages: RoaringBitmap,
}

pub(super) fn full(opened: &Opened, report: &mut CheckReport, ctx: &Context) -> Result<(), WriteError> {
    segments(opened, report, ctx)?;
    let items = match read_items(opened, report) {
        Ok(items) => items,
        Err(e) => {
            report.problem(Damage::Items, opened.layout.items(), e);
            return Ok(());
        }
    };
    ctx.check()?;
    numbers(opened, &items, report);
    Ok(())
}

fn segments(opened: &Opened, report: &mut CheckReport, ctx: &Context) -> Result<(), WriteError> {
    ctx.progress().begin("checking segments", Some(opened.parts.len() as u64), "segments");
    for (entry, part) in opened.manifest.segments.iter().zip(&opened.parts) {
        ctx.check()?;
        ctx.progress().advance(1);
        let Some(part) = part else { continue };
        let folder = opened.layout.segment(entry.number);
        let damage = || Damage::Segment(entry.number);
        match Sums::read(&folder, entry.sum) {
            Err(e) => report.problem(damage(), folder.join("segment.json"), e),
            Ok(sums) => {
                for e in sums.check_all(&folder) {
                    let file = match &e {
                        StoreError::Damaged { path, .. } => path.clone(),
                        _ => folder.clone(),
                    };
                    report.problem(damage(), file, e);
                }
            }
        }
        for view in &part.views {
            if let PartView::Dense(DenseRows { graph: Some(graph), .. }) = view
                && let Err(e) = graph.assert_validity()
            {
                report.problem(damage(), folder.clone(), e);
            }
        }
    }
    ctx.progress().end();
    Ok(())
}

/// Reads every document and passage.
fn read_items(opened: &Opened, report: &mut CheckReport) -> Result<Items, StoreError> {
    let mut items = Items { document: FxHashMap::default(), passages: RoaringBitmap::new() };
    let file = opened.layout.items();
    opened.tables.each_passage(.., |number, passage| {
        items.passages.insert(number);
        items.document.insert(number, passage.document);
        Ok(())
    })?;
    let (mut documents, mut claimed) = (0u64, 0u64);
    opened.tables.each_document(|number, record| {
        documents += 1;
        claimed += u64::from(record.count);
        if opened.tables.number(&record.id)? != Some(number) {
            report.problem(Damage::Items, &file, format!("document `{}` is not found by its id", record.id));
        }
        let missing = record.passages().filter(|p| items.document.get(p) != Some(&number)).count();
        if missing > 0 {
            report.problem(Damage::Items, &file, format!("document `{}` lacks {missing} passages", record.id));
        }
        Ok(())
    })?;
    let manifest = &opened.manifest;
    let counts = [("documents", manifest.documents, documents), ("passages", manifest.passages, claimed)];
    for (what, said, found) in counts.into_iter().filter(|(_, said, found)| said != found) {
        report.problem(Damage::Items, &file, format!("has {found} {what}, its manifest says {said}"));
    }
    if items.passages.len() != claimed {
        let what = format!("has {} passages, its documents say {claimed}", items.passages.len());
        report.problem(Damage::Items, &file, what);
    }
    Ok(items)
}

/// Every living passage is in one segment, under its document; every row of a segment is a living or a dead passage.
fn numbers(opened: &Opened, items: &Items, report: &mut CheckReport) {
    let mut indexed = RoaringBitmap::new();
    for (entry, part) in opened.manifest.segments.iter().zip(&opened.parts) {
        let Some(part) = part else {
            indexed.insert_range(entry.first..=entry.last);
            continue;
        };
        let folder = opened.layout.segment(entry.number);
        let pairs = || part.ids.passages().iter().zip(part.ids.documents());
        let alive = || pairs().filter(|(p, _)| !opened.dead.contains(**p));
        let wrong = alive().filter(|(p, d)| items.document.get(p) != Some(d)).count();
        if wrong > 0 {
            let what = format!("{wrong} rows are of passages that are not there or of another document");
            report.problem(Damage::Segment(entry.number), &folder, what);
        }
        if pairs().any(|(p, _)| indexed.contains(*p)) || !part.ids.passages().is_sorted_by(|a, b| a < b) {
            report.problem(Damage::Numbers, &folder, "its passage numbers do not ascend from those before");
        }
        indexed.extend(part.ids.passages());
    }
    let orphans = (&items.passages - &indexed).len();
    if orphans > 0 {
        let what = format!("{orphans} passages are in no segment");
        report.problem(Damage::Numbers, opened.layout.segments(), what);
    }
}
