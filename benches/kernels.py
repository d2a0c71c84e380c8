"""dot, squared L2 and cosine of f32 (and dot of f16, bf16, i8) against numkong and simsimd.

All sides run in native loops under one clock, one call through a function pointer a pair (both peers hand out theirs;
ours is the public function, dispatch and length check included), one query against 32 rows that stay in the first caches. Sides take turns; a figure is the median of thread CPU time a call.
numkong sums f32 products in f64, which costs it time; simsimd sums in f32 (or f64), as its version decides.

    cargo build --release -p vectory-core --example kernels_c
    python benches/kernels.py [--lib target/release/examples/libkernels_c.so] [--rounds 25] [--out FILE.json]
"""

import argparse
import ctypes
import importlib.metadata
import json
import statistics
import sys
import time

import numkong
import numpy as np
import simsimd

ROWS = 32
DIMS = [96, 128, 256, 384, 768, 1024, 1536]
# what, our function, pointer getters of numkong and simsimd, their type names, array type, our batch form
KINDS = [
    ("dot", "vectory_dot", "pointer_to_dot", "pointer_to_dot", "f32", np.float32, 0),
    ("l2_sq", "vectory_l2_sq", "pointer_to_sqeuclidean", "pointer_to_sqeuclidean", "f32", np.float32, 1),
    ("cosine", "vectory_cosine", "pointer_to_angular", "pointer_to_cosine", "f32", np.float32, None),
    ("dot_f16", "vectory_dot_f16", "pointer_to_dot", "pointer_to_dot", "f16", np.float16, None),
    ("dot_bf16", "vectory_dot_bf16", "pointer_to_dot", "pointer_to_dot", "bf16", np.uint16, None),
    ("dot_i8", "vectory_dot_i8", "pointer_to_dot", "pointer_to_dot", "int8", np.int8, None),
]


class Work(ctypes.Structure):
    _fields_ = [("query", ctypes.c_void_p), ("base", ctypes.c_void_p)] + [
        (name, ctypes.c_size_t) for name in ("rows", "stride", "n", "rounds")
    ]


def values(rng, kind, shape):
    x = rng.uniform(-1, 1, shape).astype(np.float32)
    if kind == np.uint16:
        return (x.view(np.uint32) >> 16).astype(np.uint16)
    return (x * 100).astype(np.int8) if kind == np.int8 else x.astype(kind)


def sides(lib, kind, d, query, base):
    """name -> a function of rounds that does the work."""
    _, own, nk, ss, dtype, _, batch = kind

    def work(rounds):
        return ctypes.byref(Work(query.ctypes.data, base.ctypes.data, ROWS, base.strides[0], d, rounds))

    out = {"ours": lambda rounds: getattr(lib, own)(work(rounds))}
    for name, module, getter in [("numkong", numkong, nk), ("simsimd", simsimd, ss)]:
        pointer = ctypes.c_void_p(getattr(module, getter)(dtype))
        out[name] = lambda rounds, p=pointer: lib.vectory_peer(work(rounds), p)
    if batch is not None:
        out["ours, rows"] = lambda rounds: lib.vectory_rows(work(rounds), batch)
    return out


def measure(work, repeats):
    """Median nanoseconds of CPU a call, and the median over rounds of (best peer / ours); sides take turns."""
    rounds = {}
    for name, f in work.items():
        f(50)
        start = time.thread_time()
        f(200)
        rounds[name] = max(1, int(200 * 0.002 / max(time.thread_time() - start, 1e-7)))
    spent = {name: [] for name in work}
    for _ in range(repeats):
        for name, f in work.items():
            start = time.thread_time_ns()
            f(rounds[name])
            spent[name].append((time.thread_time_ns() - start) / rounds[name] / ROWS)
    peers = [t for n, t in spent.items() if not n.startswith("ours")]
    ratio = statistics.median(min(p) / o for *p, o in zip(*peers, spent["ours"]))
    return {name: statistics.median(t) for name, t in spent.items()}, ratio


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--lib", default="target/release/examples/libkernels_c.so")
    args.add_argument("--rounds", type=int, default=51)
    args.add_argument("--out")
    args = args.parse_args()
    lib, rng, table = ctypes.CDLL(args.lib), np.random.default_rng(1), []
    versions = {p: importlib.metadata.version(p) for p in ("numkong", "simsimd")}
    print(versions, file=sys.stderr)
    print(f"{'kernel':9}{'d':>6}{'ours':>9}{'rows':>9}{'numkong':>9}{'simsimd':>9}  best peer / ours")
    for kind in KINDS:
        for d in DIMS:
            query, base = values(rng, kind[5], (1, d)), values(rng, kind[5], (ROWS, d))
            ns, ratio = measure(sides(lib, kind, d, query, base), args.rounds)
            table.append({"kernel": kind[0], "d": d, "ns": ns, "ratio": ratio})
            cells = "".join(f"{ns[n]:9.2f}" if n in ns else f"{'-':>9}" for n in ("ours", "ours, rows", "numkong", "simsimd"))
            print(f"{kind[0]:9}{d:6}{cells}  {ratio:.2f}")
    if args.out:
        with open(args.out, "w") as f:
            json.dump({"versions": versions, "table": table}, f, indent=1)


if __name__ == "__main__":
    main()
