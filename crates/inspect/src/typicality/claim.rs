//! Claim 069: five independent ways agree on what is typical, and find wrong labels.

use rand::RngExt;
use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng};
use vectory_evaluate::protocols::Labelled;
use vectory_transform::claim_data::mnist;

use super::{NetParams, TypicalityParams, WAYS, typicality};

pub(crate) const PROTOTYPICALITY: Method = Method {
    id: "069",
    name: "Prototypicality / outlier metrics (adv, ret, agr, conf, priv)",
    home: "select",
    kind: "method",
    command: "vectory inspect typicality V --labels L.txt",
    claim: Some(Claim {
        statement: "On 10,000 digits of MNIST (64 principal components; eight small nets, logistic models for adv and priv) five ways of ranking rows agree; rows with flipped labels \
                    come last; 500 marginal rows teach much less than 500 typical ones",
        threshold: "every pair of ways has Spearman >= 0.4; with 5 % of the labels flipped, the lowest 5 % by agr and by ret hold >= 50 % of \
                    them each; test accuracy on 500 marginal rows below that on 500 typical ones by >= 0.05 (read as: much lower)",
        data: "images/mnist",
        run,
    }),
};

const ROWS: usize = 10_000;
const SHARE: f64 = 0.05;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (pixels, labels) = mnist(c, "train30k", ROWS)?;
    let pca =
        Pca::fit(pixels.view(), &PcaParams { dims: 64, ..PcaParams::default() }, ctx).map_err(ClaimError::failed)?;
    let rows = pca.apply(pixels.view());
    let params = TypicalityParams { nets: Some(NetParams::default()), ..TypicalityParams::default() };
    let set = labelled(&rows, &labels)?;
    let found = typicality(&set, &params, ctx).map_err(ClaimError::failed)?;
    let pairs = || (0..5).flat_map(|a| (0..a).map(move |b| (a, b)));
    let least = |m: &[[f64; 5]; 5]| {
        pairs()
            .map(|(a, b)| (m[a][b], format!("{} and {}", WAYS[b], WAYS[a])))
            .fold((f64::INFINITY, String::new()), |least, p| if p.0 < least.0 { p } else { least })
    };
    let (overall, within) = (least(&found.correlation), least(&found.within));

    let mut wrong = labels.clone();
    let mut r = rng::stream(ctx.seed, "claim.069");
    let flipped: Vec<bool> = (0..ROWS).map(|_| r.random_range(0.0..1.0) < SHARE).collect();
    for (label, _) in wrong.iter_mut().zip(&flipped).filter(|p| *p.1) {
        *label = (*label + r.random_range(1..10)) % 10;
    }
    let noisy = typicality(&labelled(&rows, &wrong)?, &params, ctx).map_err(ClaimError::failed)?;
    let caught = |way: usize| {
        let lowest = super::descending(&noisy.ranks[way]);
        let last = &lowest[ROWS - (SHARE * ROWS as f64) as usize..];
        last.iter().filter(|i| flipped[**i]).count() as f64 / flipped.iter().filter(|f| **f).count() as f64
    };
    let caught: Vec<f64> = (0..5).map(caught).collect();

    let (test_pixels, test_labels) = mnist(c, "t10k", ROWS)?;
    let test = pca.apply(test_pixels.view());
    let order = found.order();
    let learned = |rows_of: &[usize]| accuracy(&set, rows_of, &test, &test_labels, ctx);
    let (typical, marginal) = (learned(&order[..500])?, learned(&order[ROWS - 500..])?);
    let mixed = learned(&(0..500).collect::<Vec<_>>())?;
    Ok(Outcome {
        measured: format!(
            "least correlation {:.2} ({}; within classes {:.2}, {}); share of flipped labels among the lowest 5 %: {}; test accuracy {typical:.3} from \
             500 typical rows, {marginal:.3} from 500 marginal ones ({mixed:.3} from 500 at random)",
            overall.0,
            overall.1,
            within.0,
            within.1,
            WAYS.iter().zip(&caught).map(|(w, v)| format!("{w} {v:.2}")).collect::<Vec<_>>().join(", "),
        ),
        holds: overall.0 >= 0.4 && caught[1] >= 0.5 && caught[2] >= 0.5 && marginal <= typical - 0.05,
        note: "adv is exact and priv cheap on logistic models; with logistic models for all, flipped labels are found by conf (0.81) but not by \
               agr and ret (0.06, 0.04), for a linear model does not learn them by heart; the nets see resamples of the rows"
            .into(),
    })
}

fn labelled(rows: &Vectors, labels: &[u32]) -> Result<Labelled, ClaimError> {
    let names: Vec<String> = labels.iter().map(u32::to_string).collect();
    Labelled::new(rows.clone(), &names).map_err(ClaimError::failed)
}

/// Test accuracy of a logistic model that saw only some of the rows.
fn accuracy(set: &Labelled, on: &[usize], test: &Vectors, labels: &[u32], ctx: &Context) -> Result<f64, ClaimError> {
    let seen = set.pick(on);
    let model =
        logistic(seen.rows.view(), &seen.labels, &LogisticParams::default(), ctx).map_err(ClaimError::failed)?;
    model.accuracy(test.view(), labels, ctx).map_err(ClaimError::failed)
}
