//! Our word pieces against Hugging Face's `tokenizers`, on real texts, on every character, and on random Unicode.
//!
//! The large vocabulary is read from the folder in `VECTORY_MINILM` (a tokenizer.json); the small one is made here.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Read;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tokenizers::Tokenizer;
use vectory_text::{PhraseTable, WordPiece, WordPieceError, WordPieceParams};

/// Both tokenizers over one file.
struct Pair {
    ours: WordPiece,
    theirs: Tokenizer,
}

impl Pair {
    fn open(path: &Path) -> Self {
        let mut theirs = Tokenizer::from_file(path).unwrap();
        theirs.with_padding(None);
        theirs.with_truncation(None).unwrap();
        Self { ours: WordPiece::from_tokenizer_json(path).unwrap(), theirs }
    }

    fn ids(&self, text: &str) -> (Vec<u32>, Vec<u32>) {
        let mut ours = Vec::new();
        self.ours.encode_into(text, &mut ours);
        (ours, self.theirs.encode(text, false).unwrap().get_ids().to_vec())
    }

    fn check(&self, text: &str) {
        let (ours, theirs) = self.ids(text);
        assert_eq!(ours, theirs, "{text:?}");
    }
}

fn small_json(normalizer: &serde_json::Value, added: &serde_json::Value) -> tempfile::NamedTempFile {
    let pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "the",
        "un",
        "##aff",
        "##able",
        "want",
        "##want",
        "##ed",
        "wa",
        "run",
        "##ning",
        ",",
        ".",
        "#",
        "##!",
        "!",
        "cafe",
        "café",
        "Café",
        "e",
        "##e",
        "東",
        "京",
        "##1",
        "1",
        "²",
        "ß",
        "##ss",
        "i",
        "##i",
        "é",
        "ë",
        "[",
        "]",
        "ό",
        "x",
        "##x",
        "ʼ",
        "a",
        "##a",
        "가",
        "ᄀ",
        "##ᅡ",
        "\u{301}",
        "##\u{301}",
        "İ",
        "##\u{307}",
    ];
    let vocab: serde_json::Map<String, serde_json::Value> =
        pieces.iter().enumerate().map(|(i, p)| ((*p).to_owned(), i.into())).collect();
    let json = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added, "normalizer": normalizer,
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 20, "vocab": vocab},
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), json.to_string()).unwrap();
    file
}

fn normalizer(clean: bool, han: bool, strip: Option<bool>, lower: bool) -> serde_json::Value {
    serde_json::json!({"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": han,
                       "strip_accents": strip, "lowercase": lower})
}

fn special(id: u32, content: &str) -> serde_json::Value {
    serde_json::json!({"id": id, "content": content, "special": true, "single_word": false, "lstrip": false,
                       "rstrip": false, "normalized": false})
}

fn every_switch() -> Vec<Pair> {
    let mut out = Vec::new();
    for bits in 0..24 {
        let strip = [None, Some(false), Some(true)][bits / 8];
        let json = small_json(
            &normalizer(bits & 1 > 0, bits & 2 > 0, strip, bits & 4 > 0),
            &serde_json::json!([
                special(0, "[PAD]"),
                special(2, "[CLS]"),
                special(49, "<new>"),
                special(50, "<new>er")
            ]),
        );
        out.push(Pair::open(json.path()));
    }
    out
}

fn minilm() -> Option<Pair> {
    let Some(path) = std::env::var_os("VECTORY_MINILM").map(|d| PathBuf::from(d).join("tokenizer.json")) else {
        eprintln!("skipped: VECTORY_MINILM names no folder with a tokenizer.json");
        return None;
    };
    Some(Pair::open(&path))
}

fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let full = root.join(path);
    if !full.exists() {
        eprintln!("skipped: no {} (set VECTORY_DATA)", full.display());
        return None;
    }
    Some(full)
}

const TRICKY: &[&str] = &[
    "",
    " ",
    "the unwanted, running.",
    "UNAFFABLE café CAFÉ Cafe\u{301} cafe\u{301}s",
    "a\u{0}b\u{1}c\u{fffd}d\u{ad}e",
    "東京 tokyo東京tokyo",
    "x² ßß İstanbul ſ ǅ",
    "[CLS] a [PAD]b[cls] [CLS",
    "<new>er <newer <new",
    "a\u{2028}b\u{3000}c\u{a0}d\u{85}e",
    "\u{301}a \u{301}",
    "가 각 ᄀ",
    "a\u{200d}b\u{200b}c",
    "xxxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxx",
    "a\tb\nc\rd\u{b}e\u{c}f\u{1c}g",
    "«a» “b” ‘c’ –d— ¿e? $f^g`h~",
    "\u{1d15e} \u{fb1d} \u{2f800} \u{958}",
    "q̣̇ q̣̇ \u{1abf}\u{301}\u{323}",
];

#[test]
fn tricky_texts_under_every_switch() {
    for pair in every_switch() {
        TRICKY.iter().for_each(|text| pair.check(text));
    }
}

#[test]
fn added_tokens_of_the_normalized_text() {
    let mut token = special(49, "New Café");
    token["normalized"] = true.into();
    let json = small_json(&normalizer(true, true, None, true), &serde_json::json!([special(2, "[CLS]"), token]));
    let pair = Pair::open(json.path());
    for text in ["a NEW cafe\u{301}s run [CLS]", "new\ncafé new  café", "anew cafex"] {
        pair.check(text);
    }
    assert!(pair.ids("a NEW CAFE run").0.contains(&49));
}

#[test]
fn every_character_under_some_switches() {
    for pair in every_switch().iter().step_by(5) {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}x\u{301}{c}");
            let mut ours = Vec::new();
            // Private planes and the unassigned bulk behave alike: a sample of them is enough.
            if u32::from(c) < 0x1_f000 || u32::from(c) % 97 == 0 {
                pair.ours.encode_into(&text, &mut ours);
                assert_eq!(ours, pair.theirs.encode(text.as_str(), false).unwrap().get_ids(), "{c:?}");
            }
        }
    }
}

#[test]
fn every_character_with_the_real_vocabulary() {
    let Some(pair) = minilm() else { return };
    TRICKY.iter().for_each(|text| pair.check(text));
    for c in ('\0'..=char::MAX).filter(|c| u32::from(*c) < 0x3_2000) {
        pair.check(&format!("a{c}e\u{301} {c}"));
    }
}

#[test]
fn real_texts_with_the_real_vocabulary() {
    let Some(pair) = minilm() else { return };
    let Some(wiki) = data("words/corpus/wiki-en.txt.zst") else { return };
    let mut text = String::new();
    let reader = zstd::stream::read::Decoder::new(fs_err::File::open(wiki).unwrap()).unwrap();
    reader.take(12_000_000).read_to_string(&mut text).unwrap_or_default();
    assert!(text.len() > 1_000_000);
    text.lines().for_each(|line| pair.check(line));
    let Some(folder) = data("multilingual/tatoeba") else { return };
    let mut files = 0;
    for entry in fs_err::read_dir(folder).unwrap() {
        let Ok(text) = fs_err::read_to_string(entry.unwrap().path()) else { continue };
        text.lines().for_each(|line| pair.check(line));
        files += 1;
    }
    assert!(files > 0);
}

#[test]
fn ids_of_the_gold_folder() {
    let (Some(pair), Some(folder)) = (minilm(), data("../gold/minilm")) else { return };
    let read = |name: &str| fs_err::read(folder.join(name)).unwrap();
    let texts: Vec<String> = serde_json::from_slice(&read("texts.json")).unwrap();
    let gold: Vec<Vec<u32>> = serde_json::from_slice(&read("ids.json")).unwrap();
    assert_eq!(texts.len(), gold.len());
    for (text, gold) in texts.iter().zip(&gold) {
        let mut ours = pair.ids(text).0;
        // The gold run read at most 256 pieces, [CLS] and [SEP] among them.
        ours.truncate(254);
        assert_eq!(ours, gold[1..gold.len() - 1], "{text:?}");
    }
}

#[test]
fn files_of_another_family_are_refused() {
    let file = small_json(&serde_json::json!({"type": "Lowercase"}), &serde_json::json!([]));
    let err = WordPiece::from_tokenizer_json(file.path()).unwrap_err();
    assert!(matches!(err, WordPieceError::Unsupported { .. }), "{err}");
    fs_err::write(file.path(), "{").unwrap();
    assert!(matches!(WordPiece::from_tokenizer_json(file.path()).unwrap_err(), WordPieceError::Format { .. }));
    let err = WordPiece::from_vocab(vec!["a".into()], WordPieceParams::default()).unwrap_err();
    assert!(err.to_string().contains("[UNK]"), "{err}");
}

#[test]
fn phrases_come_before_pieces() {
    let vocab = ["[UNK]", "new", "york", "city", "times", "##s"].map(String::from).to_vec();
    let phrases = PhraseTable::new([("new york".into(), 100), ("new york times".into(), 101), ("city".into(), 102)]);
    let ours = WordPiece::from_vocab(vocab, WordPieceParams::default()).unwrap().with_phrases(phrases);
    let mut ids = Vec::new();
    ours.encode_into("New  York Times, New York citys city new", &mut ids);
    assert_eq!(ids, [101, 0, 100, 3, 5, 102, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn random_unicode(text in "(\\PC|\\pM|\\pC|[a-eA-E1., #!\u{301}\u{e9}東])*") {
        thread_local!(static PAIRS: (Vec<Pair>, Option<Pair>) = (every_switch(), minilm()));
        PAIRS.with(|(small, large)| {
            for pair in small.iter().step_by(5).chain(large) {
                let (ours, theirs) = pair.ids(&text);
                prop_assert_eq!(ours, theirs);
            }
            Ok(())
        })?;
    }
}
