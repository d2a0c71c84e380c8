//! The server: HTTP interfaces over spaces.
#![forbid(unsafe_code)]

use vectory_core::registry::Method;

/// The published methods that live here.
pub const METHODS: &[Method] = &[];
