//! TLS: certificates from files, connections that are greeted beside each other, roots that a client trusts.
//!
//! The handshake never stands in the way of the next connection: each has a task and a time limit of its own. Certificates are
//! read again when the process gets SIGHUP; files that cannot be used then leave the old ones in use.

mod files;
mod listener;
mod roots;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use files::{TlsError, TlsFiles};
pub(crate) use listener::{TlsListener, renewed};
pub(crate) use roots::config as client_config;

/// The cryptography of both sides.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
