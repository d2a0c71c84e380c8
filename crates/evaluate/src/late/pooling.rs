//! Claim 070: half of the tokens do nearly as well as all, and likeness is a better reason to pool than neighbourhood.

use vectory_compress::pooling::{PoolMethod, PoolingParams, pool, pooled_length};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};

use super::tokens::{self, Bags};

pub(crate) const TOKEN_POOLING: Method = Method {
    id: "070",
    name: "Token pooling for ColBERT-style indexes",
    home: "compress",
    kind: "method",
    command: "vectory index TOKENS.npz --factory MaxSim --pool-factor 2 -o F",
    claim: Some(Claim {
        statement: "Pooling the token vectors of SciFact's documents to a half keeps nDCG@10, to a third nearly, and Ward's groups are \
                    no worse than runs of neighbours",
        threshold: "nDCG@10 at f=2 >= 99 % of unpooled, at f=3 >= 95 %; hierarchical >= sequential at f=4; stored vectors fall by \
                    exactly the expected ratio",
        data: "retrieval/scifact",
        run,
    }),
};

/// Tokens of a document at most: Ward's method takes the square of a document's length. All judged queries: with 100 of them, a question more or
/// less is worth more than what is compared.
const TOKENS: usize = 128;
const QUERIES: usize = 300;

/// The likely reason where it does not hold.
const WHY: &str = "static token vectors know no context: likeness groups words of like meaning from all over a document, whose mean is near to \
                   none of them exactly, while a run of neighbours keeps its own words together (contextual tokens of Cranfield: benches/RESULTS.md); ";

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let bags = tokens::read(c, "retrieval/scifact", TOKENS, QUERIES)?;
    let full =
        tokens::ndcg(&bags.collection, &tokens::search(bags.documents.view(), bags.queries.view(), 10, &c.context)?)?;
    let of = |factor, method| pooled(&bags, &PoolingParams { factor, protected: 0, method }, c);
    let (two, exact2) = of(2, PoolMethod::Hierarchical)?;
    let (three, exact3) = of(3, PoolMethod::Hierarchical)?;
    let (four, exact4) = of(4, PoolMethod::Hierarchical)?;
    let (runs, exact_runs) = of(4, PoolMethod::Sequential)?;
    let exact = exact2 && exact3 && exact4 && exact_runs;
    let holds = two >= 0.99 * full && three >= 0.95 * full && four >= runs && exact;
    let share = |v: f64| 100.0 * v / full;
    Ok(Outcome {
        measured: format!(
            "nDCG@10 unpooled {full:.4}; Ward f=2 {two:.4} ({:.1} %), f=3 {three:.4} ({:.1} %), f=4 {four:.4} ({:.1} %); runs f=4 {runs:.4} \
             ({:.1} %); lengths {}",
            share(two),
            share(three),
            share(four),
            share(runs),
            if exact { "as expected" } else { "not as expected" }
        ),
        holds,
        note: format!(
            "{}{} documents, of each at most {TOKENS} tokens: {} of {} values by `{}`, {} queries; tokens searched in 8 bits; query tokens keep their weights",
            if holds { "" } else { WHY },
            bags.documents.len(),
            bags.documents.rows().rows(),
            bags.documents.rows().dim(),
            tokens::encoder(c)?.name(),
            bags.queries.len()
        ),
    })
}

/// nDCG@10 after pooling, and whether every document has the length that it should.
fn pooled(bags: &Bags, params: &PoolingParams, c: &ClaimContext) -> Result<(f64, bool), ClaimError> {
    let small = pool(bags.documents.view(), params, &c.context).map_err(ClaimError::failed)?;
    let expected =
        bags.documents.lengths().iter().map(|l| pooled_length(*l as usize, params) as u32).collect::<Vec<_>>();
    let found = tokens::search(small.view(), bags.queries.view(), 10, &c.context)?;
    Ok((tokens::ndcg(&bags.collection, &found)?, small.lengths() == expected))
}
