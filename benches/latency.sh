#!/usr/bin/env bash
# Latency of hybrid search, warm, one thread: the 1,109 SciFact claims asked of the demo space (run `make demo` first).
set -euo pipefail
vectory="${CARGO_TARGET_DIR:-target}/release/vectory"
data="${VECTORY_DATA:-../shared/data}"
space="${DEMO_SPACE:-${TMPDIR:-/tmp}/vectory-demo-$(id -u)/docs.space}"
[ -d "$space" ] || { echo "latency: no space at $space: run \`make demo\` first" >&2; exit 1; }
questions=$(mktemp)
trap 'rm -f "$questions"' EXIT
sed -E 's/.*"text": *"([^"]*)".*/\1/' "$data/retrieval/scifact/queries.jsonl" > "$questions"
"$vectory" search "$space" - -k 10 --threads 1 --json < "$questions" > /dev/null
