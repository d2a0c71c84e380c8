#!/usr/bin/env bash
# Tutorial: search your notes. A folder of three files becomes a space; a file changes; only that file is encoded again.
set -euo pipefail
vectory="${VECTORY:-vectory}"
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT; cd "$work"
mkdir notes
printf '# Bread\n\nMix flour, water and salt. Let the dough rise overnight, then bake it hot.\n' > notes/bread.md
printf 'The tax return is due at the end of July. Receipts are in the blue folder.\n' > notes/tax.txt
printf '# Garden\n\nTomatoes want sun; water them in the morning.\n' > notes/garden.md

"$vectory" build notes -o notes.space
"$vectory" search notes.space "when do I have to file my taxes?" -k 1
"$vectory" search notes.space "vegetables" -k 1 --explain          # meaning finds what words do not

printf 'The tax return is due at the end of May now.\n' > notes/tax.txt
"$vectory" build notes -o notes.space                              # 1 changed, 2 unchanged
"$vectory" search notes.space "deadline" -k 1 --filter 'ext = "txt"'
"$vectory" check notes.space --full
