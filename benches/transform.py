"""`vectory transform` and `inspect` on 100,000 x 384 rows, beside numpy: file to file, two threads, alternating, medians of three."""

import os
import resource
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "2"

import numpy as np  # noqa: E402

VECTORY = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "vectory")
ROWS, DIM = 100_000, 384


def rows(rng):
    """A cloud with a falling spectrum and a mean."""
    scale = (1.0 / np.sqrt(1.0 + np.arange(DIM))).astype(np.float32)
    return rng.standard_normal((ROWS, DIM), dtype=np.float32) * scale + 0.05


def whiten_numpy(source, target):
    x = np.load(source)
    mean = x.mean(0, dtype=np.float64)
    centred = x - mean.astype(np.float32)
    values, vectors = np.linalg.eigh(centred.T.astype(np.float64) @ centred.astype(np.float64) / len(x))
    np.save(target, centred @ (vectors / np.sqrt(values) @ vectors.T).astype(np.float32))


def run(*args):
    start = time.perf_counter()
    subprocess.run([VECTORY, *args, "--threads", "2", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def inspect(source):
    seconds = run("inspect", source)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"inspect: {seconds:.1f} s, peak {peak:.0f} MB of {ROWS * DIM * 4 / 2**20:.0f} MB input (mapped pages counted)")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--inspect":
        return inspect(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "x.npy")
        np.save(source, rows(np.random.default_rng(1)))
        ours, theirs = [], []
        for _ in range(3):
            ours.append(run("transform", source, "--with", "whiten", "-o", os.path.join(folder, "a.npy")))
            start = time.perf_counter()
            whiten_numpy(source, os.path.join(folder, "b.npy"))
            theirs.append(time.perf_counter() - start)
        a, b = np.load(os.path.join(folder, "a.npy")), np.load(os.path.join(folder, "b.npy"))
        print(f"whiten: vectory {np.median(ours):.2f} s, numpy {np.__version__} {np.median(theirs):.2f} s, "
              f"ratio {np.median(theirs) / np.median(ours):.2f}, largest difference {np.abs(a - b).max():.1e}")
        # In a process of its own, so that the peak is that of inspect alone.
        subprocess.run([sys.executable, __file__, "--inspect", source], check=True)


if __name__ == "__main__":
    sys.exit(main())
