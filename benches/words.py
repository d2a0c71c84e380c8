#!/usr/bin/env python3
"""Trainers of word and document vectors side by side: ours, gensim, fastText; the same text and settings, in turn.

  words.py [--tokens N] [--epochs E] [--rounds R] [--kinds sgns,cbow,fasttext,fasttext-cbow,dbow,dm,sgns-det,...] [--quality]

The pass for the vocabulary is included. cpu: processor seconds of the whole call, all threads (what counts on a busy machine); words_s: words of
the text x epochs / seconds on the clock. --quality adds Spearman's correlation on WordSim-353 and MEN and 3CosAdd accuracy on Google's
analogies (30,000 most frequent words); for dbow and dm (a line of the text is a document) nothing. Each round has another seed (fastText's Python
takes none). For quality take --threads 1: gensim's threads each decay the rate by their own share of the text, so that more threads learn at a
higher mean rate. JSON lines, then medians, how many times the peer's processor time is ours, and the measures' means with their spread over seeds."""
import argparse, json, os, re, resource, statistics, subprocess, sys, tempfile, time

DATA = os.environ.get("VECTORY_DATA", "../shared/data")
OURS = os.environ.get("VECTORY") or os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "vectory")
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


LAST = {"cpu": 0.0}


def cpu():
    """Processor seconds of this process and of what it has run and ended."""
    both = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in both)


def ours(kind, file, a, tmp):
    model = f"{tmp}/ours.safetensors"
    name, more = {"sgns": ("sgns", []), "cbow": ("cbow", []), "fasttext": ("fasttext", []), "fasttext-cbow": ("fasttext", ["--cbow"]),
                  "sgns-det": ("sgns", ["--deterministic"]), "cbow-det": ("cbow", ["--deterministic"]), "fasttext-det": ("fasttext", ["--deterministic"]),
                  "dbow": ("paragraphs", []), "dm": ("paragraphs", ["--mode", "dm"]), "dbow-det": ("paragraphs", ["--deterministic"])}[kind]
    if name == "fasttext":
        more = more + ["--bucket", str(BUCKET)]
    start, before = time.perf_counter(), cpu()
    out = subprocess.run([OURS, "learn", name, file, "-o", model, "--tokens", "space", "--dim", str(a.dim), "--epochs", str(a.epochs),
                          "--threads", str(a.threads), "--seed", str(a.seed), "--json", *more], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    LAST["cpu"] = cpu() - before
    if a.quality and name != "paragraphs":
        subprocess.run([OURS, "convert", model, f"{tmp}/ours.w2v", "--quiet"], check=True)
        from gensim.models import KeyedVectors
        return seconds, KeyedVectors.load_word2vec_format(f"{tmp}/ours.w2v"), json.loads(out.stdout)
    return seconds, None, json.loads(out.stdout)


def gensim(kind, file, a):
    from gensim.models import Doc2Vec, FastText, Word2Vec
    sg = "cbow" not in kind
    settings = dict(vector_size=a.dim, window=5, min_count=5, negative=5, hs=0, sg=int(sg), sample=1e-4, workers=a.threads,
                    alpha=0.025 if sg else 0.05, epochs=a.epochs, seed=a.seed)
    start = time.perf_counter()
    if kind in ("dbow", "dm"):
        del settings["sg"]
        settings["alpha"] = 0.025
        model = Doc2Vec(dm=int(kind == "dm"), dm_mean=1, **settings)
        model.build_vocab(corpus_file=file)
        model.train(corpus_file=file, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=a.epochs)
        return time.perf_counter() - start, None
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
    """Our own measure for all, known words alone, so that it is the same and quick."""
    path = f"{tmp}/judged.vec"
    v.save_word2vec_format(path)
    said = json.loads(subprocess.run([OURS, "evaluate", "words", path, "--data", f"{DATA}/words", "--oov", "skip", "--json"],
                                     check=True, capture_output=True, text=True).stdout)
    of = {s["name"]: s["spearman"] for s in said["similarity"]}
    all = said["analogy"][0]["result"]["all"]
    return round(of["EN-WS-353-ALL"], 4), round(of["EN-MEN-TR-3k"], 4), round(all["add"] / max(all["asked"], 1), 4)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("tokens", 10**9), ("epochs", 1), ("rounds", 3), ("threads", 2), ("dim", 100), ("seed", 1)]:
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--kinds", default="sgns,cbow,fasttext,fasttext-cbow")
    p.add_argument("--programs", default="ours,gensim,fasttext")
    p.add_argument("--quality", action="store_true")
    a = p.parse_args()
    rates, used, judged = {}, {}, {}
    with tempfile.TemporaryDirectory() as tmp:
        file = f"{tmp}/text.txt"
        n = text(file, a.tokens)
        for r in range(a.rounds):
            a.seed = r + 1
            for kind in a.kinds.split(","):
                for program in a.programs.split(","):
                    before = cpu()
                    if program == "fasttext" and kind in ("dbow", "dm"):
                        continue
                    if program == "ours":
                        seconds, vectors, said = ours(kind, file, a, tmp)
                    elif kind.endswith("-det"):
                        continue
                    else:
                        seconds, vectors = (gensim if program == "gensim" else fasttext)(kind, file, a)
                    row = {"kind": kind, "program": program, "round": r, "seconds": round(seconds, 2), "words_s": round(n * a.epochs / seconds),
                           "cpu": round(LAST["cpu"] if program == "ours" else cpu() - before, 2)}
                    if program == "ours":
                        row["training_words_s"] = round(said["training"]["words_per_second"])
                        row["loss"] = round(said["training"]["loss"], 4)
                    if a.quality and vectors is not None:
                        row["ws353"], row["men"], row["analogy"] = quality(vectors, tmp)
                        judged.setdefault((kind, program), []).append((row["ws353"], row["men"], row["analogy"]))
                    rates.setdefault((kind, program), []).append(row["words_s"])
                    used.setdefault((kind, program), []).append(row["cpu"])
                    print(json.dumps(row), flush=True)
    for (kind, program), values in rates.items():
        own = used.get((kind, "ours"))
        ratio = statistics.median(used[kind, program]) / statistics.median(own) if own else float("nan")
        print(f"{kind:14} {program:9} {statistics.median(values):>12,.0f} words/s  {statistics.median(used[kind, program]):>8.2f} CPU s  {ratio:5.2f} x ours")
    for (kind, program), values in judged.items():
        # Mean and standard deviation over seeds.
        told = [f"{statistics.mean(v):.4f} ± {statistics.stdev(v) if len(v) > 1 else 0:.4f}" for v in zip(*values)]
        print(f"{kind:14} {program:9} WordSim-353 {told[0]}  MEN {told[1]}  analogies {told[2]}")


if __name__ == "__main__":
    main()
