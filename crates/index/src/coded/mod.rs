//! Rows as codes: kept in an index file, scanned, ranked again.
//!
//! [`CodedRows`] is a codec of [`vectory_compress`] and the rows that it coded, as sections of an index file: every index that
//! walks or scans codes keeps them so. [`CodedFlat`] scans all of them.
//!
//! **When.** The scan over codes: up to some hundred thousand rows, or where a filter leaves few; 4 to 32 times less memory than
//! full rows, and as much faster, since a scan costs the bytes that it reads. **Cost.** One pass over the primary records a
//! query, then the best candidates again by both levels, or by full rows where they are kept.

mod flat;
pub(crate) mod pick;
mod settle;
mod store;
#[cfg(test)]
mod tests;

pub use flat::CodedFlat;
pub(crate) use flat::{depth, full_scores, one_by_one};
pub(crate) use settle::settle;
pub use store::CodedRows;
