#!/usr/bin/env bash
# Runs every side-by-side benchmark. PEERS: a Python with the peers; without it only our own side is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
vectory="${CARGO_TARGET_DIR:-target}/release/vectory"
data="${VECTORY_DATA:-../shared/data}"
peers="${PEERS:-}"

echo "== retrieval: nDCG@10 by view, and the choice of fusion"
"$vectory" evaluate retrieval --data "$data"/retrieval/{scifact,cranfield,cisi,cacm,med,npl} --fusion-study

echo "== sentence similarity: STS-B test"
"$vectory" evaluate sts --data "$data/sentences/sts/STSBenchmark/sts-test.csv"

echo "== latency of hybrid search over the demo space (make demo first)"
bash benches/latency.sh

echo "== counting pairs, GloVe"
bash benches/counts.sh

if command -v node >/dev/null && [ -d web/node_modules/playwright-core ]; then
  echo "== the page: a map of a million points"
  node benches/page.mjs "$vectory"
else
  echo "skipped: the page's map (needs node, and make web)"
fi

if [ -n "$peers" ]; then
  echo "== scans over codes"
  "$peers" benches/codes.py scan
  for script in kernels knn lexical_vs encode transform words labels maps; do
    echo "== $script"
    "$peers" "benches/$script.py"
  done
  echo "== late interaction: Cranfield, then six collections with fast-plaid"
  "$peers" benches/multivec_vs.py target/bench/cranfield "$data/retrieval/cranfield"
  "$peers" benches/multivec_vs.py target/bench/six "$data"/retrieval/{scifact,npl,cacm,cisi,cranfield,med} --peer plaid --factory PLAID
  echo "== sparse search"
  "$peers" benches/splade_like.py "$data/words/corpus/wiki-en.txt.zst" target/bench/sparse
  "$peers" benches/sparse_vs.py target/bench/sparse
  echo "== ann_vs (BASE and QUERY name .npy files of unit rows)"
  [ -z "${BASE:-}" ] || "$peers" benches/ann_vs.py "$BASE" "$QUERY"
  echo "== server beside chromadb's"
  "$peers" benches/serve.py "$vectory" --chroma "$(dirname "$peers")/chroma"
  echo "== durable upserts in this process"
  cargo run --release --quiet -p vectory-space --example bench_upsert
  echo "== a large space: importing, opening, the first answer"
  "$peers" benches/space.py "$vectory" --points 1000000
  echo "== claim 100 through the server"
  "$peers" benches/two_segments.py "$vectory" "$data/retrieval/npl"
else
  echo "PEERS is not set: the peers are not measured (see benches/README.md)"
fi
