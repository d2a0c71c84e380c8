//! Passages by number: what is to be known of the rows of a view when they are shown on a map.

use serde::Serialize;
use serde_json::{Map, Value};

use super::query::SearchError;
use super::space::Space;
use crate::filter::{Cell, Fields, Filter};
use crate::store::StoreError;

/// A passage with the document it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FoundPassage {
    /// Its number.
    pub passage: u32,
    /// The document's id.
    pub id: String,
    /// The document's title; may be empty.
    pub title: String,
    /// The file the document came from.
    pub path: Option<String>,
    /// The headings above the passage.
    pub heading: String,
    /// Its text.
    pub text: String,
    /// The document's payload.
    pub payload: Map<String, Value>,
}

impl Space {
    /// The passages of these numbers, in that order; those that are gone are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn passages(&self, numbers: &[u32]) -> Result<Vec<FoundPassage>, StoreError> {
        let snapshot = self.snapshot();
        let mut found = Vec::with_capacity(numbers.len());
        for number in numbers.iter().filter(|n| !snapshot.dead.contains(**n)) {
            let Some(document) = snapshot.document_of(*number) else { continue };
            let Some(record) = snapshot.tables.known_document(document)? else { continue };
            let passage = snapshot.tables.passage(*number)?;
            found.push(FoundPassage {
                passage: *number,
                id: record.id,
                title: record.title,
                path: record.path,
                heading: passage.heading,
                text: passage.text,
                payload: record.payload,
            });
        }
        Ok(found)
    }

    /// What the documents of these passages have under a field: the first value where there are several, null where there is
    /// none.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn values_of(&self, numbers: &[u32], field: &str) -> Result<Vec<Value>, StoreError> {
        let snapshot = self.snapshot();
        let column = snapshot.column(field)?;
        let value = |number: &u32| {
            let cell = snapshot.document_of(*number).and_then(|document| column.get(document));
            cell.map_or(Value::Null, first_value)
        };
        Ok(numbers.iter().map(value).collect())
    }

    /// Which of these passages a filter lets through.
    ///
    /// # Errors
    /// [`SearchError`] when the items cannot be read.
    pub fn matching(&self, numbers: &[u32], filter: &Filter) -> Result<Vec<bool>, SearchError> {
        let snapshot = self.snapshot();
        let documents = snapshot.filtered(Some(filter))?;
        let holds = |number: &u32| snapshot.document_of(*number).is_some_and(|document| documents.contains(document));
        Ok(numbers.iter().map(holds).collect())
    }
}

fn first_value(cell: &Cell) -> Value {
    let mut first = Value::Null;
    cell.each(&mut |c| {
        if first.is_null() {
            first = match c {
                Cell::Text(text) => Value::from(text.as_str()),
                Cell::Bool(flag) => Value::from(*flag),
                Cell::Int(number) => Value::from(*number),
                other => other.number().map_or(Value::Null, Value::from),
            };
        }
    });
    first
}
