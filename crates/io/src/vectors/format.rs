//! The forms of vector files, and how to tell them.

use std::io::BufRead;
use std::path::Path;

use super::{Element, VectorError};
use crate::stream::{self, Compression};

/// A form of vector file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// NumPy array.
    Npy,
    /// NumPy archive of arrays.
    Npz,
    /// TEXMEX f32.
    Fvecs,
    /// TEXMEX i32.
    Ivecs,
    /// TEXMEX u8.
    Bvecs,
    /// big-ann f32.
    Fbin,
    /// big-ann u8.
    U8bin,
    /// big-ann i8.
    I8bin,
    /// big-ann i32.
    Ibin,
    /// safetensors.
    Safetensors,
    /// Parquet with a list column.
    Parquet,
    /// word2vec text: header line, then name and values a line.
    Word2VecText,
    /// word2vec binary.
    Word2VecBinary,
    /// GloVe text: name and values a line.
    Glove,
    /// Values between tabs.
    Tsv,
    /// pymagnitude's SQLite table.
    Magnitude,
    /// HDF5 with a dataset of two dimensions; read only.
    Hdf5,
}

const NAMES: [(Format, &str, &[&str]); 17] = [
    (Format::Npy, "npy", &["npy"]),
    (Format::Npz, "npz", &["npz"]),
    (Format::Fvecs, "fvecs", &["fvecs"]),
    (Format::Ivecs, "ivecs", &["ivecs"]),
    (Format::Bvecs, "bvecs", &["bvecs"]),
    (Format::Fbin, "fbin", &["fbin"]),
    (Format::U8bin, "u8bin", &["u8bin"]),
    (Format::I8bin, "i8bin", &["i8bin"]),
    (Format::Ibin, "ibin", &["ibin"]),
    (Format::Safetensors, "safetensors", &["safetensors"]),
    (Format::Parquet, "parquet", &["parquet", "pq"]),
    (Format::Word2VecText, "word2vec", &["vec", "w2v"]),
    (Format::Word2VecBinary, "word2vec-binary", &["bin"]),
    (Format::Glove, "glove", &["glove"]),
    (Format::Tsv, "tsv", &["tsv", "tab"]),
    (Format::Magnitude, "magnitude", &["magnitude"]),
    (Format::Hdf5, "hdf5", &["hdf5", "h5"]),
];

impl Format {
    /// Every form's name, as options take it.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name, _)| *name)
    }

    /// The form's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(f, _, _)| *f == self).map_or("", |(_, name, _)| name)
    }

    /// Tells the form of a file that is there: by its name; `.txt` and `.bin` also by their first bytes.
    ///
    /// # Errors
    /// [`VectorError::Unknown`] with the names that are known.
    pub fn detect(path: &Path) -> Result<Self, VectorError> {
        match Self::of_extension(path) {
            Some(format) => Ok(format),
            None if extension(path).as_deref() == Some("txt") => Self::of_first_line(path),
            None => Err(unknown(path)),
        }
    }

    /// Tells the form of a file to be written by its name; `.txt` is word2vec text.
    ///
    /// # Errors
    /// As [`Format::detect`].
    pub fn of_target(path: &Path) -> Result<Self, VectorError> {
        match Self::of_extension(path) {
            Some(format) => Ok(format),
            None if extension(path).as_deref() == Some("txt") => Ok(Self::Word2VecText),
            None => Err(unknown(path)),
        }
    }

    fn of_extension(path: &Path) -> Option<Self> {
        let extension = extension(path)?;
        NAMES.iter().find(|(_, _, all)| all.contains(&extension.as_str())).map(|(f, _, _)| *f)
    }

    /// word2vec text begins with two whole numbers, GloVe text with a name and values.
    fn of_first_line(path: &Path) -> Result<Self, VectorError> {
        let mut input = stream::open(path, None)?;
        let head = input.fill_buf()?;
        let line = head.split(|b| *b == b'\n').next().unwrap_or(head);
        if line.contains(&b'\t') {
            return Ok(Self::Tsv);
        }
        let mut fields = line.split(u8::is_ascii_whitespace).filter(|f| !f.is_empty());
        let number = |f: Option<&[u8]>| f.is_some_and(|f| f.iter().all(u8::is_ascii_digit));
        let header = number(fields.next()) && number(fields.next()) && fields.next().is_none();
        Ok(if header { Self::Word2VecText } else { Self::Glove })
    }

    /// The numbers of a file to be written: those asked for if the form can hold them.
    pub(super) fn element(self, path: &Path, asked: Option<Element>) -> Result<Element, VectorError> {
        let fixed = match self {
            Self::Npy | Self::Npz | Self::Safetensors => return Ok(asked.unwrap_or(Element::F32)),
            Self::Bvecs | Self::U8bin => Element::U8,
            Self::I8bin => Element::I8,
            Self::Ivecs | Self::Ibin => Element::I32,
            _ => Element::F32,
        };
        match asked {
            Some(other) if other != fixed => {
                let why = format!("a {} file holds {} and not {}", self.name(), fixed.name(), other.name());
                Err(VectorError::Unknown { path: path.to_owned(), why })
            }
            _ => Ok(fixed),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        NAMES.iter().find(|(_, name, _)| *name == text).map(|(f, _, _)| *f).ok_or_else(|| {
            format!("unknown form `{text}`, expected one of {}", Self::names().collect::<Vec<_>>().join(", "))
        })
    }
}

/// The extension under `.gz` and `.zst`, in lower case.
fn extension(path: &Path) -> Option<String> {
    let (_, inner) = Compression::of(path);
    inner.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase)
}

fn unknown(path: &Path) -> VectorError {
    let known: Vec<String> = NAMES.iter().flat_map(|(_, _, all)| all.iter().map(|e| format!(".{e}"))).collect();
    let why = format!("the name does not tell the form; expected one of {}, .txt (also .gz, .zst)", known.join(", "));
    VectorError::Unknown { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_forms() {
        assert_eq!(Format::of_target(Path::new("a/X.NPY.zst")).unwrap(), Format::Npy);
        assert_eq!(Format::of_target(Path::new("v.txt")).unwrap(), Format::Word2VecText);
        assert!(Format::of_target(Path::new("v.doc")).unwrap_err().to_string().contains(".fvecs"));
        for (format, name, _) in NAMES {
            assert_eq!(name.parse::<Format>().unwrap(), format);
        }
    }

    #[test]
    fn first_lines_tell_text_forms() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.txt");
        for (text, want) in
            [("2 3\na 1 2 3\n", Format::Word2VecText), ("the 0.1 0.2\n", Format::Glove), ("1\t2\n", Format::Tsv)]
        {
            fs_err::write(&path, text).unwrap();
            assert_eq!(Format::detect(&path).unwrap(), want);
        }
    }

    #[test]
    fn forms_refuse_foreign_elements() {
        let p = Path::new("x");
        assert_eq!(Format::Npy.element(p, Some(Element::F16)).unwrap(), Element::F16);
        assert_eq!(Format::Bvecs.element(p, None).unwrap(), Element::U8);
        assert!(Format::Fvecs.element(p, Some(Element::U8)).unwrap_err().to_string().contains("holds f32 and not u8"));
    }
}
