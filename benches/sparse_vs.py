#!/usr/bin/env python3
"""Sparse search beside pyseismic-lsr: sparse_vs.py DIR (docs.npz and queries.npz as splade_like.py makes them), one search thread.
Recall@10 of the exact inner product. Runs our example bench_sparse (build it first: cargo build --release --example bench_sparse)
and the peer in turns; for each, the best rate that reaches a recall."""
import json, os, struct, subprocess, sys, tempfile, time
import numpy as np, scipy.sparse as sp, seismic

d = sys.argv[1]; target = os.environ.get("CARGO_TARGET_DIR", "target")
docs, queries = sp.load_npz(f"{d}/docs.npz").tocsr(), sp.load_npz(f"{d}/queries.npz").tocsr()
exact = (queries @ docs.T).tocsr(); truth = []
for q in range(exact.shape[0]):
    r = exact.getrow(q); o = np.lexsort((r.indices, -r.data))[:10]; truth.append(set(r.indices[o].tolist()))


def inner(m, path):
    with open(path, "wb") as f:
        f.write(struct.pack("<I", m.shape[0]))
        for r in range(m.shape[0]):
            i = m.indices[m.indptr[r]:m.indptr[r + 1]].astype("<i4"); v = m.data[m.indptr[r]:m.indptr[r + 1]].astype("<f4"); o = np.argsort(i)
            f.write(struct.pack("<I", len(i))); f.write(i[o].tobytes()); f.write(v[o].tobytes())


tmp = tempfile.mkdtemp(); inner(docs, f"{tmp}/d.bin"); inner(queries, f"{tmp}/q.bin")
t = time.perf_counter(); peer = seismic.SeismicIndexRaw.build(f"{tmp}/d.bin", n_postings=int(os.environ.get("POSTINGS", 3500))); build = time.perf_counter() - t
rows = []


def run_peer():
    for cut in (2, 3, 4, 6, 8, 10, 15):
        for heap in (0.7, 0.8, 0.9, 1.0):
            ask = lambda: peer.batch_search(f"{tmp}/q.bin", 10, cut, heap, 0, True, num_threads=1)
            got = ask(); times = []
            for _ in range(3): t = time.perf_counter(); ask(); times.append(time.perf_counter() - t)
            rec = np.mean([len({i for _, i in g[:10]} & w) / max(1, len(w)) for g, w in zip(got, truth)])
            rows.append(("pyseismic-lsr", f"cut {cut} heap {heap}", len(got) / sorted(times)[1], rec))


run_peer()
out = subprocess.run([f"{target}/release/examples/bench_sparse", f"{d}/docs.npz", f"{d}/queries.npz"], check=True, capture_output=True, text=True).stdout
for line in map(json.loads, out.splitlines()):
    print(json.dumps(line)); rows.append((line["index"], str(line["setting"]), line["qps"], line["recall"]))
print(f"pyseismic-lsr build {build:.1f} s")
for r in rows:
    if r[0] == "pyseismic-lsr": print(r)
for want in (0.9, 0.95, 0.98, 0.99):
    for lib in dict.fromkeys(r[0] for r in rows):
        ok = [r for r in rows if r[0] == lib and r[3] >= want]
        best = max(ok, key=lambda r: r[2]) if ok else None
        print(f"recall >= {want}: {lib:18} " + (f"{best[2]:8.0f} queries/s ({best[1]}, recall {best[3]:.3f})" if best else "not reached"))
