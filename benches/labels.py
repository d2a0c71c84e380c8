#!/usr/bin/env python3
"""Text classifiers side by side: ours and fastText on AG News (7,600 texts, four fifths to learn from), the same settings, in turn, a seed and a
split each round.

  labels.py [--rounds R] [--epochs E] [--repeat N] [--ngrams 1,2]

cpu: processor seconds of learning (reading included); the training text is repeated N times so that it is more than start-up. JSON lines, then
medians."""
import argparse, csv, gzip, io, json, os, random, re, resource, statistics, subprocess, tempfile
import fasttext

DATA = os.environ.get("VECTORY_DATA", "../shared/data")
OURS = os.environ.get("VECTORY") or os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "vectory")
BUCKET, DIM, RATE = 200_000, 100, 0.25


def cpu():
    both = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in both)


def rows():
    with gzip.open(f"{DATA}/classification/AG_News/test.csv.gz", "rt", encoding="utf8") as f:
        for label, title, text in csv.reader(f):
            yield f"__label__{label} " + " ".join(re.findall(r"[a-z0-9']+|[^\sa-z0-9']", f"{title} {text}".lower()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("rounds", 3), ("epochs", 5), ("repeat", 5), ("threads", 2)]:
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--ngrams", default="1,2")
    a = p.parse_args()
    lines, found = list(rows()), {}
    with tempfile.TemporaryDirectory() as tmp:
        for r in range(a.rounds):
            random.Random(r).shuffle(lines)
            cut = len(lines) * 4 // 5
            train, test, model = f"{tmp}/train.txt", f"{tmp}/test.txt", f"{tmp}/m.safetensors"
            for path, part in [(train, lines[:cut] * a.repeat), (test, lines[cut:])]:
                with open(path, "w") as out:
                    out.write("\n".join(part) + "\n")
            for n in map(int, a.ngrams.split(",")):
                before = cpu()
                subprocess.run([OURS, "learn", "classify", train, "-o", model, "--dim", str(DIM), "--epochs", str(a.epochs), "--rate", str(RATE),
                                "--word-ngrams", str(n), "--bucket", str(BUCKET), "--threads", str(a.threads), "--seed", str(r + 1), "--quiet"], check=True)
                ours = cpu() - before
                said = json.loads(subprocess.run([OURS, "test", model, test, "--json"], check=True, capture_output=True, text=True).stdout)
                before = cpu()
                ft = fasttext.train_supervised(train, dim=DIM, epoch=a.epochs, lr=RATE, wordNgrams=n, bucket=BUCKET, thread=a.threads, verbose=0, seed=r + 1)
                theirs = cpu() - before
                row = {"ngrams": n, "round": r, "ours": {"cpu": round(ours, 2), "accuracy": round(said["precision"], 4)},
                       "fasttext": {"cpu": round(theirs, 2), "accuracy": round(ft.test(test)[1], 4)}}
                found.setdefault(n, []).append(row)
                print(json.dumps(row), flush=True)
    for n, all in found.items():
        m = {who: [statistics.median(x[who][what] for x in all) for what in ("cpu", "accuracy")] for who in ("ours", "fasttext")}
        print(f"word n-grams {n}: ours {m['ours'][1]:.4f} in {m['ours'][0]:.2f} CPU s, fastText {m['fasttext'][1]:.4f} in {m['fasttext'][0]:.2f}: "
              f"{m['fasttext'][0] / m['ours'][0]:.2f} x")


if __name__ == "__main__":
    main()
