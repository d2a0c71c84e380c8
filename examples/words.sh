#!/usr/bin/env bash
# Learning from your own text: word vectors, an encoder for search, a classifier. Takes seconds.
set -euo pipefail
vectory="${VECTORY:-vectory}"
here="$(cd "$(dirname "$0")/.." && pwd)"
tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# Any plain text will do, a sentence a line; here: the documentation of this repository, repeated so that words recur.
for i in 1 2 3 4 5 6 7 8; do cat "$here"/*.md "$here"/benches/*.md; done > text.txt

echo "== phrases: what stands together more often than chance becomes one word"
"$vectory" learn phrases text.txt -o joined.txt --show 5

echo "== word vectors: words, and their n-grams, so that unknown words have vectors too"
"$vectory" learn fasttext joined.txt -o words.safetensors --tokens space --dim 50 --bucket 20000 --deterministic

echo "== the same for the fastText program and gensim"
"$vectory" convert words.safetensors words.bin --to fasttext
"$vectory" convert words.bin words.vec
head -n 1 words.vec

echo "== every learned model is an encoder of texts"
printf 'the index of a space\nmeasure the claims\n' > questions.txt
"$vectory" embed questions.txt --lines --model words.safetensors -o questions.npy

echo "== a classifier, from labelled lines"
for i in $(seq 40); do
  echo "__label__search which passage answers question number $i about an index"
  echo "__label__learn train word vectors on corpus number $i with negative samples"
done > labelled.txt
"$vectory" learn classify labelled.txt -o labels.safetensors --rate 0.5 --epochs 20 --bucket 1000 --deterministic
"$vectory" test labels.safetensors labelled.txt
echo "vectors from a corpus" | "$vectory" predict labels.safetensors -
