//! Codecs: vectors become few bytes, and the bytes are scored as they are.

use vectory_core::registry::Method;

/// The published methods that live here.
pub const METHODS: &[Method] = &[];
