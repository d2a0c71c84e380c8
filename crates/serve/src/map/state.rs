//! The maps that a server knows.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use serde_json::json;
use vectory_core::Vectors;
use vectory_core::artifact::{Artifact, ArtifactError, Card, TensorOut, save};
use vectory_space::Live;

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

/// The map of one collection.
struct Entry {
    /// A collection that was removed and made again is another one.
    of: Weak<Live>,
    map: Option<Arc<PlacedMap>>,
}

/// The finished maps of all collections; those in the making are jobs.
#[derive(Default)]
pub(crate) struct Maps(Mutex<HashMap<String, Entry>>);

impl Maps {
    fn with<T>(&self, name: &str, live: &Arc<Live>, see: impl FnOnce(&mut Entry) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Entry { of: Arc::downgrade(live), map: PlacedMap::load(live).map(Arc::new) };
        let entry = all.entry(name.to_owned()).or_insert_with(new);
        if !entry.of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, live)) {
            *entry = new();
        }
        see(entry)
    }

    /// The finished map, if there is one.
    pub(super) fn known(&self, name: &str, live: &Arc<Live>) -> Option<Arc<PlacedMap>> {
        self.with(name, live, |e| e.map.clone())
    }

    /// The finished map.
    pub(super) fn get(&self, name: &str, live: &Arc<Live>) -> Result<Arc<PlacedMap>, ApiError> {
        let missing = || format!("Not found: there is no map of `{name}` yet; POST /collections/{name}/map makes it");
        self.known(name, live).ok_or_else(|| ApiError::missing(missing()))
    }

    /// Takes a map in the place of the one that is known.
    pub(super) fn keep(&self, name: &str, live: &Arc<Live>, map: PlacedMap) {
        self.with(name, live, |e| e.map = Some(Arc::new(map)));
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
