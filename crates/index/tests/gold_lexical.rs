//! BM25 of all variants against the values of a reference implementation.

use std::path::PathBuf;

use vectory_index::inverted::{Bm25Params, Bm25Variant, InvertedBuilder};

fn gold(name: &str) -> Option<Vec<u8>> {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = data.join("../gold/lexical").join(name);
    let bytes = fs_err::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: no gold values at {}", path.display());
    }
    bytes
}

/// The values of a two-dimensional `.npy` of f32 or f64, row after row.
fn npy(bytes: &[u8]) -> Vec<f64> {
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..start]);
    let body = &bytes[start..];
    if header.contains("<f8") {
        bytemuck::pod_collect_to_vec(body)
    } else {
        assert!(header.contains("<f4"), "{header}");
        bytemuck::pod_collect_to_vec::<u8, f32>(body).iter().map(|v| f64::from(*v)).collect()
    }
}

#[test]
fn every_variant_agrees_with_the_reference() {
    let (Some(docs), Some(queries)) = (gold("docs.json"), gold("queries.json")) else { return };
    let docs: Vec<String> = serde_json::from_slice(&docs).unwrap();
    let queries: Vec<String> = serde_json::from_slice(&queries).unwrap();
    for (variant, file) in [
        (Bm25Variant::Lucene, "scores_lucene.npy"),
        (Bm25Variant::Robertson, "scores_robertson.npy"),
        (Bm25Variant::Atire, "scores_atire.npy"),
        (Bm25Variant::Bm25L, "scores_bm25l.npy"),
        (Bm25Variant::Bm25Plus, "scores_bm25plus.npy"),
    ] {
        let Some(bytes) = gold(file) else { return };
        let expected = npy(&bytes);
        let params = Bm25Params { k1: 1.5, b: 0.75, delta: 0.5, variant };
        let mut builder = InvertedBuilder::new(params);
        for (id, doc) in (0..).zip(&docs) {
            builder.add(id, doc.split(' ')).unwrap();
        }
        let index = builder.finish().unwrap();
        let ids: Vec<u32> = (0..docs.len() as u32).collect();
        for (q, query) in queries.iter().enumerate() {
            let terms: Vec<(&str, f32)> = query.split(' ').map(|t| (t, 1.0)).collect();
            let scores = index.score_docs(&terms, &ids, None);
            for (d, doc) in docs.iter().enumerate() {
                // The reference gives a document the floor of terms that it does not hold, too; we do not.
                let floor = match variant {
                    Bm25Variant::Bm25L => 2.5 * 0.5 / (1.5 + 0.5),
                    Bm25Variant::Bm25Plus => 0.5,
                    _ => 0.0,
                };
                let absent = terms.iter().filter(|(t, _)| !doc.split(' ').any(|w| w == *t));
                let rest: f64 =
                    absent.map(|(t, _)| floor * params.idf(docs.len() as u64, index.doc_freq(t).into())).sum();
                let (got, want) = (f64::from(scores[d]) + rest, expected[q * docs.len() + d]);
                assert!((got - want).abs() < 1e-4, "{variant:?}, query {q}, document {d}: {got} {want}");
            }
        }
    }
}
