#!/usr/bin/env bash
# Tutorial: what is a pile of texts about? Topics that are found; texts labelled by keywords; a mixture of topics a text (lda2vec).
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"

# Three subjects, a text a line.
food=(bread soup cheese butter salad noodles); sport=(football tennis hockey cricket rowing cycling); money=(loan market shares interest budget taxes)
for i in $(seq 1 60); do
  f=${food[$((i % 6))]}; g=${food[$(((i * 5 + 2) % 6))]}; s=${sport[$((i % 6))]}; t=${sport[$(((i * 5 + 2) % 6))]}; m=${money[$((i % 6))]}; n=${money[$(((i * 5 + 2) % 6))]}
  echo "the cook serves $f with $g, warm from the kitchen, and the recipe for $g is easy to cook"
  echo "the team won the $s match, the players trained for $t all week and the coach was proud of the players"
  echo "the bank says that $m and $n will rise, so investors look at the $m of the bank"
done > texts.txt

echo "== topics that are found, named by their nearest words (Top2Vec on the encoder that ships inside)"
"$vectory" topics texts.txt --lines --min-size 10 --top 5

echo "== texts labelled by keywords alone (Lbl2Vec)"
"$vectory" topics texts.txt --lines --label food=kitchen,meal,cook --label sport=team,match,players --label money=bank,investors,market -o labels.txt
sort labels.txt | uniq -c

echo "== words, topics and a mixture for each text, learned from these texts alone (lda2vec)"
"$vectory" learn lda2vec texts.txt -o mix.safetensors -n 3 --dim 20 --sample 0 --rate 0.05 --min-count 3 --top 6 --mixtures mixtures.npy --deterministic
"$vectory" convert mixtures.npy mixtures.tsv

echo "== the model is an encoder: a new text is placed among the topics"
printf 'a salad from the kitchen\nthe players of the match\n' > new.txt
"$vectory" embed new.txt --lines --model mix.safetensors -o new.npy
