//! TeX, lightly: comments and the preamble go; `\section{…}` and prose stay.

use vectory_text::TextFormat;

use super::Clean;

pub fn clean(text: &str) -> Clean {
    let mut bare = String::with_capacity(text.len());
    for line in text.lines() {
        let kept = uncommented(line);
        // A line that is only a comment leaves no empty line behind, which would end a paragraph.
        if kept.trim().is_empty() && kept.len() < line.len() {
            continue;
        }
        bare.push_str(kept);
        bare.push('\n');
    }
    let title = argument(&bare, "\\title").unwrap_or_default();
    let body = bare.split_once("\\begin{document}").map_or(bare.as_str(), |(_, body)| body);
    let body = body.split_once("\\end{document}").map_or(body, |(body, _)| body);
    let mut out = String::with_capacity(body.len());
    for line in body.lines().filter(|l| !is_setup(l.trim_start())) {
        out.push_str(line);
        out.push('\n');
    }
    Clean { title, text: out, format: TextFormat::Tex, fields: serde_json::Map::new() }
}

/// The line up to an unescaped `%`.
fn uncommented(line: &str) -> &str {
    let mut escaped = false;
    for (i, b) in line.bytes().enumerate() {
        match b {
            b'%' if !escaped => return &line[..i],
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    line
}

fn is_setup(line: &str) -> bool {
    const COMMANDS: [&str; 14] = [
        "\\documentclass",
        "\\usepackage",
        "\\RequirePackage",
        "\\newcommand",
        "\\renewcommand",
        "\\providecommand",
        "\\newtheorem",
        "\\setlength",
        "\\bibliographystyle",
        "\\bibliography{",
        "\\maketitle",
        "\\tableofcontents",
        "\\input{",
        "\\label{",
    ];
    COMMANDS.iter().any(|c| line.starts_with(c))
}

/// What stands in braces behind a command, braces balanced, commands inside dropped.
fn argument(text: &str, command: &str) -> Option<String> {
    let rest = &text[text.find(command)? + command.len()..];
    let rest = rest.trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let end = rest.char_indices().find_map(|(i, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(i)
    })?;
    let words: Vec<&str> =
        rest[..end].split([' ', '\n', '{', '}', '~']).filter(|w| !w.is_empty() && !w.starts_with('\\')).collect();
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_preamble_go() {
        let c = clean(
            "% hidden\n\\documentclass{article}\n\\title{On \\emph{Good} Vectors}\n\\begin{document}\n\\maketitle\n\\section{One} % x\nfive 5\\% of % secret\n% whole line\nrows\n\\end{document}\njunk\n",
        );
        assert_eq!(c.title, "On Good Vectors");
        assert_eq!(c.text.trim(), "\\section{One} \nfive 5\\% of \nrows");
    }

    #[test]
    fn a_part_without_preamble_stays() {
        assert_eq!(clean("\\section{A}\ntext\n").text, "\\section{A}\ntext\n");
    }
}
