//! BERT's word pieces (Wu et al., 2016; Devlin et al., 2018): the ids that Hugging Face's `tokenizers` gives, exactly.
//!
//! ASCII words go a short way: lower-cased, looked up whole in a memo of words met before. Everything else is normalized
//! as BERT does it. Cost: some 100 MB/s on one thread for English, a tenth of that for text met for the first time.

mod added;
mod load;
mod normalize;
mod params;
mod phrases;
mod tables;
mod vocab;

use std::path::Path;

pub use load::WordPieceError;
pub use params::WordPieceParams;
pub use phrases::PhraseTable;

use added::{AddedTokens, Part};

use crate::memo::{MAX_KEY, Memo, Span, hash};
use crate::pool::Pool;
use vocab::Vocab;

/// A word-piece tokenizer. Shared by threads.
pub struct WordPiece {
    params: WordPieceParams,
    vocab: Vocab,
    /// Looked for in the text as it is.
    added: AddedTokens,
    /// Looked for in the normalized text.
    added_normal: AddedTokens,
    /// The id of each ASCII punctuation mark.
    marks: [u32; 128],
    phrases: PhraseTable,
    scratch: Pool<Scratch>,
}

/// Working memory of one thread.
#[derive(Default)]
struct Scratch {
    memo: Memo,
    ids: Vec<u32>,
    word: String,
    spare: String,
    normal: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Word,
    Mark,
    /// Control and non-ASCII bytes: needs the normalizer.
    Other,
}

const CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Other; 256];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        if matches!(c, b' ' | b'\t' | b'\n' | b'\r') {
            table[b] = Class::Space;
        } else if c.is_ascii_alphanumeric() {
            table[b] = Class::Word;
        } else if c.is_ascii_punctuation() {
            table[b] = Class::Mark;
        }
        b += 1;
    }
    table
}

impl WordPiece {
    /// Reads Hugging Face's `tokenizer.json`.
    ///
    /// # Errors
    /// [`WordPieceError`] when it is not readable, or of another family than BERT's.
    pub fn from_tokenizer_json(path: &Path) -> Result<Self, WordPieceError> {
        let loaded = load::read(path)?;
        let (mut spare, mut normal) = (String::new(), String::new());
        let mut normalized = |token: &str| {
            normal.clear();
            normalize::normalize(token, &loaded.params, &mut spare, &mut normal);
            normal.clone()
        };
        let added_normal = loaded.added_normal.into_iter().map(|(t, id)| (normalized(&t), id)).collect();
        let vocab = Vocab::new(loaded.tokens, loaded.model, &loaded.params)?;
        let new = Self::new(vocab, loaded.params);
        Ok(Self { added: AddedTokens::new(loaded.added), added_normal: AddedTokens::new(added_normal), ..new })
    }

    /// A tokenizer over `tokens` (`tokens[id]`; an empty string is a hole). Of equal tokens the first counts.
    ///
    /// # Errors
    /// [`WordPieceError::NoUnknown`] when the unknown token is not among them.
    pub fn from_vocab(tokens: Vec<String>, params: WordPieceParams) -> Result<Self, WordPieceError> {
        let model = tokens.len();
        Ok(Self::new(Vocab::new(tokens, model, &params)?, params))
    }

    fn new(vocab: Vocab, params: WordPieceParams) -> Self {
        let marks = std::array::from_fn(|b| {
            let mark = (b as u8 as char).to_string();
            vocab.id(&mark).unwrap_or(vocab.unk)
        });
        Self {
            params,
            vocab,
            added: AddedTokens::default(),
            added_normal: AddedTokens::default(),
            marks,
            phrases: PhraseTable::default(),
            scratch: Pool::new(),
        }
    }

    /// The same tokenizer with whole words and phrases that come before pieces.
    #[must_use]
    pub fn with_phrases(mut self, phrases: PhraseTable) -> Self {
        self.phrases = phrases;
        self
    }

    /// Every token, by id.
    #[must_use]
    pub fn vocab(&self) -> &[String] {
        &self.vocab.tokens
    }

    /// The id of a token of the model or an added one.
    #[must_use]
    pub fn id(&self, token: &str) -> Option<u32> {
        self.vocab.id(token).or_else(|| self.added.id(token)).or_else(|| self.added_normal.id(token))
    }

    /// The id that stands for unknown words.
    #[must_use]
    pub fn unknown(&self) -> u32 {
        self.vocab.unk
    }

    /// The switches.
    #[must_use]
    pub fn params(&self) -> &WordPieceParams {
        &self.params
    }

    /// Appends the ids of `text` to `out`, without special tokens around them.
    pub fn encode_into(&self, text: &str, out: &mut Vec<u32>) {
        self.scratch.with(|scratch| self.text(text, scratch, out));
    }

    /// Calls `each` with the ids of every text, in order: cheaper than one call a text.
    pub fn encode_each<'a>(&self, texts: impl IntoIterator<Item = &'a str>, each: &mut impl FnMut(&[u32])) {
        self.scratch.with(|scratch| {
            let mut ids = Vec::new();
            for text in texts {
                ids.clear();
                self.text(text, scratch, &mut ids);
                each(&ids);
            }
        });
    }

    fn text(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        self.added.split(text, &mut |part| match part {
            Part::Token(id) => out.push(id),
            Part::Text(text) if !self.added_normal.is_empty() => self.normalized_first(text, scratch, out),
            Part::Text(text) if !self.phrases.is_empty() => self.phrases_of(text, scratch, out),
            Part::Text(text) => self.pieces_of(text, scratch, out),
        });
    }

    /// The way of vocabularies with tokens that are looked for in the normalized text: seldom, and slow.
    fn normalized_first(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        let Scratch { spare, normal, .. } = scratch;
        normal.clear();
        normalize::normalize(text, &self.params, spare, normal);
        self.added_normal.split(normal, &mut |part| match part {
            Part::Token(id) => out.push(id),
            Part::Text(text) => normalize::words(text, &mut |word| self.vocab.pieces(word, out)),
        });
    }

    /// The plain way: word by word.
    fn pieces_of(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        let bytes = text.as_bytes();
        let class = |i: usize| bytes.get(i).map_or(Class::Space, |b| CLASSES[usize::from(*b)]);
        let mut i = 0;
        while i < bytes.len() {
            let start = i;
            match class(i) {
                Class::Space => i += 1,
                Class::Mark => {
                    out.push(self.marks[usize::from(bytes[i])]);
                    i += 1;
                }
                Class::Word | Class::Other => {
                    while class(i) == Class::Word {
                        i += 1;
                    }
                    if class(i) != Class::Other {
                        self.ascii_word(&text[start..i], scratch, out);
                        continue;
                    }
                    while matches!(class(i), Class::Word | Class::Other) {
                        i += 1;
                    }
                    self.other_run(&text[start..i], scratch, out);
                }
            }
        }
    }

    fn ascii_word(&self, raw: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        let Scratch { memo, ids, word, .. } = scratch;
        word.clear();
        word.push_str(raw);
        if self.params.lowercase {
            word.make_ascii_lowercase();
        }
        self.remembered(word, memo, ids, out, |ids| self.vocab.pieces(word, ids));
    }

    /// A run between ASCII spaces and punctuation that holds something else than ASCII letters and digits.
    fn other_run(&self, raw: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        let Scratch { memo, ids, spare, normal, .. } = scratch;
        self.remembered(raw, memo, ids, out, |ids| {
            normal.clear();
            normalize::normalize(raw, &self.params, spare, normal);
            normalize::words(normal, &mut |word| self.vocab.pieces(word, ids));
        });
    }

    /// Appends what is kept for `key`, or what `make` appends to the arena; keeps it if short.
    #[inline]
    fn remembered(
        &self,
        key: &str,
        memo: &mut Memo,
        ids: &mut Vec<u32>,
        out: &mut Vec<u32>,
        make: impl FnOnce(&mut Vec<u32>),
    ) {
        let h = hash(key.as_bytes());
        if let Some(span) = memo.get_near(h, key.as_bytes()) {
            out.extend_from_slice(&ids[span.range()]);
            return;
        }
        if memo.is_full() {
            memo.clear();
            ids.clear();
        }
        let at = ids.len();
        make(ids);
        out.extend_from_slice(&ids[at..]);
        if key.len() <= MAX_KEY {
            memo.insert(h, key.as_bytes(), Span { at: at as u32, len: (ids.len() - at) as u16 });
        } else {
            ids.truncate(at);
        }
    }
}

impl std::fmt::Debug for WordPiece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WordPiece({} tokens)", self.vocab.tokens.len())
    }
}
