//! Markdown: the front matter becomes fields, the first heading the title; the rest stays.

use serde_json::{Map, Value};
use vectory_text::TextFormat;

use super::Clean;
use crate::documents::record::typed;

pub fn clean(text: String) -> Clean {
    let (fields, start) = front_matter(&text);
    let text = if start > 0 { text[start..].to_owned() } else { text };
    let title = match fields.get("title").and_then(Value::as_str) {
        Some(title) => title.to_owned(),
        None => heading(&text).unwrap_or_default(),
    };
    Clean { title, text, format: TextFormat::Markdown, fields }
}

/// The first heading, `# …` or underlined, outside fenced code.
fn heading(text: &str) -> Option<String> {
    let mut fenced = false;
    let mut before = "";
    for line in text.lines().take(200) {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced {
            let level = line.bytes().take_while(|b| *b == b'#').count();
            if (1..=6).contains(&level) && line[level..].starts_with([' ', '\t']) {
                return Some(plain(line[level..].trim().trim_end_matches('#')));
            }
            let underlined = !line.is_empty() && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'));
            if underlined && line.len() > 2 && !before.is_empty() {
                return Some(plain(before));
            }
        }
        before = line;
    }
    None
}

/// A heading without links, images, emphasis and code marks: `[name](target)` leaves `name`.
fn plain(heading: &str) -> String {
    let mut out = String::with_capacity(heading.len());
    let mut rest = heading;
    while let Some(p) = rest.find(['[', ']', '*', '`', '!']) {
        out.push_str(&rest[..p]);
        let mark = rest.as_bytes()[p];
        rest = &rest[p + 1..];
        match mark {
            b'!' if !rest.starts_with('[') => out.push('!'),
            b']' if rest.starts_with('(') => rest = rest.find(')').map_or("", |end| &rest[end + 1..]),
            _ => {}
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// The fields of a `---` block at the start (`key: value` and `key: [a, b]`; deeper structure is passed over), and where the
/// text goes on.
fn front_matter(text: &str) -> (Map<String, Value>, usize) {
    let none = || (Map::new(), 0);
    let Some(body) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return none() };
    let begin = text.len() - body.len();
    let (mut fields, mut at) = (Map::new(), begin);
    for line in body.split_inclusive('\n').take(100) {
        at += line.len();
        let line = line.trim_end();
        if line == "---" || line == "..." {
            return (fields, at);
        }
        if line.starts_with([' ', '\t', '-', '#']) || line.is_empty() {
            continue;
        }
        // A block whose lines are not fields is text between two rules.
        let Some((key, value)) = line.split_once(':') else { return none() };
        if !value.trim().is_empty() {
            fields.insert(key.trim().to_owned(), scalar(value.trim()));
        }
    }
    none()
}

fn scalar(text: &str) -> Value {
    if let Some(list) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Value::Array(list.split(',').map(|v| scalar(v.trim())).collect());
    }
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return Value::String(inner.to_owned());
        }
    }
    typed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_becomes_fields() {
        let c = clean("---\ntitle: \"A: b\"\nyear: 2021\ntags: [x, 'y']\nnested:\n  a: 1\n---\n# Other\ntext\n".into());
        assert_eq!(c.title, "A: b");
        assert_eq!(c.text, "# Other\ntext\n");
        assert_eq!(c.fields["year"], 2021);
        assert_eq!(c.fields["tags"], serde_json::json!(["x", "y"]));
    }

    #[test]
    fn a_rule_is_not_a_front_matter() {
        let text = "---\nJust a rule\n---\ntext";
        assert_eq!(clean(text.into()).text, text);
        assert_eq!(clean("---\nno: end\n".into()).text, "---\nno: end\n");
    }

    #[test]
    fn titles_are_first_headings() {
        let title = |t: &str| clean(t.into()).title;
        assert_eq!(title("text\n\n## Two *words* ##\n"), "Two words");
        assert_eq!(title("Title\n=====\n"), "Title");
        assert_eq!(title("```sh\n# not this\n```\n# This\n"), "This");
        assert_eq!(title("# [Serde](https://serde.rs) ![x](y) `de`!"), "Serde x de!");
        assert_eq!(title("no heading"), "");
    }
}
