//! Parameters by name, spread over the structures that take them.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why named parameters cannot be taken.
#[derive(Debug, Error)]
pub enum SettingError {
    /// No structure has a field of that name.
    #[error("there is no `{field}` (there are: {known})")]
    Unknown {
        /// The name.
        field: String,
        /// All names that could have been given.
        known: String,
    },
    /// A value of the wrong type.
    #[error("{0}")]
    Type(String),
}

/// Named values, taken field by field by those who know the names.
#[derive(Debug, Default)]
pub struct Settings {
    given: Map<String, Value>,
    known: BTreeSet<String>,
}

impl Settings {
    /// What was given.
    #[must_use]
    pub fn new(given: Map<String, Value>) -> Self {
        Self { given, known: BTreeSet::new() }
    }

    /// Calls a value by another name; nothing happens where it was not given, or where the other name was.
    #[must_use]
    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        if let Some(value) = self.given.remove(from) {
            self.given.entry(to).or_insert(value);
        }
        self
    }

    /// A structure's defaults with what was given put in, into its inner structures as well.
    ///
    /// # Errors
    /// [`SettingError::Type`].
    pub fn fill<P: Serialize + DeserializeOwned>(&mut self, defaults: &P) -> Result<P, SettingError> {
        let mut value = serde_json::to_value(defaults).map_err(|e| SettingError::Type(e.to_string()))?;
        self.put(&mut value);
        serde_json::from_value(value).map_err(|e| SettingError::Type(e.to_string()))
    }

    fn put(&mut self, value: &mut Value) {
        let Some(fields) = value.as_object_mut() else { return };
        for (name, field) in fields.iter_mut() {
            if field.is_object() {
                self.put(field);
                continue;
            }
            self.known.insert(name.clone());
            if let Some(given) = self.given.get(name) {
                *field = given.clone();
            }
        }
    }

    /// Ends it: everything that was given must have been taken.
    ///
    /// # Errors
    /// [`SettingError::Unknown`].
    pub fn finish(&self) -> Result<(), SettingError> {
        match self.given.keys().find(|k| !self.known.contains(*k)) {
            None => Ok(()),
            Some(field) => {
                let known = self.known.iter().cloned().collect::<Vec<_>>().join(", ");
                Err(SettingError::Unknown { field: field.clone(), known })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::sent2vec::Sent2VecParams;

    #[test]
    fn names_reach_inner_structures_and_unknown_ones_are_told() {
        let given = serde_json::json!({ "passes": 3, "buckets": 10, "min_count": 2 });
        let mut s = Settings::new(given.as_object().cloned().unwrap()).renamed("passes", "epochs");
        let p = s.fill(&Sent2VecParams::default()).unwrap();
        assert_eq!((p.training.epochs, p.buckets, p.dropout), (3, 10, 4));
        let err = s.finish().unwrap_err().to_string();
        assert!(err.contains("`min_count`") && err.contains("word_ngrams") && err.contains("epochs"), "{err}");
        let given = serde_json::json!({ "epochs": "many" });
        let mut s = Settings::new(given.as_object().cloned().unwrap());
        assert!(s.fill(&Sent2VecParams::default()).is_err());
    }
}
