//! Snapshots of collections: made while serving, downloaded, put back.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use crate::app::App;
use crate::aside;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

/// Where the snapshots of a collection lie.
fn folder(app: &App, call: &Call) -> Result<PathBuf, ApiError> {
    let live = call.collection(app)?;
    let name = live.path().file_stem().unwrap_or_default().to_owned();
    let parent = app.registry.folder().or(live.path().parent()).unwrap_or(Path::new("."));
    Ok(parent.join("snapshots").join(name))
}

/// A name that the path gives, as a file of the folder.
fn file(app: &App, call: &Call) -> Result<PathBuf, ApiError> {
    named(app, call, call.param("snapshot"))
}

fn named(app: &App, call: &Call, name: &str) -> Result<PathBuf, ApiError> {
    let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let path = folder(app, call)?.join(name);
    let fine = name.chars().all(plain) && !name.starts_with('.') && name.ends_with(".snapshot");
    if fine && path.is_file() {
        Ok(path)
    } else {
        Err(ApiError::missing(format!("Not found: there is no snapshot {name}")))
    }
}

fn described(path: &Path) -> Result<Value, ApiError> {
    let meta = fs_err::metadata(path)?;
    let made = meta.modified()?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Ok(json!({
        "name": path.file_name().unwrap_or_default().to_string_lossy(),
        "creation_time": stamp(made),
        "size": meta.len(),
        "checksum": null,
    }))
}

/// `2026-11-26T12:00:00` of seconds since 1970 (Hinnant's civil-from-days).
fn stamp(seconds: u64) -> String {
    let (days, second) = ((seconds / 86_400) as i64 + 719_468, seconds % 86_400);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// The snapshot that `?since=NAME` names.
fn since(app: &App, call: &Call) -> Result<Option<PathBuf>, ApiError> {
    call.query.get("since").map(|name| named(app, call, name)).transpose()
}

pub(super) fn create(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let (folder, since) = (folder(app, call)?, since(app, call)?);
    fs_err::create_dir_all(&folder)?;
    let generation = live.space().manifest().generation;
    let number = app.counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = live.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let path = folder.join(format!("{name}-{generation}-{number}.snapshot"));
    live.space()
        .write_snapshot(&path, since.as_deref(), &app.ctx)
        .map_err(|e| ApiError::new(500, format!("Service internal error: {e}")))?;
    Ok(Reply::Result(described(&path)?))
}

pub(super) fn list(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let folder = folder(app, call)?;
    let mut list = Vec::new();
    if folder.exists() {
        for entry in fs_err::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "snapshot") {
                list.push(described(&path)?);
            }
        }
    }
    list.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    Ok(Reply::Result(Value::Array(list)))
}

pub(super) fn download(app: &App, call: &Call) -> Result<Reply, ApiError> {
    file(app, call).map(Reply::File)
}

pub(super) fn delete(app: &App, call: &Call) -> Result<Reply, ApiError> {
    fs_err::remove_file(file(app, call)?)?;
    Ok(Reply::Result(json!(true)))
}

/// Puts a snapshot of this server's folder in the collection's place. Other places are refused: a client must not make the
/// server read files or addresses that the client cannot reach.
pub(super) fn recover(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let name = call.param("collection").to_owned();
    let location = with_body(call, |at| {
        at.only(&["location", "priority", "checksum", "api_key"])?;
        Ok(at.need("location")?.text()?.to_owned())
    })?;
    let root = app.registry.folder().ok_or(crate::registry::RegistryError::Fixed)?.join("snapshots");
    let Some(path) = location.strip_prefix("file://") else {
        return Err(ApiError::unsupported("recovering from an address that is not file://"));
    };
    let (path, root) = (fs_err::canonicalize(path).ok(), fs_err::canonicalize(&root).ok());
    let (Some(path), Some(_)) = (path.clone(), path.zip(root).filter(|(p, r)| p.starts_with(r))) else {
        return Err(ApiError::new(
            403,
            format!("{location}: only snapshots in this server's snapshots folder can be recovered"),
        ));
    };
    let target = app.registry.path_for(&name)?;
    let failed = |e: vectory_space::SnapshotError| ApiError::bad(format!("Wrong input: {e}"));
    let fresh = aside::fresh(&target)?;
    vectory_space::restore(&[path], &fresh, &app.ctx).map_err(failed)?;
    // What is there is closed, and goes only when the other is whole.
    let was = app.registry.close_one(&name);
    let placed = aside::put(&fresh, &target);
    if was.is_some() || placed.is_ok() {
        app.registry.add(&name)?;
    }
    placed?;
    Ok(Reply::Result(json!(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_dates() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00");
        assert_eq!(stamp(1_700_000_000), "2023-11-14T22:13:20");
        assert_eq!(stamp(951_782_400), "2000-02-29T00:00:00");
    }
}
