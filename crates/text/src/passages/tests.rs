use proptest::prelude::*;

use super::*;

fn headings_of(text: &str, format: TextFormat) -> Vec<String> {
    let params = PassageParams { min_words: 0, ..Default::default() };
    passages(text, format, &params).into_iter().map(|p| p.heading).collect()
}

#[test]
fn markdown_paths() {
    let text = "Intro words.\n\n# Install\n\nSome text.\n\n## Linux\n\nRun make.\n\n```sh\n# not a heading\n```\n\nUsage\n=====\n\nType it.\n";
    assert_eq!(headings_of(text, TextFormat::Markdown), ["", "Install", "Install > Linux", "Usage"]);
    assert_eq!(headings_of("---\ntitle: x\n---\n\n# A #\n\ntext", TextFormat::Markdown), ["", "A"]);
}

#[test]
fn rst_tex_and_html_paths() {
    let rst = "=====\nTitle\n=====\n\nText.\n\nPart\n----\n\nMore.\n\nOther\n-----\n\nEnd.";
    assert_eq!(headings_of(rst, TextFormat::Rst), ["Title", "Title > Part", "Title > Other"]);
    let tex = "\\section{One {two}}\nText.\n\\subsection*{Three}\nMore.";
    assert_eq!(headings_of(tex, TextFormat::Tex), ["One {two}", "One {two} > Three"]);
    let html = "<h1 class=\"x\">A <b>bold</b> title</h1><p>Text.</p><H2>Next</H2><p>More.</p>";
    assert_eq!(headings_of(html, TextFormat::Html), ["A bold title", "A bold title > Next"]);
}

#[test]
fn hostile_texts_take_linear_time() {
    for (unit, format) in [
        ("<h1>", TextFormat::Html),
        ("# \n", TextFormat::Markdown),
        ("---\n", TextFormat::Rst),
        (". ", TextFormat::Plain),
    ] {
        let text = unit.repeat(200_000);
        let start = std::time::Instant::now();
        assert!(!passages(&text, format, &PassageParams::default()).is_empty());
        // A quadratic way takes minutes.
        assert!(start.elapsed().as_secs() < 20, "{unit:?}");
    }
}

#[test]
fn light_sections_join() {
    let text = "# A\n\n## B\n\nshort text here\n\n## C\n\nmore short text";
    let found = passages(text, TextFormat::Markdown, &PassageParams::default());
    assert_eq!(found, [Passage { range: 0..text.len(), heading: "A > B".into() }]);
}

#[test]
fn passages_fill_and_overlap() {
    let text: String = (0..40).map(|i| format!("Sentence number {i} has seven words. ")).collect();
    let params = PassageParams { max_words: 32, overlap_words: 8, min_words: 0 };
    let found = passages(&text, TextFormat::Plain, &params);
    assert!(found.len() > 8);
    for pair in found.windows(2) {
        assert!(pair[1].range.start < pair[0].range.end, "neighbours share a sentence");
        assert!(pair[1].range.end > pair[0].range.end);
    }
    for p in &found {
        assert!(text[p.range.clone()].split_whitespace().count() <= 32);
        assert!(text[p.range.clone()].starts_with("Sentence"));
    }
}

#[test]
fn code_is_cut_at_items() {
    let body = "    let x = compute(a, b, c);\n".repeat(12);
    let text = format!("use std::io;\n\n/// Doc.\npub fn one(a: u8) {{\n{body}}}\n\nfn two() {{\n{body}\n{body}}}\n");
    let params = PassageParams { max_words: 80, overlap_words: 0, min_words: 0 };
    let found = passages(&text, TextFormat::Code, &params);
    assert!(found.iter().any(|p| p.heading == "pub fn one(a: u8)"), "{found:?}");
    assert!(found.iter().any(|p| p.heading == "fn two()"), "{found:?}");
}

#[test]
fn a_giant_word_is_cut_between_characters() {
    let text = "ä".repeat(50_000);
    let found = passages(&text, TextFormat::Plain, &PassageParams::default());
    assert!(found.len() > 10);
    assert_eq!(found.iter().map(|p| p.range.len()).sum::<usize>(), text.len());
}

#[test]
fn params_are_checked() {
    let bad = |max_words, overlap_words, min_words| PassageParams { max_words, overlap_words, min_words }.check();
    assert_eq!(bad(4, 0, 0), Err(PassageParamsError::MaxWords(4)));
    assert_eq!(bad(100, 51, 0), Err(PassageParamsError::Overlap { overlap: 51, max: 100 }));
    assert_eq!(bad(100, 0, 100), Err(PassageParamsError::MinWords { min: 100, max: 100 }));
    assert_eq!(PassageParams::default().check(), Ok(()));
}

fn any_format() -> impl Strategy<Value = TextFormat> {
    use TextFormat::*;
    prop_oneof![Just(Plain), Just(Markdown), Just(Html), Just(Rst), Just(Tex), Just(Code)]
}

proptest! {
    #[test]
    fn nothing_is_left_out(
        text in "(\\PC|# |\n|\n\n|    |={3,5}\n|---\n|```\n|\\\\section\\{|<h[12]>|</h1>|fn x\\(\\)|[a-z]{1,12} |[。.!?] ){0,120}",
        format in any_format(), max_words in 8usize..40, overlap_words in 0usize..20, min_words in 0usize..12,
    ) {
        let found = passages(&text, format, &PassageParams { max_words, overlap_words, min_words });
        let mut covered = vec![false; text.len()];
        for p in &found {
            prop_assert!(!p.range.is_empty());
            covered[p.range.clone()].fill(true);
            prop_assert!(pack::weight(&text[p.range.clone()]) <= 2 * max_words.max(8));
        }
        for (at, c) in text.char_indices() {
            prop_assert!(covered[at] || c.is_whitespace(), "{c:?} at {at} is lost");
        }
        prop_assert!(found.windows(2).all(|w| w[0].range.start < w[1].range.start && w[0].range.end < w[1].range.end));
    }
}
