#!/usr/bin/env python3
"""Writes ranking.json beside itself: random runs and what the reference implementations of trec_eval say of them.

Needs numpy, ranx and pytrec_eval (the wheel pytrec-eval-terrier). `ties` is a run with many equal scores, graded and
negative judgements, queries without a relevant document, queries that only the run or only the judgements know, and
scores that differ only beyond single precision (trec_eval keeps scores in single precision, so they tie).
`strict` has no ties, for ranx, whose order among ties is its own."""
import importlib.metadata as md
import json
import os

import numpy as np
import pytrec_eval
import ranx

RNG = np.random.default_rng(7)
MEASURES = ["ndcg", "ndcg_cut_5", "ndcg_cut_10", "ndcg_cut_100", "map", "map_cut_10", "recip_rank", "P_5", "P_10", "P_100",
            "recall_10", "recall_100", "Rprec", "bpref", "success_1", "success_10", "num_ret", "num_rel", "num_rel_ret"]
RANX = ["ndcg@10", "ndcg@100", "map@100", "mrr", "precision@10", "recall@10", "r-precision"]


def ties():
    qrels, run = {}, {}
    for q in range(30):
        docs = [f"{'dD'[i % 2]}{i}" for i in range(60)]
        judged = RNG.choice(60, 25, replace=False)
        grades = RNG.choice([-1, 0, 1, 2, 3], 25, p=[0.1, 0.5, 0.2, 0.12, 0.08])
        if q in (3, 11):
            grades = np.minimum(grades, 0)
        qrels[f"q{q}"] = {docs[int(i)]: int(g) for i, g in zip(judged, grades)}
        kept = RNG.choice(60, 40, replace=False)
        steps = RNG.integers(0, 6, 40) / 4 - 0.5
        steps = steps + 1e-10 * RNG.integers(0, 3, 40)
        run[f"q{q}"] = {docs[int(i)]: float(s) for i, s in zip(kept, steps)}
    del run["q5"], run["q20"], qrels["q7"]
    return qrels, run


def strict():
    qrels, run = {}, {}
    for q in range(12):
        docs = [f"d{i}" for i in range(150)]
        judged = RNG.choice(150, 40, replace=False)
        qrels[f"q{q}"] = {docs[int(i)]: int(g) for i, g in zip(judged, RNG.integers(0, 4, 40))}
        run[f"q{q}"] = {d: float(s) for d, s in zip(docs, RNG.permutation(150) / 8)}
    return qrels, run


def main():
    out = {"source": f"pytrec-eval-terrier {md.version('pytrec-eval-terrier')}, ranx {md.version('ranx')}"}
    q, r = ties()
    ask = {m.rsplit("_", 1)[0] + "." + m.rsplit("_", 1)[1] if m.rsplit("_", 1)[-1].isdigit() else m for m in MEASURES}
    got = pytrec_eval.RelevanceEvaluator(q, ask).evaluate(r)
    out["ties"] = {"qrels": q, "run": r, "per_query": {k: {m: v[m] for m in MEASURES} for k, v in got.items()}}
    q, r = strict()
    means = ranx.evaluate(ranx.Qrels(q), ranx.Run(r), RANX)
    out["strict"] = {"qrels": q, "run": r, "means": {k: float(v) for k, v in means.items()}}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ranking.json"), "w", encoding="utf8") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
