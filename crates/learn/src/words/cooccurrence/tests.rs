//! Counts against a plain map, in memory, spilled, and reloaded.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vectory_core::Context;

use super::*;
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use crate::words::WordsError;

fn corpus(text: &str, min_count: u64) -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count, ..CorpusParams::default() }).unwrap();
    text.lines().for_each(|l| b.add(l).unwrap());
    b.finish("test").unwrap()
}

/// The definition, pair by pair.
fn plain(text: &str, params: &CooccurrenceParams, known: impl Fn(&str) -> Option<u32>) -> BTreeMap<(u32, u32), f64> {
    let mut out = BTreeMap::new();
    for line in text.lines() {
        let ids: Vec<u32> = line.split_whitespace().filter_map(&known).collect();
        for i in 0..ids.len() {
            for d in 1..=params.window.min(i) {
                let weight = if params.weighting == Weighting::Flat { 1.0 } else { 1.0 / d as f64 };
                *out.entry((ids[i], ids[i - d])).or_insert(0.0) += weight;
                if params.symmetric {
                    *out.entry((ids[i - d], ids[i])).or_insert(0.0) += weight;
                }
            }
        }
    }
    out
}

fn entries(c: &Cooccurrences) -> BTreeMap<(u32, u32), f32> {
    let m = c.matrix().unwrap();
    let row = |i: usize| {
        m.row(i).dims.iter().zip(m.row(i).weights).map(move |(j, v)| ((i as u32, *j), *v)).collect::<Vec<_>>()
    };
    (0..m.rows()).flat_map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn counts_are_those_of_the_definition(
        lines in proptest::collection::vec(proptest::collection::vec(0u8..12, 0..30), 1..12),
        window in 1usize..26, flat in any::<bool>(), symmetric in any::<bool>(), min_count in 1u64..4,
    ) {
        let line = |l: &Vec<u8>| l.iter().map(|w| format!("w{w}")).collect::<Vec<_>>().join(" ");
        let text = lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\nw1 w1 w1 w1";
        let c = corpus(&text, min_count);
        let weighting = if flat { Weighting::Flat } else { Weighting::Harmonic };
        let params = CooccurrenceParams { window, weighting, symmetric, ..CooccurrenceParams::default() };
        let got = entries(&count(&c, Tokenizer::default(), &params, &Context::new(1, 2).unwrap()).unwrap());
        let want = plain(&text, &params, |w| c.vocabulary.id(w));
        prop_assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
        for (key, v) in &want {
            prop_assert!((f64::from(got[key]) - v).abs() < 1e-5 * v, "{:?}: {} {}", key, got[key], v);
        }
    }
}

/// A text of many words: numbers in a fixed disorder.
fn disorder(words: u64) -> String {
    let word = |i: u64| vectory_core::rng::mix(i) % (1 + vectory_core::rng::mix(i ^ 77) % 3000);
    (0..words).map(|i| format!("w{}{}", word(i), if i % 23 == 22 { "\n" } else { " " })).collect()
}

#[test]
fn memory_threads_and_files_do_not_change_a_bit() {
    let c = corpus(&disorder(200_000), 1);
    let dir = tempfile::tempdir().unwrap();
    let of = |memory, threads| {
        let params = CooccurrenceParams { memory, window: 5, ..CooccurrenceParams::default() };
        count(&c, Tokenizer::default(), &params, &Context::new(1, threads).unwrap()).unwrap()
    };
    let (all, spilled) = (of(1 << 30, 1), of(1 << 20, 3));
    assert_eq!(entries(&all), entries(&spilled));
    let path = dir.path().join("c.safetensors");
    let params = CooccurrenceParams { memory: 1 << 20, window: 5, ..CooccurrenceParams::default() };
    let ctx = Context::new(1, 2).unwrap();
    let filed = count_to(&c, Tokenizer::default(), &params, &path, &ctx).unwrap();
    let (x, y) = (all.matrix().unwrap(), filed.matrix().unwrap());
    assert_eq!((x.offsets, x.columns, x.values), (y.offsets, y.columns, y.values));
    let again = Cooccurrences::open(&path).unwrap();
    assert_eq!(again.matrix().unwrap().values, x.values);
    assert_eq!(again.vocabulary.counts(), c.vocabulary.counts());
    assert_eq!(again.vocabulary.id("w1"), c.vocabulary.id("w1"));
    all.save(&path).unwrap();
    assert_eq!(Cooccurrences::open(&path).unwrap().matrix().unwrap().columns, x.columns);
}

#[test]
fn one_word_has_no_pairs_and_ranges_are_named() {
    let ctx = Context::new(1, 1).unwrap();
    let c = corpus("alone", 1);
    assert!(matches!(count(&c, Tokenizer::default(), &CooccurrenceParams::default(), &ctx), Err(WordsError::NoPairs)));
    for (window, memory) in [(0, 1 << 30), (256, 1 << 30), (5, 10)] {
        let params = CooccurrenceParams { window, memory, ..CooccurrenceParams::default() };
        assert!(matches!(count(&c, Tokenizer::default(), &params, &ctx), Err(WordsError::Param { .. })));
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (path, ctx) = (dir.path().join("c.safetensors"), Context::new(1, 1).unwrap());
    let c = corpus("a b c a b", 1);
    let counts = count_to(&c, Tokenizer::default(), &CooccurrenceParams::default(), &path, &ctx).unwrap();
    let last = *counts.matrix().unwrap().values.last().unwrap();
    let bytes = fs_err::read(&path).unwrap();
    fs_err::write(&path, &bytes[..bytes.len() - 4]).unwrap();
    assert!(Cooccurrences::open(&path).is_err());
    let mut text = bytes;
    let at = text.windows(4).rposition(|w| w == last.to_le_bytes()).unwrap();
    text[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs_err::write(&path, &text).unwrap();
    let e = Cooccurrences::open(&path).err().unwrap().to_string();
    assert!(e.contains("not a positive number") && e.contains("c.safetensors"), "{e}");
}
