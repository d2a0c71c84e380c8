//! Byte streams under every reader and writer: compression, bounded lines, files replaced in one step.

mod input;
mod lines;
mod output;

pub use input::{Compression, Input, open, stdin};
pub use lines::{LineError, Lines};
pub use output::Output;
