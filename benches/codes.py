"""Scans over codes and inverted files: ours (examples bench_scan and bench_codes, built) against faiss, one thread.

    peers/bin/python benches/codes.py scan [--rows N]          rows a second of a scan, faiss IndexPQFastScan beside PQ<m>x4fs
    peers/bin/python benches/codes.py ivf BASE.npy QUERY.npy [--metric l2]  recall@10 against queries a second
"""
import argparse, json, os, subprocess, time
import numpy as np, faiss

BIN = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release/examples")


def ours(*args):
    out = subprocess.run([os.path.join(BIN, args[0]), *map(str, args[1:])], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def best(f, times=3):
    least = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        f()
        least = min(least, time.perf_counter() - start)
    return least


def scan(a):
    rng = np.random.default_rng(1)
    for m in (16, 32):
        index = faiss.IndexPQFastScan(a.dim, m, 4)
        index.train(rng.standard_normal((5000, a.dim), dtype="f4"))
        for _ in range(a.rows // 50_000):
            index.add(rng.standard_normal((50_000, a.dim), dtype="f4"))
        q = rng.standard_normal((16, a.dim), dtype="f4")
        one = best(lambda: [index.search(q[i:i + 1], 10) for i in range(4)]) / 4
        batch = best(lambda: index.search(q, 10)) / 16
        us = ours("bench_scan", "--rows", index.ntotal, "--dim", a.dim, f"PQ{m}x4fs")[0]["million_rows_per_s"]
        again = best(lambda: [index.search(q[i:i + 1], 10) for i in range(4)]) / 4
        rate = lambda s: index.ntotal / s / 1e6
        print(f"PQ{m}x4fs, {index.ntotal} rows: ours {us:.0f}, faiss {rate(min(one, again)):.0f} (16 queries at a time {rate(batch):.0f}) million rows/s")
    for r in ours("bench_scan", "--rows", a.rows, "--dim", a.dim, "F32", "LVQ8", "LVQ4", "SQ8", "Sign", "RaBitQ"):
        print(f"{r['codec']:8} {r['bytes_per_row']:4} bytes a row {r['gb_per_s']:6.1f} GB/s {r['million_rows_per_s']:7.0f} million rows/s")


def ivf(a):
    base, query = np.load(a.base).astype("f4"), np.load(a.query).astype("f4")
    if a.metric == "cosine":
        faiss.normalize_L2(base), faiss.normalize_L2(query)
    metric = faiss.METRIC_L2 if a.metric == "l2" else faiss.METRIC_INNER_PRODUCT
    flat = faiss.IndexFlat(base.shape[1], metric)
    flat.add(base)
    truth = flat.search(query, 10)[1]
    for name in a.peer:
        faiss.omp_set_num_threads(2)
        start = time.perf_counter()
        index = faiss.index_factory(base.shape[1], name, metric)
        index.train(base)
        index.add(base)
        built = time.perf_counter() - start
        faiss.omp_set_num_threads(1)
        lists = index.base_index if hasattr(index, "base_index") else index
        for nprobe in (1, 2, 4, 8, 12, 16, 24, 32, 48, 64):
            lists.nprobe = nprobe
            for k in a.rerank.split(","):
                if hasattr(index, "k_factor"):
                    index.k_factor = int(k) / 10
                found = index.search(query, 10)[1]
                recall = np.mean([len(set(f) & set(t)) / 10 for f, t in zip(found, truth)])
                alone = best(lambda: [index.search(query[i:i + 1], 10) for i in range(len(query))])
                batch = best(lambda: index.search(query, 10))
                print(json.dumps({"peer": name, "nprobe": nprobe, "rerank": int(k), "build_s": round(built, 2), "recall": round(float(recall), 4),
                                  "qps": round(len(query) / alone), "qps_batch": round(len(query) / batch)}))
    flags = [f for name in a.factory for f in ("--factory", name)]
    for r in ours("bench_codes", a.base, a.query, "--metric", a.metric, "--rerank", a.rerank, *flags):
        print(json.dumps(r))


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=["scan", "ivf"])
    ap.add_argument("base", nargs="?"); ap.add_argument("query", nargs="?")
    ap.add_argument("--rows", type=int, default=1_000_000); ap.add_argument("--dim", type=int, default=128)
    ap.add_argument("--metric", default="l2"); ap.add_argument("--rerank", default="50,200")
    ap.add_argument("--peer", action="append", default=[]); ap.add_argument("--factory", action="append", default=[])
    a = ap.parse_args()
    faiss.omp_set_num_threads(1)
    scan(a) if a.what == "scan" else ivf(a)
