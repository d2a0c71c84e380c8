#!/usr/bin/env bash
# Tutorial: word vectors from counts to answers. Text is counted once; two learners read the counts; the models answer questions, are
# scored, drawn towards a lexicon, and learn a new word from three sentences.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"

# A small world: animals that eat and run, vehicles that drive and stop, each with words of its own.
animals=(dog cat horse cow fox wolf); vehicles=(car bus train truck tram van)
for i in $(seq 1 240); do
  a=${animals[$((i % 6))]}; b=${animals[$(((i / 6 + 1) % 6))]}; v=${vehicles[$((i % 6))]}; w=${vehicles[$(((i / 6 + 1) % 6))]}
  echo "the $a eats and runs with the $b in the green field"
  echo "a $a sleeps while the $b eats"
  echo "the $v drives and stops behind the $w on the busy road"
  echo "a $v needs fuel and the $w needs a driver"
done > world.txt

echo "== counts: one pass over the text, for every learner"
"$vectory" learn counts world.txt --window 5 --min-count 2 -o counts.safetensors

echo "== two learners from the same counts"
"$vectory" learn ppmi counts.safetensors --dim 8 -o ppmi.safetensors
"$vectory" learn glove counts.safetensors --dim 6 --epochs 60 --set x_max=10 -o glove.safetensors --full full.safetensors

echo "== questions"
"$vectory" nn ppmi.safetensors horse -k 5
"$vectory" odd-one-out ppmi.safetensors dog cat bus wolf
"$vectory" similar ppmi.safetensors car truck
"$vectory" similar glove.safetensors car truck dog --glove full.safetensors --counts counts.safetensors
"$vectory" nn ppmi.safetensors hrose -k 1 --oov spelling

echo "== how good: agreement with people's judgements (here: yours)"
mkdir -p sets/similarity
printf 'dog cat 9\ncar truck 9\nfox wolf 8\nbus tram 8\ndog car 1\ncow road 2\nfuel field 1\n' > sets/similarity/mine.txt
"$vectory" evaluate words ppmi.safetensors --data sets

echo "== a lexicon draws words together"
printf 'tram bus train\nfox wolf\n' > lexicon.txt
"$vectory" learn retrofit ppmi.safetensors --lexicon lexicon.txt -o refined.safetensors
"$vectory" similar refined.safetensors fox wolf

echo "== a new word from three sentences"
printf 'the zorse eats and runs in the field\na zorse sleeps\nthe zorse runs with the horse\n' > zorse.txt
"$vectory" learn induce ppmi.safetensors --word zorse --contexts zorse.txt -k 3 -o with-zorse.safetensors
"$vectory" odd-one-out with-zorse.safetensors zorse dog bus

echo "== to other programs"
"$vectory" learn glove counts.safetensors --dim 8 --epochs 5 -o glove.vec
head -1 glove.vec
