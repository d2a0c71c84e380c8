//! Small multilayer perceptrons, trained by Adam (Kingma and Ba 2015): heads, adapters and autoencoders over frozen vectors.
//!
//! For up to some hundred thousand parameters, on the CPU, without a framework: the caller owns the loop and the loss. A forward
//! pass gives a [`Tape`]; the loss's gradient in the outputs goes back through it; the gradients of several losses or of several
//! nets add up before a step. 6 · rows · parameters operations a step by the house's matrix kernels. One net runs on one
//! thread, so results never depend on the number of threads.
//!
//! ```
//! use vectory_learn::mlp::{Activation, Adam, Mlp};
//! let mut net = Mlp::new(&[1, 16, 1], Activation::Silu, 7);
//! let mut adam = Adam::new(&net, 0.02);
//! let x: Vec<f32> = (0..32).map(|i| i as f32 / 16.0 - 1.0).collect();
//! for _ in 0..400 {
//!     let tape = net.forward(&x);
//!     let slope: Vec<f32> = tape.output().iter().zip(&x).map(|(o, x)| 2.0 * (o - x * x) / 32.0).collect();
//!     let (gradient, _) = net.backward(&tape, &slope);
//!     adam.step(&mut net, &gradient);
//! }
//! assert!((net.forward(&[0.5]).output()[0] - 0.25).abs() < 0.05);
//! ```

mod adam;
mod loss;
mod net;
#[cfg(test)]
mod tests;

pub use adam::Adam;
pub use loss::cross_entropy;
pub use net::{Activation, Mlp, Tape};
