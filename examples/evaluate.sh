#!/usr/bin/env bash
# Tutorial: how good are the answers? A tiny test collection in BEIR's layout, scored view by view; then a TREC run on its own.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"
mkdir -p tiny/qrels
cat > tiny/corpus.jsonl <<'JSON'
{"_id": "d1", "title": "Storms", "text": "A hurricane brings heavy wind and rain to the coast."}
{"_id": "d2", "title": "Bread", "text": "Yeast makes the dough rise."}
{"_id": "d3", "title": "Ports", "text": "Ships wait in the harbour until the gale is over."}
JSON
cat > tiny/queries.jsonl <<'JSON'
{"_id": "q1", "text": "bad weather at sea"}
{"_id": "q2", "text": "baking"}
JSON
printf 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td3\t1\nq2\td2\t1\n' > tiny/qrels/test.tsv

"$vectory" evaluate retrieval --data tiny --run-out run.trec
"$vectory" evaluate run --run run.trec --qrels tiny/qrels/test.tsv
