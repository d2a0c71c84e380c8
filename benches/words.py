#!/usr/bin/env python3
"""Word-vector trainers side by side: ours, gensim, fastText; two threads, the same text and settings, in turn.

  words.py [--tokens N] [--epochs E] [--rounds R] [--kinds sgns,cbow,fasttext,...] [--quality]

words/s: words of the text x epochs / seconds of the whole call, the pass for the vocabulary included. --quality adds Spearman's
correlation on WordSim-353 and 3CosAdd accuracy on Google's analogies (30,000 most frequent words). JSON lines, then medians."""
import argparse, json, os, re, statistics, subprocess, sys, tempfile, time

DATA = os.environ.get("VECTORY_DATA", "../shared/data")
OURS = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "vectory")
BUCKET = 200_000


def text(path, limit):
    import io, zstandard
    n, source = 0, open(f"{DATA}/words/corpus/wiki-en.txt.zst", "rb")
    with open(path, "w") as out:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(source), encoding="utf8"):
            words = re.findall(r"[a-z0-9']+", line.lower())
            if words:
                out.write(" ".join(words) + "\n")
                n += len(words)
            if n >= limit:
                break
    return n


def ours(kind, file, a, tmp):
    model = f"{tmp}/ours.safetensors"
    name, more = {"sgns": ("sgns", []), "cbow": ("cbow", []), "fasttext": ("fasttext", []), "fasttext-cbow": ("fasttext", ["--cbow"]),
                  "sgns-det": ("sgns", ["--deterministic"]), "cbow-det": ("cbow", ["--deterministic"])}[kind]
    if name == "fasttext":
        more = more + ["--bucket", str(BUCKET)]
    start = time.perf_counter()
    out = subprocess.run([OURS, "learn", name, file, "-o", model, "--tokens", "space", "--dim", str(a.dim), "--epochs", str(a.epochs),
                          "--threads", str(a.threads), "--seed", str(a.seed), "--json", *more], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if a.quality:
        subprocess.run([OURS, "convert", model, f"{tmp}/ours.w2v", "--quiet"], check=True)
        from gensim.models import KeyedVectors
        return seconds, KeyedVectors.load_word2vec_format(f"{tmp}/ours.w2v"), json.loads(out.stdout)
    return seconds, None, json.loads(out.stdout)


def gensim(kind, file, a):
    from gensim.models import FastText, Word2Vec
    sg = "cbow" not in kind
    settings = dict(vector_size=a.dim, window=5, min_count=5, negative=5, hs=0, sg=int(sg), sample=1e-4, workers=a.threads,
                    alpha=0.025 if sg else 0.05, epochs=a.epochs, seed=a.seed)
    start = time.perf_counter()
    model = FastText(bucket=BUCKET, **settings) if "fasttext" in kind else Word2Vec(**settings)
    model.build_vocab(corpus_file=file)
    model.train(corpus_file=file, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=a.epochs)
    return time.perf_counter() - start, model.wv


def fasttext(kind, file, a):
    import fasttext, numpy as np
    sg, sub = "cbow" not in kind, "fasttext" in kind
    start = time.perf_counter()
    model = fasttext.train_unsupervised(file, model="skipgram" if sg else "cbow", dim=a.dim, ws=5, neg=5, minCount=5, t=1e-4, thread=a.threads,
                                        lr=0.025 if sg else 0.05, epoch=a.epochs, bucket=BUCKET if sub else 1, minn=3 if sub else 0, maxn=6 if sub else 0, verbose=0)
    seconds = time.perf_counter() - start
    if not a.quality:
        return seconds, None
    from gensim.models import KeyedVectors
    words = model.get_words()
    vectors = KeyedVectors(a.dim)
    vectors.add_vectors(words, np.stack([model.get_word_vector(w) for w in words]))
    return seconds, vectors


def quality(v, tmp):
    from scipy.stats import spearmanr
    ours, theirs = [], []
    for line in open(f"{DATA}/words/similarity/EN-WS-353-ALL.txt", encoding="utf8"):
        a, b, score = line.split()[:3]
        a, b = a.lower(), b.lower()
        if a in v.key_to_index and b in v.key_to_index:
            ours.append(v.similarity(a, b))
            theirs.append(float(score))
    lower = f"{tmp}/questions.txt"
    with open(lower, "w") as out:
        for line in open(f"{DATA}/words/analogy/questions-words.txt", encoding="utf8"):
            out.write(line if line.startswith(":") else line.lower())
    return round(float(spearmanr(ours, theirs)[0]), 4), round(v.evaluate_word_analogies(lower, restrict_vocab=30000, case_insensitive=False)[0], 4)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("tokens", 10**9), ("epochs", 1), ("rounds", 3), ("threads", 2), ("dim", 100), ("seed", 1)]:
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--kinds", default="sgns,cbow,fasttext,fasttext-cbow")
    p.add_argument("--programs", default="ours,gensim,fasttext")
    p.add_argument("--quality", action="store_true")
    a = p.parse_args()
    rates = {}
    with tempfile.TemporaryDirectory() as tmp:
        file = f"{tmp}/text.txt"
        n = text(file, a.tokens)
        for r in range(a.rounds):
            a.seed = r + 1
            for kind in a.kinds.split(","):
                for program in a.programs.split(","):
                    if program == "ours":
                        seconds, vectors, said = ours(kind, file, a, tmp)
                    elif kind.endswith("-det"):
                        continue
                    else:
                        seconds, vectors = (gensim if program == "gensim" else fasttext)(kind, file, a)
                    row = {"kind": kind, "program": program, "round": r, "seconds": round(seconds, 2), "words_s": round(n * a.epochs / seconds)}
                    if program == "ours":
                        row["training_words_s"] = round(said["training"]["words_per_second"])
                        row["loss"] = round(said["training"]["loss"], 4)
                    if a.quality and vectors is not None:
                        row["ws353"], row["analogy"] = quality(vectors, tmp)
                    rates.setdefault((kind, program), []).append(row["words_s"])
                    print(json.dumps(row), flush=True)
    for (kind, program), values in rates.items():
        print(f"{kind:14} {program:9} {statistics.median(values):>12,.0f} words/s")


if __name__ == "__main__":
    main()
