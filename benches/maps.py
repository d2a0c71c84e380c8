"""UMAP, CKA and MAUVE beside umap-learn, NumPy and mauve-text, alternating in one run; `--only umap|cka|mauve`.

The rows are sentences of the corpus by the shipped encoder (UMAP: 70,000 rows, 50 principal components)."""
import json, os, subprocess, sys, tempfile, time, warnings
import numpy as np

warnings.filterwarnings("ignore")
vectory = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "vectory")
data = os.environ.get("VECTORY_DATA", "../shared/data")
cache = os.environ.get("BENCH_CACHE", os.path.join(tempfile.gettempdir(), "vectory-maps"))
only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else None
times = lambda f: (lambda t: (f(), time.perf_counter() - t))(time.perf_counter())


def ours(*args):
    done = subprocess.run([vectory, *args, "--json", "--threads", "2"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def sentences(rows):
    path = f"{cache}-{rows}.npy"
    if not os.path.exists(path):
        text = subprocess.run(["zstd", "-dc", f"{data}/words/corpus/wiki-en.txt.zst"], capture_output=True).stdout.decode()
        found = [s.strip() for line in text.splitlines() if not line.startswith("=") for s in line.split(". ") if len(s.split()) >= 8]
        step = max(1, len(found) // rows)
        with open(f"{cache}.txt", "w") as f:
            f.write("\n".join(found[::step][:rows]))
        subprocess.run([vectory, "embed", f"{cache}.txt", "--lines", "-o", path, "--quiet"], check=True)
    return path


def trust(x, y, k=15, sample=1000):
    """Trustworthiness of sampled rows, all rows as candidates."""
    n, ids, total = len(x), np.random.default_rng(1).choice(len(x), sample, replace=False), 0.0
    for i in ids:
        dx, dy = ((x - x[i]) ** 2).sum(1), ((y - y[i]) ** 2).sum(1)
        dx[i] = dy[i] = np.inf
        near = np.argpartition(dy, k)[:k]
        total += sum(max(0, int((dx < dx[j]).sum()) + 1 - k) for j in near)
    return 1 - 2 / (sample * k * (2 * n - 3 * k - 1)) * total


def bench_umap():
    import umap
    x = np.load(sentences(70000))
    x = x - x.mean(0)
    _, _, v = np.linalg.svd(x[::7], full_matrices=False)
    x = np.ascontiguousarray((x @ v[:50].T).astype(np.float32))
    np.save(f"{cache}-50.npy", x)
    umap.UMAP(n_jobs=2).fit(x[:2000])  # compiled before it is timed
    start = time.perf_counter()
    ours("map", f"{cache}-50.npy", "-o", f"{cache}-map.npy", "--metric", "l2", "--group", "0", "--quiet")
    mine = time.perf_counter() - start
    peer, theirs = times(lambda: umap.UMAP(n_jobs=2).fit_transform(x))
    seconds = theirs
    print(f"UMAP of {x.shape}: ours {mine:.1f} s, umap-learn {umap.__version__} {seconds:.1f} s, ratio {seconds / mine:.2f}")
    print(f"trustworthiness: ours {trust(x, np.load(f'{cache}-map.npy')):.4f}, umap-learn {trust(x, peer):.4f}")


def bench_cka():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20000, 384)).astype(np.float32)
    y = (x @ rng.standard_normal((384, 384)) + rng.standard_normal((20000, 384))).astype(np.float32)
    np.save(f"{cache}-x.npy", x), np.save(f"{cache}-y.npy", y)

    def grams():
        a, b = x - x.mean(0), y - y.mean(0)
        k, l = a @ a.T, b @ b.T
        return (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())

    def features():
        a, b = (x - x.mean(0)).astype(np.float64), (y - y.mean(0)).astype(np.float64)
        return ((a.T @ b) ** 2).sum() / np.sqrt(((a.T @ a) ** 2).sum() * ((b.T @ b) ** 2).sum())

    for _ in range(3):
        (_, g), (f, t) = times(grams), times(features)
        start = time.perf_counter()
        found = ours("compare", f"{cache}-x.npy", f"{cache}-y.npy", "--queries", "1", "-k", "1")
        mine = time.perf_counter() - start
        value = next(m["value"] for s in found["sections"] for m in s.get("measures", []) if m["name"] == "linear CKA")
        print(f"CKA of 20,000 x 384: ours {mine:.2f} s (whole program: reading, CKA, CCA, Procrustes), NumPy with n x n {g:.2f} s, with features {t:.2f} s; values {value:.6f} {f:.6f}")


def bench_mauve():
    import mauve
    rows = np.load(sentences(20000))
    p, q = rows[:10000], rows[10000:20000] + 0.005  # two halves of one text, one moved a little: scores between 0 and 1
    p, q = np.pad(p, ((0, 0), (0, max(0, 384 - p.shape[1])))), np.pad(q, ((0, 0), (0, max(0, 384 - q.shape[1]))))
    np.save(f"{cache}-p.npy", p.astype(np.float32)), np.save(f"{cache}-q.npy", q.astype(np.float32))
    def one(seed):
        start = time.perf_counter()
        found = ours("compare", f"{cache}-p.npy", f"{cache}-q.npy", "--mauve", "--clusters", "500", "--seed", str(seed))
        mine = time.perf_counter() - start
        return mine, next(m["value"] for s in found["sections"] for m in s.get("measures", []) if m["name"] == "MAUVE")

    def peer(seed):
        value, seconds = times(lambda: mauve.compute_mauve(p_features=p, q_features=q, num_buckets=500, seed=seed, verbose=False).mauve)
        return seconds, value

    # Values of both depend on the start of k-means: means over seeds are compared.
    a, b = zip(*[(one(seed), peer(seed)) for seed in range(1, 4)])
    (mine, my), (theirs, their) = np.array(a).T, np.array(b).T
    print(f"MAUVE of 2 x 10,000 x 384, k 500: ours {np.median(mine):.1f} s, mauve-text {np.median(theirs):.1f} s, ratio {np.median(theirs) / np.median(mine):.1f}; "
          f"values {my.mean():.4f} +- {my.std():.4f}, {their.mean():.4f} +- {their.std():.4f}")

for name, run in [("umap", bench_umap), ("cka", bench_cka), ("mauve", bench_mauve)]:
    if only in (None, name):
        run()
