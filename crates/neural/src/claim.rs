//! Claim 160, in the form that its card gives where only a tuned model is at hand.

use std::path::PathBuf;

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Encode, Vectors};
use vectory_transform::Side;
use vectory_transform::claim_data::{Pairs, applied, fitted, refs, sts, sts_score};

use crate::bert::{Bert, Precision};

pub(crate) const WHITENING_BERT: Method = Method {
    id: "160",
    name: "WhiteningBERT",
    home: "encode",
    kind: "method",
    command: "vectory embed IN --model \"HF_DIR#mean:1+12\" -o V; vectory transform V --with \"whiten:pca | normalize\" -o OUT",
    claim: Some(Claim {
        statement: "Whitening does not help all-MiniLM-L6-v2, which was tuned on sentence pairs",
        threshold: "STS-B test Spearman of the model's own vectors (mean, last layer) not below that of the whitened ones",
        data: "sentences/sts/STSBenchmark (whitening fitted on 2,000 training sentences); the model in $VECTORY_MINILM or models/all-MiniLM-L6-v2",
        run,
    }),
};

/// Sentences that whitening is fitted on.
const FIT: usize = 2000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let folder = match std::env::var_os("VECTORY_MINILM") {
        Some(folder) => PathBuf::from(folder),
        None => c.data("models/all-MiniLM-L6-v2")?,
    };
    let (train, test) = (sts(c, "sts-train.csv.gz")?, sts(c, "sts-test.csv")?);
    let last = Bert::load(&folder, Precision::Half).map_err(ClaimError::failed)?.layers();
    let ladder = ["cls".to_owned(), "mean".to_owned(), format!("mean:1+{last}"), "mean:last2".to_owned()];
    let mut scores = Vec::new();
    for preset in &ladder {
        let parsed = preset.parse().map_err(ClaimError::Failed)?;
        let model = Bert::load_with(&folder, Precision::Half, Some(&parsed)).map_err(ClaimError::failed)?;
        scores.push(rung(c, &model, &train, &test)?);
    }
    let shown: Vec<String> = ladder
        .iter()
        .zip(&scores)
        .map(|(name, (plain, white))| format!("{name} {plain:.1}, whitened {white:.1}"))
        .collect();
    Ok(Outcome {
        measured: format!("STS-B test Spearman: {}", shown.join("; ")),
        holds: scores[1].0 >= scores[1].1,
        note: "the reduced form of the card: the ladder cls < mean < first and last layer < whitened is of models that were not tuned on sentences, and \
               none is at hand; a self-trained masked language model needs the neural trainer"
            .into(),
    })
}

/// Score as it is, and whitened.
fn rung(c: &ClaimContext, model: &Bert, train: &Pairs, test: &Pairs) -> Result<(f64, f64), ClaimError> {
    let ctx = &c.context;
    let encode =
        |texts: &[&str]| -> Result<Vectors, ClaimError> { model.encode(texts, ctx).map_err(ClaimError::failed) };
    let seen: Vec<&str> = refs(&train.first).into_iter().chain(refs(&train.second)).collect();
    let few: Vec<&str> = (0..FIT.min(seen.len())).map(|i| seen[i * seen.len() / FIT.min(seen.len())]).collect();
    let (fit_on, a, b) = (encode(&few)?, encode(&refs(&test.first))?, encode(&refs(&test.second))?);
    let chain = fitted("whiten:pca", &fit_on, &Side::default(), ctx)?;
    let (x, y) = (applied(&chain, &a, ctx)?, applied(&chain, &b, ctx)?);
    Ok((sts_score(&a, &b, &test.scores), sts_score(&x, &y, &test.scores)))
}
