//! What kind of text a file holds.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The form of a text: decides where its headings are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextFormat {
    /// Paragraphs and nothing else.
    #[default]
    Plain,
    /// Markdown: `#` and underlined headings, fenced code.
    Markdown,
    /// HTML.
    Html,
    /// reStructuredText: underlined titles.
    Rst,
    /// TeX and LaTeX: `\section{…}`.
    Tex,
    /// Program source: items separated by blank lines.
    Code,
}

const EXTENSIONS: &[(TextFormat, &[&str])] = &[
    (TextFormat::Plain, &["txt", "text", "log", "adoc", "asciidoc", "org"]),
    (TextFormat::Markdown, &["md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd"]),
    (TextFormat::Html, &["html", "htm", "xhtml"]),
    (TextFormat::Rst, &["rst", "rest"]),
    (TextFormat::Tex, &["tex", "latex", "sty", "cls", "bib"]),
    (
        TextFormat::Code,
        &[
            "rs", "py", "pyi", "js", "mjs", "cjs", "ts", "tsx", "jsx", "c", "h", "cc", "cpp", "cxx", "hh", "hpp",
            "hxx", "java", "kt", "kts", "scala", "go", "rb", "php", "swift", "m", "mm", "cs", "fs", "vb", "lua", "pl",
            "pm", "r", "jl", "hs", "ml", "mli", "ex", "exs", "erl", "clj", "cljs", "lisp", "el", "scm", "sh", "bash",
            "zsh", "fish", "ps1", "bat", "sql", "zig", "nim", "d", "dart", "v", "vhd", "sv", "asm", "s", "cu", "cl",
            "glsl", "wgsl", "toml", "yaml", "yml", "ini", "cfg", "conf", "cmake", "mk", "gradle", "proto", "css",
            "scss", "less", "vue", "svelte", "json", "xml",
        ],
    ),
];

impl TextFormat {
    /// The form that a file extension (without dot, any case) stands for; `None` for unknown ones.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        let lower = extension.to_ascii_lowercase();
        EXTENSIONS.iter().find(|(_, list)| list.contains(&lower.as_str())).map(|(format, _)| *format)
    }

    /// The form that a file's name stands for; `None` where the name does not tell.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
            return Self::from_extension(extension);
        }
        match path.file_name().and_then(|n| n.to_str())? {
            "Makefile" | "Dockerfile" | "Rakefile" | "Gemfile" | "Justfile" | "justfile" => Some(Self::Code),
            "README" | "LICENSE" | "COPYING" | "NEWS" | "CHANGES" | "AUTHORS" | "NOTICE" => Some(Self::Plain),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_form() {
        let of = |name: &str| TextFormat::from_path(Path::new(name));
        assert_eq!(of("a/README.MD"), Some(TextFormat::Markdown));
        assert_eq!(of("lib.rs"), Some(TextFormat::Code));
        assert_eq!(of("x/Makefile"), Some(TextFormat::Code));
        assert_eq!(of("photo.jpeg"), None);
    }

    #[test]
    fn no_extension_stands_for_two_forms() {
        let mut all: Vec<&str> = EXTENSIONS.iter().flat_map(|(_, list)| list.iter().copied()).collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
    }
}
