use proptest::prelude::*;

use super::sentences;

fn of(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(|r| &text[r]).collect()
}

#[test]
fn marks_end_sentences() {
    assert_eq!(of("One. Two! Three? Four"), ["One.", "Two!", "Three?", "Four"]);
    assert_eq!(of("He said \"Stop.\" Then he left."), ["He said \"Stop.\"", "Then he left."]);
    assert_eq!(of("Really?! Yes… No."), ["Really?!", "Yes…", "No."]);
    assert_eq!(of("今日は。明日！"), ["今日は。", "明日！"]);
    assert_eq!(of("यह है। वह था।"), ["यह है।", "वह था।"]);
}

#[test]
fn what_only_looks_like_an_end() {
    for one in [
        "Dr. Smith met Mr. J. R. Jones at 3.14 p.m. Monday.",
        "See Fig. 3 and e.g. Section 2 of the U.S. Code.",
        "\"Why?\" he asked.",
        "Version 1.2.3 of example.com is out.",
        "Am 3. Oktober war es z.B. Montag.",
        "1. Install the program",
        "A line\nthat is wrapped",
    ] {
        assert_eq!(of(one), [one]);
    }
}

#[test]
fn ambiguous_dots_follow_the_next_word() {
    assert_eq!(of("He lives in the U.S. The house is big."), ["He lives in the U.S.", "The house is big."]);
    assert_eq!(of("Apples, pears, etc. The rest is gone."), ["Apples, pears, etc.", "The rest is gone."]);
    assert_eq!(of("It happened in 1999. Nobody knew."), ["It happened in 1999.", "Nobody knew."]);
}

#[test]
fn blank_lines_and_lists_part() {
    assert_eq!(of("Title\n\nBody text"), ["Title", "Body text"]);
    assert_eq!(of("We need:\n- bread\n- milk"), ["We need:", "- bread", "- milk"]);
    assert_eq!(of("1. First. 2. Second."), ["1. First.", "2. Second."]);
    assert_eq!(of(""), Vec::<&str>::new());
    assert_eq!(of(" \n\n "), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn every_character_is_in_one_sentence(text in "(\\PC|[ .!?\n\"'A-Za-z0-9。…\u{2028}])*") {
        let mut at = 0;
        for r in sentences(&text) {
            prop_assert!(r.start >= at && r.start < r.end);
            prop_assert!(text[at..r.start].trim().is_empty());
            prop_assert_eq!(text[r.clone()].trim(), &text[r.clone()]);
            at = r.end;
        }
        prop_assert!(text[at..].trim().is_empty());
    }
}
