#!/usr/bin/env bash
# From a folder to answers: indexes the documentation of our own dependencies (every machine that built Vectory has it) and asks five questions.
set -euo pipefail
vectory="${VECTORY:-vectory}"
space="${DEMO_SPACE:-${TMPDIR:-/tmp}/vectory-demo-$(id -u)/docs.space}"
registry="${CARGO_HOME:-$HOME/.cargo}/registry/src"
[ -d "$registry" ] || { echo "demo: no sources of dependencies in $registry: run \`cargo fetch\` first" >&2; exit 1; }
mkdir -p "$(dirname "$space")"

ask() {
  printf '\n\033[1m$ vectory search docs.space "%s"\033[0m\n' "$1"
  "$vectory" search "$space" "$1" -k 3
}

printf '\033[1m$ vectory build %s --include "*.md,*.rs" --code docs -o docs.space\033[0m\n' "$registry"
"$vectory" build "$registry" --include '*.md,*.rs' --code docs -o "$space"

ask "how do I split work across several threads?"
ask "read a file into memory without copying it"
ask "what happens to my data if the program crashes during a commit?"
ask "turn a struct into JSON"
ask "find the singular values of a matrix"

cat <<EOF

The space lies in $space. Try next:
  vectory search  $space "your own question" --explain
  vectory search  $space "cache" --filter 'ext = "md"' --view words
  vectory inspect $space --html report.html
  vectory build   ~/notes -o notes.space && vectory search notes.space "…"
EOF
