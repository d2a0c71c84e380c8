//! Small dense networks with hand-written gradients: projectors, auto-encoders and heads of a few layers over frozen vectors.
//!
//! For what a chain or a claim trains in seconds on a CPU; it is no framework: layers stand one after another, and every product
//! runs on `core`'s blocked kernels. A step costs six operations a weight and row. The same seed gives the same network for any
//! number of threads.

mod adam;
mod layers;
mod loss;
mod product;
#[cfg(test)]
mod tests;
mod train;

pub use adam::Adam;
pub use layers::{Layer, Net, Trace};
pub use loss::{barlow, cross_entropy, squared};
pub use product::{product, transposed};
pub use train::{Classifier, batches, classifier};
