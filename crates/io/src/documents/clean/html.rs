//! HTML to Markdown-like text in one pass: tags go, headings become `#` lines, list items `- ` lines; scripts, styles,
//! navigation and comments are left out. No tree is built, so broken markup costs nothing but its own place.

use serde_json::{Map, Value};
use vectory_text::TextFormat;

use super::{Clean, entities};

/// Elements whose content nobody reads as text.
const SILENT: [&str; 9] = ["script", "style", "template", "svg", "math", "nav", "iframe", "noscript", "select"];
/// Elements that end a line of text before and after.
const BLOCKS: [&str; 30] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "thead",
    "tbody",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "form",
    "fieldset",
    "hr",
    "address",
    "details",
    "summary",
    "body",
    "head",
    "html",
];

pub fn clean(html: &str) -> Clean {
    let mut w = Writer::default();
    let mut at = 0;
    while let Some(p) = html[at..].find('<') {
        w.text(&html[at..at + p]);
        at = w.markup(html, at + p);
    }
    w.text(&html[at..]);
    w.finish()
}

#[derive(Default)]
struct Writer {
    out: String,
    title: String,
    fields: Map<String, Value>,
    in_title: bool,
    pre: usize,
    /// Line ends to be written before the next word.
    breaks: usize,
    space: bool,
}

impl Writer {
    /// Handles what begins at `<` and gives the place behind it.
    fn markup(&mut self, html: &str, at: usize) -> usize {
        let rest = &html[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.find("-->").map_or(html.len(), |e| at + 4 + e + 3);
        }
        let second = rest.as_bytes().get(1).copied().unwrap_or(b' ');
        let begins = second.is_ascii_alphabetic() || b"/!?".contains(&second);
        let Some(end) = tag_end(rest).filter(|_| begins).map(|length| at + length) else {
            self.text("<");
            return at + 1;
        };
        let tag = &rest[1..end - at].trim_end_matches('>');
        let (close, tag) = tag.strip_prefix('/').map_or((false, *tag), |t| (true, t));
        let name_end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
        let name = tag[..name_end].to_ascii_lowercase();
        if !close && SILENT.contains(&name.as_str()) {
            return if tag.ends_with('/') { end } else { end + skip_element(&html[end..], &name) };
        }
        self.element(&name, close, &tag[name_end..]);
        end
    }

    fn element(&mut self, name: &str, close: bool, attributes: &str) {
        match name {
            "title" => self.in_title = !close && self.title.is_empty(),
            "meta" => self.meta(attributes),
            "br" => self.line(1),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.line(2);
                if !close {
                    self.mark(&"######"[..usize::from(name.as_bytes()[1] - b'0')]);
                }
            }
            "li" => {
                self.line(1);
                if !close {
                    self.mark("-");
                }
            }
            "td" | "th" => self.space = true,
            "pre" => self.fence(close),
            "p" | "table" | "ul" | "ol" | "blockquote" => self.line(2),
            _ if BLOCKS.contains(&name) => self.line(1),
            _ => {}
        }
    }

    /// Preformatted text stands between fences, so that a `#` in it is no heading.
    fn fence(&mut self, close: bool) {
        if close && self.pre == 0 {
            return;
        }
        self.pre = if close { self.pre - 1 } else { self.pre + 1 };
        if close && self.pre == 0 {
            self.out.truncate(self.out.trim_end_matches('\n').len());
            self.line(1);
            self.flush();
            self.out.push_str("```");
            self.line(2);
        } else if !close && self.pre == 1 {
            self.line(2);
            self.flush();
            self.out.push_str("```\n");
        }
    }

    fn meta(&mut self, attributes: &str) {
        let name = attribute(attributes, "name").or_else(|| attribute(attributes, "property")).unwrap_or_default();
        let key = match name.to_ascii_lowercase().as_str() {
            "description" => "description",
            "author" => "author",
            "keywords" => "keywords",
            "date" | "article:published_time" => "date",
            _ => return,
        };
        if let Some(content) = attribute(attributes, "content").filter(|c| !c.is_empty()) {
            self.fields.insert(key.to_owned(), Value::String(content));
        }
    }

    fn line(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    /// A sign at the start of a line, such as `##`.
    fn mark(&mut self, sign: &str) {
        self.flush();
        self.out.push_str(sign);
        self.space = true;
    }

    fn flush(&mut self) {
        if self.breaks > 0 {
            let have = self.out.bytes().rev().take_while(|b| *b == b'\n').count();
            if !self.out.is_empty() {
                (have..self.breaks).for_each(|_| self.out.push('\n'));
            }
            (self.breaks, self.space) = (0, false);
        }
        if self.space {
            if !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
                self.out.push(' ');
            }
            self.space = false;
        }
    }

    fn text(&mut self, mut text: &str) {
        while let Some(p) = text.find('&') {
            self.plain(&text[..p]);
            text = &text[p..];
            let (c, length) = entities::decode(text).unwrap_or(('&', 1));
            // A space that does not break is a space to a reader.
            let mut utf8 = [0; 4];
            self.plain(if c == '\u{a0}' { " " } else { c.encode_utf8(&mut utf8) });
            text = &text[length..];
        }
        self.plain(text);
    }

    fn plain(&mut self, text: &str) {
        if self.in_title {
            self.title.push_str(text);
        } else if self.pre > 0 {
            if !text.is_empty() {
                self.flush();
                self.out.push_str(text);
            }
        } else {
            for (i, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
                self.space |= i > 0;
                if !word.is_empty() {
                    self.flush();
                    self.out.push_str(word);
                }
            }
        }
    }

    fn finish(self) -> Clean {
        let mut title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            let heading = self.out.lines().find(|l| l.starts_with('#'));
            title = heading.map(|l| l.trim_start_matches('#').trim().to_owned()).unwrap_or_default();
        }
        let text = self.out.trim_end().to_owned();
        Clean { title, text, format: TextFormat::Markdown, fields: self.fields }
    }
}

/// The length of a tag that begins `text`, quotes respected; a quote that never ends is taken for none. Nothing for what has
/// no end within 64 KiB: that is text.
fn tag_end(text: &str) -> Option<usize> {
    let window = &text.as_bytes()[..text.len().min(1 << 16)];
    let mut quote = None;
    for (i, b) in window.iter().enumerate().skip(1) {
        match (quote, *b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') if window[i - 1] == b'=' => quote = Some(*b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    window.iter().position(|b| *b == b'>').map(|p| p + 1)
}

/// How far to go to be behind the end tag of `name`, nested elements of the same name counted.
fn skip_element(text: &str, name: &str) -> usize {
    let (mut depth, mut at) = (1, 0);
    while let Some(p) = text[at..].find('<') {
        let rest = &text[at + p + 1..];
        let (close, rest) = rest.strip_prefix('/').map_or((false, rest), |r| (true, r));
        let same = rest.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
            && !rest.as_bytes().get(name.len()).is_some_and(u8::is_ascii_alphanumeric);
        at += p + 1;
        if same && close {
            depth -= 1;
            if depth == 0 {
                return text[at..].find('>').map_or(text.len(), |e| at + e + 1);
            }
        } else if same && name != "script" && name != "style" {
            depth += 1;
        }
    }
    text.len()
}

/// The value of an attribute in what follows a tag's name.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let start = lower.match_indices(name).find_map(|(i, _)| {
        let free = i == 0 || lower.as_bytes()[i - 1].is_ascii_whitespace();
        let after = lower[i + name.len()..].trim_start();
        (free && after.starts_with('=')).then(|| attributes.len() - after.len() + 1)
    })?;
    let value = attributes[start..].trim_start();
    let raw = match value.chars().next()? {
        q @ ('"' | '\'') => value[1..].split(q).next()?,
        _ => value.split(|c: char| c.is_ascii_whitespace()).next()?,
    };
    let mut w = Writer::default();
    w.text(raw);
    Some(w.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_text_with_headings() {
        let c = clean(
            "<!doctype html><html><head><title>My &amp; Page</title><meta name=\"author\" content='Ann &lt;a&gt;'>\
             <style>p { color: red }</style></head><body><nav>Home<nav>x</nav></nav><h1 class=\"a>b\">Big <em>news</em></h1>\
             <p>One\n   two&nbsp;<b>thr</b>ee.</p><!-- no --><ul><li>first<li>second</ul><script>if (a < b) { x(); }</script>\
             <h2>More</h2><pre>a  b\n# c\n</pre><table><tr><td>1</td><td>2</td></tr></table></body></html>",
        );
        assert_eq!(c.title, "My & Page");
        assert_eq!(c.fields["author"], "Ann <a>");
        assert_eq!(c.format, TextFormat::Markdown);
        let want = "# Big news\n\nOne two three.\n\n- first\n- second\n\n## More\n\n```\na  b\n# c\n```\n\n1 2";
        assert_eq!(c.text, want);
    }

    #[test]
    fn broken_markup_keeps_its_text() {
        assert_eq!(clean("a < b and c <d").text, "a < b and c <d");
        assert_eq!(clean("<p>x<!-- open").text, "x");
        assert_eq!(clean("<script>never closed").text, "");
        assert_eq!(clean("<h1>T</h1>x").title, "T");
        assert_eq!(clean("<a href=\"x>y\">in</a>").text, "in");
        assert_eq!(clean("<a title='open>text").text, "text");
        assert_eq!(clean("tail<").text, "tail<");
        assert_eq!(clean("<é").text, "<é");
    }
}
