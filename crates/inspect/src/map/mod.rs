//! A map of rows as one HTML file that needs nothing else: points by WebGL (or plain canvas), pan and zoom, hover shows the
//! item, colours by group or field, a search box, light and dark, usable by touch and by keyboard. No request leaves it.
//!
//! Places are stored in 16 bits a coordinate: 100,000 items with texts of 120 characters make about 14 MB.

mod field;
mod page;
mod words;

pub use field::Field;
pub use page::{MapPage, html};
pub use words::keywords;
