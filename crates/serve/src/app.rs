//! What all handlers share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use vectory_core::Context;
use vectory_space::EncoderProvider;

use crate::config::ServeConfig;
use crate::encode::Batcher;
use crate::jobs::Jobs;
use crate::map::Maps;
use crate::metrics::Metrics;
use crate::registry::{Registry, RegistryError};

/// A server's state.
pub struct App {
    pub(crate) config: ServeConfig,
    pub(crate) registry: Arc<Registry>,
    pub(crate) encoders: Arc<dyn EncoderProvider>,
    pub(crate) metrics: Metrics,
    /// Maps of collections.
    pub(crate) maps: Arc<Maps>,
    pub(crate) jobs: Arc<Jobs>,
    /// Before the encoder of the encoding routes.
    pub(crate) batcher: Batcher,
    pub(crate) ctx: Context,
    pub(crate) started: Instant,
    /// Makes request ids and seeds of samples differ.
    pub(crate) counter: AtomicU64,
}

impl App {
    /// Opens the collections that the configuration names.
    ///
    /// # Errors
    /// [`RegistryError`] for a space that cannot be opened or is being written to by another process.
    pub fn open(config: ServeConfig, encoders: Arc<dyn EncoderProvider>, ctx: Context) -> Result<Self, RegistryError> {
        let registry = Registry::open(
            config.folder.as_deref(),
            &config.spaces,
            Arc::clone(&encoders),
            config.memory,
            ctx.clone(),
        )?;
        Ok(Self {
            config,
            registry: Arc::new(registry),
            encoders,
            metrics: Metrics::default(),
            maps: Arc::default(),
            jobs: Arc::default(),
            batcher: Batcher::default(),
            ctx,
            started: Instant::now(),
            counter: AtomicU64::new(1),
        })
    }

    /// The collections.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}
