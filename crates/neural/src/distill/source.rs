//! Training text as articles: a paragraph a line, `= Title =` begins an article, an empty line ends it.

use std::io::BufRead;

use super::pieces::Article;

/// Paragraphs of a part of an untitled text (a novel): parts are drawn apart from each other.
const PART: usize = 40;

/// Reads articles from text lines. Plain text without titles gives untitled parts.
///
/// # Errors
/// Each item, when the text cannot be read or is not UTF-8.
pub fn articles(text: impl BufRead) -> impl Iterator<Item = std::io::Result<Article>> {
    let mut lines = text.lines();
    let mut next = Article::default();
    let mut over = false;
    std::iter::from_fn(move || {
        while !over {
            let Some(line) = lines.next() else {
                over = true;
                break;
            };
            let line = match line {
                Ok(line) => line,
                Err(e) => {
                    over = true;
                    return Some(Err(e));
                }
            };
            let line = line.trim();
            if let Some(title) = title(line) {
                let done = std::mem::replace(&mut next, Article { title, paragraphs: Vec::new() });
                if !done.paragraphs.is_empty() || !done.title.is_empty() {
                    return Some(Ok(done));
                }
            } else if !line.is_empty() {
                let full = next.title.is_empty() && next.paragraphs.len() >= PART;
                let done = full.then(|| std::mem::take(&mut next));
                next.paragraphs.push(line.to_owned());
                if let Some(done) = done {
                    return Some(Ok(done));
                }
            }
        }
        let last = std::mem::take(&mut next);
        (!last.paragraphs.is_empty() || !last.title.is_empty()).then_some(Ok(last))
    })
}

/// The title in a line `= Title =`. A name with an underscore is a file's, not text: such an article has no title.
fn title(line: &str) -> Option<String> {
    let title = line.strip_prefix("= ")?.strip_suffix(" =")?;
    Some(if title.contains('_') { String::new() } else { title.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_begin_articles_and_untitled_text_is_parted() {
        let text = format!("= One =\na\nb\n\n= file_name =\n{}", "x\n".repeat(PART + 2));
        let got: Vec<Article> = articles(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(got[0], Article { title: "One".into(), paragraphs: vec!["a".into(), "b".into()] });
        assert_eq!((got[1].title.as_str(), got[1].paragraphs.len()), ("", PART));
        assert_eq!((got.len(), got[2].paragraphs.len()), (3, 2));
    }

    #[test]
    fn bad_text_is_an_error() {
        assert!(articles(&b"ok\n\xff\xfe\n"[..]).any(|a| a.is_err()));
    }
}
