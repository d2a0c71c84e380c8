//! The tutorials run, with the real binary.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::path::Path;
use std::process::Command;

fn runs(name: &str, says: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let out = Command::new("bash").arg(script).env("VECTORY", env!("CARGO_BIN_EXE_vectory")).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{name}:\n{text}\n{}", String::from_utf8_lossy(&out.stderr));
    for s in says {
        assert!(text.contains(s), "{name} does not say `{s}`:\n{text}");
    }
}

#[test]
fn notes() {
    runs("notes.sh", &["tax.txt", "garden.md", "1 changed", "nothing is wrong"]);
}

#[test]
fn vectors() {
    runs("vectors.sh", &["48 rows × 256", "IsoScore", "nearest.ivecs", "rows.safetensors"]);
}

#[test]
fn evaluate() {
    runs("evaluate.sh", &["meaning", "fused", "ndcg@10", "recall@100"]);
}

#[test]
fn words() {
    runs(
        "words.sh",
        &[
            "phrases",
            "words.safetensors",
            "words.vec",
            "2 rows × 50",
            "bank#0",
            "meaning by sent2vec",
            "learned here by sent2vec",
        ],
    );
}

#[test]
fn good_vectors() {
    runs(
        "good-vectors.sh",
        &[
            "What would help",
            "whiten:zipf",
            "288 rows × 32",
            "doubtful labels",
            "rows that raise it most",
            "New rows",
            "before.html",
            "blind.npy",
        ],
    );
}

#[test]
fn counts() {
    runs(
        "counts.sh",
        &["pairs of", "counted in", "bus\n", "difference of the cosines", "mine", "words moved", "context words"],
    );
}

#[test]
fn classify() {
    runs("classify.sh", &["precision@1 1.0000", "return 0.", "delivery 1.", "bytes.safetensors"]);
}

#[test]
fn topics() {
    runs("topics.sh", &["topics", "60 food", "60 sport", "60 money", "NPMI", "180 rows", "2 rows × 20"]);
}
