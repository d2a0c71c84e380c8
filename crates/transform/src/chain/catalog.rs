//! Every step by name: how its arguments are read, what it is for.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::FitTransform;
use crate::steps;

/// A step that a chain can hold.
pub struct StepInfo {
    /// Its name in a chain.
    pub name: &'static str,
    /// How it is written.
    pub example: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// What a number or a word without a key stands for.
    pub(super) bare: &'static [(&'static str, Bare)],
    pub(super) make: fn(Value) -> Result<Box<dyn FitTransform>, String>,
}

/// What a bare argument may be.
pub(super) enum Bare {
    /// Any number.
    Number,
    /// One of these words.
    Words(&'static [&'static str]),
    /// This word, for `true`.
    Flag(&'static str),
}

fn make<P: DeserializeOwned + FitTransform + 'static>(v: Value) -> Result<Box<dyn FitTransform>, String> {
    let params: P = serde_json::from_value(v).map_err(|e| e.to_string())?;
    params.check().map_err(|e| e.to_string())?;
    Ok(Box::new(params))
}

const WEIGHTS: (&str, Bare) = ("weights", Bare::Words(&["uniform", "zipf"]));

/// Every step.
pub static STEPS: &[StepInfo] = &[
    StepInfo {
        name: "center",
        example: "center, center:zipf",
        about: "subtract the mean (zipf: weighted by --weights)",
        bare: &[WEIGHTS],
        make: make::<steps::Center>,
    },
    StepInfo {
        name: "whiten",
        example: "whiten, whiten:zipf, whiten:pca,dims=128, whiten:cholesky, whiten:oas",
        about: "equal variance in all directions",
        bare: &[
            WEIGHTS,
            ("kind", Bare::Words(&["zca", "pca", "cholesky"])),
            ("shrink", Bare::Words(&["ledoit", "oas"])),
            ("dims", Bare::Number),
        ],
        make: make::<steps::Whiten>,
    },
    StepInfo {
        name: "pca",
        example: "pca:64",
        about: "principal components",
        bare: &[("dims", Bare::Number)],
        make: make::<steps::PcaStep>,
    },
    StepInfo {
        name: "abtt",
        example: "abtt, abtt:3",
        about: "all-but-the-top: subtract the mean and the leading components",
        bare: &[("components", Bare::Number), WEIGHTS],
        make: make::<steps::Abtt>,
    },
    StepInfo {
        name: "isotropy",
        example: "isotropy, isotropy:10,components=12",
        about: "subtract mean and leading components group by group (CBIE)",
        bare: &[("clusters", Bare::Number)],
        make: make::<steps::Isotropy>,
    },
    StepInfo {
        name: "clip",
        example: "clip, clip:3,most=1",
        about: "set outlier dimensions to zero",
        bare: &[("deviations", Bare::Number)],
        make: make::<steps::Clip>,
    },
    StepInfo {
        name: "fnorm",
        example: "fnorm, fnorm:uniform",
        about: "a normal distribution for each dimension, against hubs",
        bare: &[("distribution", Bare::Words(&["normal", "uniform"]))],
        make: make::<steps::Fnorm>,
    },
    StepInfo {
        name: "truncate",
        example: "truncate:128",
        about: "the first values, at unit length",
        bare: &[("dims", Bare::Number)],
        make: make::<steps::TruncateStep>,
    },
    StepInfo {
        name: "normalize",
        example: "normalize",
        about: "unit length",
        bare: &[],
        make: make::<steps::NormalizeStep>,
    },
    StepInfo {
        name: "tldr",
        example: "tldr:64, tldr:64,projector=512",
        about: "fewer dimensions that keep neighbours together",
        bare: &[("dims", Bare::Number)],
        make: make::<steps::Tldr>,
    },
    StepInfo {
        name: "minimax",
        example: "minimax:16",
        about: "fewer dimensions for a class of tasks (--targets: known tasks)",
        bare: &[("dims", Bare::Number)],
        make: make::<steps::Minimax>,
    },
    StepInfo {
        name: "relative",
        example: "relative:300, relative:300,select=kmeans",
        about: "cosines with anchors: comparable between models (--anchors, or chosen)",
        bare: &[("anchors", Bare::Number), ("select", Bare::Words(&["random", "first", "kmeans", "farthest"]))],
        make: make::<steps::Relative>,
    },
    StepInfo {
        name: "concepts",
        example: "concepts, concepts:zscore",
        about: "cosines with named concepts (--anchors)",
        bare: &[("zscore", Bare::Flag("zscore")), ("center", Bare::Flag("center"))],
        make: make::<steps::Concepts>,
    },
    StepInfo {
        name: "align",
        example: "align, align:procrustes, align:affine",
        about: "into the space of the same items' --targets",
        bare: &[("family", Bare::Words(&["ridge", "affine", "procrustes"]))],
        make: make::<steps::Align>,
    },
    StepInfo {
        name: "erase",
        example: "erase, erase:inlp, erase:mean",
        about: "make the --labels unreadable by linear classifiers",
        bare: &[("method", Bare::Words(&["leace", "inlp", "mean"])), ("rounds", Bare::Number)],
        make: make::<steps::Erase>,
    },
    StepInfo {
        name: "harmonize",
        example: "harmonize:64, harmonize:32,hidden=128",
        about: "pool sites (--labels): no trace of them, covariates (--targets) act by known maps",
        bare: &[("dims", Bare::Number)],
        make: make::<steps::Harmonize>,
    },
    StepInfo {
        name: "decompose",
        example: "decompose:10",
        about: "non-negative weights of few vectors of a vocabulary (--anchors)",
        bare: &[("terms", Bare::Number)],
        make: make::<steps::Decompose>,
    },
];
