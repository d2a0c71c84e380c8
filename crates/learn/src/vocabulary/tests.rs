use std::path::PathBuf;

use proptest::prelude::*;
use vectory_core::Context;

use super::*;

fn ctx(threads: usize) -> Context {
    Context::new(1, threads).unwrap()
}

fn plain(min_count: u64) -> CorpusParams {
    CorpusParams { min_count, ..CorpusParams::default() }
}

fn file(text: &[u8]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("corpus.txt");
    fs_err::write(&path, text).unwrap();
    (dir, vec![path])
}

/// The corpus as text again.
fn text(c: &Corpus) -> String {
    let (mut out, mut piece) = (String::new(), Vec::new());
    for i in 0..c.stream.pieces() {
        let line = c.stream.piece(i, &mut piece).unwrap();
        assert_eq!(line, out.matches('\n').count() as u64, "piece {i}");
        for id in &piece {
            match *id {
                LINE_END => out.push('\n'),
                BREAK => out.push('|'),
                id => out.push_str(&format!("{} ", c.vocabulary.word(id))),
            }
        }
    }
    out
}

#[test]
fn words_are_counted_ordered_and_streamed() {
    let (_dir, inputs) = file("The cat's hat; the HAT.\n\nDon’t — the Äpfel 42!".as_bytes());
    let c = read(&inputs, &plain(1), &ctx(2)).unwrap();
    assert_eq!(text(&c), "the cat's hat the hat \n\ndon’t the äpfel 42 \n");
    let words: Vec<_> = c.vocabulary.words().collect();
    assert_eq!(words, ["the", "hat", "42", "cat's", "don’t", "äpfel"]);
    assert_eq!(c.vocabulary.counts(), [3, 2, 1, 1, 1, 1]);
    assert_eq!((c.vocabulary.id("hat"), c.vocabulary.id("dog")), (Some(1), None));
    assert_eq!((c.summary.words, c.summary.lines, c.summary.distinct), (9, 3, 6));
}

#[test]
fn blanks_only_keeps_what_stands_between_them() {
    let mut p = plain(2);
    p.tokenizer = Tokenizer { tokens: TokenKind::Space, lower: false };
    let (_dir, inputs) = file(b"a,b A,b a,b\tx\x00A,b \x01");
    let c = read(&inputs, &p, &ctx(1)).unwrap();
    assert_eq!(text(&c), "a,b A,b a,b A,b \n");
    assert_eq!((c.summary.kept, c.summary.words), (4, 6));
}

#[test]
fn nothing_to_learn_from_is_said() {
    let (_dir, inputs) = file(b" \n ... \n");
    let empty = read(&inputs, &plain(1), &ctx(1)).unwrap_err().to_string();
    assert!(empty.contains("no words in") && empty.contains("corpus.txt"), "{empty}");
    let (_dir, inputs) = file(b"one two two");
    let rare = read(&inputs, &plain(3), &ctx(1)).unwrap_err().to_string();
    assert!(rare.contains("none of the 2 distinct") && rare.contains("most frequent: 2"), "{rare}");
    assert!(read(&inputs, &plain(0), &ctx(1)).unwrap_err().to_string().contains("min_count"));
    assert!(read(&[PathBuf::from("/no/such/file")], &plain(1), &ctx(1)).is_err());
}

#[test]
fn endless_lines_and_words_cost_no_memory_and_are_reported() {
    let mut bytes = b"a b ".repeat(700_000);
    bytes.extend(vec![b'x'; 3 << 20]);
    bytes.extend(b" \xff\xfe end");
    let (_dir, inputs) = file(&bytes);
    let c = read(&inputs, &plain(1), &ctx(2)).unwrap();
    assert_eq!(c.summary.lines, 1);
    assert!(c.summary.too_long >= 3 && c.summary.invalid_blocks == 1, "{:?}", c.summary);
    assert_eq!(c.vocabulary.counts()[..2], [700_000, 700_000]);
    assert!(text(&c).split('|').all(|s| s.split_whitespace().count() <= 20_000));
}

#[test]
fn a_corpus_larger_than_its_memory_lies_in_a_file() {
    let lines: String = (0..20_000).map(|i| format!("w{} w{} w{}\n", i % 7, i % 11, i % 900)).collect();
    let (_dir, inputs) = file(lines.as_bytes());
    let small = CorpusParams { memory: 4096, ..plain(1) };
    let (a, b) = (read(&inputs, &plain(1), &ctx(1)).unwrap(), read(&inputs, &small, &ctx(2)).unwrap());
    assert_eq!((b.stream.in_memory(), a.stream.in_memory() > 4096), (0, true));
    assert_eq!(text(&a), text(&b));
    assert_eq!(text(&a), lines.replace('\n', " \n"));
}

#[test]
fn rare_words_are_forgotten_when_there_are_too_many() {
    let mut builder = CorpusBuilder::new(&CorpusParams { max_distinct: 1000, ..plain(2) }).unwrap();
    for i in 0..300_000 {
        builder.add(&format!("often r{i} sometimes{}", i % 100)).unwrap();
    }
    let c = builder.finish("test").unwrap();
    assert_eq!(c.vocabulary.len(), 101);
    assert_eq!(c.vocabulary.counts()[0], 300_000);
    assert!(c.summary.pruned >= 1);
    assert!(c.stream.pieces() > 100);
}

#[test]
fn subsampling_and_noise_follow_the_formulas() {
    let v = Vocabulary::new([("a", 900), ("b", 90), ("c", 10)]);
    let keep = v.keep(0.01);
    assert!((f64::from(keep[0]) - ((0.01f64 / 0.9).sqrt() + 0.01 / 0.9)).abs() < 1e-6);
    assert_eq!(keep[2], 1.0);
    assert_eq!(v.keep(0.0), [1.0; 3]);
    assert!((v.powers(0.75)[1] - 90f64.powf(0.75)).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Any bytes are read; the counts are those of the stream; threads change nothing.
    #[test]
    fn any_bytes_are_read_alike_by_any_number_of_threads(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        let (_dir, inputs) = file(&bytes);
        match (read(&inputs, &plain(1), &ctx(1)), read(&inputs, &plain(1), &ctx(3))) {
            (Ok(a), Ok(b)) => {
                prop_assert_eq!(text(&a), text(&b));
                let mut counts = vec![0u64; a.vocabulary.len()];
                let mut piece = Vec::new();
                for i in 0..a.stream.pieces() {
                    a.stream.piece(i, &mut piece).unwrap();
                    piece.iter().filter(|id| **id < BREAK).for_each(|id| counts[*id as usize] += 1);
                }
                prop_assert_eq!(&counts[..], a.vocabulary.counts());
            }
            (a, b) => prop_assert_eq!(a.unwrap_err().to_string(), b.unwrap_err().to_string()),
        }
    }
}
