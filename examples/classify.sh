#!/usr/bin/env bash
# Tutorial: labels for texts. Labelled lines become a classifier; it is tested on lines that it has not seen, asked, given to fastText, and made small.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"

# A line a text; its labels first. Here: what people write to a shop.
items=(kettle lamp chair radio clock mirror); n=0
for i in $(seq 1 60); do
  a=${items[$((i % 6))]}; b=${items[$(((i * 5 + 1) % 6))]}
  echo "__label__return the $a arrived broken and I want my money back for it"
  echo "__label__return please tell me how to send back a $a that does not work"
  echo "__label__delivery when will my $b arrive, the parcel is late again"
  echo "__label__delivery the driver left the $b with a neighbour"
  echo "__label__praise what a lovely $a, it works well, thank you"
  echo "__label__praise I am very happy with the $b and would buy it again"
done > all.txt
awk 'NR % 5' all.txt > train.txt; awk 'NR % 5 == 0' all.txt > test.txt

echo "== learn: words and pairs of words"
"$vectory" learn classify train.txt -o labels.safetensors --word-ngrams 2 --dim 16 --bucket 5000 --rate 0.5 --epochs 10 --deterministic --fasttext labels.bin

echo "== test: on lines that it has not seen"
"$vectory" test labels.safetensors test.txt

echo "== predict: a line a text, the likeliest labels"
printf 'my lamp came in pieces, money back please\nwhere is the parcel\n' | "$vectory" predict labels.safetensors - -k 2

echo "== the same by the model that the fastText program reads, and by ours from it"
"$vectory" test labels.bin test.txt

echo "== four hashes into a table a tenth as large; raw bytes, for any language or no language at all"
"$vectory" learn classify train.txt -o small.safetensors --hashes 4 --bucket 500 --word-ngrams 2 --dim 16 --rate 0.5 --epochs 20 --deterministic
"$vectory" test small.safetensors test.txt
"$vectory" learn classify train.txt -o bytes.safetensors --bytes 1,2,4,8 --dim 16 --bucket 16384 --rate 0.5 --epochs 20 --deterministic
"$vectory" test bytes.safetensors test.txt
