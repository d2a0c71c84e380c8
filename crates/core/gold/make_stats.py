#!/usr/bin/env python3
"""Prints the constants of src/stats/tests.rs: scipy's special functions and correlations with ties."""
from scipy import special, stats

for x in (0.1, 0.5, 1.0, 3.7, 50.0, 1e6):
    print("ln_gamma", x, special.gammaln(x))
for x, a, b in ((0.3, 2.0, 5.0), (0.9, 0.5, 0.5), (0.75, 31.5, 0.5), (0.1, 383.5, 0.5), (0.999, 3.5, 0.5)):
    print("ln_beta", x, a, b, float(special.betainc(a, b, x)))
for x in (-1.0, 0.3, 1.9, 2.1, 6.0, 20.0):
    print("erfc", x, special.erfc(x))
a, b = [1, 2, 2, 3, 5, 5, 5, 7], [2, 1, 1, 4, 4, 9, 8, 8]
print("ties", stats.pearsonr(a, b)[0], stats.spearmanr(a, b)[0], stats.kendalltau(a, b)[0])
