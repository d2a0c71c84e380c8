#!/usr/bin/env bash
# Tutorial: are my vectors any good? Look at them, see what would help, try the cure, keep it for rows that come later.
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

"$vectory" embed texts.txt --lines -o rows.npy
"$vectory" inspect rows.npy --html before.html                     # the last section says what would help, measured
"$vectory" transform --steps                                       # what a chain can be made of
"$vectory" transform rows.npy --with "whiten:pca,dims=32 | normalize" -o white.npy --save white.safetensors
"$vectory" inspect white.npy --html after.html                     # IsoScore up, mean cosine about 0
"$vectory" embed later.txt --lines -o later.npy                    # rows that come later pass through what was fitted
"$vectory" transform later.npy --apply white.safetensors -o later-white.npy
"$vectory" transform rows.npy --with erase --labels topics.txt -o blind.npy   # no linear model can read the topic any more
ls -l before.html after.html later-white.npy blind.npy
