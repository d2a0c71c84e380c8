//! Word vectors made better after they were learned.
//!
//! | method | module |
//! |---|---|
//! | retrofitting to a lexicon | [`retrofit`] |

pub mod lexicon;
pub mod retrofit;

pub use lexicon::{Lexicon, LexiconError};
pub use retrofit::{RetrofitParams, Retrofitted, retrofit};
