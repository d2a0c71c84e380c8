#!/usr/bin/env python3
"""BM25 side by side: our example `bench_bm25` and the peers' script (`lexical.py` of the shared bench folder) in turns on
the same BEIR folders. Prints one line a set with the ratios of medians: ours over bm25s-numba in queries a second, ours
over tantivy in documents a second, and nDCG@10 of both; `--json` for one JSON object.

  lexical_vs.py --bench ../shared/bench --data ../shared/data/retrieval --python PYTHON [--sets scifact,cranfield,npl] [--rounds 3]

PYTHON has bm25s, numba, PyStemmer and tantivy. Rates are queries and documents per second of the process's CPU time (the
wall clock is shared with whatever else runs); index rates of the peers are by the wall clock, as their script gives them,
so compare them on a quiet machine. One thread everywhere. Cargo must have built the example: `--ours` names it.
"""
import argparse, json, os, statistics, subprocess, sys


def run(command):
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def measure(a, name):
    folder = os.path.join(a.data, name)
    rows = {}
    for _ in range(a.rounds):
        found = run([a.ours, folder, "--repeat", str(a.repeat)])
        found += run([a.python, os.path.join(a.bench, "lexical.py"), "--beir", folder, "--lib", "bm25s-numba,tantivy", "--repeat", str(a.repeat)])
        for row in found:
            rows.setdefault(row["lib"], []).append(row)
    # A peer's script leaves out what it has not measured in a round.
    median = lambda lib, key: statistics.median([r[key] for r in rows[lib] if r.get(key) is not None] or [float("nan")])
    ours, numba, tantivy = "vectory", "bm25s-numba", "tantivy"
    return {
        "data": name,
        "docs": rows[ours][0]["docs"],
        "qps": {lib: median(lib, "qps_cpu") for lib in rows},
        "qps_over_numba": round(median(ours, "qps_cpu") / median(numba, "qps_cpu"), 2),
        "index_docs_s": {lib: median(lib, "index_docs_s") for lib in rows},
        "index_over_tantivy": round(median(ours, "index_docs_s") / median(tantivy, "index_docs_s"), 2),
        "ndcg10": {lib: median(lib, "ndcg10") for lib in rows},
        "recall100": {lib: median(lib, "recall100") for lib in rows},
        "load": round(os.getloadavg()[0], 1),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bench", default="../shared/bench")
    ap.add_argument("--data", default="../shared/data/retrieval")
    ap.add_argument("--python", default=sys.executable)
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    ap.add_argument("--ours", default=os.path.join(target, "release/examples/bench_bm25"))
    ap.add_argument("--sets", default="scifact,cranfield,npl")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--repeat", type=int, default=10)
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    results = []
    for name in a.sets.split(","):
        r = measure(a, name)
        results.append(r)
        if not a.json:
            print(f"{name:10} {r['docs']:6} docs | queries/s {r['qps']['vectory']:8.0f} = {r['qps_over_numba']:5.2f} x bm25s-numba"
                  f" | docs/s {r['index_docs_s']['vectory']:8.0f} = {r['index_over_tantivy']:5.2f} x tantivy"
                  f" | nDCG@10 {r['ndcg10']['vectory']:.4f}, bm25s {r['ndcg10']['bm25s-numba']:.4f}", flush=True)
    if a.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
