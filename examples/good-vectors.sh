#!/usr/bin/env bash
# Tutorial: are my vectors any good? Look at them, see what would help, try the cure, keep it for rows that come later; then find the
# rows that are wrong. good-vectors.md tells it with its pictures; PICTURES=DIR keeps the pages that they are taken from.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"
for topic in river bridge mountain violin sonnet teapot comet lantern; do
  for verb in crosses paints measures forgets remembers describes; do
    for place in town valley harbour garden museum station; do
      echo "the $topic $verb the old $place"; echo "$topic" >> topics.txt
    done
  done
done > texts.txt
echo "a violin remembers the quiet harbour" > later.txt
echo "interest rates rose by a quarter of a point" >> later.txt

# 1. Look, and see what would help.
"$vectory" embed texts.txt --lines -o rows.npy
"$vectory" inspect rows.npy --html before.html                     # the last section says what would help, measured
"$vectory" transform --steps                                       # what a chain can be made of
"$vectory" transform rows.npy --with "whiten:pca,dims=32 | normalize" -o white.npy --save white.safetensors
"$vectory" inspect white.npy --html after.html                     # IsoScore up, mean cosine about 0
"$vectory" embed later.txt --lines -o later.npy                    # rows that come later pass through what was fitted
"$vectory" transform later.npy --apply white.safetensors -o later-white.npy
"$vectory" transform rows.npy --with erase --labels topics.txt -o blind.npy   # no linear model can read the topic any more
"$vectory" compare rows.npy blind.npy --html compare.html          # and what is left of who is near whom

# 2. Which rows are wrong? Five labels are false: line 1 is of a river.
sed '1s/.*/comet/;40s/.*/teapot/;90s/.*/river/;150s/.*/lantern/;260s/.*/sonnet/' topics.txt > noisy.txt
"$vectory" inspect typicality rows.npy --labels noisy.txt -c 0.01 -o ranks.tsv --html typicality.html   # the five come out
"$vectory" explain --by-samples rows.npy --labels noisy.txt --row 1 --top 3   # which rows make row 1 what it is
"$vectory" inspect magnitude rows.npy --new later.npy --html magnitude.html   # which rows lie at the edge, which outside

# 3. A picture of all of it.
"$vectory" map rows.npy --items texts.txt --labels topics.txt --epochs 100 -o map.html
[ -z "${PICTURES:-}" ] || cp ./*.html "$PICTURES"
ls -l before.html after.html later-white.npy blind.npy map.html
