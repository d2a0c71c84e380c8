//! A filter to the set of documents for which it holds.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{Cell, Column, Compare, Filter};

/// Where the columns come from.
pub trait Fields {
    /// What goes wrong when a column is read.
    type Error;

    /// The column of a field; empty when no document has it.
    ///
    /// # Errors
    /// When the payloads cannot be read.
    fn column(&self, field: &str) -> Result<Arc<Column>, Self::Error>;

    /// Every document there is.
    fn documents(&self) -> &RoaringBitmap;
}

impl Filter {
    /// The documents for which it holds: O(documents) for each condition.
    ///
    /// # Errors
    /// When a column cannot be read.
    pub fn evaluate<F: Fields>(&self, fields: &F) -> Result<RoaringBitmap, F::Error> {
        Ok(match self {
            Self::And(list) => {
                let mut all = fields.documents().clone();
                for part in list {
                    all &= part.evaluate(fields)?;
                }
                all
            }
            Self::Or(list) => {
                let mut any = RoaringBitmap::new();
                for part in list {
                    any |= part.evaluate(fields)?;
                }
                any
            }
            Self::Not(inner) => fields.documents() - inner.evaluate(fields)?,
            Self::Compare { field, op: Compare::NotEqual, value } => {
                let equal = select(fields, field, |c| c.compares(Compare::Equal, value))?;
                fields.documents() - equal
            }
            Self::Compare { field, op, value } => select(fields, field, |c| c.compares(*op, value))?,
            Self::In { field, values } => {
                select(fields, field, |c| values.iter().any(|v| c.compares(Compare::Equal, v)))?
            }
            Self::Contains { field, text } => {
                let needle = text.to_lowercase();
                select(fields, field, |c| c.contains(&needle))?
            }
            Self::Exists { field } => select(fields, field, |_| true)?,
        })
    }
}

fn select<F: Fields>(fields: &F, field: &str, holds: impl Fn(&Cell) -> bool) -> Result<RoaringBitmap, F::Error> {
    let column = fields.column(field)?;
    let found: RoaringBitmap = column.iter().filter(|(_, c)| holds(c)).map(|(d, _)| *d).collect();
    Ok(found & fields.documents())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::column::field_of;
    use serde_json::{Value, json};

    struct Payloads(Vec<Value>, RoaringBitmap);

    impl Fields for Payloads {
        type Error = std::convert::Infallible;
        fn column(&self, field: &str) -> Result<Arc<Column>, Self::Error> {
            let cell = |p: &Value| field_of(p.as_object()?, field).and_then(Cell::of);
            let cells = self.0.iter().enumerate().filter_map(|(i, p)| Some((i as u32, cell(p)?))).collect();
            Ok(Arc::new(Column::new(cells)))
        }
        fn documents(&self) -> &RoaringBitmap {
            &self.1
        }
    }

    fn found(filter: &str) -> Vec<u32> {
        let list = vec![
            json!({"year": 2019, "lang": "en", "tag": ["a", "c"], "title": "Of Mice"}),
            json!({"year": 2020, "lang": "de", "tag": "b", "author": {"name": "X"}}),
            json!({"year": "2021", "lang": "en", "draft": true, "author": null}),
            json!({}),
        ];
        let all = (0..list.len() as u32).collect();
        filter.parse::<Filter>().unwrap().evaluate(&Payloads(list, all)).unwrap().iter().collect()
    }

    #[test]
    fn each_form_selects_what_the_table_says() {
        let cases: [(&str, &[u32]); 13] = [
            ("year >= 2020", &[1, 2]),
            ("year >= 2020 and lang = 'en'", &[2]),
            ("lang != 'en'", &[1, 3]),
            ("not lang = 'en'", &[1, 3]),
            ("tag in ['a', 'b']", &[0, 1]),
            ("tag not in ['a', 'b']", &[2, 3]),
            ("tag in []", &[]),
            ("title contains 'mICE'", &[0]),
            ("exists(author)", &[]),
            ("exists(author.name)", &[1]),
            ("draft = true or tag = 'c'", &[0, 2]),
            ("nosuch = 1", &[]),
            ("nosuch != 1", &[0, 1, 2, 3]),
        ];
        for (filter, expected) in cases {
            assert_eq!(found(filter), expected, "{filter}");
        }
    }
}
