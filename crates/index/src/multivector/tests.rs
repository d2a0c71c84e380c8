//! Every form against plain arithmetic; RAM = mapped = reloaded; bad input; damage.

use proptest::prelude::*;
use rand::RngExt;
use vectory_core::repr::{Multi, MultiRef};
use vectory_core::vectors::normalize;
use vectory_core::{Context, Hit, Vectors, VectorsRef, rng};

use super::*;

const FACTORIES: [&str; 9] = [
    "MaxSim",
    "MaxSim,F16",
    "MaxSim,BF16",
    "MaxSim,SQ8",
    "MaxSim,R4",
    "MaxSim,R2",
    "MUVERA8x3x8",
    "MUVERA4x3x8,HNSW8,SQ8",
    "PLAID16,R2",
];

/// Documents of 3 to 12 tokens round three of twenty directions each.
pub(super) fn topics(n: usize, dim: usize, seed: u64) -> Multi {
    let mut r = rng::stream(seed, "multivector tests");
    let mut draw = |n: usize| (0..n).map(|_| r.random_range(-1.0f32..1.0)).collect::<Vec<_>>();
    let centres = draw(20 * dim);
    let (mut rows, mut lengths) = (Vec::new(), Vec::new());
    for d in 0..n {
        let length = 3 + d * 7 % 10;
        for t in 0..length {
            let topic = (d * 31 + t % 3 * 7) % 20;
            let noise = draw(dim);
            let mut row: Vec<f32> = centres[topic * dim..][..dim].iter().zip(noise).map(|(c, v)| c + 0.7 * v).collect();
            normalize(&mut row);
            rows.extend(row);
        }
        lengths.push(length as u32);
    }
    Multi::new(&lengths, Vectors::from_slice(&rows, dim).unwrap()).unwrap()
}

/// The tokens of some documents, moved a little.
pub(super) fn queries(documents: &Multi, n: usize) -> Multi {
    let (mut rows, mut lengths) = (Vec::new(), Vec::new());
    for q in 0..n {
        let own = documents.view().item(q * 5 % documents.len());
        lengths.push(own.rows() as u32);
        rows.extend(own.as_slice().iter().enumerate().map(|(i, v)| v + 0.1 * ((i * 7919 % 13) as f32 / 6.0 - 1.0)));
    }
    Multi::new(&lengths, Vectors::from_slice(&rows, documents.rows().dim()).unwrap()).unwrap()
}

fn ctx(threads: usize) -> Context {
    Context::new(5, threads).unwrap()
}

fn plain(query: VectorsRef<'_>, documents: MultiRef<'_>) -> Vec<f64> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let one = |d: usize| {
        let rows = documents.item(d);
        query.iter().map(|q| rows.iter().map(|t| dot(q, t)).fold(f64::NEG_INFINITY, f64::max)).sum()
    };
    (0..documents.len()).map(one).collect()
}

fn build(documents: &Multi, factory: &str, ctx: &Context) -> MultiIndex {
    MultiIndex::build(documents.view(), &factory.parse().unwrap(), ctx).unwrap()
}

#[test]
fn exact_scores_are_those_of_plain_arithmetic() {
    let documents = topics(80, 30, 1);
    let asked = queries(&documents, 12);
    for (form, error) in [("F32", 1e-5), ("F16", 2e-3), ("BF16", 2e-2), ("SQ8", 2e-2), ("R4", 0.15)] {
        let index = build(&documents, &format!("MaxSim,{form}"), &ctx(2));
        let found =
            index.search_all(asked.view(), &MultiSearchParams { k: 80, ..Default::default() }, &ctx(2)).unwrap();
        for (q, hits) in found.iter().enumerate() {
            let want = plain(asked.view().item(q), documents.view());
            assert_eq!(hits.len(), 80);
            for h in hits {
                let want = want[h.id as usize];
                assert!((f64::from(h.score) - want).abs() <= error * (1.0 + want.abs()), "{form}: {} {want}", h.score);
            }
        }
    }
}

#[test]
fn decoded_rows_score_as_the_codes_do() {
    let documents = topics(40, 18, 3);
    let query = queries(&documents, 1);
    for form in ["F16", "BF16", "SQ8", "R1", "R2", "R4"] {
        let params = StoreParams { codec: form.parse().unwrap(), ..StoreParams::default() };
        let store = TokenStore::build(documents.view(), &params, &ctx(1)).unwrap();
        let ready = store.query(query.view().item(0)).unwrap();
        for d in 0..40 {
            let rows = store.decode(d);
            let offsets = [0, rows.rows() as u64];
            let want = plain(query.view().item(0), MultiRef { offsets: &offsets, rows: rows.view() })[0];
            let got = f64::from(store.score(&ready, d, &mut Scratch::default()));
            assert!((got - want).abs() < 2e-2 * (1.0 + want.abs()), "{form} {d}: {got} {want}");
        }
    }
}

#[test]
fn memory_map_and_threads_agree() {
    let documents = topics(70, 16, 2);
    let asked = queries(&documents, 8);
    let dir = tempfile::tempdir().unwrap();
    for factory in FACTORIES {
        let params = MultiSearchParams { candidates: 20, ..Default::default() };
        let built = build(&documents, factory, &ctx(1));
        let path = dir.path().join("t.idx");
        built.save(&path).unwrap();
        let again = dir.path().join("u.idx");
        build(&documents, factory, &ctx(3)).save(&again).unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), fs_err::read(&again).unwrap(), "{factory}: threads");
        let opened = MultiIndex::open(&path).unwrap();
        let all = |i: &MultiIndex, t| i.search_all(asked.view(), &params, &ctx(t)).unwrap();
        assert_eq!(all(&built, 1), all(&opened, 2), "{factory}");
        // One at a time as together.
        for (q, hits) in all(&built, 2).iter().enumerate() {
            let item = asked.view().item(q);
            let one = MultiRef { offsets: &[0, item.rows() as u64], rows: item };
            assert_eq!(&opened.search_all(one, &params, &ctx(2)).unwrap()[0], hits, "{factory}");
        }
    }
}

#[test]
fn odd_sets_are_answered_or_refused() {
    let of = |lengths: &[u32], rows: &[f32], dim| Multi::new(lengths, Vectors::from_slice(rows, dim).unwrap()).unwrap();
    for factory in FACTORIES {
        let holes = of(&[0, 1, 0, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0], 2);
        let index = build(&holes, factory, &ctx(1));
        let ask = |rows: &[f32], lengths: &[u32], dim| {
            index.search_all(
                of(lengths, rows, dim).view(),
                &MultiSearchParams { k: 9, candidates: 9, ..Default::default() },
                &ctx(1),
            )
        };
        let found = ask(&[1.0, 0.1], &[1, 0], 2).unwrap();
        let mut ids: Vec<u32> = found[0].iter().map(|h| h.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 3], "{factory}: documents without tokens are never found");
        assert!(found[1].is_empty(), "{factory}: an empty query finds nothing");
        assert!(matches!(ask(&[1.0], &[1], 1), Err(StoreError::Dim { .. })), "{factory}");
        assert!(ask(&[f32::NAN, 0.0], &[1], 2).unwrap_err().to_string().contains("not finite"), "{factory}");
        let wrong = of(&[1, 1], &[1.0, 0.0, 0.0, f32::INFINITY], 2);
        let message = MultiIndex::build(wrong.view(), &factory.parse().unwrap(), &ctx(1)).err().map(|e| e.to_string());
        assert!(message.is_some_and(|m| m.contains("document 1: token 0, value 1")), "{factory}");
        let none = of(&[0, 0], &[], 4);
        let index = build(&none, factory, &ctx(1));
        assert!(
            index.search_all(of(&[1], &[0.0; 4], 4).view(), &MultiSearchParams::default(), &ctx(1)).unwrap()[0]
                .is_empty()
        );
        let same = of(&[1; 40], &[0.6, 0.8].repeat(40), 2);
        let hits: Vec<Hit> = build(&same, factory, &ctx(1))
            .search_all(
                of(&[1], &[0.6, 0.8], 2).view(),
                &MultiSearchParams { k: 40, candidates: 40, ..Default::default() },
                &ctx(1),
            )
            .unwrap()
            .remove(0);
        assert_eq!(hits.len(), 40, "{factory}: equal documents");
    }
}

/// A store with these sections, whatever they say.
fn store_of(codec: &str, dim: usize, centroids: usize) -> Result<TokenStore, StoreError> {
    let mut file = crate::file::FileWriter::new("tokens", 1, serde_json::Value::Null);
    file.section("tokens", &[0u8; 0]);
    file.section("starts", &[0u64; 0]);
    file.section("lengths", &[0u32; 0]);
    file.section("centroids", &vec![0.5f32; centroids]);
    let layout = serde_json::json!({"codec": codec.parse::<TokenCodec>().unwrap(), "dim": dim, "align": 64});
    file.describe(serde_json::json!({"documents": 0, "tokens": 0, "layout": layout}));
    TokenStore::of(std::sync::Arc::new(file.finish().unwrap()), None)
}

#[test]
fn centroids_without_values_are_refused() {
    let err = store_of("F32", 0, 1).map(|_| ()).unwrap_err().to_string();
    assert!(err.contains("centroids"), "{err}");
    assert!(store_of("R1", 3, 4).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// A file with one changed byte is refused; a file whose header was changed to fit again never panics.
    #[test]
    fn damage_is_refused(which in 0..FACTORIES.len(), place in any::<u32>(), bit in 0u8..8) {
        let documents = topics(12, 8, 4);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.idx");
        build(&documents, FACTORIES[which], &ctx(1)).save(&path).unwrap();
        let mut bytes = fs_err::read(&path).unwrap();
        let place = place as usize % bytes.len();
        bytes[place] ^= 1 << bit;
        fs_err::write(&path, &bytes).unwrap();
        prop_assert!(MultiIndex::open(&path).is_err(), "{} at {place}", FACTORIES[which]);
        fs_err::write(&path, &bytes[..place]).unwrap();
        prop_assert!(MultiIndex::open(&path).is_err());
    }

    /// Sections that do not fit one another, under right checksums, are refused or can be searched: they never panic.
    #[test]
    fn foreign_sections_are_refused_or_harmless(
        lengths in proptest::collection::vec(0u32..9, 0..6),
        starts in proptest::collection::vec(0u64..40, 0..6),
        sizes in (0usize..6000, 0usize..100, 0usize..12),
        which in 0usize..6,
        extra in any::<u8>(),
    ) {
        let codec = ["F32", "F16", "BF16", "SQ8", "R1", "R4"][which].parse::<TokenCodec>().unwrap();
        let (bytes, centroids, dim) = sizes;
        let tokens = lengths.iter().map(|l| *l as usize).sum::<usize>();
        let mut file = crate::file::FileWriter::new("tokens", 1, serde_json::Value::Null);
        file.section("tokens", &vec![extra; bytes]);
        file.section("starts", &starts.iter().map(|s| s * 64).collect::<Vec<_>>());
        file.section("lengths", &lengths);
        file.section("centroids", &vec![0.5f32; centroids]);
        let layout = serde_json::json!({"codec": codec, "dim": dim, "align": 64});
        file.describe(serde_json::json!({"documents": lengths.len(), "tokens": tokens, "layout": layout}));
        if let Ok(store) = TokenStore::of(std::sync::Arc::new(file.finish().unwrap()), None)
            && dim > 0
        {
            let query = Vectors::from_slice(&vec![1.0; 2 * dim], dim).unwrap();
            let hits = store.search(query.view(), 3, None, &ctx(1)).unwrap();
            prop_assert!(hits.len() <= 3);
        }
    }
}
