//! Filters over payloads: `year >= 2020 and lang = "en" and not (tag in ["a", "b"]) and title contains "x"`.
//!
//! | form | holds when |
//! |---|---|
//! | `field = v`, `!=`, `<`, `<=`, `>`, `>=` | the field compares so with a number, a text in quotes, `true` or `false` |
//! | `field in [v, …]`, `field not in [v, …]` | it equals one (none) of the values |
//! | `field contains "x"` | its text has `x` in it, whatever the case |
//! | `exists(field)` | it is there and not null |
//! | `and`, `or`, `not`, `( )` | as usual; `not` binds closest, then `and` |
//!
//! A list holds when any element does. A missing field holds for nothing but `!=`, `not in` and `not`. A number
//! compares with a text that reads as a number (columns of a CSV file are texts). Fields of nested objects are written
//! `author.name`; a field with other characters goes in backquotes. `id`, `title` and `path` are the document's own
//! where the payload has no such field.

//! Clients of the REST API write filters as JSON, with conditions of their own ([`Test`]); see [`from_json`].

mod cell;
mod column;
mod evaluate;
mod geo;
mod json;
mod lexer;
mod parser;
mod path;
mod test;
mod time;

pub use cell::Cell;
pub use column::Column;
pub use evaluate::Fields;
pub use geo::{Area, Place};
pub use json::from_json;
pub use parser::FilterError;
pub(crate) use path::cell_at;
pub use test::{Bounds, Test, Words};
pub use time::micros as datetime_micros;

/// A condition on a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// At least one holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The field compares so with the value.
    Compare {
        /// Field name.
        field: String,
        /// How.
        op: Compare,
        /// With what.
        value: Cell,
    },
    /// The field equals one of the values.
    In {
        /// Field name.
        field: String,
        /// The values.
        values: Vec<Cell>,
    },
    /// The field's text has this text in it, whatever the case.
    Contains {
        /// Field name.
        field: String,
        /// What to find.
        text: String,
    },
    /// The field is there and not null.
    Exists {
        /// Field name.
        field: String,
    },
    /// What the payload has at this path passes the test.
    At {
        /// Steps with dots between them; `[]` after one goes into a list.
        path: String,
        /// The test.
        test: Test,
    },
    /// At least so many hold.
    AtLeast(usize, Vec<Filter>),
    /// The document has one of these ids.
    Ids(Vec<String>),
    /// The document has something in this view.
    HasVector(String),
    /// One element of the list of objects at this path fulfils it all.
    Nested {
        /// The path of the list.
        path: String,
        /// What one element must fulfil.
        filter: Box<Filter>,
    },
}

/// How a field compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        parser::parse(text)
    }
}
