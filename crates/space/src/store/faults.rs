//! A hook at every step of a commit, so that tests can break it there.

use std::fmt;
use std::sync::Arc;

/// Asked before every write, sync and rename of a commit, with the step's name; an error fails the step as the system
/// would. The default never fails.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<dyn Fn(&str) -> std::io::Result<()> + Send + Sync>>);

impl Faults {
    /// Asks `hook` before every step.
    pub fn new(hook: impl Fn(&str) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Fails when the hook says so.
    pub(crate) fn at(&self, step: &str) -> std::io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(step))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(hook)" } else { "Faults(none)" })
    }
}
