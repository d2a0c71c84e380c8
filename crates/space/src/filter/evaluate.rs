//! A filter to the set of documents for which it holds.

use std::sync::Arc;

use roaring::RoaringBitmap;
use serde_json::{Map, Value};

use super::{Cell, Column, Compare, Filter, Test, cell_at};

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

    /// The number of the document of that id.
    ///
    /// # Errors
    /// When the ids cannot be read.
    fn number(&self, id: &str) -> Result<Option<u32>, Self::Error>;

    /// Whether a field's texts are found by their words.
    fn is_text_index(&self, field: &str) -> bool;

    /// The documents that have something in a view.
    ///
    /// # Errors
    /// When the view cannot be read.
    fn has_vector(&self, name: &str) -> Result<RoaringBitmap, Self::Error>;
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
            Self::Exists { field } => select(fields, field, Cell::is_something)?,
            Self::At { path, test } => at(fields, path, test)?,
            Self::AtLeast(least, list) => {
                let mut counts: Vec<RoaringBitmap> = vec![RoaringBitmap::new(); *least];
                for part in list {
                    let mut carried = part.evaluate(fields)?;
                    // `counts[i]`: those for which more than i hold so far.
                    for seen in &mut counts {
                        let both = &*seen & &carried;
                        *seen |= carried;
                        carried = both;
                    }
                }
                counts.pop().unwrap_or_else(|| fields.documents().clone())
            }
            Self::Ids(ids) => {
                let mut found = RoaringBitmap::new();
                for id in ids {
                    found.extend(fields.number(id)?);
                }
                found & fields.documents()
            }
            Self::HasVector(name) => fields.has_vector(name)? & fields.documents(),
            Self::Nested { path, filter } => select(fields, path, |c| {
                let mut found = false;
                c.each(&mut |e| found = found || matches!(e, Cell::Object(o) if filter.holds(o)));
                found
            })?,
        })
    }

    /// Whether it holds for one object by itself, as for the elements of a nested list.
    #[must_use]
    pub fn holds(&self, object: &Map<String, Value>) -> bool {
        let cell = |field: &str| cell_at(object, field);
        match self {
            Self::And(list) => list.iter().all(|f| f.holds(object)),
            Self::Or(list) => list.iter().any(|f| f.holds(object)),
            Self::Not(inner) => !inner.holds(object),
            Self::AtLeast(least, list) => list.iter().filter(|f| f.holds(object)).count() >= *least,
            Self::Compare { field, op: Compare::NotEqual, value } => {
                cell(field).is_none_or(|c| !c.compares(Compare::Equal, value))
            }
            Self::Compare { field, op, value } => cell(field).is_some_and(|c| c.compares(*op, value)),
            Self::In { field, values } => {
                cell(field).is_some_and(|c| values.iter().any(|v| c.compares(Compare::Equal, v)))
            }
            Self::Contains { field, text } => cell(field).is_some_and(|c| c.contains(&text.to_lowercase())),
            Self::Exists { field } => cell(field).is_some_and(|c| c.is_something()),
            Self::At { path, test } => test.passes(cell(path).as_ref(), false),
            Self::Nested { path, filter } => cell(path).is_some_and(|c| {
                let mut found = false;
                c.each(&mut |e| found = found || matches!(e, Cell::Object(o) if filter.holds(o)));
                found
            }),
            // An element of a list has neither.
            Self::Ids(_) | Self::HasVector(_) => false,
        }
    }
}

fn at<F: Fields>(fields: &F, path: &str, test: &Test) -> Result<RoaringBitmap, F::Error> {
    let column = fields.column(path)?;
    let by_words = fields.is_text_index(path);
    let holds = |c: &Cell| test.passes(Some(c), by_words);
    let mut found = match test {
        Test::Any(values) => column.select_values(values, holds),
        Test::Range(bounds) => column.select_range(bounds, holds),
        _ => column.select(holds),
    };
    if test.passes(None, by_words) {
        found |= fields.documents() - column.select(|_| true);
    }
    Ok(found & fields.documents())
}

fn select<F: Fields>(fields: &F, field: &str, holds: impl Fn(&Cell) -> bool) -> Result<RoaringBitmap, F::Error> {
    let column = fields.column(field)?;
    Ok(column.select(holds) & fields.documents())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Payloads(Vec<Value>, RoaringBitmap);

    impl Fields for Payloads {
        type Error = std::convert::Infallible;
        fn column(&self, field: &str) -> Result<Arc<Column>, Self::Error> {
            let cell = |p: &Value| cell_at(p.as_object()?, field);
            let cells = self.0.iter().enumerate().filter_map(|(i, p)| Some((i as u32, cell(p)?))).collect();
            Ok(Arc::new(Column::new(cells)))
        }
        fn documents(&self) -> &RoaringBitmap {
            &self.1
        }
        fn number(&self, id: &str) -> Result<Option<u32>, Self::Error> {
            Ok(id.parse().ok())
        }
        fn is_text_index(&self, field: &str) -> bool {
            field == "title"
        }
        fn has_vector(&self, _: &str) -> Result<RoaringBitmap, Self::Error> {
            Ok(RoaringBitmap::new())
        }
    }

    fn payloads() -> Payloads {
        let list = vec![
            json!({"year": 2019, "lang": "en", "tag": ["a", "c"], "title": "Of Mice"}),
            json!({"year": 2020, "lang": "de", "tag": "b", "author": {"name": "X"}}),
            json!({"year": "2021", "lang": "en", "draft": true, "author": null}),
            json!({}),
        ];
        let all = (0..list.len() as u32).collect();
        Payloads(list, all)
    }

    fn found(filter: &str) -> Vec<u32> {
        filter.parse::<Filter>().unwrap().evaluate(&payloads()).unwrap().iter().collect()
    }

    #[test]
    fn json_filters_select_and_agree_with_one_by_one() {
        let key = |key: &str, what: Value| {
            let mut condition = json!({"key": key});
            condition.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
            condition
        };
        let en = key("lang", json!({"match": {"value": "en"}}));
        let year = key("year", json!({"range": {"gte": 2020}}));
        let cases: Vec<(Value, &[u32])> = vec![
            (json!({"must": [en]}), &[0, 2]),
            (json!({"must_not": [en]}), &[1, 3]),
            (json!({"must": [en], "must_not": [year]}), &[0, 2]),
            (json!({"should": [en, year]}), &[0, 1, 2]),
            (
                json!({"min_should": {"conditions": [en, year, key("tag", json!({"match": {"any": ["a", "b"]}}))], "min_count": 2}}),
                &[0, 1],
            ),
            (json!({"must": {"is_empty": {"key": "tag"}}}), &[2, 3]),
            (json!({"must": {"is_null": {"key": "author"}}}), &[2]),
            (json!({"must": [{"has_id": [1, 3]}]}), &[1, 3]),
            (json!({"must": [key("lang", json!({"match": {"except": ["en"]}}))]}), &[1]),
            (json!({"must": [key("tag", json!({"values_count": {"gt": 1}}))]}), &[0]),
            (json!({"must": [key("title", json!({"match": {"text": "mice of"}}))]}), &[0]),
            (json!({"must": [key("author.name", json!({"match": {"value": "X"}}))]}), &[1]),
            (json!({"must": [{"should": [en]}, {"must_not": [year]}]}), &[0, 2]),
            (json!({}), &[0, 1, 2, 3]),
        ];
        for (filter, expected) in cases {
            let compiled = crate::filter::from_json(&crate::json::At::root(&filter)).unwrap();
            let payloads = payloads();
            let found: Vec<u32> = compiled.evaluate(&payloads).unwrap().iter().collect();
            assert_eq!(found, expected, "{filter}");
            if !filter.to_string().contains("has_id") && !filter.to_string().contains("text") {
                let alone: Vec<u32> =
                    (0..4).filter(|i| compiled.holds(payloads.0[*i as usize].as_object().unwrap())).collect();
                assert_eq!(alone, expected, "{filter}");
            }
        }
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
