//! Claim 123's stitching of networks: digits by two classifiers of unlike seeds.

use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_core::{Context, Vectors};

use crate::Side;
use crate::claim_data::{applied, fitted, mnist};
use crate::net::{Classifier, classifier};

/// Accuracy of a head on its own network's features, on the other's, both relative to 300 anchors, and on the other's as they are.
pub(super) struct Stitched {
    pub native: f64,
    pub relative: f64,
    pub absolute: f64,
}

/// Layers up to the 64 features that the last layer sees.
const FEATURES: usize = 4;

pub(super) fn networks(c: &ClaimContext) -> Result<Stitched, ClaimError> {
    let ctx = &c.context;
    let (train, test) = (mnist(c, "train30k", 8000)?, mnist(c, "t10k", 3000)?);
    let params = Classifier { hidden: vec![256, 64], epochs: 6, batch: 128, rate: 1e-3 };
    let features = |seed: u64| -> Result<[Vectors; 2], ClaimError> {
        let own = ctx.clone().with_seed(seed);
        let net = classifier(train.0.view(), &train.1, 10, &params, &own).map_err(ClaimError::failed)?;
        Ok([&train.0, &test.0].map(|x| net.apply_to(x, FEATURES, ctx)))
    };
    let (a, b) = (features(ctx.seed)?, features(ctx.seed ^ 0x5eed)?);
    let head = |x: &Vectors, y: &Vectors| -> Result<f64, ClaimError> {
        let params = LogisticParams { standardize: true, c: 0.1, ..LogisticParams::default() };
        let model = logistic(x.view(), &train.1, &params, ctx).map_err(ClaimError::failed)?;
        model.accuracy(y.view(), &test.1, ctx).map_err(ClaimError::failed)
    };
    let (ra, rb) = (relative(&a, ctx)?, relative(&b, ctx)?);
    Ok(Stitched { native: head(&rb[0], &rb[1])?, relative: head(&ra[0], &rb[1])?, absolute: head(&a[0], &b[1])? })
}

/// Cosines with the same 300 training rows, centred in their own space.
fn relative(of: &[Vectors; 2], ctx: &Context) -> Result<[Vectors; 2], ClaimError> {
    let few = of[0].picked(0..of[0].rows());
    let chain = fitted("center | relative:300", &few, &Side::default(), ctx)?;
    Ok([applied(&chain, &of[0], ctx)?, applied(&chain, &of[1], ctx)?])
}
