"""Pillow decodes and resizes, NumPy normalises: `pillow_numpy.py FOLDER SECONDS`; prints milliseconds per image."""

import io
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

MEAN, STD = np.array([0.485, 0.456, 0.406], "f4"), np.array([0.229, 0.224, 0.225], "f4")


def tensor(encoded):
    image = Image.open(io.BytesIO(encoded)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    return ((np.asarray(image).astype("f4") / 255 - MEAN) / STD).transpose(2, 0, 1)


folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
files = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
np.save(folder / "pillow_numpy.npy", np.stack([np.ascontiguousarray(tensor(each)) for each in files]))
taken, until = [], time.perf_counter() + seconds
while time.perf_counter() < until:
    started = time.perf_counter()
    for encoded in files:
        np.ascontiguousarray(tensor(encoded))
    taken.append((time.perf_counter() - started) / len(files) * 1e3)
print(json.dumps({"ms": min(taken), "versions": {name: version(name) for name in ("pillow", "numpy")}}))
