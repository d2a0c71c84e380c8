//! Claim 144: sums of learned vectors predict better than counts of codes, from few labelled people.

use rand::RngExt;
use vectory_core::linear::{LogisticParams, folds, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::rng;
use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors, stats};

use super::{Events, VisitParams, count_visits, sums};
use crate::words::ppmi::{PpmiParams, ppmi_svd};

pub(crate) const CONCEPTS: Method = Method {
    id: "144",
    name: "Medical concept vectors from EHR (Choi et al., Med2Vec precursor)",
    home: "tabular",
    kind: "method",
    command: "vectory learn events EVENTS.csv -o M.safetensors",
    claim: Some(Claim {
        statement: "On generated records with latent conditions, sums of learned code vectors predict an onset better than counts of codes at 500 \
                    labelled people, and codes of one condition lie together",
        threshold: "AUC at least +0.03 for nearest neighbours and +0.01 for logistic regression; precision@10 of codes above 3 times chance",
        data: "generated: 6,000 people, 24 conditions of 16 codes, 120 codes of none",
        run,
    }),
};

const PEOPLE: usize = 6000;
const LABELLED: usize = 500;
const CONDITIONS: usize = 24;
const CODES: usize = 16;
const OTHERS: usize = 120;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (events, labels) = generate(ctx.seed);
    let dates: Vec<Option<i64>> = vec![Some(1000); PEOPLE];
    let seen = events.before(&dates, &[]);
    // Vectors are learned from people who are not judged, labelled or not.
    let judged = |who: u32| who as usize >= PEOPLE - 2000;
    let learned: Vec<_> = seen.iter().filter(|e| !judged(e.who)).copied().collect();
    let counts =
        count_visits(&learned, events.vocabulary.len(), &VisitParams::default()).map_err(ClaimError::failed)?;
    let vectors = ppmi_svd(counts.view(), &PpmiParams { dim: 50, ..PpmiParams::default() }, ctx)
        .map_err(ClaimError::failed)?
        .words;
    let mut one_hot = Vectors::zeros(vectors.rows(), vectors.rows());
    (0..vectors.rows()).for_each(|i| one_hot.row_mut(i)[i] = 1.0);
    let judge = |rows: &Vectors| auc(&sums(&seen, PEOPLE, rows), &labels, ctx);
    // What could be reached at best: codes that say which condition they belong to.
    let mut told = Vectors::zeros(vectors.rows(), CONDITIONS);
    for i in 0..vectors.rows() {
        let code = events.vocabulary.word(i as u32).strip_prefix('c').and_then(|c| c.split_once('-'));
        if let Some(k) = code.and_then(|c| c.0.parse::<usize>().ok()) {
            told.row_mut(i)[k] = 1.0;
        }
    }
    let (plain, ours, most) = (judge(&one_hot)?, judge(&vectors)?, judge(&told)?);
    let (precision, chance) = together(&events, &vectors, ctx)?;
    let clauses = [
        ("nearest neighbours", ours.0 - plain.0 >= 0.03),
        ("logistic regression", ours.1 - plain.1 >= 0.01),
        ("codes", precision > 3.0 * chance),
    ];
    let missed: Vec<&str> = clauses.iter().filter(|k| !k.1).map(|k| k.0).collect();
    Ok(Outcome {
        measured: format!(
            "AUC, counts -> sums (-> counts of the true conditions): nearest neighbours {:.3} -> {:.3} ({:.3}), logistic regression {:.3} -> {:.3} \
             ({:.3}); precision@10 {precision:.2} (chance {chance:.3})",
            plain.0, ours.0, most.0, plain.1, ours.1, most.1
        ),
        holds: missed.is_empty(),
        note: format!(
            "{}vectors by PPMI and SVD of visit counts (what skip-gram factors, too), 50 d; logistic regression with the best of six penalties \
             for each input, by folds of the labelled people",
            match missed.is_empty() {
                true => String::new(),
                false => format!(
                    "not met: {}; where the true conditions gain no more, vectors cannot: in these records a person's codes already tell; ",
                    missed.join(", ")
                ),
            }
        ),
    })
}

/// Each person has some conditions; a visit shows some codes of them and some of none. Three conditions raise the risk of the onset.
fn generate(seed: u64) -> (Events, Vec<bool>) {
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    for person in 0..PEOPLE {
        let mut r = rng::item(seed, "claim.144", person as u64);
        let has: Vec<bool> = (0..CONDITIONS).map(|_| r.random::<f64>() < 0.15).collect();
        let visits = r.random_range(3..10);
        let name = format!("{person:05}");
        for visit in 0..visits {
            let mut say = |code: String| rows.push((name.clone(), visit * 90, code));
            for k in (0..CONDITIONS).filter(|k| has[*k]) {
                let n = r.random_range(0..3);
                (0..n).for_each(|_| say(format!("c{k}-{}", r.random_range(0..CODES))));
            }
            let n = r.random_range(1..4);
            (0..n).for_each(|_| say(format!("n{}", r.random_range(0..OTHERS))));
        }
        let risk = -2.5 + [0, 1, 2].iter().filter(|k| has[**k]).count() as f64 * 3.0;
        labels.push(r.random::<f64>() < 1.0 / (1.0 + (-risk).exp()));
    }
    (Events::new(rows, 5), labels)
}

/// AUC on the judged people, of the mean label of the 25 nearest labelled people and of a logistic regression.
fn auc(people: &Vectors, labels: &[bool], ctx: &Context) -> Result<(f64, f64), ClaimError> {
    let (train, test) = (people.view().slice(0, LABELLED), people.view().slice(PEOPLE - 2000, PEOPLE));
    let truth = &labels[PEOPLE - 2000..];
    let near = neighbors::exact(train, test, Metric::Cosine, 25, ctx).map_err(ClaimError::failed)?;
    let votes: Vec<f64> = near.iter().map(|n| n.iter().filter(|h| labels[h.id as usize]).count() as f64).collect();
    let marks: Vec<u32> = labels[..LABELLED].iter().map(|l| u32::from(*l)).collect();
    // The penalty is chosen by five folds of the labelled people.
    let fit = |rows: VectorsRef<'_>, marks: &[u32], on: VectorsRef<'_>, truth: &[bool], strength: f64| {
        let params = LogisticParams { c: strength, standardize: true, ..LogisticParams::default() };
        let model = logistic(rows, marks, &params, ctx).map_err(ClaimError::failed)?;
        let scores = model.scores(on, ctx).map_err(ClaimError::failed)?.data;
        Ok::<f64, ClaimError>(stats::roc_auc(truth, &scores).unwrap_or(0.5))
    };
    let pick = |ids: &[usize]| Vectors::from_rows(ids.iter().map(|i| train.row(*i))).map_err(ClaimError::failed);
    let mut best = (0.0, f64::MIN);
    for strength in [1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0] {
        let mut sum = 0.0;
        for fold in folds(LABELLED, 5, ctx.seed) {
            let from: Vec<u32> = fold.train.iter().map(|i| marks[*i]).collect();
            let to: Vec<bool> = fold.test.iter().map(|i| labels[*i]).collect();
            sum += fit(pick(&fold.train)?.view(), &from, pick(&fold.test)?.view(), &to, strength)?;
        }
        if sum > best.1 {
            best = (strength, sum);
        }
    }
    Ok((stats::roc_auc(truth, &votes).unwrap_or(0.5), fit(train, &marks, test, truth, best.0)?))
}

/// Precision@10 of the neighbours of a condition's codes, and what chance gives.
fn together(events: &Events, vectors: &Vectors, ctx: &Context) -> Result<(f64, f64), ClaimError> {
    let near = neighbors::exact_self(vectors.view(), Metric::Cosine, 10, ctx).map_err(ClaimError::failed)?;
    let condition = |i: usize| events.vocabulary.word(i as u32).split_once('-').map(|(c, _)| c.to_owned());
    let (mut right, mut all) = (0usize, 0usize);
    for (i, list) in near.iter().enumerate() {
        if let Some(own) = condition(i) {
            all += list.len();
            right += list.iter().filter(|h| condition(h.id as usize).as_ref() == Some(&own)).count();
        }
    }
    Ok((right as f64 / all.max(1) as f64, (CODES - 1) as f64 / (vectors.rows() - 1) as f64))
}
