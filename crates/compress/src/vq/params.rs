//! What a vector quantizer is told.

use crate::ParamsError;

/// Where the codebook starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VqInit {
    /// Rows.
    #[default]
    Rows,
    /// Normal values of the rows' mean spread around the origin, as networks start: most codes are then never chosen.
    Normal,
}

/// Codebook, averages, restarts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VqParams {
    /// Codes, 1 to 65,536.
    pub codes: usize,
    /// How much of the running averages a batch leaves, at least 0 and below 1.
    pub decay: f32,
    /// Rows of a batch, 1 or more.
    pub batch: usize,
    /// Passes over the rows, 1 or more.
    pub epochs: usize,
    /// After each epoch a code that fewer rows chose than this part of the even share is put on a row; 0: never.
    pub restart_below: f32,
    /// Where the codebook starts.
    pub init: VqInit,
}

impl Default for VqParams {
    fn default() -> Self {
        Self { codes: 256, decay: 0.99, batch: 256, epochs: 10, restart_below: 0.1, init: VqInit::Rows }
    }
}

impl VqParams {
    /// # Errors
    /// [`ParamsError`] names the first field out of its range.
    pub fn check(&self) -> Result<(), ParamsError> {
        if !(1..=65_536).contains(&self.codes) {
            return Err(ParamsError::new("codes", self.codes, "in 1..=65536"));
        }
        if !(0.0..1.0).contains(&self.decay) {
            return Err(ParamsError::new("decay", self.decay, "at least 0 and below 1"));
        }
        if self.batch == 0 {
            return Err(ParamsError::new("batch", 0, "1 or more"));
        }
        if self.epochs == 0 {
            return Err(ParamsError::new("epochs", 0, "1 or more"));
        }
        if !(0.0..=1.0).contains(&self.restart_below) {
            return Err(ParamsError::new("restart_below", self.restart_below, "in 0..=1"));
        }
        Ok(())
    }
}
