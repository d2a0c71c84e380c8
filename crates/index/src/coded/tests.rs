//! The scan over codes against the exact scan.

use std::sync::Arc;

use vectory_compress::{Codec, Spec};
use vectory_core::{Context, Metric, Vectors, neighbors};

use super::{CodedFlat, CodedRows};
use crate::file::FileWriter;
use crate::search::{Filter, Search, SearchParams};
use crate::testing::clusters;

fn coded(rows: &Vectors, codec: &str, metric: Metric) -> CodedRows {
    let ctx = Context::new(3, 2).unwrap();
    let codec = codec.parse::<Spec>().unwrap().fit(rows.view(), metric, &ctx).unwrap();
    let codes = codec.encode(rows.view(), &ctx).unwrap();
    let mut file = FileWriter::new("test", 1, serde_json::Value::Null);
    let header = CodedRows::write(&mut file, &codec, codes.view());
    CodedRows::of(Arc::new(file.finish().unwrap()), header).unwrap()
}

#[test]
fn ranked_by_full_rows_the_scan_is_exact_or_nearly() {
    let ctx = Context::new(3, 2).unwrap();
    let (rows, queries) = (clusters(2000, 32, 1), clusters(40, 32, 2));
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
        for (codec, alone, least) in [
            ("LVQ8", 0.97, 1.0),
            ("LVQ4x8", 0.97, 0.99),
            ("SQ8", 0.9, 1.0),
            ("SQfp16", 0.98, 1.0),
            ("PQ16", 0.6, 0.99),
            ("PQ16x4fs", 0.3, 0.9),
            ("RaBitQ", 0.1, 0.85),
            ("RaBitQ4", 0.85, 0.85),
            ("LeanVec16", 0.9, 0.95),
        ] {
            let coded = coded(&rows, codec, metric);
            let recall = |rows| {
                let index = CodedFlat::new(&coded, rows);
                let params = SearchParams::default();
                let found: Vec<_> = queries.iter().map(|q| index.search(q, &params)).collect();
                let ids = |hits: &[vectory_core::Hit]| hits.iter().map(|h| h.id).collect::<Vec<_>>();
                let same = |(f, t): (&Vec<_>, &Vec<_>)| ids(f).iter().filter(|id| ids(t).contains(id)).count();
                found.iter().zip(&truth).map(same).sum::<usize>() as f64 / (10 * queries.rows()) as f64
            };
            let (codes, full) = (recall(None), recall(Some(rows.view())));
            assert!(codes >= alone && full >= least, "{codec} {metric}: {codes} {full}");
        }
    }
}

#[test]
fn filters_wrong_queries_and_more_than_there_are() {
    let rows = clusters(300, 8, 5);
    let coded = coded(&rows, "PQ4x4fs", Metric::L2);
    let index = CodedFlat::new(&coded, Some(rows.view()));
    let few = |id: u32| id % 100 == 7;
    let hits =
        index.search(rows.row(7), &SearchParams { k: 10, filter: Some(Filter::Test(&few)), ..SearchParams::default() });
    assert_eq!(hits.len(), 3);
    assert_eq!((hits[0].id, hits[0].score), (7, 0.0));
    assert_eq!(index.search(rows.row(0), &SearchParams { k: 500, ..SearchParams::default() }).len(), 300);
    assert!(index.search(&[0.0; 7], &SearchParams::default()).is_empty());
    assert!(index.search(&[f32::NAN; 8], &SearchParams::default()).is_empty());
}
