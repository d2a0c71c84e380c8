//! The maps that a server knows, and those that are being made.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vectory_core::artifact::{Artifact, ArtifactError, Card, TensorOut, save};
use vectory_core::{Context, Progress, Vectors};
use vectory_space::Live;

use super::job;
use crate::error::ApiError;

/// A named part of the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Region {
    /// The words that set its passages apart.
    pub name: String,
    /// Where its middle is.
    pub x: f32,
    pub y: f32,
    /// How many points.
    pub count: usize,
}

/// A finished map.
#[derive(Clone, Debug)]
pub(super) struct PlacedMap {
    pub view: String,
    /// The commit that it shows.
    pub generation: u64,
    pub seconds: f64,
    /// The passage of every point.
    pub passages: Vec<u32>,
    /// n × 2, within −1 and 1.
    pub places: Vectors,
    /// The region of every point; [`u32::MAX`] for none.
    pub groups: Vec<u32>,
    pub regions: Vec<Region>,
}

const KIND: &str = "map";
const VERSION: u32 = 1;
/// The file in the space's folder.
pub(super) const FILE: &str = "map.safetensors";

impl PlacedMap {
    pub fn save(&self, live: &Live) -> Result<(), ArtifactError> {
        let (passages, groups) = (little_endian(&self.passages), little_endian(&self.groups));
        let tensors = [
            TensorOut::f32("places", vec![self.places.rows(), 2], self.places.as_slice()),
            TensorOut::u8("passages", &passages),
            TensorOut::u8("groups", &groups),
        ];
        let params = json!({"view": self.view, "seconds": self.seconds, "regions": self.regions});
        let provenance = json!({"generation": self.generation});
        save(&path(live), &Card { kind: KIND.into(), version: VERSION, params, provenance }, &tensors)
    }

    /// The map beside the space; none when there is none, or when it cannot be read (it is made again then).
    pub fn load(live: &Live) -> Option<Self> {
        let file = Artifact::open_kind(&path(live), KIND, VERSION).ok()?;
        let (params, from) = (&file.card().params, &file.card().provenance);
        let map = Self {
            view: params["view"].as_str()?.to_owned(),
            generation: from["generation"].as_u64()?,
            seconds: params["seconds"].as_f64()?,
            passages: numbers(file.bytes("passages").ok()?),
            places: file.rows("places").ok()?,
            groups: numbers(file.bytes("groups").ok()?),
            regions: Vec::deserialize(&params["regions"]).ok()?,
        };
        let n = map.passages.len();
        (map.places.rows() == n && map.places.dim() == 2 && map.groups.len() == n).then_some(map)
    }
}

fn path(live: &Live) -> PathBuf {
    live.path().join(FILE)
}

fn little_endian(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect()
}

/// How far the making of a map is.
#[derive(Default)]
pub(super) struct Stage(Mutex<(String, u64, Option<u64>)>);

impl Stage {
    fn now(&self) -> (String, u64, Option<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Progress for Stage {
    fn begin(&self, stage: &str, total: Option<u64>, _: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (stage.to_owned(), 0, total);
    }

    fn advance(&self, n: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 += n;
    }

    fn note(&self, _: &str) {}

    fn end(&self) {}
}

/// What is known of one collection's map.
struct Entry {
    /// A collection that was removed and made again is another one.
    of: Weak<Live>,
    map: Option<Arc<PlacedMap>>,
    running: Option<(Arc<Stage>, Context)>,
    failed: Option<String>,
}

/// The maps of all collections.
#[derive(Default)]
pub(crate) struct Maps(Mutex<HashMap<String, Entry>>);

impl Maps {
    fn with<T>(&self, name: &str, live: &Arc<Live>, see: impl FnOnce(&mut Entry) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Entry {
            of: Arc::downgrade(live),
            map: PlacedMap::load(live).map(Arc::new),
            running: None,
            failed: None,
        };
        let entry = all.entry(name.to_owned()).or_insert_with(new);
        if !entry.of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, live)) {
            *entry = new();
        }
        see(entry)
    }

    /// The finished map.
    pub(super) fn get(&self, name: &str, live: &Arc<Live>) -> Result<Arc<PlacedMap>, ApiError> {
        let found = self.with(name, live, |e| e.map.clone());
        found.ok_or_else(|| {
            ApiError::missing(format!(
                "Not found: there is no map of `{name}` yet; POST /collections/{name}/map makes it"
            ))
        })
    }

    pub(super) fn status(&self, name: &str, live: &Arc<Live>) -> Value {
        let generation = live.space().manifest().generation;
        self.with(name, live, |e| {
            let state = match (&e.running, &e.map, &e.failed) {
                (Some(_), _, _) => "running",
                (None, _, Some(_)) => "failed",
                (None, Some(_), None) => "ready",
                (None, None, None) => "none",
            };
            let mut said = json!({"state": state, "error": e.failed, "points": 0, "regions": []});
            if let Some((stage, _)) = &e.running {
                let (stage, done, total) = stage.now();
                said["job"] = json!({"stage": stage, "done": done, "total": total});
            }
            if let Some(map) = &e.map {
                said["points"] = json!(map.passages.len());
                said["regions"] = json!(map.regions);
                said["view"] = json!(map.view);
                said["seconds"] = json!(map.seconds);
                said["stale"] = json!(map.generation != generation);
            }
            said
        })
    }

    /// Begins to make a map; says whether it did (one may be in the making already).
    pub(super) fn start(
        self: &Arc<Self>,
        name: &str,
        live: &Arc<Live>,
        view: &str,
        ctx: &Context,
    ) -> Result<bool, ApiError> {
        let stage = Arc::new(Stage::default());
        let threads = Context::new(ctx.seed, ctx.threads());
        let ctx = threads
            .map_err(|e| ApiError::new(500, format!("Service internal error: {e}")))?
            .with_progress(stage.clone());
        let begun = self.with(name, live, |e| {
            let idle = e.running.is_none();
            if idle {
                (e.running, e.failed) = (Some((stage, ctx.clone())), None);
            }
            idle
        });
        if begun {
            let (maps, name, live, view) = (Arc::clone(self), name.to_owned(), Arc::clone(live), view.to_owned());
            let work = move || {
                let made = job::make(&live, &view, &ctx);
                maps.with(&name, &live, |e| {
                    e.running = None;
                    match made {
                        Ok(map) => e.map = Some(Arc::new(map)),
                        Err(why) => e.failed = Some(why),
                    }
                });
            };
            let spawned = std::thread::Builder::new().name("vectory-map".into()).spawn(work);
            spawned.map_err(|e| ApiError::new(500, format!("Service internal error: {e}")))?;
        }
        Ok(begun)
    }

    /// Asks all that is being made to stop.
    pub(crate) fn stop(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, ctx) in all.values().filter_map(|e| e.running.as_ref()) {
            ctx.cancel_flag().store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_their_bytes() {
        let values = [0, 1, u32::MAX, 77];
        assert_eq!(numbers(&little_endian(&values)), values);
    }
}
