"""Mean AUROC of scikit-learn's outlier detectors on the sets of claim 211 (different rows, standardised).

    python benches/outliers.py [DATA]      # DATA: the data folder, default $VECTORY_DATA or ../shared/data
"""

import os
import sys

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM

DATA = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VECTORY_DATA", "../shared/data")


def read(name, positive):
    lines = [line.strip().rsplit(",", 1) for line in open(f"{DATA}/tabular/small/{name}.csv") if line.strip()]
    kept = {}
    for cells, label in lines:
        kept.setdefault(cells, label)  # the first of equal rows
    x = np.array([[float(v) for v in cells.split(",")] for cells in kept])
    y = np.array([label == positive for label in kept.values()])
    spread = x.std(0)
    return (x - x.mean(0))[:, spread > 0] / spread[spread > 0], y


for name, positive in [("ionosphere", "b"), ("pima-indians-diabetes", "1")]:
    x, y = read(name, positive)
    svm = roc_auc_score(y, -OneClassSVM(gamma="scale").fit(x).score_samples(x))
    forest = np.mean([roc_auc_score(y, -IsolationForest(random_state=s).fit(x).score_samples(x)) for s in range(3)])
    lof = roc_auc_score(y, -LocalOutlierFactor(20).fit(x).negative_outlier_factor_)
    print(f"{name}: one-class SVM {svm:.3f}, isolation forest {forest:.3f}, LOF {lof:.3f}")
