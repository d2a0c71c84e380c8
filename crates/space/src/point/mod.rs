//! Points: items whose vectors the client gives.
//!
//! A point is a document of one passage. Its id is a text in the store; a whole number and a UUID have one spelling
//! ([`canonical_id`]), so that `7` is found by `7`. Its vectors are those of the views that the recipe marks as `given`; a
//! text that is given with it is seen by the other views, as a document's is. So there is one store, one commit, one search.

mod payload;

use serde_json::{Map, Value};

pub use payload::PayloadChange;
pub(crate) use payload::pruned;

/// A point to be put into a space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Its id, as [`canonical_id`] spells it.
    pub id: String,
    /// Its payload.
    pub payload: Map<String, Value>,
    /// A vector for each view that is to have one.
    pub vectors: Vec<(String, Given)>,
    /// A text for the views that encode texts and for which no vector is given.
    pub text: Option<String>,
}

/// What is given for one view.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// One vector.
    Dense(Vec<f32>),
    /// Several vectors.
    Multi(Vec<Vec<f32>>),
    /// Dimensions with their weights, in any order.
    Sparse {
        /// Which dimensions; none twice.
        indices: Vec<u32>,
        /// Their weights.
        values: Vec<f32>,
    },
}

impl Given {
    /// Rows that lie end to end; which of them is a vector is not known yet.
    pub(crate) fn of_rows(rows: &[f32]) -> Option<Self> {
        (!rows.is_empty()).then(|| Self::Dense(rows.to_vec()))
    }

    pub(crate) fn of_weights((dims, values): (&[u32], &[f32])) -> Option<Self> {
        (!dims.is_empty()).then(|| Self::Sparse { indices: dims.to_vec(), values: values.to_vec() })
    }

    /// Rows that lie end to end as vectors of `dim` values.
    pub(crate) fn shaped(self, dim: usize, multi: bool) -> Self {
        match self {
            Self::Dense(flat) if multi => Self::Multi(flat.chunks(dim.max(1)).map(<[f32]>::to_vec).collect()),
            other => other,
        }
    }
}

/// The one spelling of an id: whole numbers without leading zeros, UUIDs in lower case with hyphens, all else as it is.
///
/// # Errors
/// For what is neither a whole number from 0 nor a text that is a UUID.
pub fn canonical_id(value: &Value) -> Result<String, String> {
    match value {
        Value::Number(n) => n
            .as_u64()
            .map(|n| n.to_string())
            .ok_or_else(|| format!("{n} is no point id: a whole number from 0, or a UUID")),
        Value::String(s) => uuid(s).ok_or_else(|| format!("\"{s}\" is no point id: a whole number from 0, or a UUID")),
        other => Err(format!("{other} is no point id: a whole number from 0, or a UUID")),
    }
}

/// The id as clients expect it: a number where it is one.
#[must_use]
pub fn id_value(id: &str) -> Value {
    match number(id) {
        Some(n) => Value::from(n),
        None => Value::from(id),
    }
}

/// The number that an id spells canonically.
pub(crate) fn number(id: &str) -> Option<u64> {
    let digits = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
    id.parse().ok().filter(|_| digits)
}

/// A UUID in any of its usual spellings, as lower-case hexadecimal with hyphens.
fn uuid(text: &str) -> Option<String> {
    let inner = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let inner = inner.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(inner);
    let hyphens = [8, 13, 18, 23];
    let placed = match inner.len() {
        32 => true,
        36 => hyphens.iter().all(|at| inner.as_bytes()[*at] == b'-'),
        _ => false,
    };
    let hex: String = inner.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    if !placed || hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_have_one_spelling() {
        assert_eq!(canonical_id(&json!(7)).unwrap(), "7");
        assert_eq!(canonical_id(&json!(u64::MAX)).unwrap(), u64::MAX.to_string());
        let plain = "936da01f9abd4d9d80c702af85c822a8";
        let whole = "936da01f-9abd-4d9d-80c7-02af85c822a8";
        for spelled in [plain, whole, &whole.to_uppercase(), &format!("urn:uuid:{whole}"), &format!("{{{whole}}}")] {
            assert_eq!(canonical_id(&json!(spelled)).unwrap(), whole);
        }
        for bad in [json!(-1), json!(1.5), json!("abc"), json!(null), json!("936da01f-9abd4d9d-80c7-02af85c822a8-")] {
            assert!(canonical_id(&bad).unwrap_err().contains("UUID"), "{bad}");
        }
        assert_eq!((id_value("7"), id_value("007"), id_value(whole)), (json!(7), json!("007"), json!(whole)));
    }
}
