#!/usr/bin/env python3
"""Late interaction beside NumPy's exact product and fast-plaid, 2 threads: multivec_vs.py OUT_DIR FOLDER [FOLDER ...] [--model HF_FOLDER]
[--peer numpy|plaid]. FOLDERs are BEIR collections, joined to one. Token vectors by our `embed --tokens` (--model: a local Hugging Face
folder, else the built-in static encoder), PCA to 128 on the corpus, unit length, at most 180 a document. Prints rates of our example
bench_multivec, of NumPy and of fast-plaid (4 bits, one query a call), recall@10 of exact MaxSim and nDCG@10; cpu_qps: queries a second of processor time, for a busy machine."""
import argparse, gzip, json, os, subprocess, sys, tempfile, time
import numpy as np

ap = argparse.ArgumentParser(description=__doc__); ap.add_argument("out"); ap.add_argument("folders", nargs="+"); ap.add_argument("--model", default="default")
ap.add_argument("--peer", default="numpy", choices=["numpy", "plaid", "none"]); ap.add_argument("--queries", type=int, default=225); ap.add_argument("--cut", type=int, default=180); ap.add_argument("--words", type=int, default=10**6, help="words of a document that are encoded")
ap.add_argument("--factory", nargs="*", default=["MaxSim", "MaxSim,BF16", "MaxSim,SQ8", "MaxSim,R4"])
a = ap.parse_args(); os.makedirs(a.out, exist_ok=True); target = os.environ.get("CARGO_TARGET_DIR", "target")
un = lambda x: (x / np.maximum(1e-9, np.linalg.norm(x, axis=1, keepdims=True))).astype("f4")


def lines(folder, name):
    p = f"{folder}/{name}"
    return [json.loads(l) for l in (gzip.open(p + ".gz", "rt") if os.path.exists(p + ".gz") else open(p))]


def texts():
    ids, docs, qid, asked, rel = [], [], [], [], {}
    for f in a.folders:
        s = os.path.basename(f.rstrip("/"))
        for d in lines(f, "corpus.jsonl"): ids.append(s + d["_id"]); docs.append(" ".join((d.get("title", "") + " " + d["text"]).split()[:a.words]) or "-")
        judged = {}
        for l in list(open(f"{f}/qrels/test.tsv"))[1:]:
            q, d, g = l.split("\t"); judged.setdefault(q, {})[s + d] = int(g)
        for q in [q for q in lines(f, "queries.jsonl") if q["_id"] in judged][: a.queries // len(a.folders) or 1]:
            qid.append(s + q["_id"]); asked.append(q["text"].replace("\n", " ")); rel[s + q["_id"]] = judged[q["_id"]]
    return ids, docs, qid, asked, rel


ids, docs, qid, asked, rel = texts()
if not os.path.exists(f"{a.out}/docs.npz"):
    v = f"{target}/release/vectory"
    for name, rows, extra in (("d", docs, []), ("q", asked, ["--queries"])):
        open(f"{a.out}/{name}.txt", "w").write("\n".join(rows) + "\n")
        subprocess.run([v, "embed", f"{a.out}/{name}.txt", "--lines", "--tokens", "--model", a.model, "-o", f"{a.out}/{name}.npz", "-q", *extra], check=True)
    D, Q = np.load(f"{a.out}/d.npz"), np.load(f"{a.out}/q.npz"); dl, ql = D["lengths"].astype("i8"), Q["lengths"]
    first = np.r_[0, np.cumsum(dl)[:-1]]; keep = np.concatenate([np.arange(s, s + min(l, a.cut)) for s, l in zip(first, dl)])
    x, dl = D["tokens"], np.minimum(dl, a.cut); sample = x[np.sort(np.random.default_rng(1).permutation(keep)[:200000])]; mu = sample.mean(0)
    w = np.linalg.eigh(np.cov((sample - mu).T))[1][:, ::-1][:, :128].astype("f4"); few = np.array_split(keep, len(keep) // 100000 + 1)
    # The static encoder's query rows have the tokens' weights as lengths: they are kept.
    qt = Q["tokens"]; weight = np.linalg.norm(qt, axis=1, keepdims=True)
    np.savez(f"{a.out}/docs.npz", tokens=np.concatenate([un((x[i] - mu) @ w) for i in few]), lengths=dl); del x; np.savez(f"{a.out}/queries.npz", tokens=(un((qt / np.maximum(1e-9, weight) - mu) @ w) * weight).astype("f4"), lengths=ql)
    os.remove(f"{a.out}/d.npz"); os.remove(f"{a.out}/q.npz")
D, Q = np.load(f"{a.out}/docs.npz"), np.load(f"{a.out}/queries.npz"); al, dl = D["tokens"], D["lengths"].astype("i8"); off = np.r_[0, np.cumsum(dl)]
qo = np.r_[0, np.cumsum(Q["lengths"].astype("i8"))]; qs = [Q["tokens"][qo[i]:qo[i + 1]] for i in range(len(qo) - 1)]; full = np.flatnonzero(dl > 0)


def ndcg(found):
    out = []
    for q, hits in zip(qid, found):
        j = rel[q]; gain = lambda g: [x / np.log2(i + 2) for i, x in enumerate(g)]; best = sum(gain(sorted(j.values(), reverse=True)[:10]))
        if best > 0: out.append(sum(gain([j.get(ids[h], 0) for h in hits[:10]])) / best)
    return float(np.mean(out))


def numpy_exact():
    got = []
    for q in qs: s = np.maximum.reduceat(q @ al.T, off[:-1][full], axis=1).sum(0); got.append(full[np.argsort(-s)[:10]].tolist())
    return got


def ours(names):
    tmp = tempfile.mkdtemp()
    o = subprocess.run([f"{target}/release/examples/bench_multivec", f"{a.out}/docs.npz", f"{a.out}/queries.npz", "--out", tmp, "--repeat", "3", *names], check=True, capture_output=True, text=True).stdout
    for r in map(json.loads, o.splitlines()):
        raw = np.fromfile(f"{tmp}/{r['factory'].replace(',', '-')}-{r['nprobe']}-{r['candidates']}.ivecs", "<i4").reshape(len(qs), -1)[:, 1:]
        print(json.dumps(r | {"ndcg10": round(ndcg(raw.tolist()), 4)}), flush=True)


truth = None
if a.peer == "numpy":
    times = []
    for _ in range(2): t, c = time.perf_counter(), time.process_time(); truth = numpy_exact(); times.append((len(qs) / (time.perf_counter() - t), len(qs) / (time.process_time() - c)))
    print(json.dumps({"lib": "numpy " + np.__version__, "docs": len(dl), "tokens": len(al), "qps": round(max(times)[0], 1), "cpu_qps": round(max(c for _, c in times), 1), "ndcg10": round(ndcg(truth), 4)}), flush=True)
ours(a.factory)
if a.peer == "numpy":
    t, c = time.perf_counter(), time.process_time(); numpy_exact()
    print(json.dumps({"lib": "numpy again", "qps": round(len(qs) / (time.perf_counter() - t), 1), "cpu_qps": round(len(qs) / (time.process_time() - c), 1)}), flush=True)
if a.peer == "plaid":
    import torch; from fast_plaid import search
    torch.set_num_threads(2); truth = numpy_exact(); d = f"{a.out}/plaid"; fresh = not os.path.exists(d); os.makedirs(d, exist_ok=True)
    t = time.perf_counter(); fp = search.FastPlaid(index=d, device="cpu")
    if fresh: fp.create(documents_embeddings=[torch.from_numpy(al[off[i]:off[i + 1]]) for i in full], nbits=4)
    build = time.perf_counter() - t
    for probe, many in ((4, 1024), (4, 4096), (8, 4096)):
        run = lambda q: fp.search(queries_embeddings=torch.from_numpy(q)[None], top_k=10, n_ivf_probe=probe, n_full_scores=many)[0]
        run(qs[0]); t, c = time.perf_counter(), time.process_time(); got = [run(q) for q in qs]; t, c = (time.perf_counter() - t) / len(qs), (time.process_time() - c) / len(qs)
        got = [[int(full[i]) for i, _ in g] for g in got]; rec = np.mean([len(set(g) & set(e)) / 10 for g, e in zip(got, truth)])
        print(json.dumps({"lib": "fast-plaid", "docs": len(dl), "tokens": len(al), "n_ivf_probe": probe, "n_full_scores": many, "build_s": round(build, 1), "qps": round(1 / t, 1), "cpu_qps": round(1 / c, 1), "recall": round(float(rec), 4), "queries": len(qs), "ndcg10": round(ndcg(got), 4)}), flush=True)
