//! Codes of visits, items of baskets: vectors of concepts out of event tables (who, when, what), and of those who had them.
//!
//! Events of one moment have no order: every two codes of a visit are equally near, whatever their number; codes of visits nearby are the
//! nearer the fewer visits lie between. From these counts any learner of [`words`](crate::words) makes vectors in which diagnoses, drugs and
//! procedures lie together; a person is the sum of the vectors of what they had before a date, counts kept.
//!
//! Mind what leaks: codes of the outcome itself, and whatever lies behind the index date ([`Events::before`] cuts both), and visits of people
//! who are to be judged.
//!
//! Cost: O(events · codes nearby). Source: Choi, Schuetz, Stewart and Sun, *Medical Concept Representation Learning from Electronic
//! Health Records*, 2016.

mod claim;
mod count;
mod table;

pub(crate) use claim::CONCEPTS;
pub use count::{VisitParams, count_visits, sums};
pub use table::{Event, Events, EventsError};

#[cfg(test)]
mod tests;
