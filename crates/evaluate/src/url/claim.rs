//! Claim 096: a predicted loss carries over to classes never seen better than the entropy of classes.

use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::rng::Rng;
use vectory_core::{Context, Vectors, rng};
use vectory_transform::claim_data::mnist;
use vectory_transform::net::{Adam, Layer, Net, cross_entropy, softmax, table};

use super::heads::of_probabilities;
use super::{LossHead, Quantifier};
use crate::protocols::{Labelled, uncertainty};

pub(crate) const URL: Method = Method {
    id: "096",
    name: "URL benchmark (transferable uncertainty, R-AUROC)",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory evaluate url NAME=V:LABELS[:U]… [--train V --train-labels L]",
    claim: Some(Claim {
        statement: "A net trained on crops and blurs of MNIST's digits 0 to 6, judged on crops and blurs of 7, 8 and 9: the predicted loss has a higher \
                    R-AUROC than the class entropy, and both are above chance",
        threshold: "mean over 3 seeds: R-AUROC of predicted loss > that of class entropy, both > 0.5",
        data: "images/mnist",
        run,
    }),
};

const SEEDS: u64 = 3;
/// Digits below this one are seen.
const SEEN: u32 = 7;
const EPOCHS: usize = 12;
const BATCH: usize = 128;
const SIDE: usize = 28;
/// Values of the representation.
const DIM: usize = 64;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (train, labels) = mnist(c, "train30k", 12_000)?;
    let (test, test_labels) = mnist(c, "t10k", 10_000)?;
    let ctx = &c.context;
    let one = |seed: u64| judged((&train, &labels[..]), (&test, &test_labels[..]), ctx, ctx.seed ^ (seed * 7919));
    let found: Vec<[f64; 3]> =
        ctx.pool().install(|| (1..=SEEDS).into_par_iter().map(one).collect::<Result<_, ClaimError>>())?;
    let mean = |at: usize| found.iter().map(|f| f[at]).sum::<f64>() / SEEDS as f64;
    let (recall, entropy, loss) = (mean(0), mean(1), mean(2));
    let each: Vec<String> = found.iter().map(|f| format!("{:.3} / {:.3}", f[2], f[1])).collect();
    Ok(Outcome {
        measured: format!(
            "R-AUROC on digits never seen: predicted loss {loss:.3}, class entropy {entropy:.3} (by seed {}); Recall@1 {recall:.3}",
            each.join(", ")
        ),
        holds: loss > entropy && loss > 0.5 && entropy > 0.5,
        note: "a multilayer perceptron (784-256-64-7); the loss head sees the representation, whose gradient it does not reach; MNIST instead of \
               Fashion-MNIST, which is not at hand"
            .into(),
    })
}

/// Recall@1, R-AUROC of the class entropy, R-AUROC of the predicted loss, on the digits that were not seen.
fn judged(
    train: (&Vectors, &[u32]),
    test: (&Vectors, &[u32]),
    ctx: &Context,
    seed: u64,
) -> Result<[f64; 3], ClaimError> {
    let mut r = rng::stream(seed, "claim.096");
    let mut trunk = Net::mlp(&[SIDE * SIDE, 256, DIM], &[Layer::Relu], &mut rng::stream(seed, "claim.096.trunk"));
    let mut head = Net::mlp(&[DIM, SEEN as usize], &[], &mut rng::stream(seed, "claim.096.head"));
    let (mut of_trunk, mut of_head) = (Adam::new(1e-3), Adam::new(1e-3));
    // Within the pool already: a context of its own keeps all of this on its thread.
    let alone = Context::new(seed, 1).map_err(ClaimError::failed)?;
    let mut loss = LossHead::new(DIM, 128, seed);
    let mut rows: Vec<usize> = (0..train.1.len()).filter(|i| train.1[*i] < SEEN).collect();
    for _ in 0..EPOCHS {
        ctx.check().map_err(ClaimError::failed)?;
        rows.shuffle(&mut r);
        for batch in rows.chunks(BATCH) {
            let x: Vec<f32> = batch.iter().flat_map(|i| seen_badly(train.0.row(*i), &mut r)).collect();
            let own: Vec<u32> = batch.iter().map(|i| train.1[*i]).collect();
            let (seen, below) = trunk.forward(table(&x, SIDE * SIDE), &alone);
            let (told, above) = head.forward(seen.clone(), &alone);
            let (losses, slope) = cross_entropy(told, &own);
            let (down, gradients) = head.backward(&above, slope, &alone);
            of_head.step(head.parameters(), &gradients, &alone);
            let (_, gradients) = trunk.backward(&below, down, &alone);
            of_trunk.step(trunk.parameters(), &gradients, &alone);
            loss.step(seen, &losses.iter().map(|l| *l as f32).collect::<Vec<_>>(), &alone);
        }
    }
    let unseen: Vec<usize> = (0..test.1.len()).filter(|i| test.1[*i] >= SEEN).collect();
    let x: Vec<f32> = unseen.iter().flat_map(|i| seen_badly(test.0.row(*i), &mut r)).collect();
    let rows = trunk.apply_here(&x, SIDE * SIDE);
    let mut told = head.apply(&rows, &alone);
    let mut entropy = Vec::with_capacity(unseen.len());
    for row in told.as_mut_slice().chunks_exact_mut(SEEN as usize) {
        softmax(row);
        let p: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
        entropy.push(of_probabilities(&p, Quantifier::Entropy));
    }
    let told = loss.predict(rows.view(), &alone);
    let names: Vec<String> = unseen.iter().map(|i| test.1[*i].to_string()).collect();
    let set = Labelled::new(rows, &names).map_err(ClaimError::failed)?;
    let by_entropy = uncertainty(&set, &entropy, &alone).map_err(ClaimError::failed)?;
    let by_loss = uncertainty(&set, &told, &alone).map_err(ClaimError::failed)?;
    Ok([by_loss.recall_at_1, by_entropy.r_auroc, by_loss.r_auroc])
}

/// A random square part of the image (10 to 100 % of its area), stretched to its size, and blurred every second time.
fn seen_badly(image: &[f32], r: &mut Rng) -> Vec<f32> {
    let side = SIDE as f32 * r.random_range(0.1f32..1.0).sqrt();
    let (left, top) = (r.random_range(0.0..=SIDE as f32 - side), r.random_range(0.0..=SIDE as f32 - side));
    let at = |place: f32, from: f32| ((from + place * side / SIDE as f32) as usize).min(SIDE - 1);
    let mut out: Vec<f32> =
        (0..SIDE * SIDE).map(|i| image[at((i / SIDE) as f32, top) * SIDE + at((i % SIDE) as f32, left)]).collect();
    if r.random_range(0.0..1.0) < 0.5 {
        let reach = r.random_range(1..=3i32);
        let near = |i: i32, step: i32| (i + step).clamp(0, SIDE as i32 - 1) as usize;
        for across in [true, false] {
            let before = out.clone();
            for (i, v) in out.iter_mut().enumerate() {
                let (y, x) = ((i / SIDE) as i32, (i % SIDE) as i32);
                let value = |s: i32| {
                    if across { before[y as usize * SIDE + near(x, s)] } else { before[near(y, s) * SIDE + x as usize] }
                };
                *v = (-reach..=reach).map(value).sum::<f32>() / (2 * reach + 1) as f32;
            }
        }
    }
    out
}
