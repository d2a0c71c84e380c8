//! How the server is set up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::tls::TlsFiles;

/// Everything that the server is told at its start.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Where it listens.
    pub address: SocketAddr,
    /// The folder of collections that clients may add to; none: only `spaces`.
    pub folder: Option<PathBuf>,
    /// Spaces to open, wherever they are.
    pub spaces: Vec<PathBuf>,
    /// Who may do what.
    pub keys: Keys,
    /// Certificate and key, to be spoken to over TLS alone; none: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// How much is taken at once.
    pub limits: Limits,
    /// Origins that browsers may call from; empty: none but the page itself.
    pub origins: Vec<String>,
    /// A line of JSON on stderr for every request.
    pub log: bool,
    /// Most bytes of memory that the server takes for itself, shared out among its collections; none: no limit.
    pub memory: Option<u64>,
}

/// API keys; without any, everybody who reaches the address may do everything.
#[derive(Clone, Default)]
pub struct Keys {
    /// May do everything.
    pub full: Option<String>,
    /// May only read.
    pub read: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys(full: {}, read: {})", self.full.is_some(), self.read.is_some())
    }
}

/// How much is taken at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Points of one answer.
    pub answer: usize,
    /// Requests that are worked on at once.
    pub workers: usize,
    /// Requests that may wait for a worker; more are told to come back.
    pub queue: usize,
    /// The longest that a request may take, its body's arrival counted.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 64 << 20, answer: 100_000, workers: 32, queue: 512, timeout: Duration::from_secs(60) }
    }
}

impl ServeConfig {
    /// A server on loopback for these spaces.
    #[must_use]
    pub fn local(port: u16) -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            folder: None,
            spaces: Vec::new(),
            keys: Keys::default(),
            tls: None,
            limits: Limits::default(),
            origins: Vec::new(),
            log: false,
            memory: None,
        }
    }

    /// Whether it may listen where it is told to: elsewhere than on loopback only with a key.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.address.ip().is_loopback() || self.keys.full.is_some()
    }
}
