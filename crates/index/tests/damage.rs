//! Damaged files are refused; where their checksums are not asked, they may answer wrongly but never panic.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use proptest::prelude::*;
use vectory_core::bits::BitRows;
use vectory_core::repr::{Multi, SparseSet};
use vectory_core::{Context, Metric, Vectors};
use vectory_index::binary::BinaryIndex;
use vectory_index::factory;
use vectory_index::file::Verify;
use vectory_index::graph::{Graph, GraphParams};
use vectory_index::inverted::{Bm25Params, InvertedBuilder, InvertedIndex};
use vectory_index::multivector::MultiIndex;
use vectory_index::multivector::disk::DiskIndex;
use vectory_index::sparse::SparseIndex;
use vectory_index::{Filter, Index, Search, SearchParams};

fn words() -> Vec<u8> {
    let mut b = InvertedBuilder::new(Bm25Params::default());
    for doc in 0..1500u32 {
        let terms: Vec<String> = (0..6).map(|i| format!("w{}", (doc * (i + 3) + i * i) % (7 + 40 * i))).collect();
        b.add(doc, terms.iter().map(String::as_str)).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w");
    b.finish().unwrap().save(&path).unwrap();
    fs_err::read(path).unwrap()
}

fn rows() -> Vectors {
    let values: Vec<f32> = (0..2000).map(|i| ((i * 7919) % 613) as f32).collect();
    Vectors::from_slice(&values, 4).unwrap()
}

fn graph(index: bool) -> Vec<u8> {
    let ctx = Context::new(1, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("g");
    if index {
        Index::build(rows().view(), Metric::L2, &factory::parse("HNSW4").unwrap(), &ctx).unwrap().save(&path).unwrap();
    } else {
        Graph::build(rows().view(), Metric::L2, &GraphParams { m: 4, ..GraphParams::default() }, &ctx)
            .unwrap()
            .save(&path)
            .unwrap();
    }
    fs_err::read(path).unwrap()
}

/// Index files over codes and in lists.
fn coded() -> &'static [Vec<u8>] {
    static FILES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    let names =
        ["LVQ4x8", "SQ8", "RaBitQ3", "HNSW4,LVQ8", "IVF5,Flat", "IVF5,LVQ4x4", "IVF5,PQ2x4fs,RFlat", "LeanVec2"];
    FILES.get_or_init(|| {
        let ctx = Context::new(1, 1).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c");
        let file = |name: &&str| {
            Index::build(rows().view(), Metric::L2, &factory::parse(name).unwrap(), &ctx).unwrap().save(&path).unwrap();
            fs_err::read(&path).unwrap()
        };
        names.iter().map(file).collect()
    })
}

/// One file of every other kind, and what opens it. (ESPN's records are on disk and not read: damage there is not seen.)
type Open = fn(&std::path::Path) -> Result<(), String>;
fn others() -> &'static [(Vec<u8>, Open)] {
    static FILES: std::sync::OnceLock<Vec<(Vec<u8>, Open)>> = std::sync::OnceLock::new();
    FILES.get_or_init(|| {
        let ctx = Context::new(1, 1).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("o");
        let rows = rows();
        let bags = Multi::new(&[5; 100], rows.clone()).unwrap();
        let mut sparse = SparseSet::new();
        (0..300u32)
            .for_each(|i| sparse.push(&mut (0..9).map(|j| ((i * 7 + j * j) % 60, (1 + i % 5) as f32)).collect()));
        let bits: Vec<u8> = (0..4000u32).map(|i| (i * 7919 % 251) as u8).collect();
        let bits = BitRows::from_bytes(&bits, 8).unwrap();
        let mut out: Vec<(Vec<u8>, Open)> = Vec::new();
        for name in ["MaxSim", "MaxSim,R2", "PLAID", "MUVERA2x2x2"] {
            MultiIndex::build(bags.view(), &name.parse().unwrap(), &ctx).unwrap().save(&path).unwrap();
            out.push((fs_err::read(&path).unwrap(), |p| MultiIndex::open(p).map(|_| ()).map_err(|e| e.to_string())));
        }
        DiskIndex::build(bags.view(), &"ESPN4".parse().unwrap(), &ctx).unwrap().save(&path).unwrap();
        out.push((fs_err::read(&path).unwrap(), |p| {
            DiskIndex::open(p, 1, false).map(|_| ()).map_err(|e| e.to_string())
        }));
        for name in ["Sparse", "Sparse,F32", "Seismic50"] {
            SparseIndex::build(&sparse, &name.parse().unwrap(), &ctx).unwrap().save(&path).unwrap();
            out.push((fs_err::read(&path).unwrap(), |p| SparseIndex::open(p).map(|_| ()).map_err(|e| e.to_string())));
        }
        for (name, metric) in [("BFlat", Metric::Jaccard), ("BHNSW4", Metric::Hamming)] {
            BinaryIndex::build(bits.view(), metric, &name.parse().unwrap(), &ctx).unwrap().save(&path).unwrap();
            out.push((fs_err::read(&path).unwrap(), |p| BinaryIndex::open(p).map(|_| ()).map_err(|e| e.to_string())));
        }
        for (bytes, open) in &out {
            fs_err::write(&path, bytes).unwrap();
            open(&path).unwrap();
        }
        out
    })
}

/// The bytes with one bit flipped, or cut; never the same.
fn damaged(bytes: &[u8], place: usize, bit: u8, cut: bool) -> Vec<u8> {
    let place = place % bytes.len();
    if cut {
        return bytes[..place].to_vec();
    }
    let mut out = bytes.to_vec();
    out[place] ^= 1 << bit;
    out
}

/// Changes values in the sections and makes the checksums fit, as a writer with a fault would.
fn forged(bytes: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let place = |at: usize| usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap();
    let (header, table) = (place(16), place(24));
    for (at, value) in changes {
        out[64 + at % (header - 64)] = *value;
    }
    let sums: Vec<u32> = out[64..header].chunks(1 << 16).map(crc32c::crc32c).collect();
    let end = table + sums.len() * 4;
    out[table..end].copy_from_slice(bytemuck::cast_slice(&sums));
    let sum = crc32c::crc32c(&out[table..end]);
    out[44..48].copy_from_slice(&sum.to_le_bytes());
    let sum = crc32c::crc32c(&out[..60]);
    out[60..64].copy_from_slice(&sum.to_le_bytes());
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn damage_is_refused(place: usize, bit in 0u8..8, cut: bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("damaged.idx");
        let write = |bytes: Vec<u8>| fs_err::write(&path, damaged(&bytes, place, bit, cut)).unwrap();
        write(words());
        let message = InvertedIndex::open(&path).map(|_| ()).unwrap_err().to_string();
        prop_assert!(message.contains("damaged.idx"), "{}", message);
        write(graph(false));
        prop_assert!(Graph::open(&path).is_err());
        write(graph(true));
        prop_assert!(Index::open(&path).is_err());
    }

    #[test]
    fn false_values_never_panic(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..200), header_only: bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("forged.idx");
        fs_err::write(&path, forged(&words(), &[])).unwrap();
        prop_assert!(InvertedIndex::open(&path).is_ok());
        fs_err::write(&path, forged(&words(), &changes)).unwrap();
        let verify = if header_only { Verify::Header } else { Verify::All };
        if let Ok(index) = InvertedIndex::open_with(&path, verify) {
            let terms: Vec<(String, f32)> = (0..40).map(|i| (format!("w{i}"), 1.0)).collect();
            index.search(&terms, 10, None);
            index.search(&terms, 10, Some(&|d| d % 2 == 0));
            index.score_docs(&terms, &[0, 5, 1499, 9999], None);
            index.matched_terms(&terms, 17, None);
            terms.iter().for_each(|(t, _)| index.for_each_posting(t, |_, _| {}));
        }
        fs_err::write(&path, forged(&graph(false), &changes)).unwrap();
        if let Ok(graph) = Graph::open(&path) {
            let rows = rows();
            if let Ok(searcher) = graph.on(rows.view()) {
                searcher.search(&[1.0, 2.0, 3.0, 4.0], &SearchParams::default());
            }
            let _ = graph.assert_validity();
        }
    }
    #[test]
    fn every_kind_of_file_names_what_is_damaged(
        place: usize,
        bit in 0u8..8,
        cut: bool,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..200),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("o.idx");
        let parts = ["block ", "header", "checksum table", "prelude", "bytes", "not a Vectory index file", "form version", "section"];
        for (bytes, open) in others() {
            fs_err::write(&path, forged(bytes, &changes)).unwrap();
            let _ = open(&path);
            let wrong = damaged(bytes, place, bit, cut);
            fs_err::write(&path, &wrong).unwrap();
            let on_disk = wrong.windows(14).any(|w| w == b"tokens on disk");
            let Err(message) = open(&path) else {
                prop_assert!(on_disk && !cut);
                continue;
            };
            prop_assert!(message.contains("o.idx") && parts.iter().any(|p| message.contains(p)), "{}", message);
        }
    }

    #[test]
    fn false_bits_never_panic(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..200)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.idx");
        let [.., bytes] = others() else { panic!() };
        fs_err::write(&path, forged(&bytes.0, &changes)).unwrap();
        if let Ok(index) = BinaryIndex::open(&path) {
            prop_assert!(index.search(&[7], &SearchParams::default()).len() <= 10);
            prop_assert!(index.range(&[7], -20.0, &SearchParams::default()).len() <= 2 * index.len());
        }
    }

    #[test]
    fn damaged_codes_are_refused_and_false_ones_never_panic(
        place: usize,
        bit in 0u8..8,
        cut: bool,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..200),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("codes.idx");
        for bytes in coded() {
            fs_err::write(&path, damaged(bytes, place, bit, cut)).unwrap();
            let message = Index::open(&path).map(|_| ()).unwrap_err().to_string();
            prop_assert!(message.contains("codes.idx"), "{}", message);
            fs_err::write(&path, forged(bytes, &changes)).unwrap();
            if let Ok(index) = Index::open(&path) {
                let searcher = index.searcher().unwrap();
                searcher.search(&[1.0, 2.0, 3.0, 4.0], &SearchParams::default());
                let odd = |id: u32| id % 2 == 1;
                let params = SearchParams { k: 600, nprobe: 2, filter: Some(Filter::Test(&odd)), ..SearchParams::default() };
                searcher.search(&[-1.0, 900.0, 3.0, 4.0], &params);
            }
        }
    }
}
