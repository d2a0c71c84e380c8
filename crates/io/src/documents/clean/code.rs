//! The documentation comments of source code, as Markdown.

/// Marks of a documentation line, longest first: Rust, C++, C#, Swift.
const LINES: [&str; 2] = ["///", "//!"];

/// The text of documentation comments: `///`, `//!` lines and `/** … */`, `/*! … */` blocks. The first line of code after an outer
/// comment names what was documented; it becomes the heading above it.
pub fn docs(source: &str) -> String {
    let mut out = String::new();
    let mut pending = String::new();
    let mut in_block = false;
    for line in source.lines() {
        let line = line.trim();
        if in_block {
            in_block = !block_line(line, &mut pending);
        } else if let Some(rest) = LINES.iter().find_map(|mark| line.strip_prefix(mark)).filter(|r| !r.starts_with('/'))
        {
            push(&mut pending, rest.strip_prefix(' ').unwrap_or(rest));
            if line.starts_with("//!") {
                out.push_str(&std::mem::take(&mut pending));
            }
        } else if let Some(rest) =
            line.strip_prefix("/**").or_else(|| line.strip_prefix("/*!")).filter(|r| !r.starts_with('/'))
        {
            in_block = !block_line(rest, &mut pending);
        } else if !pending.is_empty() && !line.is_empty() && !line.starts_with("#[") && !line.starts_with('@') {
            head(&mut out, line);
            out.push_str(&std::mem::take(&mut pending));
        }
    }
    out.push_str(&pending);
    out
}

/// Adds a line of a block comment; says whether the block ends with it.
fn block_line(line: &str, out: &mut String) -> bool {
    let (text, ends) = match line.split_once("*/") {
        Some((before, _)) => (before, true),
        None => (line, false),
    };
    let text = text.trim_start().strip_prefix('*').unwrap_or(text).trim();
    if !(ends && text.is_empty()) {
        push(out, text);
    }
    ends
}

/// Headings inside a comment (`# Errors`) stand two levels below that of the item.
fn push(out: &mut String, text: &str) {
    if text.starts_with('#') && text.trim_start_matches('#').starts_with(' ') {
        out.push_str("##");
    }
    out.push_str(text);
    out.push('\n');
}

/// The item's first line up to its body, as a heading.
fn head(out: &mut String, line: &str) {
    let name = line.split(['{', ';']).next().unwrap_or(line).trim_end_matches(['=', ',']).trim();
    if name.chars().any(char::is_alphabetic) {
        out.push_str("\n## ");
        out.push_str(name);
        out.push_str("\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::docs;

    #[test]
    fn comments_stand_under_what_they_document() {
        let source = "//! Adds.\nuse std::fmt;\n// not this\n/// Sums two numbers.\n///\n/// # Errors\n/// None.\n#[inline]\npub fn add(a: i32) -> i32 { a }\n//// nor this\nlet x = 1; /// trailing\n";
        assert_eq!(docs(source), "Adds.\n\n## pub fn add(a: i32) -> i32\n\nSums two numbers.\n\n### Errors\nNone.\n");
    }

    #[test]
    fn blocks_lose_their_stars() {
        assert_eq!(
            docs("/**\n * One.\n * Two.\n */\nint f(void);\n/** Short. */ int g;\n"),
            "\n## int f(void)\n\n\nOne.\nTwo.\nShort.\n"
        );
    }

    #[test]
    fn code_without_documentation_gives_nothing() {
        assert_eq!(docs("fn main() { println!(\"/// no\"); }"), "");
    }
}
