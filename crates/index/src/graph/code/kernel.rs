//! Scores of a batch of coded rows: one meaning, a shell for each instruction set.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Job` states the contract once")]

use std::sync::OnceLock;

use super::model::{CodeQuery, Codes};

pub(super) use crate::pool::BATCH;

/// What a kernel is given. Contract: all ids are rows of `codes`, there are at most [`BATCH`]; both planes of the query
/// cover whole lines of the codes; the bytes go on for a line behind the last record.
pub struct Job<'a> {
    pub codes: &'a [u8],
    pub stride: usize,
    pub query: &'a CodeQuery,
    pub ids: &'a [u32],
    pub floor: f32,
}

pub type Kernel = unsafe fn(&Job<'_>, &mut [f32; BATCH]) -> u64;

/// Every kernel that this CPU can run, the best last.
pub fn supported() -> Vec<(&'static str, Kernel)> {
    #[allow(unused_mut, reason = "other processors have the plain code only")]
    let mut all: Vec<(&'static str, Kernel)> = vec![("scalar", super::scalar::scores)];
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! has { ($($f:tt)*) => { $(std::arch::is_x86_feature_detected!($f))&&* }; }
        if has!("avx2" "fma") {
            all.push(("avx2", super::avx2::scores));
        }
        if has!("avx512f" "avx512bw" "avx512vl" "avx512dq" "avx512vnni") {
            all.push(("avx512", super::avx512::scores));
        }
    }
    all
}

/// The scores of at most [`BATCH`] rows into `out`; a bit for each that is above `floor`. Panics at a row that is not there.
#[inline]
pub fn scores(codes: &Codes<'_>, query: &CodeQuery, ids: &[u32], floor: f32, out: &mut [f32; BATCH]) -> u64 {
    static BEST: OnceLock<Kernel> = OnceLock::new();
    let kernel = BEST.get_or_init(|| supported().pop().map_or(super::scalar::scores, |k| k.1));
    let job = job(codes, query, ids, floor);
    // SAFETY: the kernel is of this CPU; `job` has checked the contract.
    unsafe { kernel(&job, out) }
}

#[inline]
pub fn job<'a>(codes: &Codes<'a>, query: &'a CodeQuery, ids: &'a [u32], floor: f32) -> Job<'a> {
    let covered = query.low.len().min(query.high.len()) >= codes.shape.half().next_multiple_of(64);
    let last = ids.iter().fold(0, |m, id| id.max(&m).to_owned()) as usize;
    assert!(
        ids.len() <= BATCH && covered && (last < codes.rows || ids.is_empty()),
        "row {last} of {} coded rows",
        codes.rows
    );
    Job { codes: codes.bytes, stride: codes.shape.stride(), query, ids, floor }
}
