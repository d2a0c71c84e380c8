//! A record to a document: which columns are id, title and text, and what the rest is worth.

use std::path::PathBuf;

use serde_json::{Map, Number, Value};
use vectory_text::TextFormat;

use super::{Document, SourceError, SourceParams};

const IDS: [&str; 8] = ["_id", "id", "docid", "doc_id", "document_id", "docno", "pid", "uid"];
const TITLES: [&str; 5] = ["title", "name", "headline", "subject", "heading"];
const TEXTS: [&str; 14] = [
    "text",
    "contents",
    "body",
    "content",
    "abstract",
    "passage",
    "document",
    "description",
    "summary",
    "sentence",
    "plot",
    "article",
    "review",
    "comment",
];

/// Which fields play which part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub id: Option<String>,
    pub title: Option<String>,
    pub text: Vec<String>,
}

/// Where a record lies, for its id and for messages.
pub struct Place {
    /// The file as people write it.
    pub file: String,
    /// What ids of records without one begin with.
    pub prefix: String,
    pub path: Option<PathBuf>,
}

impl Place {
    /// An error at a line or record.
    pub fn record_error(&self, place: u64, why: impl Into<String>) -> SourceError {
        SourceError::Record { path: self.file.clone(), place, why: why.into() }
    }
}

impl Columns {
    /// Finds the parts among the names of a record's fields: those given must be there, the others are told by their names.
    /// The text may stay empty, which is the caller's to judge.
    pub fn find<'a>(
        names: impl Iterator<Item = &'a str> + Clone,
        params: &SourceParams,
        file: &str,
    ) -> Result<Self, SourceError> {
        let given = |name: &String, option: &str| match names.clone().any(|n| n == name) {
            true => Ok(name.clone()),
            false => Err(SourceError::Column {
                path: file.to_owned(),
                why: format!("there is no column `{name}` (asked for by --{option})"),
                columns: listed(names.clone()),
            }),
        };
        let guess = |known: &[&str]| {
            known.iter().find_map(|k| names.clone().find(|n| n.eq_ignore_ascii_case(k))).map(str::to_owned)
        };
        let id = params.id.as_ref().map(|n| given(n, "id")).transpose()?.or_else(|| guess(&IDS));
        let mut text = params.text.iter().map(|n| given(n, "text")).collect::<Result<Vec<_>, _>>()?;
        if text.is_empty() {
            text.extend(guess(&TEXTS));
        }
        let title = params.title.as_ref().map(|n| given(n, "title")).transpose()?.or_else(|| guess(&TITLES));
        // A column that is the text is not a title as well.
        let title = title.filter(|t| !text.contains(t));
        Ok(Self { id, title, text })
    }

    /// Whether any column gives text.
    pub fn have_text(&self) -> bool {
        !self.text.is_empty() || self.title.is_some()
    }

    /// Takes a record apart. `number` counts from 1, `stamp` is the hash of its raw content.
    pub fn document(&self, mut fields: Map<String, Value>, place: &Place, number: u64, stamp: String) -> Document {
        let mut take = |name: &String| fields.shift_remove(name).map(|v| spoken(&v)).filter(|t| !t.is_empty());
        let id = self.id.as_ref().and_then(&mut take);
        let title = self.title.as_ref().and_then(&mut take).unwrap_or_default();
        let text = self.text.iter().filter_map(&mut take).collect::<Vec<_>>().join("\n\n");
        fields.retain(|_, v| !v.is_null());
        Document {
            id: id.unwrap_or_else(|| format!("{}#{number}", place.prefix)),
            title,
            text,
            format: TextFormat::Plain,
            payload: fields,
            path: place.path.clone(),
            stamp,
            repaired: 0,
        }
    }
}

/// The error for a table in which no column looks like text.
pub fn no_text<'a>(file: &str, names: impl Iterator<Item = &'a str>) -> SourceError {
    let why = "no column looks like text; name one with --text".to_owned();
    SourceError::Column { path: file.to_owned(), why, columns: listed(names) }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<String> = names.take(31).map(|n| format!("`{n}`")).collect();
    if all.len() > 30 {
        all[30] = "…".into();
    }
    all.join(", ")
}

/// A value as text: texts as they are, lists line by line, other values as JSON, null as nothing.
pub fn spoken(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Array(list) => list.iter().map(spoken).filter(|s| !s.is_empty()).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

/// A cell of text as the value it spells: whole number, decimal, `true`/`false`, nothing, else text. `007`, `+1` and numbers too
/// long for their kind stay text, so that nothing is lost.
pub fn typed(cell: &str) -> Value {
    match cell {
        "" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let text = || Value::String(cell.to_owned());
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if cell.len() > 30 || leading_zero || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return text();
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return cell.parse::<i64>().map_or_else(|_| text(), Value::from);
    }
    let number = cell.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or_else(text, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(names: &[&str], params: &SourceParams) -> Result<Columns, SourceError> {
        Columns::find(names.iter().copied(), params, "f.csv")
    }

    #[test]
    fn columns_are_told_by_name() {
        let c = find(&["Title", "Body", "_id", "year"], &SourceParams::default()).unwrap();
        assert_eq!(
            (c.id.as_deref(), c.title.as_deref(), c.text),
            (Some("_id"), Some("Title"), vec!["Body".to_owned()])
        );
        assert!(!find(&["a", "b"], &SourceParams::default()).unwrap().have_text());
    }

    #[test]
    fn a_missing_given_column_lists_those_there_are() {
        let params = SourceParams { text: vec!["body".into()], ..Default::default() };
        let e = find(&["a", "text"], &params).unwrap_err().to_string();
        assert_eq!(e, "f.csv: there is no column `body` (asked for by --text); its columns are `a`, `text`");
    }

    #[test]
    fn the_rest_is_payload() {
        let params = SourceParams { text: vec!["t".into(), "u".into()], ..Default::default() };
        let c = find(&["t", "u", "id", "year", "none"], &params).unwrap();
        let fields = json!({"t": "one", "u": ["two", "three"], "id": 7, "year": 1990, "none": null});
        let place = Place { file: "f".into(), prefix: "f".into(), path: None };
        let d = c.document(fields.as_object().unwrap().clone(), &place, 3, "s".into());
        assert_eq!((d.id.as_str(), d.text.as_str()), ("7", "one\n\ntwo\nthree"));
        assert_eq!(Value::Object(d.payload), json!({"year": 1990}));
        let d = c.document(Map::new(), &place, 3, "s".into());
        assert_eq!(d.id, "f#3");
    }

    #[test]
    fn cells_are_typed() {
        for (cell, want) in [
            ("12", json!(12)),
            ("-3.5", json!(-3.5)),
            ("1e3", json!(1000.0)),
            ("true", json!(true)),
            ("007", json!("007")),
            ("0.5", json!(0.5)),
            ("", Value::Null),
            ("nan", json!("nan")),
            ("99999999999999999999", json!("99999999999999999999")),
            ("1.2.3", json!("1.2.3")),
            ("-", json!("-")),
            ("2024-01-01", json!("2024-01-01")),
        ] {
            assert_eq!(typed(cell), want, "{cell}");
        }
    }
}
