#!/usr/bin/env python3
"""Makes gold.json: what one pass of gensim (4.4.0) makes of given rows, where nothing is left to chance: hierarchical softmax over counts whose tree is
unique, windows of one word, no subsampling, one thread. CBOW, skip-gram, PV-DM, PV-DBOW."""
import json
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
common = dict(vector_size=DIM, window=1, min_count=1, negative=0, hs=1, sample=0, workers=1, alpha=RATE, min_alpha=RATE, epochs=1, seed=1)


def numbers(a):
    return [[float(x) for x in row] for row in a]


out = {"text": [" ".join(l) for l in lines], "words": list(COUNTS), "rate": RATE, "rows": numbers(rows), "documents": numbers(documents)}
for name, sg in [("cbow", 0), ("skipgram", 1)]:
    m = Word2Vec(sg=sg, cbow_mean=1, **common)
    m.build_vocab(lines)
    assert m.wv.index_to_key == list(COUNTS)
    m.wv.vectors[:] = rows
    m.train(lines, total_examples=len(lines), epochs=1)
    out[name] = numbers(m.wv.vectors)
for name, dm in [("dm", 1), ("dbow", 0)]:
    m = Doc2Vec(dm=dm, dm_mean=1, **common)
    tagged = [TaggedDocument(l, [i]) for i, l in enumerate(lines)]
    m.build_vocab(tagged)
    m.wv.vectors[:], m.dv.vectors[:] = rows, documents
    m.train(tagged, total_examples=len(lines), epochs=1)
    out[name] = numbers(m.dv.vectors)
    if dm:
        out["dm_words"] = numbers(m.wv.vectors)
json.dump(out, open("gold.json", "w"), indent=None)
