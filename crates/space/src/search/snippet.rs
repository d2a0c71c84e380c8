//! The part of a passage to show, and which of its words matched.

use std::ops::Range;

use vectory_text::Analyzer;

use super::answers::Snippet;

/// A word of the passage that matched: where, and which term it stands for.
type Match = (Range<usize>, String);

/// The words of `text` that stand for one of the terms.
pub(crate) fn matches(text: &str, analyzer: &Analyzer, terms: &[(String, f32)]) -> Vec<Match> {
    let mut found = analyzer.spans(text);
    found.retain(|(range, term)| !range.is_empty() && terms.iter().any(|(t, _)| t == term));
    found
}

/// At most `longest` characters of `text`, around the place where most different terms are close together.
pub(crate) fn snippet(text: &str, matches: &[Match], longest: usize) -> Snippet {
    let start = best_start(text, matches, longest);
    let (from, to) = whole_words(text, start, longest);
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    let mut highlights: Vec<Range<usize>> = Vec::new();
    for (range, _) in matches.iter().filter(|(r, _)| r.start >= from && r.end <= to) {
        let shifted = range.start - from + before.len()..range.end - from + before.len();
        match highlights.last_mut() {
            // Parts of one name, and pairs of characters, overlap.
            Some(last) if shifted.start <= last.end => last.end = last.end.max(shifted.end),
            _ => highlights.push(shifted),
        }
    }
    let part: String = text[from..to].chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if part.len() != to - from {
        // A wide space was replaced: ranges would not fit.
        return Snippet { text: format!("{before}{}{after}", &text[from..to]), highlights };
    }
    Snippet { text: format!("{before}{part}{after}"), highlights }
}

/// Where the window that holds most different terms begins, with some room before it.
fn best_start(text: &str, matches: &[Match], longest: usize) -> usize {
    let mut best = (0, 0);
    for (i, (first, _)) in matches.iter().enumerate() {
        let mut seen: Vec<&str> = Vec::new();
        let inside = matches[i..].iter().take_while(|(r, _)| r.end - first.start <= longest * 3 / 4);
        inside.for_each(|(_, t)| {
            if !seen.contains(&t.as_str()) {
                seen.push(t);
            }
        });
        if seen.len() > best.0 {
            best = (seen.len(), first.start);
        }
    }
    let start = best.1.saturating_sub(longest / 6);
    if best.1 < longest / 2 { 0 } else { text.floor_char_boundary(start) }
}

/// A window of at most `longest` characters from about `start`, without broken words.
fn whole_words(text: &str, start: usize, longest: usize) -> (usize, usize) {
    let from = if start == 0 {
        0
    } else {
        let gap = text[start..].find(char::is_whitespace).unwrap_or(0);
        let word = text[start + gap..].find(|c: char| !c.is_whitespace()).unwrap_or(0);
        if gap > longest / 4 { start } else { start + gap + word }
    };
    let end = text[from..].char_indices().nth(longest).map_or(text.len(), |(i, _)| from + i);
    if end == text.len() {
        return (from, end);
    }
    match text[from..end].rfind(char::is_whitespace) {
        Some(space) if space > longest / 2 => (from, from + text[from..from + space].trim_end().len()),
        _ => (from, end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_text::{AnalyzerParams, Language};

    fn show(text: &str, words: &[&str], longest: usize) -> (String, Vec<String>) {
        let analyzer = Analyzer::new(AnalyzerParams { language: Language::English, ..AnalyzerParams::default() });
        let terms: Vec<(String, f32)> = words.iter().map(|w| ((*w).to_owned(), 1.0)).collect();
        let s = snippet(text, &matches(text, &analyzer, &terms), longest);
        let marked = s.highlights.iter().map(|r| s.text[r.clone()].to_owned()).collect();
        (s.text, marked)
    }

    #[test]
    fn short_texts_are_shown_whole_with_their_matches() {
        let (text, marked) = show("Running shoes\nfor runners", &["run", "shoe"], 100);
        assert_eq!(text, "Running shoes for runners");
        assert_eq!(marked, ["Running", "shoes"]);
    }

    #[test]
    fn the_window_is_where_most_terms_are() {
        let filler = "lorem ipsum dolor sit amet ".repeat(20);
        let text = format!("tea {filler} green tea in a cup {filler}");
        let (shown, marked) = show(&text, &["tea", "green", "cup"], 80);
        assert!(shown.contains("green tea in a cup"), "{shown}");
        assert!(shown.starts_with('…') && shown.ends_with('…'));
        assert_eq!(marked, ["green", "tea", "cup"]);
        assert!(shown.chars().count() <= 82);
    }

    #[test]
    fn any_text_gives_a_snippet_that_fits() {
        for text in ["", " ", "é".repeat(500).as_str(), "日本語のテキスト。".repeat(60).as_str(), "a\u{3000}b c"]
        {
            for longest in [0, 1, 7, 240] {
                let (shown, _) = show(text, &["tea", "日本"], longest);
                assert!(shown.chars().count() <= longest + 2, "{longest}: {shown}");
            }
        }
    }
}
