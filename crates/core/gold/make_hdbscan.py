"""Labels and strengths of the PyPI library hdbscan 0.8.44 on three small sets; run in this folder."""
import numpy as np, hdbscan
from sklearn.datasets import make_moons, make_blobs
sets = {
    "moons": make_moons(400, noise=0.07, random_state=1)[0],
    "blobs": make_blobs(500, n_features=3, centers=6, cluster_std=[.4, .8, 1.2, .5, .9, 1.5], random_state=2)[0],
    "spread": np.vstack([make_blobs(200, n_features=20, centers=4, random_state=3)[0], np.random.default_rng(4).uniform(-12, 12, (40, 20))]),
}
for name, x in sets.items():
    x = x.astype(np.float32)
    np.save(f"hdbscan/{name}.npy", x)
    for size, samples, how in [(5, 5, "eom"), (15, 15, "eom"), (10, 3, "eom"), (10, 3, "leaf")]:
        h = hdbscan.HDBSCAN(min_cluster_size=size, min_samples=samples, cluster_selection_method=how, algorithm="generic").fit(x.astype(np.float64))
        np.save(f"hdbscan/{name}_{size}_{samples}_{how}_labels.npy", h.labels_.astype(np.int32))
        np.save(f"hdbscan/{name}_{size}_{samples}_{how}_strength.npy", h.probabilities_.astype(np.float32))
        print(name, size, samples, how, h.labels_.max() + 1, (h.labels_ < 0).sum())
