#!/usr/bin/env python3
"""Sparse vectors with the shape of SPLADE's, from real text: splade_like.py CORPUS.txt.zst OUT_DIR [--docs 100000] [--queries 1000].
A document is a paragraph: its words weigh log(1 + tf) * idf, scaled; its heaviest words bring the words that they most often stand
with (positive pointwise mutual information over paragraphs), at a part of their weight. About 120 entries a document and 40 a query
(one sentence of a paragraph that is not among the documents, expanded likewise). Writes docs.npz and queries.npz (CSR)."""
import argparse, io, os, re
import numpy as np, scipy.sparse as sp, zstandard

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("corpus"); ap.add_argument("out"); ap.add_argument("--docs", type=int, default=100_000)
ap.add_argument("--queries", type=int, default=1000); ap.add_argument("--width", type=int, default=30_000)
a = ap.parse_args()
os.makedirs(a.out, exist_ok=True)
rng = np.random.default_rng(7)
text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(open(a.corpus, "rb")), encoding="utf8")
paras = [p for p in (l.strip() for l in text) if len(p) > 80 and not p.startswith("=")]
# Long paragraphs are cut into passages of at most 80 words, so that there are enough documents.
passages = []
for p in paras:
    w = p.split()
    passages += [" ".join(w[i:i + 80]) for i in range(0, len(w), 80) if len(w) - i >= 12]
order = rng.permutation(len(passages)); passages = [passages[i] for i in order]
words = [re.findall(r"[a-z0-9]+", p.lower()) for p in passages]
df = {}
for w in words:
    for t in set(w): df[t] = df.get(t, 0) + 1
vocab = {t: i for i, t in enumerate(sorted(df, key=lambda t: (-df[t], t))[:a.width])}
freq = np.array([df[t] for t in vocab], float); idf = np.log(len(words) / freq)


def matrix(rows):
    ptr, ind, val = [0], [], []
    for w in rows:
        tf = {}
        for t in w:
            if t in vocab: tf[vocab[t]] = tf.get(vocab[t], 0) + 1
        ind += tf.keys(); val += [np.log1p(c) * idf[i] for i, c in tf.items()]; ptr.append(len(ind))
    return sp.csr_matrix((np.array(val, "f4"), np.array(ind), ptr), shape=(len(rows), len(vocab)))


n = min(a.docs, len(words) - a.queries); base = matrix(words[:n])
b = (base > 0).astype("f4"); keep = np.flatnonzero((freq >= 5) & (freq < 0.05 * len(words)))
co = (b[:, keep].T @ b[:, keep]).tocoo(); f = freq[keep]
pmi = np.log(co.data * n / (f[co.row] * f[co.col])); good = (co.row != co.col) & (co.data >= 3) & (pmi > 1)
co = sp.csr_matrix((pmi[good] * np.log1p(co.data[good]), (co.row[good], co.col[good])), shape=co.shape)
near = {}
for i in range(len(keep)):
    c, v = co.indices[co.indptr[i]:co.indptr[i + 1]], co.data[co.indptr[i]:co.indptr[i + 1]]
    top = np.argsort(-v)[:12]
    if len(top): near[keep[i]] = (keep[c[top]], v[top] / v[top].max())


def expand(m, heavy, size):
    out_i, out_v, ptr = [], [], [0]
    for r in range(m.shape[0]):
        i, v = m.indices[m.indptr[r]:m.indptr[r + 1]], m.data[m.indptr[r]:m.indptr[r + 1]]
        acc = dict(zip(i.tolist(), v.tolist()))
        for j in np.argsort(-v)[:heavy]:
            if i[j] in near:
                for t, s in zip(*near[i[j]]): acc[t] = max(acc.get(t, 0), 0.5 * float(v[j]) * float(s) * rng.uniform(0.4, 1.0))
        k = np.array(list(acc)); x = np.array(list(acc.values()), "f4"); o = np.argsort(-x)[:size]; o = o[np.argsort(k[o])] if len(k) else o
        out_i.append(k[o]); out_v.append(np.log1p(x[o])); ptr.append(ptr[-1] + len(o))
    return sp.csr_matrix((np.concatenate(out_v).astype("f4"), np.concatenate(out_i).astype("i8"), ptr), shape=(m.shape[0], len(vocab)))


docs = expand(base, 14, 180)
asked = [(lambda w: w[s:s + 14] if (s := int(rng.integers(0, max(1, len(w) - 14)))) >= 0 else w)(w) for w in words[n:n + a.queries]]
queries = expand(matrix(asked), 6, 45)
sp.save_npz(f"{a.out}/docs.npz", docs, compressed=False); sp.save_npz(f"{a.out}/queries.npz", queries, compressed=False)
print({"docs": docs.shape[0], "entries_a_doc": docs.nnz / docs.shape[0], "queries": queries.shape[0], "entries_a_query": queries.nnz / queries.shape[0]})
