"""Exact nearest neighbours against faiss IndexFlat: random rows (the work does not depend on them), same k, same threads.

Both sides get row-major f32 arrays in memory and return ids; sides take turns. A figure is the median; `cpu` is seconds of
CPU over all threads, which other programs on the machine distort less than the clock.

    cargo build --release -p vectory-core --example kernels_c
    python benches/knn.py [--lib target/release/examples/libkernels_c.so] [-n 100000] [-d 384] [-q 1000] [-k 10] [--threads 2]
"""

import argparse
import ctypes
import importlib.metadata
import json
import os
import statistics
import time

# Threads that wait would else spin, and count as faiss's work.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import faiss  # noqa: E402
import numpy as np

METRICS = {"dot": (0, faiss.IndexFlatIP), "l2": (1, faiss.IndexFlatL2)}


class Exact(ctypes.Structure):
    _fields_ = [
        ("ctx", ctypes.c_void_p),
        ("base", ctypes.c_void_p),
        ("n", ctypes.c_size_t),
        ("queries", ctypes.c_void_p),
        ("q", ctypes.c_size_t),
        ("dim", ctypes.c_size_t),
        ("k", ctypes.c_size_t),
        ("metric", ctypes.c_int),
        ("ids", ctypes.c_void_p),
    ]


def timed(f):
    wall, cpu = time.perf_counter(), time.process_time()
    out = f()
    return out, time.perf_counter() - wall, time.process_time() - cpu


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--lib", default="target/release/examples/libkernels_c.so")
    for name, default in [("-n", 100_000), ("-d", 384), ("-q", 1000), ("-k", 10), ("--threads", 2), ("--rounds", 7)]:
        args.add_argument(name, type=int, default=default)
    args.add_argument("--out")
    args = args.parse_args()
    lib = ctypes.CDLL(args.lib)
    lib.vectory_context.restype = ctypes.c_void_p
    ctx = lib.vectory_context(ctypes.c_size_t(args.threads))
    faiss.omp_set_num_threads(args.threads)
    rng = np.random.default_rng(1)
    base = rng.standard_normal((args.n, args.d), dtype=np.float32)
    queries = rng.standard_normal((args.q, args.d), dtype=np.float32)
    result = {"faiss": importlib.metadata.version("faiss-cpu"), **{k: getattr(args, k) for k in "ndqk"}, "threads": args.threads}
    for metric, (code, kind) in METRICS.items():
        index = kind(args.d)
        index.add(base)

        def ours(code=code):
            ids = np.empty((args.q, args.k), dtype=np.int64)
            ask = Exact(ctx, base.ctypes.data, args.n, queries.ctypes.data, args.q, args.d, args.k, code, ids.ctypes.data)
            if lib.vectory_exact(ctypes.byref(ask)) != 0:
                raise RuntimeError("vectory_exact failed")
            return ids

        sides = {"ours": ours, "faiss": lambda: index.search(queries, args.k)[1]}
        ids = {name: f() for name, f in sides.items()}
        agree = np.mean([len(set(a) & set(b)) / args.k for a, b in zip(ids["ours"], ids["faiss"])])
        spent = {name: [] for name in sides}
        for _ in range(args.rounds):
            for name, f in sides.items():
                spent[name].append(timed(f)[1:])
        median = {name: [statistics.median(t) for t in zip(*times)] for name, times in spent.items()}
        ratio = [statistics.median(f[i] / o[i] for o, f in zip(spent["ours"], spent["faiss"])) for i in (0, 1)]
        result[metric] = {"seconds": median, "ratio_wall": ratio[0], "ratio_cpu": ratio[1], "agreement": agree}
        gflops = 2 * args.n * args.q * args.d / median["ours"][1] / 1e9
        print(
            f"{metric:5} ours {median['ours'][0]:.3f} s (cpu {median['ours'][1]:.3f}, {gflops:.0f} GFLOP/s a core), "
            f"faiss {median['faiss'][0]:.3f} s (cpu {median['faiss'][1]:.3f}); faiss / ours: wall {ratio[0]:.2f}, "
            f"cpu {ratio[1]:.2f}; same ids {agree:.4f}"
        )
    if args.out:
        with open(args.out, "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
