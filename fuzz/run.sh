#!/usr/bin/env bash
# Runs the fuzz targets on stable Rust, each for so many seconds of processor time, and prints a line each: `fuzz/run.sh [SECONDS] [TARGET…]`.
# Seeds are files of every form, made by the binary from a few rows and texts. A finding lies in fuzz/artifacts and ends the run with 1.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true
vectory="${VECTORY:-${CARGO_TARGET_DIR:-../target}/release/vectory}"
export CARGO_TARGET_DIR="${FUZZ_TARGET_DIR:-$PWD/target}"
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cdebug-assertions"
# The runtime is told the target triple, so that build scripts are compiled without coverage.
triple=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --target "$triple" --bins
bins="$CARGO_TARGET_DIR/$triple/release"

seeds() { # forms of vectors and documents, one folder a target
  local at=corpus
  mkdir -p "$at"
  [ -x "$vectory" ] || { echo "fuzz: no binary at $vectory: without seeds" >&2; return; }
  printf '4 3\na 1 2 3\nb 4 5 6\nc 0 0 1\nd 1 0 0\n' > "$at/rows.txt"
  for form in npy npz fvecs bvecs fbin u8bin safetensors parquet tsv; do
    mkdir -p "$at/vectors_$form"
    "$vectory" convert "$at/rows.txt" "$at/vectors_$form/seed.$form" --quiet || true
  done
  mkdir -p "$at"/{vectors_word2vec_text,vectors_npy_gz,vectors_npy_zst,documents_jsonl,documents_csv,documents_gzip,documents_zstd,recipe,filter_text,filter_json,http_body}
  cp "$at/rows.txt" "$at/vectors_word2vec_text/seed"
  gzip -c "$at/vectors_npy/seed.npy" > "$at/vectors_npy_gz/seed" || true
  zstd -qc "$at/vectors_npy/seed.npy" > "$at/vectors_npy_zst/seed" 2>/dev/null || true
  printf '{"_id":"1","title":"a","text":"one two","year":3}\n' | tee "$at/documents_jsonl/seed" | gzip -c > "$at/documents_gzip/seed"
  printf 'id,text\n1,"one, two"\n' > "$at/documents_csv/seed"
  cp ../recipes/*.toml "$at/recipe/"
  printf 'year >= 2020 and (lang = "en" or not title contains "x") and k in (1, 2.5, true, null)' > "$at/filter_text/seed"
  printf '{"must":[{"key":"n","range":{"gte":1}},{"key":"t","match":{"any":["a"]}}],"min_should":{"conditions":[{"has_id":[1]}],"min_count":1}}' > "$at/filter_json/seed"
  printf 'x{"query":[1,2,3,4],"using":"a","limit":3,"filter":{"must_not":[{"is_empty":{"key":"n"}}]},"with_payload":true,"prefetch":[{"query":{"indices":[1],"values":[2]},"using":"s"}]}' > "$at/http_body/seed"
}

spent() { # seconds of processor time of a process, nothing once it has ended
  awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) / tick) }' "/proc/$1/stat" 2>/dev/null
}

fuzz() { # a target until its processor time is used up; its exit status
  "$bins/$1" "corpus/$1" -rss_limit_mb=2048 -timeout=20 -max_len=65536 -print_final_stats=1 -handle_usr1=1 \
    -artifact_prefix="artifacts/$1/" > "$2" 2>&1 &
  local pid=$! used
  while used=$(spent $pid) && [ -n "$used" ]; do
    [ "$used" -lt "$seconds" ] || kill -USR1 $pid 2>/dev/null || true
    sleep 1
  done
  wait $pid
}

seeds
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\([a-z0-9_]*\)"$/\1/p' Cargo.toml)
failed=0
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target"
  log=$(mktemp)
  if fuzz "$target" "$log"; then
    outcome=clean
  else
    outcome="FINDING, see fuzz/artifacts/$target"
    failed=1
    grep -m 3 -E "panicked|ERROR|SUMMARY" "$log" || true
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  reached=$(grep -oE 'cov: [0-9]+' "$log" | tail -1 || true)
  printf '%-24s %4s s %12s runs  %s  peak %s MB  %s\n' "$target" "$seconds" "${runs:-?}" "${reached:-cov: ?}" "${peak:-?}" "$outcome"
  rm -f "$log"
done
exit $failed
