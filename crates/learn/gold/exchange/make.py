#!/usr/bin/env python3
"""Shows that fastText and gensim load what `vectory convert` writes, and keeps the bytes that they loaded: our tests then ask for just these bytes.

  make.py VECTORY      the binary; run it here. fasttext-wheel 0.9.2, gensim 4.4.0."""
import json, os, subprocess, sys, tempfile
import fasttext, numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_model

vectory, gold = sys.argv[1], "../wordmodels"
model = fasttext.load_model(f"{gold}/sg.bin")
probe = json.load(open(f"{gold}/sg_probe.json"))
sums = {}


def fnv1a(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = (h ^ b) * 0x100000001b3 & 0xffffffffffffffff
    return h


def worst(vector):
    return max(float(np.abs(vector(w) - np.array(want["vector"], np.float32)).max()) for w, want in probe.items())


with tempfile.TemporaryDirectory() as tmp:
    def convert(source, name, form):
        path = os.path.join(tmp, name)
        subprocess.run([vectory, "convert", f"{gold}/{source}", path, "--quiet", "--to", form], check=True)
        sums[name] = f"{fnv1a(open(path, 'rb').read()):016x}"
        return path

    path = convert("sg.bin", "sg.fasttext", "fasttext")
    ours = fasttext.load_model(path)
    print("fastText, known and unknown words, off by at most", worst(ours.get_word_vector))
    theirs = load_facebook_model(path).wv
    print("gensim, known and unknown words, off by at most", worst(lambda w: theirs[w]))
    assert ours.get_words() == model.get_words()
    assert worst(ours.get_word_vector) < 1e-6 and worst(lambda w: theirs[w]) < 1e-6
    words, matrix = json.load(open(f"{gold}/w2v_words.json")), np.load(f"{gold}/w2v_matrix.npy")
    for source, name, form in [("w2v.txt", "text-to.bin", "word2vec-binary"), ("w2v.bin", "binary-to.txt", "word2vec")]:
        kv = KeyedVectors.load_word2vec_format(convert(source, name, form), binary=form.endswith("binary"))
        off = float(np.abs(kv[words] - matrix).max())
        print("gensim,", form, "off by at most", off)
        assert kv.index_to_key == words and off < 1e-6
json.dump(sums, open("gold.json", "w"), indent=1)
