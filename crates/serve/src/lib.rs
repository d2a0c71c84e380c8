//! The server: HTTP interfaces over spaces, and the page.
//!
//! ```text
//! request ─▶ gate (limits, key, request id) ─▶ route of the table ─▶ handler on a worker thread ─▶ reply ─▶ metrics, log
//! ```
//!
//! Every interface is rows of one table ([`route::Route`]): the router, the OpenAPI document and the list of what needs which
//! key are made from it. Handlers are plain functions; only [`server`] knows tokio.
#![forbid(unsafe_code)]

mod app;
mod aside;
mod client;
mod config;
mod direct;
mod encode;
mod error;
mod gate;
mod jobs;
mod look;
mod map;
mod metrics;
mod native;
mod openapi;
mod qdrant;
mod registry;
mod route;
mod server;
mod site;
mod stop;
mod tls;
mod transfer;
mod upload;

use vectory_core::registry::Method;

pub use app::App;
pub use client::{Client, ClientError};
pub use config::{Keys, Limits, ServeConfig};
pub use openapi::document as openapi_document;
pub use registry::{Registry, RegistryError};
pub use server::{ServeError, serve};
pub use stop::interrupted;
pub use tls::{TlsError, TlsFiles};
pub use transfer::{collection_of, points_from, points_of, recipe_of};

/// The published methods that live here.
pub const METHODS: &[Method] = &[];
