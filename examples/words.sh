#!/usr/bin/env bash
# Learning from your own text: word vectors, senses, an encoder for search. Takes seconds. (Labels: classify.sh; topics: topics.sh.)
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

echo "== questions: nearest words, and what a slip of the pen is near to"
"$vectory" nn words.safetensors vectors -k 5
"$vectory" nn words.safetensors vectros -k 3

echo "== several senses a word: which is meant depends on what is around"
for i in $(seq 300); do
  echo "the bank lends money at a rate of $((i % 7)) percent and the loan is paid to the bank in money"
  echo "the river bank is muddy and the boat lies by the water of the river under the trees"
done > senses.txt
"$vectory" learn senses senses.txt -o senses.safetensors --senses 2 --dim 16 --epochs 20 --rate 0.1 --sample 0 --deterministic
"$vectory" senses senses.safetensors bank --context "the bank lends money" --context "a boat by the muddy bank of the river"

echo "== a space may learn its encoder from its own passages, and keeps it"
cat > own.toml <<'TOML'
[[view]]
name = "words"
kind = "sparse"
[[view]]
name = "meaning"
kind = "dense"
encode = { learn = "sent2vec", params = { dim = 50, buckets = 5000, sample = 1e-3 } }
TOML
"$vectory" build "$here"/README.md "$here"/ARCHITECTURE.md "$here"/CHANGELOG.md -o docs.space --recipe own.toml
"$vectory" search docs.space "which method finds nearest rows?" -k 1
"$vectory" check docs.space
