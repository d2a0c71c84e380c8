use proptest::prelude::*;

use super::*;
use crate::Language;

fn with(params: AnalyzerParams, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    Analyzer::new(params).terms(text, &mut |t: &str| out.push(t.to_owned()));
    out
}

fn plain(text: &str) -> Vec<String> {
    with(AnalyzerParams { stem: false, stop_words: false, ..Default::default() }, text)
}

fn in_language(language: Language, text: &str) -> Vec<String> {
    with(AnalyzerParams { language, ..Default::default() }, text)
}

#[test]
fn words_and_numbers() {
    assert_eq!(plain("Hello, World! 42 times."), ["hello", "world", "42", "times"]);
    assert_eq!(plain("3.14 and 1,000,000 or 1,2,3"), ["3.14", "and", "1000000", "or", "1", "2", "3"]);
    assert_eq!(plain("the U.S.A. end.Next e.g. this"), ["the", "usa", "end", "next", "eg", "this"]);
    assert_eq!(plain("don't stop-the rock'n'roll 'quoted'"), ["don't", "stop", "the", "rock'n'roll", "quoted"]);
    assert_eq!(plain("snake_case __init__ _"), ["snake_case", "init"]);
    assert_eq!(plain("v1.2.3 10k a:b std::io"), ["v1.2.3", "10k", "a", "b", "std", "io"]);
}

#[test]
fn other_scripts() {
    assert_eq!(plain("Café NAÏVE Straße don’t"), ["café", "naïve", "straße", "don't"]);
    assert_eq!(plain("cafe\u{301}"), ["café"]);
    assert_eq!(plain("Привет, мир! Γειά σου"), ["привет", "мир", "γειά", "σου"]);
    assert_eq!(plain("東京都 x"), ["東京", "京都", "x"]);
    assert_eq!(plain("水 한국어 단어"), ["水", "한국어", "단어"]);
}

#[test]
fn languages_stem_and_stop() {
    assert_eq!(in_language(Language::English, "the author's cats were running"), ["author", "cat", "run"]);
    assert_eq!(in_language(Language::German, "die Häuser und der Hund"), ["haus", "hund"]);
    assert_eq!(
        in_language(Language::French, "l’avion d'Amélie est continuellement là"),
        ["avion", "amel", "continuel"]
    );
    assert_eq!(in_language(Language::Russian, "книги и книга"), ["книг", "книг"]);
}

#[test]
fn diacritics_are_folded_when_asked() {
    let params = AnalyzerParams { fold_diacritics: true, stem: false, ..Default::default() };
    assert_eq!(with(params, "Café ß Øre naïve"), ["cafe", "ss", "ore", "naive"]);
}

#[test]
fn identifiers_are_whole_and_in_parts() {
    let params = AnalyzerParams { split_identifiers: true, stem: false, stop_words: false, ..Default::default() };
    let of = |text| with(params.clone(), text);
    assert_eq!(of("call snake_case here"), ["call", "snake_case", "snake", "case", "here"]);
    assert_eq!(of("core::TopK x: y"), ["core::topk", "core", "topk", "top", "k", "x", "y"]);
    assert_eq!(of("_private plain"), ["private", "plain"]);
}

#[test]
fn auto_is_resolved_by_bytes() {
    let german = "Der schnelle braune Fuchs springt über den faulen Hund und läuft dann weg.";
    let english = "The quick brown fox jumps over the lazy dog.";
    let of = |sample: &[&str]| AnalyzerParams::default().resolve(sample.iter().copied()).language;
    assert_eq!(of(&[german, english]), Language::German);
    assert_eq!(of(&[]), Language::English);
}

#[test]
fn long_terms_are_cut_the_same_way_everywhere() {
    let long = "x".repeat(5000);
    assert_eq!(plain(&long), [&long[..256]]);
}

#[test]
fn a_full_memo_starts_again() {
    let analyzer = Analyzer::new(AnalyzerParams::default());
    let text: String = (0..200_000).map(|i| format!("w{i} ")).collect();
    let mut n = 0;
    analyzer.terms(&text, &mut |_: &str| n += 1);
    assert_eq!(n, 200_000);
    assert_eq!(analyzer.spans("w17 w199999")[1], (4..11, "w199999".to_owned()));
}

proptest! {
    #[test]
    fn spans_point_at_words_and_agree_with_terms(text in "(\\PC|[a-zA-Z_:.,' 0-9’])*", split in any::<bool>()) {
        let analyzer = Analyzer::new(AnalyzerParams { split_identifiers: split, ..Default::default() });
        let spans = analyzer.spans(&text);
        let mut terms = Vec::new();
        analyzer.terms(&text, &mut |t: &str| terms.push(t.to_owned()));
        prop_assert_eq!(&terms, &spans.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>());
        for (range, term) in spans {
            prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            prop_assert!(!range.is_empty() && !term.is_empty());
        }
    }

    #[test]
    fn every_ascii_letter_or_digit_is_in_a_span(text in "[ -~\n]*") {
        let analyzer = Analyzer::new(AnalyzerParams { stop_words: false, ..Default::default() });
        let spans = analyzer.spans(&text);
        for (i, b) in text.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()) {
            prop_assert!(spans.iter().any(|(r, _)| r.contains(&i)), "{} at {} in {:?}", b as char, i, text);
        }
    }
}
