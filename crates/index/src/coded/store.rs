//! A codec and its codes in an index file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_compress::state::{State, Tensor};
use vectory_compress::{AnyCodec, Codec, CodesRef};

use crate::file::{FileError, FileWriter, IndexFile, Region};

/// What the header of the file says of the codes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Described {
    rows: usize,
    codec: serde_json::Value,
    /// Names and shapes of the codec's arrays.
    tensors: Vec<(String, Vec<usize>)>,
}

/// A codec, and coded rows in an index file: mapped when the file is.
pub struct CodedRows {
    file: Arc<IndexFile>,
    codec: AnyCodec,
    rows: usize,
    primary: Region<u8>,
    secondary: Region<u8>,
}

impl CodedRows {
    /// Adds codec and codes to a file that is being made; what comes back goes into its header, for [`CodedRows::of`].
    #[must_use]
    pub fn write(file: &mut FileWriter, codec: &AnyCodec, codes: CodesRef<'_>) -> serde_json::Value {
        let state = codec.state();
        for t in &state.tensors {
            file.section(&section(&t.name), &t.values);
        }
        file.section("codes", codes.primary());
        file.section("codes.second", codes.secondary());
        let tensors = state.tensors.into_iter().map(|t| (t.name, t.shape)).collect();
        serde_json::json!(Described { rows: codes.rows(), codec: state.params, tensors })
    }

    /// Finds them again.
    ///
    /// # Errors
    /// [`FileError::Section`] when a part is missing or does not fit the others.
    pub fn of(file: Arc<IndexFile>, header: serde_json::Value) -> Result<Self, FileError> {
        let bad = |section: &str, why: String| FileError::section(file.path(), section, why);
        let described: Described = serde_json::from_value(header).map_err(|e| bad("header", e.to_string()))?;
        let mut state = State { params: described.codec, tensors: Vec::new() };
        for (name, shape) in described.tensors {
            let values = file.get(file.region::<f32>(&section(&name))?).to_vec();
            state.tensors.push(Tensor { name, shape, values });
        }
        let codec = AnyCodec::from_state(&state).map_err(|e| bad("codec", e.0))?;
        let (primary, secondary) = (file.region::<u8>("codes")?, file.region::<u8>("codes.second")?);
        CodesRef::new(codec.layout(), described.rows, file.get(primary), file.get(secondary))
            .map_err(|e| bad("codes", e.to_string()))?;
        Ok(Self { codec, rows: described.rows, primary, secondary, file })
    }

    /// What coded the rows.
    #[must_use]
    pub fn codec(&self) -> &AnyCodec {
        &self.codec
    }

    /// The coded rows.
    #[inline]
    #[must_use]
    pub fn codes(&self) -> CodesRef<'_> {
        let (primary, secondary) = (self.file.get(self.primary), self.file.get(self.secondary));
        match CodesRef::new(self.codec.layout(), self.rows, primary, secondary) {
            Ok(codes) => codes,
            Err(_) => unreachable!("the lengths were compared when the codes were found"),
        }
    }

    /// Bytes of the codes, both levels.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.primary.len() + self.secondary.len()
    }
}

fn section(tensor: &str) -> String {
    format!("codec.{tensor}")
}
