//! What the inverted file is told.

use thiserror::Error;
use vectory_compress::Spec;

/// Lists and codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IvfParams {
    /// Lists, 1 or more; with fewer rows than that there are as many as rows. 0: about 4 √n.
    pub lists: usize,
    /// How rows are coded; `None`: full rows.
    pub codec: Option<Spec>,
    /// Rounds of k-means.
    pub iterations: usize,
}

impl Default for IvfParams {
    fn default() -> Self {
        Self { lists: 0, codec: None, iterations: 10 }
    }
}

/// A parameter outside its range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("ivf `{field}` is {value}, must be {range}")]
pub struct IvfParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What is legal.
    pub range: &'static str,
}

impl IvfParams {
    /// # Errors
    /// [`IvfParamsError`] names the first field that is out of range.
    pub fn check(&self) -> Result<(), IvfParamsError> {
        let bad = |field, value: usize, range| Err(IvfParamsError { field, value: value.to_string(), range });
        if self.lists > 1 << 24 {
            return bad("lists", self.lists, "in 0..=16777216");
        }
        if self.iterations == 0 {
            return bad("iterations", 0, "1 or more");
        }
        Ok(())
    }

    /// Lists for so many rows.
    #[must_use]
    pub fn lists_for(&self, rows: usize) -> usize {
        let wanted = if self.lists == 0 { (4.0 * (rows as f64).sqrt()) as usize } else { self.lists };
        wanted.clamp(1, rows.max(1))
    }
}
