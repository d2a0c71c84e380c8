//! Reading JSON that people and programs send: every error says at which path, what is there, and what would be right.

use serde_json::{Map, Value};
use thiserror::Error;

/// JSON that does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at `{path}`: {why}")]
pub struct JsonError {
    /// Where: `filter.must[0].match`.
    pub path: String,
    /// What is wrong and what would be right.
    pub why: String,
    /// Whether it is a known feature that is not supported.
    pub unsupported: bool,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// The value.
    pub value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    /// The whole of a body.
    #[must_use]
    pub fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A value that stands at a path.
    #[must_use]
    pub fn under(value: &'a Value, path: &str) -> Self {
        Self { value, path: path.to_owned() }
    }

    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &str {
        if self.path.is_empty() { "$" } else { &self.path }
    }

    /// An error here.
    #[must_use]
    pub fn error(&self, why: impl Into<String>) -> JsonError {
        JsonError { path: self.path().to_owned(), why: why.into(), unsupported: false }
    }

    /// An error here: a feature that is not supported.
    #[must_use]
    pub fn unsupported(&self, feature: &str) -> JsonError {
        JsonError {
            path: self.path().to_owned(),
            why: format!("{feature} is not supported by this server"),
            unsupported: true,
        }
    }

    /// An error here: another type is expected.
    #[must_use]
    pub fn expected(&self, what: &str) -> JsonError {
        let kind = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            Value::String(s) => format!("\"{}\"", s.chars().take(40).collect::<String>()),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.error(format!("expected {what}, found {kind}"))
    }

    /// The object that it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn object(&self) -> Result<&'a Map<String, Value>, JsonError> {
        self.value.as_object().ok_or_else(|| self.expected("an object"))
    }

    /// The elements of the list that it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn list(&self) -> Result<Vec<At<'a>>, JsonError> {
        let list = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        let at = |(i, value)| At { value, path: format!("{}[{i}]", self.path) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    /// The value of a key; null is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<At<'a>> {
        let value = self.value.get(key).filter(|v| !v.is_null())?;
        Some(self.below(key, value))
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When it is absent.
    pub fn need(&self, key: &str) -> Result<At<'a>, JsonError> {
        self.object()?;
        self.get(key).ok_or_else(|| self.error(format!("`{key}` is missing")))
    }

    /// Every key with its value.
    ///
    /// # Errors
    /// When it is no object.
    pub fn entries(&self) -> Result<Vec<(&'a str, At<'a>)>, JsonError> {
        Ok(self.object()?.iter().map(|(k, v)| (k.as_str(), self.below(k, v))).collect())
    }

    fn below(&self, key: &str, value: &'a Value) -> At<'a> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        At { value, path }
    }

    /// Refuses keys that are not among the known ones: a slip must not be passed over in silence.
    ///
    /// # Errors
    /// Names the key and the known ones.
    pub fn only(&self, known: &[&str]) -> Result<(), JsonError> {
        match self.object()?.iter().find(|(k, v)| !v.is_null() && !known.contains(&k.as_str())) {
            Some((key, value)) => {
                Err(self.below(key, value).error(format!("unknown key; known here: {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// The text that it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self) -> Result<&'a str, JsonError> {
        self.value.as_str().ok_or_else(|| self.expected("a text"))
    }

    /// The finite number that it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn number(&self) -> Result<f64, JsonError> {
        self.value.as_f64().filter(|n| n.is_finite()).ok_or_else(|| self.expected("a number"))
    }

    /// The whole number from 0 that it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn size(&self) -> Result<usize, JsonError> {
        let whole = self.value.as_u64().and_then(|n| usize::try_from(n).ok());
        whole.ok_or_else(|| self.expected("a whole number from 0"))
    }

    /// true or false.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self) -> Result<bool, JsonError> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// The finite f32 values of a list.
    ///
    /// # Errors
    /// When it is something else, or a value is not a finite f32.
    pub fn floats(&self) -> Result<Vec<f32>, JsonError> {
        let list = self.value.as_array().ok_or_else(|| self.expected("a list of numbers"))?;
        let mut out = Vec::with_capacity(list.len());
        for (i, value) in list.iter().enumerate() {
            match value.as_f64().map(|n| n as f32).filter(|x| x.is_finite()) {
                Some(x) => out.push(x),
                None => return Err(At { value, path: format!("{}[{i}]", self.path) }.expected("a finite number (f32)")),
            }
        }
        Ok(out)
    }

    /// What `read` makes of a key; none when it is absent.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn opt<T>(
        &self,
        key: &str,
        read: impl FnOnce(&At<'a>) -> Result<T, JsonError>,
    ) -> Result<Option<T>, JsonError> {
        self.get(key).map(|at| read(&at)).transpose()
    }

    /// Elements of a list, or the one thing that stands in its place.
    ///
    /// # Errors
    /// Never for a list.
    pub fn one_or_list(&self) -> Result<Vec<At<'a>>, JsonError> {
        if self.value.is_array() { self.list() } else { Ok(vec![self.clone()]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_say_where_and_what() {
        let body = json!({"filter": {"must": [{"key": 5}]}, "limit": -1, "v": [1, "x"], "big": [1e300]});
        let root = At::root(&body);
        let filter = root.need("filter").unwrap();
        let must = filter.need("must").unwrap().list().unwrap();
        let err = must[0].need("key").unwrap().text().unwrap_err().to_string();
        assert_eq!(err, "at `filter.must[0].key`: expected a text, found 5");
        assert!(root.need("limit").unwrap().size().unwrap_err().to_string().contains("from 0, found -1"));
        assert!(root.need("v").unwrap().floats().unwrap_err().to_string().contains("`v[1]`"));
        assert!(root.need("big").unwrap().floats().is_err());
        assert!(
            root.only(&["filter", "limit", "v"])
                .unwrap_err()
                .to_string()
                .contains("at `big`: unknown key; known here: filter")
        );
        assert!(root.need("nosuch").unwrap_err().to_string().contains("at `$`: `nosuch` is missing"));
    }
}
