//! A codec as plain values: what an artifact and an index file keep of it.

use serde_json::Value;
use thiserror::Error;
use vectory_core::Metric;

/// Values that do not make a codec.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct StateError(pub String);

impl StateError {
    pub(crate) fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// Parameters, and named arrays of f32.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// As JSON.
    pub params: Value,
    /// The arrays.
    pub tensors: Vec<Tensor>,
}

/// An array of f32.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

impl State {
    pub(crate) fn new(params: Value) -> Self {
        Self { params, tensors: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: &str, shape: Vec<usize>, values: &[f32]) {
        self.tensors.push(Tensor { name: name.to_owned(), shape, values: values.to_vec() });
    }

    /// A parameter.
    pub(crate) fn param<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, StateError> {
        let value = self.params.get(name).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|e| StateError(format!("codec parameter `{name}`: {e}")))
    }

    /// A parameter that older files do not have: then false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, StateError> {
        self.param::<Option<bool>>(name).map(Option::unwrap_or_default)
    }

    /// The metric: one that codes serve.
    pub(crate) fn metric(&self) -> Result<Metric, StateError> {
        match self.param("metric")? {
            m @ (Metric::Dot | Metric::Cosine | Metric::L2) => Ok(m),
            other => Err(StateError(format!("codec metric `{other}` is not dot, cosine or l2"))),
        }
    }

    fn tensor(&self, name: &str) -> Result<&Tensor, StateError> {
        let t = self.tensors.iter().find(|t| t.name == name);
        let t = t.ok_or_else(|| StateError(format!("codec array `{name}` is missing")))?;
        match t.values.iter().all(|v| v.is_finite()) {
            true => Ok(t),
            false => Err(StateError(format!("codec array `{name}` has a value that is not finite"))),
        }
    }

    /// An array of one dimension, not empty, finite.
    pub(crate) fn vector(&self, name: &str) -> Result<Vec<f32>, StateError> {
        let t = self.tensor(name)?;
        if t.shape.len() == 1 && t.shape[0] == t.values.len() && !t.values.is_empty() {
            return Ok(t.values.clone());
        }
        Err(StateError(format!("codec array `{name}` has shape {:?}", t.shape)))
    }

    /// An array that must have this shape.
    pub(crate) fn shaped(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, StateError> {
        let t = self.tensor(name)?;
        let values = shape.iter().try_fold(1usize, |n, s| n.checked_mul(*s));
        if t.shape == shape && values == Some(t.values.len()) {
            return Ok(t.values.clone());
        }
        Err(StateError(format!("codec array `{name}` has shape {:?}, expected {shape:?}", t.shape)))
    }
}
