//! What ends a sentence and what only looks like it.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// What stands at a place.
pub(super) enum Mark {
    /// Nothing of interest in this byte.
    None,
    /// No end before this place.
    Inside(usize),
    /// A sentence ends here.
    End(usize),
}

/// Looks at byte `i` of a sentence that began at `start`; the text of interest ends at `limit`.
pub(super) fn mark_at(text: &str, start: usize, i: usize, limit: usize) -> Mark {
    match text.as_bytes()[i] {
        b'.' | b'!' | b'?' => ascii_mark(text, start, i, limit),
        b'\n' => line_break(text, i, limit),
        0xe2 | 0xe3 | 0xef | 0xe0 | 0xd8 | 0xdb => wide_mark(text, start, i, limit),
        _ => Mark::None,
    }
}

/// A blank line ends a sentence, and so does a line break before a list mark.
fn line_break(text: &str, i: usize, limit: usize) -> Mark {
    let rest = text[i + 1..limit].trim_start_matches([' ', '\t', '\r']);
    if rest.starts_with('\n') || starts_item(rest) { Mark::End(i + 1) } else { Mark::None }
}

/// `- `, `* `, `+ `, `• `, `1. `, `1) `, `(a) `.
fn starts_item(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('-' | '*' | '+' | '•' | '–' | '·') => chars.next() == Some(' '),
        Some(c) if c.is_ascii_digit() || c == '(' => {
            let rest = line.trim_start_matches('(');
            let mark = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
            let len = rest.len() - mark.len();
            let numeric = rest.as_bytes()[..len].iter().all(u8::is_ascii_digit);
            (1..=3).contains(&len)
                && (numeric || len == 1)
                && mark.starts_with(['.', ')'])
                && mark[1..].starts_with(' ')
        }
        _ => false,
    }
}

/// Marks of other scripts: full-width ones need no space after them.
fn wide_mark(text: &str, start: usize, i: usize, limit: usize) -> Mark {
    let Some(c) = text.get(i..).and_then(|t| t.chars().next()) else { return Mark::None };
    match c {
        '。' | '！' | '？' | '｡' => Mark::End(after_closers(text, i + c.len_utf8(), limit)),
        '…' | '।' | '؟' | '۔' | '‼' | '⁇' | '⁈' | '⁉' => after_run(text, start, i, limit),
        _ => Mark::Inside(i + c.len_utf8()),
    }
}

fn ascii_mark(text: &str, start: usize, i: usize, limit: usize) -> Mark {
    let next = text.as_bytes().get(i + 1).copied().filter(|_| i + 1 < limit);
    // The common cases first: `3.14`, `a.b`, and an end that nothing disturbs.
    match next {
        Some(b) if b.is_ascii_alphanumeric() => Mark::Inside(i + 1),
        _ => after_run(text, start, i, limit),
    }
}

/// A run of marks and closing quotes, then white space, then no small letter.
fn after_run(text: &str, start: usize, i: usize, limit: usize) -> Mark {
    let run = text[i..limit].trim_start_matches(is_mark);
    let marks_end = limit - run.len();
    let end = after_closers(text, marks_end, limit);
    let rest = &text[end..limit];
    let after = rest.trim_start();
    if after.is_empty() {
        return Mark::End(end);
    }
    if after.len() == rest.len() {
        return Mark::Inside(end);
    }
    if rest[..rest.len() - after.len()].bytes().filter(|b| *b == b'\n').count() > 1 {
        return Mark::End(end);
    }
    let opened = after.trim_start_matches(['"', '\'', '(', '[', '{', '“', '‘', '«', '¿', '¡', '*', '_', '`']);
    let Some(c) = opened.chars().next() else { return Mark::End(end) };
    let continues = c.is_lowercase() || matches!(c, ',' | ';' | ':');
    let lone_dot = marks_end == i + 1 && text.as_bytes()[i] == b'.';
    if continues || lone_dot && end == marks_end && is_abbreviation(&text[start..i], opened) {
        return Mark::Inside(end);
    }
    Mark::End(end)
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '।' | '؟' | '۔' | '‼' | '⁇' | '⁈' | '⁉')
}

fn after_closers(text: &str, at: usize, limit: usize) -> usize {
    let closers = ['"', '\'', ')', ']', '}', '”', '’', '»', '›', '」', '』', '）', '*', '_', '`'];
    limit - text[at..limit].trim_start_matches(closers).len()
}

/// Never the end of a sentence: what follows belongs to them.
static BEFORE_NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "
    mr mrs ms dr prof st mt ft rev hon gov sen rep gen col lt capt sgt cpl maj cmdr adm pres supt messrs mme mlle fig
    figs eq eqs sec secs ch chap vol vols no nos pp p nr art vs cf viz approx ca e.g i.e z.b d.h u.a bzw hr fr frl sr
    sra srta sig dott ing dhr mevr bl str inkl evtl ggf vgl abb"
        .split_whitespace()
        .collect()
});
/// The end of a sentence only before a word that begins sentences.
static AFTER_NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "
    inc ltd co corp jr bros dept univ assn est al jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu
    fri sat sun a.m p.m u.s u.k u.n ph.d b.c a.d etc usw"
        .split_whitespace()
        .collect()
});
/// Words that begin sentences and seldom names.
static STARTERS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "
    the a an this that these those it its he she they we i you in on at by for from with as but and or if when while
    after before since because although however there here his her their our my your what who why how where then thus
    some many most all no not one two such also another each every both to of der die das ein eine es er sie wir ich
    und aber wenn im le la les un une il elle ils nous je dans mais et el los las una en pero y"
        .split_whitespace()
        .collect()
});

/// Whether the dot after `before` is part of an abbreviation, an initial or a number, given what comes after it.
fn is_abbreviation(before: &str, after: &str) -> bool {
    let cut = before.len().saturating_sub(24);
    let near = &before[before.ceil_char_boundary(cut)..];
    let word =
        near.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '-' | '/')).next().unwrap_or("");
    let Some(first) = word.chars().next() else { return false };
    let alone = word.len() == before.trim_start().len();
    let starter = || listed(&STARTERS, after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(""));
    if word.bytes().all(|b| b.is_ascii_digit()) {
        // An enumeration ("1. Install") or an ordinal ("3. Oktober").
        return word.len() <= 3 && alone || word.len() <= 2 && !starter();
    }
    if word.chars().count() == 1 {
        return alone || first.is_uppercase() && first != 'I' && !starter();
    }
    let dotted =
        word.contains('.') && word.split('.').all(|p| p.chars().count() <= 2 && p.chars().all(char::is_alphabetic));
    listed(&BEFORE_NAMES, word) || (dotted || listed(&AFTER_NAMES, word)) && !starter()
}

/// Whether a list holds the word, in any case.
fn listed(list: &FxHashSet<&str>, word: &str) -> bool {
    !word.is_empty() && word.len() <= 8 && list.contains(word.to_ascii_lowercase().as_str())
}
