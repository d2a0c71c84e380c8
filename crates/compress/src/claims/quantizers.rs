//! Claim 067: residual codes beat product codes at equal bits, codes recommend nearly as full rows do, restarts keep codes alive.

use rand::RngExt;
use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors, rng, vectors};
use vectory_io::vectors as files;

use crate::measure::{best, squared_error};
use crate::pq::PqParams;
use crate::rq::RqParams;
use crate::vq::{VqInit, VqParams};
use crate::{AnyCodec, Codec, FitCodec};

pub(crate) const VECTOR_QUANTIZATION: Method = Method {
    id: "067",
    name: "VQ4Rec (vector quantization for recommender systems, review)",
    home: "compress",
    kind: "survey",
    command: "vectory compress V.npy --codec RQ8x8",
    claim: Some(Claim {
        statement: "Of 64-d item vectors, residual codes have a lower error than product codes of as many bits, 32-byte codes \
                    recommend nearly as well as floats, and restarts keep the codes of a quantizer in use",
        threshold: "equal bits, k-means init: MSE of RQ < MSE of PQ; recommending from 32-byte codes keeps >= 97 % of the float \
                    Recall@10; with dead-code restart usage > 95 %",
        data: "words/vectors/glove-wink-100d-top10k.txt.zst (64 principal components stand for item factors)",
        run,
    }),
};

const DIM: usize = 64;
/// Items that a user has, the last of which is held out.
const HISTORY: usize = 8;
const USERS: usize = 2_000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let items = items(c)?;
    let mut errors = Vec::new();
    for m in [4, 8] {
        let of = |codec: AnyCodec| -> Result<f64, ClaimError> {
            let codes = codec.encode(items.view(), ctx).map_err(ClaimError::failed)?;
            Ok(squared_error(&codec, codes.view(), items.view(), ctx))
        };
        let pq =
            PqParams { m, ..PqParams::default() }.fit(items.view(), Metric::L2, ctx).map_err(ClaimError::failed)?;
        let rq =
            RqParams { m, ..RqParams::default() }.fit(items.view(), Metric::L2, ctx).map_err(ClaimError::failed)?;
        errors.push((m, of(pq.into())?, of(rq.into())?));
    }
    let (float, coded) = recommend(&items, ctx)?;
    let usage = |restart_below| -> Result<f64, ClaimError> {
        let p = VqParams { init: VqInit::Normal, restart_below, ..VqParams::default() };
        let vq = p.fit(items.view(), ctx).map_err(ClaimError::failed)?;
        Ok(vq.usage(items.view(), ctx).map_err(ClaimError::failed)?.used)
    };
    let (dead, alive) = (usage(0.0)?, usage(0.1)?);
    let lower = errors.iter().all(|(_, pq, rq)| rq < pq);
    let kept = coded / float;
    let text: Vec<String> = errors.iter().map(|(m, pq, rq)| format!("{m} bytes PQ {pq:.4}, RQ {rq:.4}")).collect();
    Ok(Outcome {
        measured: format!(
            "MSE {}; Recall@10 float {float:.4}, 32-byte codes {coded:.4} ({:.1} %); usage {:.1} % without restarts, {:.1} % with",
            text.join("; "),
            100.0 * kept,
            100.0 * dead,
            100.0 * alive
        ),
        holds: lower && kept >= 0.97 && alive > 0.95,
        note: format!(
            "MovieLens is not among the data: items are 10,000 word vectors, {USERS} users are generated (the next item lies near \
             those before), full ranking of all items but the user's own; users are means of full item vectors"
        ),
    })
}

/// Item vectors of 64 dimensions.
fn items(c: &ClaimContext) -> Result<Vectors, ClaimError> {
    let path = c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?;
    let rows = files::read_all(&path).map_err(ClaimError::failed)?.rows;
    let params = PcaParams { dims: DIM, ..PcaParams::default() };
    let pca = Pca::fit(rows.view(), &params, &c.context).map_err(ClaimError::failed)?;
    pca.apply_with(rows.view(), &c.context).map_err(ClaimError::failed)
}

/// Recall@10 of the held-out item by full rows and by codes.
fn recommend(items: &Vectors, ctx: &Context) -> Result<(f64, f64), ClaimError> {
    let mut unit = items.clone();
    unit.normalize();
    let near = neighbors::exact_self(few(&unit).view(), Metric::Cosine, 40, ctx).map_err(ClaimError::failed)?;
    // Of the toolbox at 32 bytes the one of the lower error, as the first clause has it.
    let rq = RqParams { m: 32, ..RqParams::default() };
    let codec: AnyCodec = rq.fit(unit.view(), Metric::Dot, ctx).map_err(ClaimError::failed)?.into();
    let codes = codec.encode(unit.view(), ctx).map_err(ClaimError::failed)?;
    let (mut float, mut coded) = (0usize, 0usize);
    for (user, near) in near.iter().enumerate() {
        // A user likes some of the 40 items nearest to a place; one of them is held out.
        let mut r = rng::item(ctx.seed, "claim.067 user", user as u64);
        let mut liked: Vec<u32> = near.iter().map(|h| h.id).collect();
        (0..HISTORY).for_each(|i| {
            let j = r.random_range(i..liked.len());
            liked.swap(i, j);
        });
        liked.truncate(HISTORY);
        let held = liked[HISTORY - 1];
        let taste = taste(&unit, &liked[..HISTORY - 1]);
        let ten = |hits: Vec<u32>| {
            let mut hits: Vec<u32> = hits.into_iter().filter(|id| !liked[..HISTORY - 1].contains(id)).collect();
            hits.truncate(10);
            usize::from(hits.contains(&held))
        };
        let exact =
            neighbors::exact(unit.view(), row(&taste)?, Metric::Dot, 10 + HISTORY, ctx).map_err(ClaimError::failed)?;
        float += ten(exact[0].iter().map(|h| h.id).collect());
        coded += ten(best(&codec, codes.view(), &codec.query(&taste), 10 + HISTORY).iter().map(|h| h.id).collect());
    }
    let n = near.len() as f64;
    Ok((float as f64 / n, coded as f64 / n))
}

fn few(items: &Vectors) -> Vectors {
    let mut out = Vectors::zeros(USERS.min(items.rows()), items.dim());
    (0..out.rows()).for_each(|i| out.row_mut(i).copy_from_slice(items.row(i)));
    out
}

fn taste(items: &Vectors, liked: &[u32]) -> Vec<f32> {
    let mut sum = vec![0.0; items.dim()];
    liked.iter().for_each(|id| vectory_core::simd::axpy(1.0, items.row(*id as usize), &mut sum));
    vectors::normalize(&mut sum);
    sum
}

fn row(values: &[f32]) -> Result<VectorsRef<'_>, ClaimError> {
    VectorsRef::new(values, values.len()).map_err(ClaimError::failed)
}
