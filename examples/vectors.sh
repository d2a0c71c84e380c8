#!/usr/bin/env bash
# Tutorial: are my vectors any good? Embed some texts, look at the rows, index them, search them, convert them.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"
for topic in river bridge mountain violin sonnet teapot comet lantern; do
  for verb in crosses paints measures forgets remembers describes; do
    echo "the $topic $verb the old town in the $verb light"
  done
done > texts.txt

"$vectory" embed texts.txt --lines -o rows.npy                     # one row a line
"$vectory" inspect rows.npy --html report.html                     # isotropy, hubness, duplicates, … with pictures
"$vectory" index rows.npy --factory HNSW16 --metric cosine -o rows.idx
"$vectory" search rows.idx rows.npy -k 3 -o nearest.ivecs          # each row's neighbours, itself first
"$vectory" convert rows.npy rows.fvecs
"$vectory" convert rows.fvecs rows.safetensors
ls -l report.html nearest.ivecs rows.safetensors
