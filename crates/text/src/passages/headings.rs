//! Where the headings of a text are, by its format.

use std::ops::Range;

use crate::TextFormat;

/// A heading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// Where its line begins.
    pub at: usize,
    /// 1 is outermost.
    pub level: u32,
    /// Its text.
    pub title: String,
}

/// Longer titles keep their beginning.
const MAX_TITLE: usize = 120;

fn heading(at: usize, level: u32, title: &str) -> Heading {
    let one_line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Heading { at, level, title: one_line[..one_line.floor_char_boundary(MAX_TITLE)].to_owned() }
}

/// The headings of a text, in order.
pub(super) fn headings(text: &str, format: TextFormat) -> Vec<Heading> {
    match format {
        TextFormat::Markdown => markdown(text),
        TextFormat::Rst => rst(text),
        TextFormat::Tex => tex(text),
        TextFormat::Html => html(text),
        TextFormat::Plain | TextFormat::Code => Vec::new(),
    }
}

/// The lines of a text without their ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    })
}

/// A line that consists of one of these marks, repeated.
fn underline(line: &str, marks: &str) -> Option<char> {
    let line = line.trim_end();
    let first = line.chars().next().filter(|c| marks.contains(*c))?;
    line.chars().all(|c| c == first).then_some(first)
}

fn markdown(text: &str) -> Vec<Heading> {
    let mut out = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut front_matter = text.starts_with("---\n") || text.starts_with("---\r\n");
    // The line before, if an underline would make it a title.
    let mut title: Option<Range<usize>> = None;
    for (number, range) in lines(text).enumerate() {
        let line = &text[range.clone()];
        let body = line.trim_start();
        let near = line.len() - body.len() < 4;
        let above = title.take();
        if front_matter {
            front_matter = number == 0 || !matches!(line.trim_end(), "---" | "...");
        } else if fence.is_some() || fence_of(body).is_some() {
            fence = after_fence(fence, body);
        } else if let Some((level, name)) = atx(body).filter(|_| near) {
            out.push(heading(range.start, level, name));
        } else if let (Some(mark), Some(above)) = (underline(line, "=-"), above) {
            out.push(heading(above.start, if mark == '=' { 1 } else { 2 }, &text[above]));
        } else {
            let plain = near && !body.is_empty() && !body.starts_with(['>', '|', '-', '*', '+', '<']);
            title = plain.then_some(range);
        }
    }
    out
}

/// The mark and length of a code fence, three or more of one mark.
fn fence_of(body: &str) -> Option<(char, usize)> {
    let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let len = body.len() - body.trim_start_matches(mark).len();
    (len >= 3).then_some((mark, len))
}

/// Which fence is open after a line that is a fence or inside one: a longer bare one closes.
fn after_fence(open: Option<(char, usize)>, body: &str) -> Option<(char, usize)> {
    match (open, fence_of(body)) {
        (None, new) => new,
        (Some((mark, len)), Some((m, l))) if m == mark && l >= len && body[l..].trim().is_empty() => None,
        (open, _) => open,
    }
}

/// `## Title ##`
fn atx(body: &str) -> Option<(u32, &str)> {
    let rest = body.trim_start_matches('#');
    let level = body.len() - rest.len();
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let name = rest.trim();
    let closed = name.trim_end_matches('#');
    let name = if closed.is_empty() || closed.ends_with(' ') { closed.trim_end() } else { name };
    Some((level as u32, name))
}

fn rst(text: &str) -> Vec<Heading> {
    let mut out = Vec::new();
    let mut styles: Vec<(char, bool)> = Vec::new();
    let lines: Vec<Range<usize>> = lines(text).collect();
    let mark = |i: usize| underline(&text[lines.get(i)?.clone()], "=-~^\"'`#*+.:_<>");
    for i in 1..lines.len() {
        let above = &text[lines[i - 1].clone()];
        let Some(c) = mark(i) else { continue };
        let long = text[lines[i].clone()].trim_end().chars().count() >= above.trim().chars().count().max(3);
        if above.trim().is_empty() || !long || mark(i - 1).is_some() {
            continue;
        }
        let over = i >= 2 && mark(i - 2) == Some(c);
        if above.starts_with([' ', '\t']) && !over {
            continue;
        }
        let level = styles.iter().position(|s| *s == (c, over)).unwrap_or_else(|| {
            styles.push((c, over));
            styles.len() - 1
        });
        let first = if over { i - 2 } else { i - 1 };
        out.push(heading(lines[first].start, level as u32 + 1, above));
    }
    out
}

const TEX: &[&str] = &["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"];

fn tex(text: &str) -> Vec<Heading> {
    lines(text)
        .filter_map(|range| {
            let line = text[range.clone()].trim_start();
            let rest = line.strip_prefix('\\')?;
            let name = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic())?];
            let level = TEX.iter().position(|t| *t == name)? as u32 + 1;
            let open = rest.find('{')? + 1;
            Some(heading(range.start, level, &rest[open..open + closing(&rest[open..])]))
        })
        .collect()
}

/// Where the brace closes that is open at the beginning; the end of the line otherwise.
fn closing(rest: &str) -> usize {
    let mut depth = 1;
    for (i, b) in rest.bytes().enumerate() {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    rest.len()
}

fn html(text: &str) -> Vec<Heading> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    // Where a heading's tag begins that is not closed yet, and its digit.
    let mut open: Option<(usize, u8)> = None;
    for (at, _) in text.match_indices('<') {
        match bytes.get(at + 1..at + 4) {
            Some(&[b'h' | b'H', digit @ b'1'..=b'6', b'>' | b' ' | b'\t' | b'\n' | b'\r']) => open = Some((at, digit)),
            Some(&[b'/', b'h' | b'H', digit]) if open.is_some_and(|(_, d)| d == digit) => {
                let start = open.take().map_or(at, |(start, _)| start);
                out.push(heading(start, u32::from(digit - b'0'), &without_tags(&text[start..at])));
            }
            _ => {}
        }
    }
    out
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    let keep = |c: &char| {
        let was = inside;
        inside = (inside || *c == '<') && *c != '>';
        !was && *c != '<'
    };
    text.chars().filter(keep).collect()
}
