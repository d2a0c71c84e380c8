//! Vectory's indexes: flat, inverted, graph.

pub mod file;
pub mod inverted;
