//! Claim 063: concept scores keep what a classifier needs, and say it in names.

use std::collections::HashMap;

use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Encode, Vectors, rng, simd};
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
        data: "classification/AG_News, graphs/wordnet (nouns to depth 5), ann/glove100-50k (random words), the sentence encoder",
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
    // Random words of the language, and of the texts themselves: those name what the texts are about.
    let english = lines(&c.data("ann/glove100-50k/glove100_base_words.txt.gz")?)?;
    let english = english.into_iter().filter(|w| w.len() > 2 && w.bytes().all(|b| b.is_ascii_lowercase())).collect();
    let random = |mut words: Vec<String>| {
        words.shuffle(&mut rng::stream(c.context.seed, "claim.063.words"));
        words.truncate(768);
        study.judge(&words).map(|j| j.1)
    };
    let (random_purity, own_purity) = (random(english)?, random(every_word(&texts))?);
    let mut worth = Worth { study: &study, cosines: HashMap::new() };
    let chosen = taxonomy.on_demand(&start[..start.len().min(30)], 100, |ids| {
        worth.of(ids, spell).unwrap_or_else(|_| vec![0.0; ids.len()])
    });
    let demanded: Vec<String> = chosen.iter().map(spell).collect();
    // As many of a fixed depth: the first 100 of the breadth-first order.
    let fixed: Vec<String> = taxonomy.down_to(root, 5).iter().take(100).map(spell).collect();
    let (on_demand, depth) = (study.judge(&demanded)?.0, study.judge(&fixed)?.0);
    Ok(Outcome {
        measured: format!(
            "accuracy: raw {raw:.4}, 768 concepts {concepts:.4} ({:.1} %); top-concept purity: concepts {purity:.3}, random words {random_purity:.3}, random words of the texts \
             {own_purity:.3}; 100 on demand \
             {on_demand:.4}, 100 of fixed depth {depth:.4}",
            100.0 * concepts / raw
        ),
        holds: concepts >= 0.95 * raw && random_purity < purity && on_demand > depth,
        note: format!(
            "concepts drawn from WordNet's nouns to depth 5, random words from 50,000 English ones (words of the scored texts, test half included, are \
             shown beside); on demand by 0.8 mean cosine + 0.2 purity over the training half, the larger half of a concept's children each time; scores \
             standardised over the training half; encoder: {}",
            encoder.name()
        ),
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
}

/// What concepts are worth to the training half: 0.8 of the mean cosine and 0.2 of the purity, the share of the largest class among
/// the texts that have the concept on top.
struct Worth<'a> {
    study: &'a Study<'a>,
    /// Of each concept met: its cosine with every training row.
    cosines: HashMap<usize, Vec<f32>>,
}

impl Worth<'_> {
    fn of(&mut self, ids: &[usize], spell: impl Fn(&usize) -> String) -> Result<Vec<f64>, ClaimError> {
        let new: Vec<usize> = ids.iter().copied().filter(|i| !self.cosines.contains_key(i)).collect();
        let vectors = self.study.vectors(&new.iter().map(spell).collect::<Vec<_>>())?;
        let train = self.study.rows.view().slice(0, self.study.half);
        for (id, v) in new.iter().zip(vectors.iter()) {
            self.cosines.insert(*id, train.iter().map(|r| simd::cosine(r, v)).collect());
        }
        let columns: Vec<&Vec<f32>> = ids.iter().filter_map(|i| self.cosines.get(i)).collect();
        let mut counts = vec![[0usize; 4]; ids.len()];
        for i in 0..train.rows() {
            let top = (0..columns.len()).fold(0, |b, k| if columns[k][i] > columns[b][i] { k } else { b });
            counts[top][self.study.labels[i] as usize] += 1;
        }
        let purity =
            |c: &[usize; 4]| c.iter().max().copied().unwrap_or(0) as f64 / c.iter().sum::<usize>().max(1) as f64;
        let mean = |c: &Vec<f32>| c.iter().map(|v| f64::from(*v)).sum::<f64>() / train.rows().max(1) as f64;
        Ok(columns.iter().zip(&counts).map(|(c, n)| 0.8 * mean(c) + 0.2 * purity(n)).collect())
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
