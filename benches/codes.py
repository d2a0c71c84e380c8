"""Scans over codes and inverted files: ours (examples bench_scan and bench_codes, built) against faiss, one thread, processor time.

    peers/bin/python benches/codes.py scan [--rows N]          rows a second of a scan, faiss IndexPQFastScan beside PQ<m>x4fs; GB/s
                                                               beside what one thread reads of the same bytes
    peers/bin/python benches/codes.py codes BASE.npy QUERY.npy bytes, error and recall@10 of codes alone (cosine), by `vectory compress`
    peers/bin/python benches/codes.py ivf BASE.npy QUERY.npy [--metric l2]  recall@10 against queries a second
"""
import argparse, json, os, subprocess, tempfile, time
import numpy as np, faiss

BIN = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release/examples")


def ours(*args):
    out = subprocess.run([os.path.join(BIN, args[0]), *map(str, args[1:])], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def best(f, times=3):
    """Processor seconds: the machine may be busy, and everything here has one thread."""
    least = float("inf")
    for _ in range(times):
        start = time.process_time()
        f()
        least = min(least, time.process_time() - start)
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
        rate = lambda s: index.ntotal / s / 1e6
        us = [ours("bench_scan", "--rows", index.ntotal, "--dim", a.dim, "--queries", n, f"PQ{m}x4fs")[0]["million_rows_per_s"] for n in (1, 16)]
        one = min(one, best(lambda: [index.search(q[i:i + 1], 10) for i in range(4)]) / 4)
        batch = min(batch, best(lambda: index.search(q, 10)) / 16)
        print(f"PQ{m}x4fs, {index.ntotal} rows: one query ours {us[0]:.0f}, faiss {rate(one):.0f} million rows/s, ratio {us[0] / rate(one):.2f}; "
              f"16 queries ours {us[1]:.0f}, faiss {rate(batch):.0f}, ratio {us[1] / rate(batch):.2f}")
    for r in ours("bench_scan", "--rows", a.rows, "--dim", a.dim, "F32", "LVQ8", "LVQ4", "SQ8", "Sign", "RaBitQ"):
        print(f"{r['codec']:8} {r['bytes_per_row']:4} bytes a row {r['gb_per_s']:6.1f} GB/s of {r['read_gb_per_s']:.1f} ({r['of_read']:.2f}) {r['million_rows_per_s']:7.0f} million rows/s")


def codes(a):
    binary = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release/vectory")
    for codec in a.codec.split():
        out = subprocess.run([binary, "compress", a.base, "--codec", codec, "--metric", "cosine", "--queries", a.query, "-o", f"{tempfile.mkdtemp()}/c", "--json"], check=True, capture_output=True, text=True)
        r = json.loads(out.stdout)
        print(f"{codec:12} {r['bytes_per_row']:6.1f} bytes, relative error {r['relative_error']:.5f}, recall@10 {r['recall_at_10']:.3f}"
              + (f", both levels {r['recall_at_10_reranked']:.3f}" if r.get("recall_at_10_reranked") is not None else ""))


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
    ap.add_argument("what", choices=["scan", "codes", "ivf"])
    ap.add_argument("base", nargs="?"); ap.add_argument("query", nargs="?")
    ap.add_argument("--rows", type=int, default=1_000_000); ap.add_argument("--dim", type=int, default=128)
    ap.add_argument("--metric", default="l2"); ap.add_argument("--rerank", default="50,200")
    ap.add_argument("--peer", action="append", default=[]); ap.add_argument("--factory", action="append", default=[])
    ap.add_argument("--codec", default="SQfp16 SQ8 SQ4 LVQ8 LVQ4 LVQ4x4 LVQ4x8 LVQ8x8 LeanVec64 PQ25x4fs PQ25 OPQ25,PQ25 RQ16 Sign RaBitQ RaBitQ4 RaBitQ8")
    a = ap.parse_args()
    faiss.omp_set_num_threads(1)
    {"scan": scan, "codes": codes, "ivf": ivf}[a.what](a)
