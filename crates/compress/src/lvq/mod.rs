//! LVQ, locally-adaptive vector quantization (Aguerrebere, Bhati, Hildebrand, Tepper and Willke 2023): every row, less the
//! mean of all rows, is quantized uniformly between its own smallest and largest value, to 8 or 4 bits; a second level codes
//! what is left to 4 or 8 bits more.
//!
//! **When.** The first choice under a graph or a scan: 8 bits lose next to nothing, 4x4 and 4x8 walk on half the bytes and
//! rank the last candidates by both levels. **Cost.** One pass to fit, one to encode; a score is one product of bytes.
//!
//! The two constants of a row are kept as f32 (the paper has f16): records are padded to 32 bytes, so they are free, and
//! rows of any scale keep their precision. The squared length of the coded row stands beside them, so that `l2` costs what
//! `dot` costs. Half-bytes are laid out so that one load, one mask and one shift unpack them: byte j has dimensions j and
//! j + (bytes of a row).

mod fit;
mod model;
mod params;
#[cfg(test)]
mod tests;

pub use model::{Lvq, LvqQuery};
pub use params::LvqParams;
