"""OpenCV decodes and resizes by area, NumPy normalises: `opencv.py FOLDER SECONDS`; prints milliseconds per image."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

cv2.setNumThreads(1)
MEAN, STD = np.array([0.485, 0.456, 0.406], "f4"), np.array([0.229, 0.224, 0.225], "f4")


def tensor(encoded):
    image = cv2.cvtColor(cv2.imdecode(np.frombuffer(encoded, "u1"), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    small = cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA)
    return ((small.astype("f4") / 255 - MEAN) / STD).transpose(2, 0, 1)


folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
files = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
np.save(folder / "opencv.npy", np.stack([np.ascontiguousarray(tensor(each)) for each in files]))
taken, until = [], time.perf_counter() + seconds
while time.perf_counter() < until:
    started = time.perf_counter()
    for encoded in files:
        np.ascontiguousarray(tensor(encoded))
    taken.append((time.perf_counter() - started) / len(files) * 1e3)
print(json.dumps({"ms": min(taken), "versions": {"opencv": version("opencv-python-headless")}}))
