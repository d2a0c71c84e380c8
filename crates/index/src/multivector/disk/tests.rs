use vectory_core::Context;
use vectory_core::repr::Multi;

use super::*;
use crate::multivector::tests::{queries, topics};
use crate::multivector::{StoreError, TokenCodec};

fn opened(documents: &Multi, codec: TokenCodec, direct: bool) -> (tempfile::TempDir, DiskIndex) {
    let ctx = Context::new(2, 2).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.idx");
    let params = DiskParams { codec, lists: 8 };
    DiskIndex::build(documents.view(), &params, &ctx).unwrap().save(&path).unwrap();
    let index = DiskIndex::open(&path, 4, direct).unwrap();
    (dir, index)
}

#[test]
fn what_is_read_ranks_as_what_is_mapped() {
    let documents = topics(200, 16, 1);
    let asked = queries(&documents, 25);
    for codec in [TokenCodec::Int8, TokenCodec::Residual { bits: 2 }] {
        for direct in [true, false] {
            let (_dir, index) = opened(&documents, codec, direct);
            let mut all = DiskStats::default();
            for ahead in [0.0, 0.3, 1.0] {
                let params = DiskSearch { nprobe: 6, ahead, rerank: 40, ..DiskSearch::default() };
                for q in 0..25 {
                    let query = asked.view().item(q);
                    let found = index.search(query, &params).unwrap();
                    assert_eq!(found.hits, index.search_mapped(query, &params).unwrap());
                    assert!(found.stats.reads >= found.stats.wanted && found.stats.bytes >= 4096 * found.stats.reads);
                    all.add(&found.stats);
                }
                if ahead == 1.0 {
                    assert!(all.hits < all.wanted);
                }
            }
            assert_eq!((all.queries, all.wanted), (75, 75 * 40));
            assert!(all.hits > 0 && all.hit_rate() < 1.0 && all.seconds >= all.waited);
        }
    }
}

#[test]
fn everything_scanned_and_reranked_is_the_exact_search() {
    let documents = topics(90, 16, 7);
    let (_dir, index) = opened(&documents, TokenCodec::F32, true);
    let exact =
        crate::multivector::TokenStore::build(documents.view(), &Default::default(), &Context::new(1, 1).unwrap())
            .unwrap();
    let asked = queries(&documents, 5);
    let params = DiskSearch { k: 90, nprobe: 8, rerank: 90, ..DiskSearch::default() };
    for q in 0..5 {
        let found = index.search(asked.view().item(q), &params).unwrap().hits;
        assert_eq!(found, exact.search(asked.view().item(q), 90, None, &Context::new(1, 2).unwrap()).unwrap());
    }
    let few = DiskSearch { k: 90, nprobe: 8, rerank: 10, ..DiskSearch::default() };
    let found = index.search(asked.view().item(0), &few).unwrap().hits;
    assert_eq!(found.len(), 90);
    assert!(found.windows(2).all(|w| w[0].score >= w[1].score));
}

#[test]
fn empty_sets_and_wrong_queries() {
    let ctx = Context::new(2, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.idx");
    let none = Multi::new(&[0, 0], vectory_core::Vectors::zeros(0, 4)).unwrap();
    DiskIndex::build(none.view(), &DiskParams::default(), &ctx).unwrap().save(&path).unwrap();
    let index = DiskIndex::open(&path, 1, true).unwrap();
    let one = Multi::new(&[1], vectory_core::Vectors::from_slice(&[1.0; 4], 4).unwrap()).unwrap();
    assert!(index.search(one.view().item(0), &DiskSearch::default()).unwrap().hits.is_empty());
    let (_dir, index) = opened(&topics(20, 16, 1), TokenCodec::Int8, true);
    assert!(matches!(index.search(one.view().item(0), &DiskSearch::default()), Err(StoreError::Dim { .. })));
    assert!(DiskIndex::open(&dir.path().join("no.idx"), 1, true).is_err());
}

#[test]
fn a_file_that_lost_its_end_is_refused_or_says_so() {
    let documents = topics(40, 16, 1);
    let (dir, _) = opened(&documents, TokenCodec::Int8, true);
    let path = dir.path().join("d.idx");
    let bytes = fs_err::read(&path).unwrap();
    fs_err::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(DiskIndex::open(&path, 1, true).is_err());
}

#[test]
fn names_are_read() {
    let of = |t: &str| t.parse::<DiskParams>();
    assert_eq!(of("ESPN").unwrap(), DiskParams::default());
    assert_eq!(of("espn64, R2").unwrap(), DiskParams { codec: TokenCodec::Residual { bits: 2 }, lists: 64 });
    assert!(
        of("ESPNx").unwrap_err().to_string().contains("number of lists")
            && of("ESPN,PQ").is_err()
            && of("Flat").is_err()
    );
}
