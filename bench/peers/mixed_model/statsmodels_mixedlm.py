"""statsmodels fits a random bias by maximum likelihood: `statsmodels_mixedlm.py FILE.npz`; prints seconds, weights."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np
import statsmodels.api as sm

rows = np.load(sys.argv[1])
started = time.perf_counter()
fitted = sm.MixedLM(rows["label"], sm.add_constant(rows["x"]), groups=rows["host"]).fit(reml=False)
seconds = time.perf_counter() - started
found = [*fitted.fe_params[1:], fitted.fe_params[0], float(np.squeeze(fitted.cov_re)), fitted.scale]
print(
    json.dumps(
        {"s": seconds, "found": list(map(float, found)), "versions": {"statsmodels": version("statsmodels")}}
    )
)
