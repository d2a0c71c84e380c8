//! Asking for memory before it is used.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks the processor to fetch a cache line. Any address may be given.
#[inline(always)]
pub fn fetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint; it reads and changes nothing that the program sees, and an address outside of any memory is passed over. SSE
        // is part of the architecture.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Asks the processor to fetch the cache lines of `at`, `at + 64`, … of `bytes` bytes. Any address may be given.
#[inline(always)]
pub fn fetch_bytes(at: *const u8, bytes: usize) {
    for start in (0..bytes).step_by(LINE) {
        fetch(at.wrapping_add(start));
    }
}
