//! The other side: a small client of the same REST API, for moving collections between spaces and servers.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;

use crate::tls::{TlsError, client_config};

/// Why a server did not do what it was asked.
#[derive(Debug, Error)]
pub enum ClientError {
    /// It cannot be reached.
    #[error("{url}: {why}")]
    Reach {
        /// What was asked.
        url: String,
        /// What the network said.
        why: String,
    },
    /// Nobody is trusted to say who it is.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It refused.
    #[error("{url}: status {status}: {message}")]
    Refused {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: String,
    },
}

/// A server that speaks Qdrant's REST API: this one, or another.
pub struct Client {
    base: String,
    key: Option<String>,
    agent: ureq::Agent,
}

impl Client {
    /// A client for `http://host:port` or `https://host:port`; over TLS it trusts the authorities in the file `ca`, else the system's.
    /// It follows no redirects: the key is for this server alone.
    ///
    /// # Errors
    /// [`ClientError::Tls`] when no authority can be read.
    pub fn new(base: &str, key: Option<String>, ca: Option<&Path>) -> Result<Self, ClientError> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(120)))
            .tls_config(client_config(ca, base.starts_with("https:"))?);
        Ok(Self { base: base.trim_end_matches('/').to_owned(), key, agent: config.build().into() })
    }

    /// Asks, and gives the `result` of the answer (or the whole answer, where it has none).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, ClientError> {
        let url = format!("{}{path}", self.base);
        let reach = |why: String| ClientError::Reach { url: url.clone(), why };
        let mut request =
            ureq::http::Request::builder().method(method).uri(&url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("api-key", key);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(body).map_err(|e| reach(e.to_string()))?;
        let mut response = self.agent.run(request).map_err(|e| reach(explained(&e.to_string())))?;
        let status = response.status().as_u16();
        if response.status().is_redirection() {
            let to = response.headers().get("location").and_then(|l| l.to_str().ok()).unwrap_or("another address");
            return Err(ClientError::Refused { url, status, message: format!("it has moved to {to}: ask there") });
        }
        let text =
            response.body_mut().with_config().limit(1 << 30).read_to_string().map_err(|e| reach(e.to_string()))?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
        if status >= 400 {
            let said = answer["status"]["error"].as_str().map_or(text, str::to_owned);
            return Err(ClientError::Refused { url, status, message: said });
        }
        Ok(answer.get("result").cloned().unwrap_or(answer))
    }
}

/// What the network said, and what to do about it where that is known.
fn explained(why: &str) -> String {
    let remedy = if why.contains("UnknownIssuer") {
        "; its certificate is signed by nobody who is trusted here: name the authority with --ca-cert"
    } else if why.contains("http parse fail") {
        "; if the server speaks TLS, its address begins with https://"
    } else {
        ""
    };
    format!("{why}{remedy}")
}
