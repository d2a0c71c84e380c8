//! Documents from Parquet files: typed payload, vectors left out.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float32Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use vectory_io::documents::{Item, SourceParams, open};

fn batch() -> RecordBatch {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("x"), Some("y")]);
    tags.append_null();
    let mut rows = FixedSizeListBuilder::new(Float32Builder::new(), 2);
    for _ in 0..2 {
        rows.values().append_slice(&[1.0, 2.0]);
        rows.append(true);
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("docid", Arc::new(Int64Array::from(vec![10, 20]))),
        ("contents", Arc::new(StringArray::from(vec!["first", "second"]))),
        ("year", Arc::new(Int64Array::from(vec![Some(1999), None]))),
        ("score", Arc::new(Float32Array::from(vec![0.1, 2.5]))),
        ("open", Arc::new(BooleanArray::from(vec![true, false]))),
        ("day", Arc::new(Date32Array::from(vec![0, 19_782]))),
        ("tags", Arc::new(tags.finish())),
        ("embedding", Arc::new(rows.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()
}

#[test]
fn rows_become_documents_with_typed_payload() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.parquet");
    let mut w = ArrowWriter::try_new(fs_err::File::create(&path).unwrap(), batch().schema(), None).unwrap();
    w.write(&batch()).unwrap();
    w.close().unwrap();
    let found: Vec<_> = open(&[path.clone().into()], &SourceParams::default())
        .unwrap()
        .map(|i| match i.unwrap() {
            Item::Document(d) => d,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((found[0].id.as_str(), found[0].text.as_str()), ("10", "first"));
    let first = serde_json::json!({"year": 1999, "score": 0.1, "open": true, "day": "1970-01-01", "tags": ["x", "y"]});
    assert_eq!(serde_json::Value::Object(found[0].payload.clone()), first);
    let second = serde_json::json!({"score": 2.5, "open": false, "day": "2024-02-29"});
    assert_eq!(serde_json::Value::Object(found[1].payload.clone()), second);

    let whole = fs_err::read(&path).unwrap();
    fs_err::write(&path, &whole[..whole.len() - 20]).unwrap();
    let e = open(&[path.into()], &SourceParams::default()).unwrap().find_map(Result::err).unwrap().to_string();
    assert!(e.contains("r.parquet"), "{e}");
}
