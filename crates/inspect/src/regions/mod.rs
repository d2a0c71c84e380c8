//! Where does the answer lie? Regions for a response of several values, of any shape, that hold it with an asked probability
//! (Feldman, Bates and Romano, *Calibrated multiple-output quantile regression with representation learning*, 2023).
//!
//! Three ways of drawing a region given features, all on a grid of the response's space:
//!
//! | [`Way`] | region | for |
//! |---|---|---|
//! | `Box` | quantiles of each coordinate, Bonferroni | the baseline |
//! | `Directional` | quantiles along all directions: an intersection of half-spaces | convex responses |
//! | `SpaceTransform` | the same in the latent space of a conditional autoencoder, decoded | any shape: bent, with holes |
//!
//! What makes them trustworthy is [`growth`]: any region, from whatever method, is grown (or shrunk) by a distance found on rows that
//! were not fitted; then a new response lies inside with the asked probability, whatever the data, as long as rows are exchangeable.
//!
//! For 2 or 3 response values (grids grow with the power). Fit: seconds to a minute for thousands of rows.

mod calibrate;
mod claim;
mod fit;
mod grid;
mod latent;
mod quantile;
mod report;
#[cfg(test)]
mod tests;

pub use calibrate::growth;
pub use fit::Regions;
pub use grid::Grid;
pub use report::{Judged, judge, report};

use crate::InspectError;

pub(crate) use claim::ST_DQR;

/// How a region is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Way {
    /// An interval for each coordinate.
    Box,
    /// An intersection of half-spaces.
    Directional,
    /// The same in a latent space.
    SpaceTransform,
}

impl Way {
    /// All, the plainest first.
    pub const ALL: [Self; 3] = [Self::Box, Self::Directional, Self::SpaceTransform];

    /// As tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::Directional => "directional quantiles",
            Self::SpaceTransform => "latent directional quantiles (ST-DQR)",
        }
    }
}

/// What regions are fitted with.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionsParams {
    /// The share of responses that may lie outside, above 0 and below 1.
    pub alpha: f64,
    /// Cells along each axis of the response's space (8 ..= 400).
    pub cells: usize,
    /// Directions whose half-spaces are cut (4 or more).
    pub directions: usize,
    /// Level of the directional quantiles, above 0 and below 0.5; what they lack to hold 1 - alpha is made up for on the rows fitted.
    pub level: f64,
    /// Units of each hidden layer (1 or more).
    pub hidden: usize,
    /// Passes over the rows (1 or more); the autoencoder takes four times as many.
    pub epochs: usize,
    /// Values of the latent space (1 or more).
    pub latent: usize,
    /// Weight of the latent cloud's shape against the error, 0 or more.
    pub beta: f32,
    /// Latent points that are decoded to draw a region (10 or more).
    pub samples: usize,
}

impl Default for RegionsParams {
    fn default() -> Self {
        Self {
            alpha: 0.1,
            cells: 60,
            directions: 32,
            level: 0.02,
            hidden: 64,
            epochs: 40,
            latent: 3,
            beta: 0.01,
            samples: 3000,
        }
    }
}

impl RegionsParams {
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return bad("alpha", "above 0 and below 1", self.alpha.to_string());
        }
        if !(8..=400).contains(&self.cells) {
            return bad("cells", "8 ..= 400", self.cells.to_string());
        }
        if self.directions < 4 || self.samples < 10 {
            return bad(
                "directions and samples",
                "4 and 10 or more",
                format!("{} and {}", self.directions, self.samples),
            );
        }
        if !(self.level > 0.0 && self.level < 0.5) {
            return bad("level", "above 0 and below 0.5", self.level.to_string());
        }
        if self.hidden == 0 || self.epochs == 0 || self.latent == 0 {
            let got = format!("{}, {} and {}", self.hidden, self.epochs, self.latent);
            return bad("hidden, epochs and latent", "1 or more", got);
        }
        if !(self.beta >= 0.0 && self.beta.is_finite()) {
            return bad("beta", "0 or more, finite", self.beta.to_string());
        }
        Ok(())
    }
}
