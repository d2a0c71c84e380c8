#!/usr/bin/env bash
# Counting pairs (MB/s of text) and GloVe's epochs a second beside a plain rendering of the reference's inner loop.
set -euo pipefail
vectory="${VECTORY:-vectory}"
data="${VECTORY_DATA:-../shared/data}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
for round in 1 2 3; do
  "$vectory" learn counts "$data/words/corpus/wiki-en.txt.zst" --max-vocab "${WORDS:-20000}" --threads 2 -o "$work/counts.safetensors"
done
glove="${BENCH_GLOVE:-cargo run --release -q -p vectory-learn --example bench_glove --}"
$glove "$work/counts.safetensors" 100
