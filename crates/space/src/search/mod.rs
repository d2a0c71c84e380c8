//! Asking a space.
//!
//! Each view finds its best passages in every segment; every candidate is then scored by every view, so that no score
//! is missing; the scores are [fused](crate::fusion); passages are grouped by document; texts are fetched for the page
//! that is asked for. A search works on one commit from its beginning to its end.

mod allowed;
mod answers;
mod candidates;
mod compare;
mod document;
mod feedback;
mod fetch;
mod passages;
mod points;
mod query;
mod rank;
mod snapshot;
mod snippet;
mod space;
mod statistics;
mod view;

pub use answers::{Answer, Answers, Explained, Ranked, Snippet};
pub use document::{StoredDocument, StoredPassage};
pub use passages::FoundPassage;
pub use points::{
    Ask, Facet, Found, Fuse, Group, Input, PointQuery, Select, StoredPoint, Strategy, WithPayload, WithVectors,
};
pub use query::{Query, SearchError};
pub use snapshot::Info;
pub(crate) use snapshot::Snapshot;
pub use space::{OpenError, Space};
