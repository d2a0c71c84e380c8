//! What clients are told when something is wrong: a status, one sentence, and where it applies the remedy.

use serde_json::{Value, json};
use vectory_space::json::JsonError;
use vectory_space::{LiveError, SearchError, StoreError};

use crate::registry::RegistryError;

/// An error with its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub status: u16,
    pub message: String,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
}

impl ApiError {
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    pub fn busy(message: impl Into<String>) -> Self {
        Self { retry_after: Some(1), ..Self::new(503, message) }
    }

    /// A known feature that is not there.
    pub fn unsupported(feature: &str) -> Self {
        Self::new(422, format!("{feature} is not supported by this server"))
    }

    /// As the API under this path has it.
    pub fn body(&self, path: &str, seconds: f64) -> Value {
        if path.starts_with("/v1/") {
            let kind = if self.status < 500 { "invalid_request_error" } else { "server_error" };
            return json!({"error": {"message": self.message, "type": kind, "param": null, "code": null}});
        }
        json!({"status": {"error": self.message}, "time": seconds, "result": null})
    }
}

impl From<JsonError> for ApiError {
    fn from(e: JsonError) -> Self {
        Self::new(if e.unsupported { 422 } else { 400 }, format!("Wrong input: {e}"))
    }
}

impl From<LiveError> for ApiError {
    fn from(e: LiveError) -> Self {
        match e {
            LiveError::Busy | LiveError::Closed => Self::busy(e.to_string()),
            LiveError::Refused(why) if why.starts_with("there is no point") => {
                Self::missing(format!("Not found: {why}"))
            }
            LiveError::Refused(why) => Self::bad(format!("Wrong input: {why}")),
            LiveError::Failed(why) => Self::new(500, format!("Service internal error: {why}")),
        }
    }
}

impl From<SearchError> for ApiError {
    fn from(e: SearchError) -> Self {
        match e {
            SearchError::Example(why) => Self::missing(format!("Not found: {why}")),
            SearchError::NoView { name, known } => {
                Self::bad(format!("Wrong input: there is no vector named `{name}`; this collection has {known}"))
            }
            SearchError::Vector { .. } | SearchError::Filter(_) | SearchError::Fusion { .. } => {
                Self::bad(format!("Wrong input: {e}"))
            }
            SearchError::Encode { .. } | SearchError::Store(_) => {
                Self::new(500, format!("Service internal error: {e}"))
            }
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(e: StoreError) -> Self {
        Self::new(500, format!("Service internal error: {e}"))
    }
}

impl From<std::io::Error> for ApiError {
    fn from(e: std::io::Error) -> Self {
        Self::new(500, format!("Service internal error: {e}"))
    }
}

impl From<RegistryError> for ApiError {
    fn from(e: RegistryError) -> Self {
        let text = e.to_string();
        match e {
            RegistryError::Missing(_) => Self::missing(format!("Not found: {text}")),
            RegistryError::Exists(_) => Self::new(409, format!("Wrong input: {text}")),
            RegistryError::Name(_) | RegistryError::Recipe(_) => Self::bad(format!("Wrong input: {text}")),
            RegistryError::Fixed => Self::new(403, text),
            RegistryError::Open { .. } | RegistryError::Io(_) | RegistryError::Memory(_) => {
                Self::new(500, format!("Service internal error: {text}"))
            }
        }
    }
}
