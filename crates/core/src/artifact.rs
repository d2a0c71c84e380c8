//! Anything fitted and saved: one `.safetensors` file whose metadata says what it is.
//!
//! Metadata keys: `vectory.kind` (`static-encoder`, `pca`, …), `vectory.version` (of that kind's form), `vectory.params`
//! (JSON), `vectory.provenance` (JSON: recipe, seed, data hash, date), `vectory.sums` (JSON: a crc32c for each tensor; absent in
//! older files). Any safetensors reader opens the tensors.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, View};
use thiserror::Error;

use crate::vectors::Vectors;

/// Why an artifact could not be written or read.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Not a safetensors file, or a damaged one.
    #[error("{path}: not a readable safetensors file ({why})")]
    Format {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        why: String,
    },
    /// A file of another kind or a newer version.
    #[error("{path}: holds {found}, expected {expected}")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What is in it.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// A tensor is missing or has another type or shape.
    #[error("{path}: tensor `{name}` {why}")]
    Tensor {
        /// The file.
        path: PathBuf,
        /// Which tensor.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A tensor to be written.
pub struct TensorOut<'a> {
    /// Its name.
    pub name: &'a str,
    /// Element type.
    pub dtype: Dtype,
    /// Shape.
    pub shape: Vec<usize>,
    /// Little-endian bytes.
    pub bytes: &'a [u8],
}

impl<'a> TensorOut<'a> {
    /// An f32 tensor.
    #[must_use]
    pub fn f32(name: &'a str, shape: Vec<usize>, values: &'a [f32]) -> Self {
        Self { name, dtype: Dtype::F32, shape, bytes: bytemuck::cast_slice(values) }
    }

    /// An i8 tensor.
    #[must_use]
    pub fn i8(name: &'a str, shape: Vec<usize>, values: &'a [i8]) -> Self {
        Self { name, dtype: Dtype::I8, shape, bytes: bytemuck::cast_slice(values) }
    }

    /// A u32 tensor: ids.
    #[must_use]
    pub fn u32(name: &'a str, values: &'a [u32]) -> Self {
        Self { name, dtype: Dtype::U32, shape: vec![values.len()], bytes: bytemuck::cast_slice(values) }
    }

    /// A u64 tensor: offsets, counts.
    #[must_use]
    pub fn u64(name: &'a str, values: &'a [u64]) -> Self {
        Self { name, dtype: Dtype::U64, shape: vec![values.len()], bytes: bytemuck::cast_slice(values) }
    }

    /// A byte tensor: texts, vocabularies.
    #[must_use]
    pub fn u8(name: &'a str, values: &'a [u8]) -> Self {
        Self { name, dtype: Dtype::U8, shape: vec![values.len()], bytes: values }
    }
}

/// What an artifact says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What it is: `static-encoder`, `pca`, …
    pub kind: String,
    /// Version of that kind's form.
    pub version: u32,
    /// Its parameters.
    pub params: serde_json::Value,
    /// Where it comes from: recipe, seed, data hash, date.
    pub provenance: serde_json::Value,
}

/// Writes an artifact: to a temporary file beside it, synced, then renamed, so that a reader sees the old or the new.
///
/// # Errors
/// When the file cannot be written; what was at `path` stays.
pub fn save(path: &Path, card: &Card, tensors: &[TensorOut<'_>]) -> Result<(), ArtifactError> {
    let bad = |why: &dyn std::fmt::Display| ArtifactError::Format { path: path.to_owned(), why: why.to_string() };
    let views = tensors
        .iter()
        .map(|t| TensorView::new(t.dtype, t.shape.clone(), t.bytes).map(|v| (t.name, v)).map_err(|e| bad(&e)))
        .collect::<Result<Vec<_>, _>>()?;
    save_views(path, card, views)
}

/// As [`save`], of anything that gives its bytes when it is asked: twice each, one tensor after the other, so that a table that is kept in
/// another form is never copied whole.
///
/// # Errors
/// As [`save`].
pub fn save_views<S: AsRef<str> + Ord + std::fmt::Display, V: View>(
    path: &Path,
    card: &Card,
    tensors: Vec<(S, V)>,
) -> Result<(), ArtifactError> {
    let sums: std::collections::BTreeMap<_, _> =
        tensors.iter().map(|(name, t)| (name.as_ref(), crc32c::crc32c(&t.data()))).collect();
    let meta = HashMap::from([
        ("vectory.kind".to_owned(), card.kind.clone()),
        ("vectory.version".to_owned(), card.version.to_string()),
        ("vectory.params".to_owned(), card.params.to_string()),
        ("vectory.provenance".to_owned(), card.provenance.to_string()),
        ("vectory.sums".to_owned(), serde_json::json!(sums).to_string()),
    ]);
    // Tensors go straight to the file: they may be mapped and larger than memory.
    replace(path, |tmp| safetensors::serialize_to_file(tensors, Some(meta), tmp).map_err(std::io::Error::other))
        .map_err(|e| std::io::Error::new(e.kind(), format!("{}: cannot be written: {e}", path.display())).into())
}

/// Writes a whole file so that a crash leaves the old content or the new, never a mixture; synced with its folder.
///
/// # Errors
/// When the file cannot be written; the error names it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    replace(path, |tmp| fs_err::write(tmp, bytes))
}

/// Lets `write` make a file beside `path`, then syncs and renames it.
fn replace(path: &Path, write: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".tmp{}", std::process::id()));
    let tmp = path.with_file_name(name);
    let make = || {
        write(&tmp)?;
        fs_err::OpenOptions::new().write(true).open(&tmp)?.sync_all()?;
        fs_err::rename(&tmp, path)
    };
    make().inspect_err(|_| {
        // The half-written file is ours alone; failing to remove it must not hide the first error.
        let _ = fs_err::remove_file(&tmp);
    })?;
    sync_folder(path)
}

/// A file of our own making, mapped for reading: scratch data that is to become a tensor.
///
/// # Errors
/// When it cannot be opened or mapped.
pub fn map(path: &Path) -> std::io::Result<Mmap> {
    let file = fs_err::File::open(path)?;
    if file.metadata()?.len() == 0 {
        return memmap2::MmapMut::map_anon(1)?.make_read_only();
    }
    // SAFETY: the caller has finished writing its own scratch file, which nobody else changes.
    unsafe { Mmap::map(&file) }
}

/// Makes a rename or a new file in the folder of `path` durable.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs_err::File::open(folder)?.sync_all()
}

/// An opened artifact, mapped: tensors are borrowed from the file.
pub struct Artifact {
    path: PathBuf,
    store: Store,
    card: Card,
}

/// Where the bytes are.
enum Store {
    Mapped(Arc<Mmap>),
    Embedded(&'static [u8]),
}

impl Store {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Embedded(bytes) => bytes,
        }
    }
}

impl Artifact {
    /// Opens any artifact of ours.
    ///
    /// # Errors
    /// [`ArtifactError`] when the file is missing, damaged or not ours.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        let file = fs_err::File::open(path)?;
        // SAFETY: artifacts are replaced by rename, never changed in place, so the mapped bytes do not change under us.
        // (A file cut by another program would raise SIGBUS, as with every map.)
        let map = unsafe { Mmap::map(&file)? };
        Self::read(path, Store::Mapped(Arc::new(map)))
    }

    /// An artifact that is part of the program (`include_bytes!`); `name` stands for the file in errors.
    ///
    /// # Errors
    /// [`ArtifactError::Format`] when the bytes are not an artifact of ours.
    pub fn embedded(name: &str, bytes: &'static [u8]) -> Result<Self, ArtifactError> {
        Self::read(Path::new(name), Store::Embedded(bytes))
    }

    fn read(path: &Path, store: Store) -> Result<Self, ArtifactError> {
        let bad = |why: String| ArtifactError::Format { path: path.to_owned(), why };
        let (_, head) = SafeTensors::read_metadata(store.bytes()).map_err(|e| bad(e.to_string()))?;
        SafeTensors::deserialize(store.bytes()).map_err(|e| bad(e.to_string()))?;
        let meta = head.metadata().clone().unwrap_or_default();
        let get = |key: &str| meta.get(key).cloned();
        let json = |key: &str| {
            serde_json::from_str(&get(key).unwrap_or_else(|| "null".into()))
                .map_err(|e| bad(format!("metadata `{key}`: {e}")))
        };
        let card = Card {
            kind: get("vectory.kind").ok_or_else(|| bad("no `vectory.kind` in its metadata".into()))?,
            version: get("vectory.version").and_then(|v| v.parse().ok()).unwrap_or(0),
            params: json("vectory.params")?,
            provenance: json("vectory.provenance")?,
        };
        Ok(Self { path: path.to_owned(), store, card })
    }

    /// Opens an artifact of one kind, up to a version that the caller reads.
    ///
    /// # Errors
    /// As [`Artifact::open`]; [`ArtifactError::Kind`] for another kind or a newer version.
    pub fn open_kind(path: &Path, kind: &str, version: u32) -> Result<Self, ArtifactError> {
        Self::open(path)?.expect_kind(kind, version)
    }

    /// The same artifact, if it is of this kind and not of a newer version.
    ///
    /// # Errors
    /// [`ArtifactError::Kind`] otherwise.
    pub fn expect_kind(self, kind: &str, version: u32) -> Result<Self, ArtifactError> {
        if self.card.kind == kind && self.card.version <= version {
            return Ok(self);
        }
        Err(ArtifactError::Kind {
            found: format!("`{}` version {}", self.card.kind, self.card.version),
            expected: format!("`{kind}` up to version {version}"),
            path: self.path,
        })
    }

    /// Checks every byte of every tensor, which reads the whole file; files without checksums pass.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] names the first that is not what was written.
    pub fn verify(&self) -> Result<(), ArtifactError> {
        let bad = |why: String| ArtifactError::Format { path: self.path.clone(), why };
        let (_, head) = SafeTensors::read_metadata(self.store.bytes()).map_err(|e| bad(e.to_string()))?;
        let Some(sums) = head.metadata().as_ref().and_then(|m| m.get("vectory.sums")) else { return Ok(()) };
        let sums: HashMap<String, u32> = serde_json::from_str(sums).map_err(|e| bad(format!("its checksums: {e}")))?;
        let all = SafeTensors::deserialize(self.store.bytes()).map_err(|e| bad(e.to_string()))?;
        let mut tensors = all.tensors();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, tensor) in tensors {
            if sums.get(&name) != Some(&crc32c::crc32c(tensor.data())) {
                let why = "is corrupted: its checksum does not match".to_owned();
                return Err(ArtifactError::Tensor { path: self.path.clone(), name, why });
            }
        }
        Ok(())
    }

    /// What it says of itself.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The shape and bytes of a tensor of the given type.
    ///
    /// # Errors
    /// [`ArtifactError::Tensor`] when it is missing or of another type.
    pub fn tensor(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, &[u8]), ArtifactError> {
        let bad = |why: String| ArtifactError::Tensor { path: self.path.clone(), name: name.to_owned(), why };
        let bytes = self.store.bytes();
        let all = SafeTensors::deserialize(bytes).map_err(|e| bad(e.to_string()))?;
        let t = all.tensor(name).map_err(|_| bad("is missing".into()))?;
        if t.dtype() != dtype {
            return Err(bad(format!("has type {:?}, expected {dtype:?}", t.dtype())));
        }
        let start = t.data().as_ptr() as usize - bytes.as_ptr() as usize;
        Ok((t.shape().to_vec(), &bytes[start..start + t.data().len()]))
    }

    /// The values of a byte tensor.
    ///
    /// # Errors
    /// As [`Artifact::tensor`].
    pub fn bytes(&self, name: &str) -> Result<&[u8], ArtifactError> {
        Ok(self.tensor(name, Dtype::U8)?.1)
    }

    /// Every f32 tensor: name, shape, values, in the order of the names.
    ///
    /// # Errors
    /// [`ArtifactError::Format`] when the file is damaged.
    pub fn f32_tensors(&self) -> Result<Vec<(String, Vec<usize>, Vec<f32>)>, ArtifactError> {
        let bad = |why: String| ArtifactError::Format { path: self.path.clone(), why };
        let all = SafeTensors::deserialize(self.store.bytes()).map_err(|e| bad(e.to_string()))?;
        let tensors = all.tensors().into_iter().filter(|(_, t)| t.dtype() == Dtype::F32);
        let mut out: Vec<_> =
            tensors.map(|(name, t)| (name, t.shape().to_vec(), bytemuck::pod_collect_to_vec(t.data()))).collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(out)
    }

    /// A tensor as a slice of its numbers, borrowed from the file.
    ///
    /// # Errors
    /// As [`Artifact::tensor`]; also when it does not lie aligned, which our own files do.
    pub fn slice<T: bytemuck::AnyBitPattern>(&self, name: &str, dtype: Dtype) -> Result<&[T], ArtifactError> {
        let (_, bytes) = self.tensor(name, dtype)?;
        bytemuck::try_cast_slice(bytes).map_err(|e| ArtifactError::Tensor {
            path: self.path.clone(),
            name: name.to_owned(),
            why: format!("cannot be read in place ({e}): write the file again"),
        })
    }

    /// A two-dimensional f32 tensor as rows, mapped where its place in the file allows, else copied.
    ///
    /// # Errors
    /// As [`Artifact::tensor`]; also when it has not two dimensions.
    pub fn rows(&self, name: &str) -> Result<Vectors, ArtifactError> {
        let (shape, bytes) = self.tensor(name, Dtype::F32)?;
        let bad = |why: String| ArtifactError::Tensor { path: self.path.clone(), name: name.to_owned(), why };
        let &[rows, dim] = shape.as_slice() else {
            return Err(bad(format!("has shape {shape:?}, expected two dimensions")));
        };
        if let Store::Mapped(map) = &self.store {
            let start = bytes.as_ptr() as usize - map.as_ptr() as usize;
            if let Ok(v) = Vectors::from_map(Arc::clone(map), start, rows, dim) {
                return Ok(v);
            }
        }
        let mut v = Vectors::zeros(rows, dim);
        bytemuck::cast_slice_mut(v.as_mut_slice()).copy_from_slice(bytes);
        Ok(v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            kind: "test".into(),
            version: 1,
            params: serde_json::json!({"k": 3}),
            provenance: serde_json::json!({"seed": 1}),
        }
    }

    #[test]
    fn saved_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let values: Vec<f32> = (0..12).map(|i| i as f32).collect();
        save(&path, &card(), &[TensorOut::f32("x", vec![4, 3], &values)]).unwrap();
        let a = Artifact::open_kind(&path, "test", 1).unwrap();
        assert_eq!(a.card(), &card());
        assert_eq!(a.rows("x").unwrap().as_slice(), values);
        assert!(matches!(a.rows("y"), Err(ArtifactError::Tensor { .. })));
        assert!(matches!(Artifact::open_kind(&path, "other", 1), Err(ArtifactError::Kind { .. })));
    }

    #[test]
    fn changed_values_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        save(&path, &card(), &[TensorOut::f32("x", vec![2], &[1.0, 2.0]), TensorOut::u8("y", &[7])]).unwrap();
        Artifact::open(&path).unwrap().verify().unwrap();
        let mut bytes = fs_err::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs_err::write(&path, bytes).unwrap();
        let message = Artifact::open(&path).unwrap().verify().unwrap_err().to_string();
        assert!(message.contains("a.safetensors: tensor `y` is corrupted"), "{message}");
    }

    #[test]
    fn cut_and_foreign_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        save(&path, &card(), &[TensorOut::f32("x", vec![2], &[1.0, 2.0])]).unwrap();
        let bytes = fs_err::read(&path).unwrap();
        for cut in [0, 7, 20, bytes.len() - 1] {
            fs_err::write(&path, &bytes[..cut]).unwrap();
            let err = Artifact::open(&path).map(|_| ()).unwrap_err().to_string();
            assert!(err.contains("a.safetensors"), "{err}");
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomic(&path, b"old").unwrap();
        assert!(write_atomic(&dir.path().join("no/such/folder"), b"new").is_err());
        assert_eq!(fs_err::read(&path).unwrap(), b"old");
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }
}
