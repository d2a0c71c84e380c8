//! The claims of the methods that live here.

mod anisotropy;
mod erasure;
mod game;
mod hubs;
mod pooling;
mod reduce;
mod spaces;
mod stitch;
mod zipf;

use vectory_core::registry::Method;

pub(crate) const METHODS: &[Method] = &[
    anisotropy::METHOD,
    game::METHOD,
    zipf::METHOD,
    spaces::RELATIVE,
    pooling::METHOD,
    spaces::ALIGN,
    reduce::CONCEPTOR,
    erasure::METHOD,
    reduce::TLDR,
    hubs::METHOD,
];
