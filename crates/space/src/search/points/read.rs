//! What is stored of a point.

use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::point::{Given, pruned};
use crate::search::snapshot::Snapshot;
use crate::search::space::Space;
use crate::store::{DocumentRecord, StoreError};

/// A point as it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredPoint {
    /// Its id.
    pub id: String,
    /// Its payload, as far as it was asked for.
    pub payload: Option<Map<String, Value>>,
    /// Its vectors, as far as they were asked for.
    pub vectors: Option<Vec<(String, Given)>>,
    /// Its text, if it has one (that of all passages).
    pub text: Option<String>,
}

/// What of points is to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    /// Of the payload.
    pub payload: WithPayload,
    /// Of the vectors.
    pub vectors: WithVectors,
    /// Whether the text is.
    pub text: bool,
}

/// How much of the payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum WithPayload {
    /// Nothing.
    #[default]
    None,
    /// Everything.
    All,
    /// These keys.
    Only(Vec<String>),
    /// All but these keys.
    Without(Vec<String>),
}

/// Which vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum WithVectors {
    /// None.
    #[default]
    None,
    /// All that were given, and dense ones that were encoded.
    All,
    /// Those of these views.
    Only(Vec<String>),
}

impl Space {
    /// Reads points by number, in the order of the numbers given; those that are gone are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn read_points(&self, numbers: &[u32], select: &Select) -> Result<Vec<StoredPoint>, StoreError> {
        let snapshot = self.snapshot();
        let mut points = Vec::new();
        for number in numbers {
            if let Some(record) = snapshot.tables.known_document(*number)? {
                points.push(read(&snapshot, self.engines(), record, select)?);
            }
        }
        Ok(points)
    }

    /// Reads one point by id.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn read_point(&self, id: &str, select: &Select) -> Result<Option<StoredPoint>, StoreError> {
        let snapshot = self.snapshot();
        let Some(number) = snapshot.tables.number(id)? else { return Ok(None) };
        let Some(record) = snapshot.tables.known_document(number)? else { return Ok(None) };
        read(&snapshot, self.engines(), record, select).map(Some)
    }
}

fn read(
    snapshot: &Snapshot,
    engines: &[Engine],
    record: DocumentRecord,
    select: &Select,
) -> Result<StoredPoint, StoreError> {
    let chosen = |name: &str| match &select.vectors {
        WithVectors::None => false,
        WithVectors::All => true,
        WithVectors::Only(names) => names.iter().any(|n| n == name),
    };
    let mut vectors = Vec::new();
    for (view, engine) in engines.iter().enumerate().filter(|(_, e)| chosen(&e.name)) {
        if let Some(given) = snapshot.given(record.first, view) {
            let shaped = engine.shape().map_or_else(|| given.clone(), |s| given.clone().shaped(s.dim, s.multi));
            vectors.push((engine.name.clone(), shaped));
        }
    }
    let text = match select.text {
        true => {
            let parts = record
                .passages()
                .map(|p| Ok(snapshot.tables.passage(p)?.text))
                .collect::<Result<Vec<_>, StoreError>>()?;
            Some(parts.join("\n")).filter(|t| !t.is_empty())
        }
        false => None,
    };
    let payload = match &select.payload {
        WithPayload::None => None,
        WithPayload::All => Some(record.payload),
        WithPayload::Only(keys) => Some(pruned(&record.payload, keys, false)),
        WithPayload::Without(keys) => Some(pruned(&record.payload, keys, true)),
    };
    Ok(StoredPoint { id: record.id, payload, vectors: (select.vectors != WithVectors::None).then_some(vectors), text })
}
