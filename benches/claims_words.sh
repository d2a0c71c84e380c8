#!/usr/bin/env bash
# Measures the claims of learning from text, one after the other, and prints rows of a table: id, holds, seconds, measured.
#   claims_words.sh [ID…]
set -uo pipefail
vectory="${VECTORY:-${CARGO_TARGET_DIR:-target}/release/vectory}"
[ $# -gt 0 ] || set -- 005 008 009 010 012 014 015 023 029 045 048 049 058 077 083 084 086 087 144 148 149 181 190 197 203
for id in "$@"; do
  timeout "${LIMIT:-300}" "$vectory" reproduce "$id" --json 2>/dev/null | python3 -c '
import json, sys
text = sys.stdin.read()
for c in json.loads(text) if text.strip() else [{"id": "'"$id"'", "holds": None, "seconds": 0, "measured": "no answer within the limit"}]:
    print("| %s | %s | %.0f s | %s |" % (c["id"], {True: "yes", False: "no"}.get(c["holds"], "not run"), c["seconds"], c["measured"]), flush=True)'
done
