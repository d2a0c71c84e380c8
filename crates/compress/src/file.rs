//! A codec with the rows that it coded, in one artifact.

use std::path::Path;

use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};

use crate::any::{card_state, tensors_out};
use crate::{AnyCodec, Codec, CodecError, Codes, CodesRef};

const KIND: &str = "codes";
const VERSION: u32 = 1;

/// Writes codec and codes: all or nothing.
///
/// # Errors
/// When the file cannot be written; what was at `path` stays.
pub fn save(
    path: &Path,
    codec: &AnyCodec,
    codes: CodesRef<'_>,
    provenance: serde_json::Value,
) -> Result<(), CodecError> {
    let state = codec.state();
    let params = serde_json::json!({ "rows": codes.rows(), "codec": state.params });
    let card = Card { kind: KIND.into(), version: VERSION, params, provenance };
    let mut tensors = tensors_out(&state);
    tensors.push(TensorOut::u8("codes", codes.primary()));
    tensors.push(TensorOut::u8("codes.second", codes.secondary()));
    Ok(artifact::save(path, &card, &tensors)?)
}

/// Reads what [`save`] wrote.
///
/// # Errors
/// When the file is missing, damaged (the tensor is named), of another kind, or its parts do not fit.
pub fn open(path: &Path) -> Result<(AnyCodec, Codes), CodecError> {
    let artifact = Artifact::open_kind(path, KIND, VERSION)?;
    artifact.verify()?;
    let bad = |why: String| ArtifactError::Format { path: path.to_owned(), why };
    let params = &artifact.card().params;
    let rows = params["rows"].as_u64().and_then(|n| usize::try_from(n).ok());
    let rows = rows.ok_or_else(|| bad("its number of rows is missing".into()))?;
    let state = card_state(&artifact, params["codec"].clone())?;
    let codec = AnyCodec::from_state(&state).map_err(|e| bad(e.0))?;
    let (primary, secondary) = (artifact.bytes("codes")?, artifact.bytes("codes.second")?);
    let view = CodesRef::new(codec.layout(), rows, primary, secondary).map_err(|e| bad(e.to_string()))?;
    Ok((codec, Codes::copy_of(view)))
}

#[cfg(test)]
mod tests {
    use vectory_core::{Context, Metric};

    use super::*;
    use crate::Spec;
    use crate::testing::cloud;

    fn saved(codec: &str) -> (tempfile::TempDir, std::path::PathBuf, Codes) {
        let ctx = Context::new(1, 1).unwrap();
        let rows = cloud(100, 12, 1);
        let codec = codec.parse::<Spec>().unwrap().fit(rows.view(), Metric::L2, &ctx).unwrap();
        let codes = codec.encode(rows.view(), &ctx).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.safetensors");
        save(&path, &codec, codes.view(), serde_json::Value::Null).unwrap();
        (dir, path, codes)
    }

    #[test]
    fn saved_is_opened() {
        for codec in ["LVQ4x8", "PQ4x4fs", "RaBitQ3", "Sign"] {
            let (_dir, path, codes) = saved(codec);
            let (opened, back) = open(&path).unwrap();
            assert_eq!(opened.name(), codec);
            assert_eq!(back.view().primary(), codes.view().primary());
            assert_eq!(back.view().secondary(), codes.view().secondary());
        }
    }

    #[test]
    fn damaged_files_are_refused_or_read_without_panic() {
        for codec in ["LVQ4x8", "PQ4x4fs", "RaBitQ3", "LeanVec4", "RQ2x4fs", "SQ8", "OPQ2,PQ2", "SQfp16"] {
            let (_dir, path, _) = saved(codec);
            let bytes = fs_err::read(&path).unwrap();
            for cut in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
                fs_err::write(&path, &bytes[..cut]).unwrap();
                let message = open(&path).map(|_| ()).unwrap_err().to_string();
                assert!(message.contains("c.safetensors"), "{message}");
            }
            for place in (0..bytes.len()).step_by(bytes.len() / 400 + 1) {
                let mut wrong = bytes.clone();
                wrong[place] ^= 0x55;
                fs_err::write(&path, &wrong).unwrap();
                // What says nothing of codec and codes (such as where the file comes from) has no checksum.
                if place > 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize {
                    let message = open(&path).map(|_| ()).unwrap_err().to_string();
                    assert!(message.contains("tensor `") && message.contains("is corrupted"), "{message}");
                }
                if let Ok((opened, codes)) = open(&path) {
                    let (mut scores, mut row) = (vec![0.0; codes.rows()], vec![0.0; opened.dim()]);
                    let query = opened.query(&vec![0.5; opened.dim()]);
                    opened.block(&query, codes.view(), 0, &mut scores);
                    (0..codes.rows() as u32).for_each(|id| opened.decode(codes.view(), id, &mut row));
                    let ids: Vec<u32> = (0..codes.rows() as u32).collect();
                    opened.rerank(&query, codes.view(), &ids, &mut scores);
                }
            }
        }
    }
}
