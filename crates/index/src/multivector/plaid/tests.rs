use vectory_core::Context;

use crate::multivector::tests::{queries, topics};
use crate::multivector::{MultiFactory, MultiIndex, MultiSearchParams};

#[test]
fn looking_everywhere_is_the_scan_of_the_same_codes() {
    let (documents, ctx) = (topics(60, 16, 1), Context::new(3, 2).unwrap());
    let build = |f: &str| MultiIndex::build(documents.view(), &f.parse::<MultiFactory>().unwrap(), &ctx).unwrap();
    let (plaid, scan) = (build("PLAID16,R4"), build("MaxSim,R4"));
    let all = MultiSearchParams { nprobe: 16, candidates: 60, ..MultiSearchParams::default() };
    let asked = queries(&documents, 10);
    let found = plaid.search_all(asked.view(), &all, &ctx).unwrap();
    // The scan trains its own centroids (another number of them): the sets agree where scores are not close.
    let truth = scan.search_all(asked.view(), &all, &ctx).unwrap();
    for (a, b) in found.iter().zip(&truth) {
        assert_eq!(a[0].id, b[0].id);
        assert!((a[0].score - b[0].score).abs() < 0.1 * b[0].score.abs());
    }
}

#[test]
fn few_candidates_find_most() {
    let (documents, ctx) = (topics(300, 24, 2), Context::new(3, 2).unwrap());
    let exact = MultiIndex::build(documents.view(), &"MaxSim".parse().unwrap(), &ctx).unwrap();
    let plaid = MultiIndex::build(documents.view(), &"PLAID64,R4".parse().unwrap(), &ctx).unwrap();
    let asked = queries(&documents, 30);
    let params = MultiSearchParams { candidates: 40, nprobe: 2, ..MultiSearchParams::default() };
    let found = plaid.search_all(asked.view(), &params, &ctx).unwrap();
    let truth = exact.search_all(asked.view(), &params, &ctx).unwrap();
    let recall = vectory_core::neighbors::recall(&found, &truth, 10);
    assert!(recall > 0.9, "{recall}");
    let odd = |d: u32| d % 2 == 1;
    let filtered = MultiSearchParams { filter: Some(&odd), ..params };
    assert!(plaid.search_all(asked.view(), &filtered, &ctx).unwrap().iter().flatten().all(|h| h.id % 2 == 1));
}
