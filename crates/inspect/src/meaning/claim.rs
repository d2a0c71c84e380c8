//! Claim 063: concept scores keep what a classifier needs, and say it in names.

use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Encode, Vectors, rng};
use vectory_transform::claim_data::{ag_news, lines};

use rand::seq::SliceRandom;

use super::{Concepts, Taxonomy};

pub(crate) const CONCEPTUALIZATION: Method = Method {
    id: "063",
    name: "CES - conceptualization of embedding spaces",
    home: "inspect",
    kind: "method",
    command: "vectory transform V --with concepts:zscore --anchors concepts.vec -o OUT",
    claim: Some(Claim {
        statement: "A classifier of AG News on cosines with 768 named concepts keeps 95 % of the accuracy on the vectors themselves; real concepts have \
                    purer top concepts than random words; 100 concepts chosen on demand beat 100 of a fixed depth",
        threshold: "accuracy on 768 concepts >= 95 % of that on raw vectors; top-concept purity of random words lower; on-demand accuracy > fixed depth",
        data: "classification/AG_News, graphs/wordnet (nouns to depth 5), the default encoder",
        run,
    }),
};

struct Study<'a> {
    c: &'a ClaimContext,
    encoder: &'a dyn Encode,
    rows: Vectors,
    labels: Vec<u32>,
    half: usize,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let encoder = c.encoder.as_deref().ok_or_else(|| ClaimError::Failed("needs the default encoder".into()))?;
    let (texts, labels) = ag_news(c)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let rows = encoder.encode(&texts, &c.context).map_err(ClaimError::failed)?;
    let study = Study { c, encoder, half: rows.rows() / 2, rows, labels };
    let taxonomy = wordnet(c)?;
    let root = taxonomy.find("entity.n.01").ok_or_else(|| ClaimError::Failed("no entity.n.01".into()))?;
    let mut all = taxonomy.down_to(root, 5);
    let start = taxonomy.down_to(root, 2);
    all.shuffle(&mut rng::stream(c.context.seed, "claim.063"));
    let spell = |id: &usize| taxonomy.name(*id).split('.').next().unwrap_or_default().replace('_', " ");
    let real: Vec<String> = all.iter().take(768).map(spell).collect();
    let raw = study.accuracy(&study.rows)?;
    let (concepts, purity) = study.judge(&real)?;
    let mut words: Vec<String> = every_word(&texts);
    words.shuffle(&mut rng::stream(c.context.seed, "claim.063.words"));
    words.truncate(768);
    let (_, random_purity) = study.judge(&words)?;
    let train = study.rows.view().slice(0, study.half);
    let chosen = taxonomy.on_demand(&start[..start.len().min(30)], 100, |ids| {
        let names: Vec<String> = ids.iter().map(spell).collect();
        study.mean_cosines(&names, train).unwrap_or_else(|_| vec![0.0; ids.len()])
    });
    let demanded: Vec<String> = chosen.iter().map(spell).collect();
    // As many of a fixed depth: the first 100 of the breadth-first order.
    let fixed: Vec<String> = taxonomy.down_to(root, 5).iter().take(100).map(spell).collect();
    let (on_demand, depth) = (study.judge(&demanded)?.0, study.judge(&fixed)?.0);
    Ok(Outcome {
        measured: format!(
            "accuracy: raw {raw:.4}, 768 concepts {concepts:.4} ({:.1} %); top-concept purity: concepts {purity:.3}, random words {random_purity:.3}; 100 on demand \
             {on_demand:.4}, 100 of fixed depth {depth:.4}",
            100.0 * concepts / raw
        ),
        holds: concepts >= 0.95 * raw && random_purity < purity && on_demand > depth,
        note: "concepts drawn from WordNet's nouns to depth 5; random words are drawn from the texts' own, which makes them a hard rival; scores \
               standardised over the training half; the encoder is the static default, not MiniLM"
            .into(),
    })
}

impl Study<'_> {
    fn accuracy(&self, x: &Vectors) -> Result<f64, ClaimError> {
        let params =
            LogisticParams { standardize: true, c: 0.05, max_iter: 60, tolerance: 1e-3, ..LogisticParams::default() };
        let (train, test) = (x.view().slice(0, self.half), x.view().slice(self.half, x.rows()));
        let model = logistic(train, &self.labels[..self.half], &params, &self.c.context).map_err(ClaimError::failed)?;
        model.accuracy(test, &self.labels[self.half..], &self.c.context).map_err(ClaimError::failed)
    }

    /// Accuracy on the concepts, and the purity of top concepts on the test half.
    fn judge(&self, names: &[String]) -> Result<(f64, f64), ClaimError> {
        let ctx = &self.c.context;
        let vectors = self.vectors(names)?;
        let concepts = Concepts::new(names.to_vec(), vectors.view(), self.rows.view().slice(0, self.half), ctx);
        let read = concepts.and_then(|k| k.read(self.rows.view(), ctx)).map_err(ClaimError::failed)?;
        let mut counts = vec![[0usize; 4]; names.len()];
        for i in self.half..read.rows() {
            let row = read.row(i);
            let top = (0..row.len()).fold(0, |b, k| if row[k] > row[b] { k } else { b });
            counts[top][self.labels[i] as usize] += 1;
        }
        let pure: usize = counts.iter().map(|c| c.iter().max().copied().unwrap_or(0)).sum();
        Ok((self.accuracy(&read)?, pure as f64 / (read.rows() - self.half) as f64))
    }

    fn vectors(&self, names: &[String]) -> Result<Vectors, ClaimError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.encoder.encode(&names, &self.c.context).map_err(ClaimError::failed)
    }

    /// Mean cosine of each concept with the rows: by the mean unit row.
    fn mean_cosines(&self, names: &[String], rows: vectory_core::VectorsRef<'_>) -> Result<Vec<f64>, ClaimError> {
        let mut mean = vec![0.0f32; rows.dim()];
        for r in rows.iter() {
            let length = vectory_core::simd::norm(r).max(f32::MIN_POSITIVE);
            vectory_core::simd::axpy(1.0 / length / rows.rows() as f32, r, &mut mean);
        }
        let vectors = self.vectors(names)?;
        let cosine = |v: &[f32]| {
            f64::from(vectory_core::simd::dot(v, &mean) / vectory_core::simd::norm(v).max(f32::MIN_POSITIVE))
        };
        Ok(vectors.iter().map(cosine).collect())
    }
}

fn wordnet(c: &ClaimContext) -> Result<Taxonomy, ClaimError> {
    let lines = lines(&c.data("graphs/wordnet/noun_hypernym_edges.tsv.zst")?)?;
    Ok(Taxonomy::from_edges(lines.iter().skip(1).filter_map(|l| l.split_once('\t'))))
}

fn every_word(texts: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = texts
        .iter()
        .flat_map(|t| t.split_whitespace())
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|w| w.len() > 2)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
