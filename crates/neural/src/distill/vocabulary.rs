//! Which tokens the student has: the teacher's vocabulary without what cannot matter, and whole words that the teacher's
//! tokenizer cuts into pieces, where they are frequent enough to pay for their bytes.
//!
//! WordPiece takes the longest token that matches, so a whole word added to the vocabulary is used wherever it occurs, with no
//! change to the tokenizer.

use std::collections::HashMap;

/// How the vocabulary is chosen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VocabularyParams {
    /// Most tokens that the student may have.
    pub max_rows: usize,
    /// How often a whole word must occur to be added.
    pub min_word_count: u64,
}

impl Default for VocabularyParams {
    fn default() -> Self {
        Self { max_rows: 33_000, min_word_count: 10 }
    }
}

/// The words of a text that could become rows: runs of four or more ASCII letters, all in lower case. Capitals are left out because
/// names, frequent in one novel or article, would crowd out the words of the language.
pub fn words(text: &str, found: &mut impl FnMut(&str)) {
    let runs = text.split(|c: char| !c.is_alphanumeric());
    runs.filter(|run| run.len() >= 4 && run.bytes().all(|b| b.is_ascii_lowercase())).for_each(found);
}

/// The student's tokens: those of `base` that can matter, in their order, then the most frequent of the words that `pieces` says
/// take more than one token. `seen[i]` tells how often token `i` of `base` occurred.
#[must_use]
pub fn choose(
    base: &[String],
    seen: &[u64],
    counted: &HashMap<String, u64>,
    pieces: &dyn Fn(&str) -> usize,
    params: &VocabularyParams,
) -> Vec<String> {
    let mut tokens: Vec<String> = base
        .iter()
        .zip(seen)
        .filter(|(token, count)| **count > 0 || can_matter(token))
        .map(|(t, _)| t.clone())
        .collect();
    let mut extra: Vec<(&String, u64)> = counted
        .iter()
        .filter(|(_, n)| **n >= params.min_word_count)
        .map(|(w, n)| (w, *n))
        .filter(|(w, _)| pieces(w) > 1)
        .collect();
    extra.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    extra.truncate(params.max_rows.saturating_sub(tokens.len()));
    tokens.extend(extra.into_iter().map(|(w, _)| w.clone()));
    tokens
}

/// Whether a token that the training text never showed may still be met: special ones, and what is written in ASCII. Reserved
/// places (`[unused7]`) and letters of other scripts are left out.
fn can_matter(token: &str) -> bool {
    !token.starts_with("[unused") && token.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_of_several_pieces_are_added() {
        let base = ["[PAD]", "[unused1]", "[UNK]", "cat", "##s", "\u{4e00}", "\u{e9}"].map(String::from);
        let seen = [0, 0, 0, 9, 3, 0, 2];
        let counted = HashMap::from([
            ("cats".to_owned(), 30),
            ("cat".to_owned(), 90),
            ("rarely".to_owned(), 2),
            ("dogs".to_owned(), 40),
        ]);
        let pieces = |w: &str| if w == "cat" { 1 } else { 2 };
        let params = VocabularyParams { max_rows: 6, min_word_count: 20 };
        let got = choose(&base, &seen, &counted, &pieces, &params);
        assert_eq!(got, ["[PAD]", "[UNK]", "cat", "##s", "\u{e9}", "dogs"]);
    }

    #[test]
    fn words_are_lower_case_runs_of_letters() {
        let mut got = Vec::new();
        words("The boundary-layer of Prandtl, 3D flow: caf\u{e9}s x86asm", &mut |w| got.push(w.to_owned()));
        assert_eq!(got, ["boundary", "layer", "flow"]);
    }
}
