#!/usr/bin/env python3
"""Writes a base and a query set with a realistic local dimension: `manifolds.py OUT_DIR [--rows 500000] [--dim 128]`.

Rows lie on a mixture of curved surfaces: a surface has a centre, 10 to 20 latent values, and bends them into all dimensions
through 48 sines; small noise in every dimension is added. Queries are drawn in the same way, none of them is in the base.
"""
import argparse, os
import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--surfaces", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    total, bends = args.rows + args.queries, 48
    share = rng.dirichlet(np.full(args.surfaces, 1.5))
    of = rng.choice(args.surfaces, total, p=share)
    out = np.empty((total, args.dim), np.float32)
    for s in range(args.surfaces):
        ids = np.flatnonzero(of == s)
        latent = int(rng.integers(10, 21))
        z = rng.standard_normal((len(ids), latent)).astype(np.float32)
        w = rng.standard_normal((latent, bends)).astype(np.float32) * (0.8 / latent**0.5)
        v = rng.standard_normal((bends, args.dim)).astype(np.float32) / bends**0.5
        phase = rng.uniform(0, 2 * np.pi, bends).astype(np.float32)
        centre = 0.6 * rng.standard_normal(args.dim).astype(np.float32)
        out[ids] = centre + 1.5 * np.sin(z @ w + phase) @ v
    for start in range(0, total, 50_000):
        part = out[start:start + 50_000]
        part += 0.05 * rng.standard_normal(part.shape, np.float32)
    os.makedirs(args.out, exist_ok=True)
    np.save(os.path.join(args.out, "base.npy"), out[:args.rows])
    np.save(os.path.join(args.out, "query.npy"), out[args.rows:])
    print(f"{args.rows} + {args.queries} rows of {args.dim} in {args.out}")


if __name__ == "__main__":
    main()
