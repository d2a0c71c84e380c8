//! Transforms: vectors become better vectors.
#![forbid(unsafe_code)]

use vectory_core::registry::Method;

/// The published methods that live here.
pub const METHODS: &[Method] = &[];
