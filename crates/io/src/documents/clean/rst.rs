//! reStructuredText, lightly: targets, directive heads and role marks go; titles and prose stay where they are.

use vectory_text::TextFormat;

use super::Clean;

pub fn clean(text: &str) -> Clean {
    let mut out = String::with_capacity(text.len());
    let mut options = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(rest) = trimmed.strip_prefix(".. ") {
            options = true;
            if let Some((_, argument)) = rest.split_once(":: ").filter(|(name, _)| spoken(name)) {
                out.push_str(argument);
            }
        } else if options && trimmed.starts_with(':') {
            continue;
        } else {
            options = false;
            unroled(line, &mut out);
        }
        out.push('\n');
    }
    Clean { title: title(&out), text: out, format: TextFormat::Rst, fields: serde_json::Map::new() }
}

/// Directives whose argument is prose.
fn spoken(name: &str) -> bool {
    matches!(
        name,
        "note" | "warning" | "tip" | "important" | "seealso" | "admonition" | "topic" | "caution" | "hint" | "rubric"
    )
}

/// Drops `:role:` before a backquote, and the backquotes' target: ``:ref:`text <target>` `` leaves `text`.
fn unroled(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(p) = rest.find(":`") {
        let head = &rest[..p];
        let before = head.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || ":-+._".contains(c)).len();
        let role = Some(before).filter(|r| head[*r..].starts_with(':') && *r + 1 < p);
        let Some(end) = rest[p + 2..].find('`') else { break };
        match role {
            Some(r) => {
                out.push_str(&head[..r]);
                let inner = &rest[p + 2..p + 2 + end];
                out.push_str(inner.split_once(" <").map_or(inner, |(text, _)| text).trim_start_matches('~'));
            }
            None => out.push_str(&rest[..p + 3 + end]),
        }
        rest = &rest[p + 3 + end..];
    }
    out.push_str(rest);
}

/// The first line with an underline of punctuation at least as long.
fn title(text: &str) -> String {
    let mut before = "";
    for line in text.lines().take(200) {
        let line = line.trim_end();
        let rule = line.len() > 1 && line.bytes().all(|b| b == line.as_bytes()[0] && b.is_ascii_punctuation());
        let words = !before.is_empty() && before.chars().any(char::is_alphanumeric);
        if rule && words && line.len() >= before.chars().count() {
            return before.trim().to_owned();
        }
        before = line;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_stays_and_marks_go() {
        let c = clean(
            ".. _here:\n\nA Title\n=======\n\nSee :ref:`the guide <guide>` and :py:class:`~a.B`: `x`.\n\n.. note:: Take care\n\n.. image:: x.png\n   :alt: y\n\nEnd\n",
        );
        assert_eq!(c.title, "A Title");
        assert!(c.text.contains("See the guide and a.B: `x`."), "{}", c.text);
        assert!(c.text.contains("Take care") && c.text.contains("End"));
        assert!(!c.text.contains("alt") && !c.text.contains("_here") && !c.text.contains("x.png"));
    }
}
