"""torchvision decodes, resizes, normalises: `torchvision_transforms.py FOLDER SECONDS`; prints ms per image."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
import torchvision
import torchvision.transforms.v2 as transforms

torch.set_num_threads(1)
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
STEPS = transforms.Compose(
    [
        transforms.Resize((224, 224), antialias=True),
        transforms.ToDtype(torch.float32, scale=True),
        transforms.Normalize(MEAN, STD),
    ]
)


def tensor(encoded):
    return STEPS(torchvision.io.decode_jpeg(torch.frombuffer(bytearray(encoded), dtype=torch.uint8)))


folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
files = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
np.save(folder / "torchvision.npy", np.stack([tensor(each).numpy() for each in files]))
taken, until = [], time.perf_counter() + seconds
while time.perf_counter() < until:
    started = time.perf_counter()
    for encoded in files:
        tensor(encoded)
    taken.append((time.perf_counter() - started) / len(files) * 1e3)
print(json.dumps({"ms": min(taken), "versions": {name: version(name) for name in ("torch", "torchvision")}}))
