//! Small dense networks with hand-written gradients, trained by Adam (Kingma and Ba 2015): projectors, auto-encoders, adapters and
//! heads of a few layers over frozen vectors.
//!
//! For what a chain, a report or a claim trains in seconds on a CPU; it is no framework: layers stand one after another, the caller
//! owns the loop and the loss, and every product runs on `core`'s blocked kernels (on all threads where it is large). The
//! gradients of several losses or of several nets add up before a step. A step costs six operations a weight and row. The same
//! seed gives the same network for any number of threads.
//!
//! ```
//! use vectory_core::{Context, Vectors, rng};
//! use vectory_transform::net::{Adam, Layer, Net, squared, table};
//! let ctx = Context::new(7, 1)?;
//! let mut net = Net::mlp(&[1, 16, 1], &[Layer::Silu], &mut rng::stream(7, "net"));
//! let mut adam = Adam::new(0.02);
//! let x: Vec<f32> = (0..32).map(|i| i as f32 / 16.0 - 1.0).collect();
//! let wanted = table(&x.iter().map(|x| x * x).collect::<Vec<_>>(), 1);
//! for _ in 0..400 {
//!     let (out, trace) = net.forward(table(&x, 1), &ctx);
//!     let (_, gradients) = net.backward(&trace, squared(&out, &wanted).1, &ctx);
//!     adam.step(net.parameters(), &gradients, &ctx);
//! }
//! assert!((net.apply_here(&[0.5], 1).row(0)[0] - 0.25).abs() < 0.05);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adam;
mod layers;
mod loss;
mod product;
#[cfg(test)]
mod tests;
mod train;

pub use adam::Adam;
pub use layers::{Layer, Net, Trace, table};
pub use loss::{barlow, cross_entropy, softmax, squared};
pub use product::{product, transposed};
pub use train::{Classifier, batches, classifier};
