#!/usr/bin/env python3
"""Makes gold.json: what one pass makes of given rows where nothing is left to chance: hierarchical softmax, windows of one word, no subsampling, one
thread. CBOW, skip-gram, PV-DM, PV-DBOW.

gensim (4.4.0) looks the logistic function up in a table that is 0.006 too low at zero (1000 / 6 / 2 is 83 to it). So the steps are written out here, shown
to be gensim's with its table, and the rows that they give with the function itself are kept."""
import heapq, json
import numpy as np
from gensim.models import Doc2Vec, Word2Vec
from gensim.models.doc2vec import TaggedDocument

COUNTS = {"a": 64, "b": 33, "c": 17, "d": 9, "e": 5, "f": 3}
DIM, RATE = 6, 0.05
rng = np.random.default_rng(1)
words = [w for w, n in COUNTS.items() for _ in range(n)]
rng.shuffle(words)
lines = [words[i:i + 9] for i in range(0, len(words), 9)]
rows = rng.uniform(-0.5, 0.5, (len(COUNTS), DIM)).astype(np.float32)
documents = rng.uniform(-0.5, 0.5, (len(lines), DIM)).astype(np.float32)
TABLE = 1 / (1 + np.exp(-(np.arange(1000) / 1000 * 2 - 1) * 6))


def exact(x):
    return 1 / (1 + np.exp(-x))


def gensims(x):
    return TABLE[int((x + 6) * 83)]


def paths():
    heap, parent, new = [(c, i) for i, c in enumerate(COUNTS.values())], {}, len(COUNTS)
    heapq.heapify(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        parent[a[1]], parent[b[1]] = (new, 0), (new, 1)
        heapq.heappush(heap, (a[0] + b[0], new))
        new += 1
    out = []
    for word in range(len(COUNTS)):
        path = []
        while word in parent:
            word, code = parent[word]
            path.append((word - len(COUNTS), code))
        out.append(path)
    return out


def one_pass(kind, sigmoid):
    v, d, u = rows.astype(float), documents.astype(float), np.zeros((len(COUNTS) - 1, DIM))
    of = {w: i for i, w in enumerate(COUNTS)}

    def step(hidden, word):
        work = np.zeros(DIM)
        for node, code in PATHS[word]:
            e = (1 - code - sigmoid(hidden @ u[node])) * RATE
            work += e * u[node]
            u[node] += e * hidden
        return work

    for n, line in enumerate(lines):
        ids = [of[w] for w in line]
        for i, word in enumerate(ids):
            near = [ids[j] for j in (i - 1, i + 1) if 0 <= j < len(ids)]
            if kind == "dbow":
                d[n] += step(d[n].copy(), word)
            elif kind == "skipgram":
                for c in near:
                    v[c] += step(v[c].copy(), word)
            else:
                inputs = [v[c] for c in near] + ([d[n]] if kind == "dm" else [])
                work = step(np.mean(inputs, axis=0), word)
                for c in near:
                    v[c] += work
                if kind == "dm":
                    d[n] += work
    return v, d


PATHS = paths()
common = dict(vector_size=DIM, window=1, min_count=1, negative=0, hs=1, sample=0, workers=1, alpha=RATE, min_alpha=RATE, epochs=1, seed=1)
out = {"text": [" ".join(l) for l in lines], "words": list(COUNTS), "rate": RATE, "rows": rows.tolist(), "documents": documents.tolist()}
for kind in ["cbow", "skipgram", "dm", "dbow"]:
    if kind in ("cbow", "skipgram"):
        m = Word2Vec(sg=int(kind == "skipgram"), cbow_mean=1, **common)
        m.build_vocab(lines)
        m.wv.vectors[:] = rows
        m.train(lines, total_examples=len(lines), epochs=1)
    else:
        m = Doc2Vec(dm=int(kind == "dm"), dm_mean=1, **common)
        tagged = [TaggedDocument(l, [i]) for i, l in enumerate(lines)]
        m.build_vocab(tagged)
        m.wv.vectors[:], m.dv.vectors[:] = rows, documents
        m.train(tagged, total_examples=len(lines), epochs=1)
    assert m.wv.index_to_key == list(COUNTS)
    v, d = one_pass(kind, gensims)
    off = max(abs(m.wv.vectors - v).max() if kind != "dbow" else 0, abs(m.dv.vectors - d).max() if kind in ("dm", "dbow") else 0)
    print(kind, "written out here and by gensim differ by at most", off)
    assert off < 1e-6
    v, d = one_pass(kind, exact)
    out[kind] = (d if kind in ("dm", "dbow") else v).tolist()
    if kind == "dm":
        out["dm_words"] = v.tolist()
json.dump(out, open("gold.json", "w"))
