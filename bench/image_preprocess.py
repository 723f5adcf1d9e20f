"""JPEG files as tensors beside Pillow, OpenCV and torchvision: `python -m bench.image_preprocess --json`.

Photographs of 1024 × 768 pixels (quality 90, 4:2:0) become normalised float32 tensors [3, 224, 224], each side on one
core in a process of its own; sides take turns for a few rounds, and each side's best counts. Full decoding on all
sides; OpenCV resizes by area, the others by an anti-aliased triangle. Answers must be within one level of Pillow's on
average (the differences of all are told). `scaled_ms` is our looser, faster decoding at half the size. torchvision
brings torch, some 5 GB: it runs only with `--torchvision`, and the line says so where it did not.

Two cores are measured beside what two cores gain for a loop that only counts. The projection to 64 cores is images per
second of one core × 64 × our gain by the loop's: it assumes whole cores, and memory as fast for each as it is here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.image_files import make_files
from bench.report import DATA, line, peer, require_release, version
from bench.scaling import spin
from bighead.pipeline_lib.transforms.images import ImageToTensor

FOLDER = DATA / "image_preprocess"
PEERS: dict[str, tuple[str, list[str]]] = {
    "pillow_numpy": ("image_preprocess/pillow_numpy.py", ["pillow==13.0.0", "numpy==2.4.6"]),
    "opencv": ("image_preprocess/opencv.py", ["opencv-python-headless==5.0.0.93", "numpy==2.4.6"]),
    "torchvision": ("image_preprocess/torchvision_transforms.py", ["torch", "torchvision", "numpy==2.4.6"]),
}
DEVIATION = np.array([0.229, 0.224, 0.225])[:, None, None] * 255
BATCH = 64
Side = Callable[[], dict[str, Any]]


def measure(seconds: float, decode: str) -> dict[str, float]:
    """Return the best milliseconds per image of this process, and keep the tensors."""
    name = "ours" if decode == "full" else decode
    files = [path.read_bytes() for path in sorted(FOLDER.glob("*.jpg"))]
    step = ImageToTensor(224, 224, decode=decode)
    np.save(FOLDER / f"{name}.npy", step.transform(pl.DataFrame({"photo": files}))["photo"].to_numpy())
    batch = pl.DataFrame({"photo": files * (BATCH // len(files))})
    taken, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        step.transform(batch)
        taken.append((time.perf_counter() - started) / batch.height * 1e3)
    return {"ms": min(taken)}


def ours(seconds: float, cores: int, decode: str = "full") -> dict[str, Any]:
    """Measure us in a process of its own, on so many cores."""
    threads = {"RAYON_NUM_THREADS": str(cores), "POLARS_MAX_THREADS": str(cores)}
    command = [sys.executable, "-m", "bench.image_preprocess", "--side", decode, "--seconds", str(seconds)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **threads})
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


def levels(one: str, other: str) -> float:
    """Return by how many levels the tensors of two sides differ on average."""
    tensors = [np.load(Path(FOLDER / f"{name}.npy")).astype(float) for name in (one, other)]
    return float(np.abs((tensors[0] - tensors[1]) * DEVIATION).mean())


def best(sides: dict[str, Side], rounds: int) -> dict[str, dict[str, Any]]:
    """Let the sides take turns, and return the best of each."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            found[name].append(side())
    return {name: min(each, key=lambda one: one["ms"]) for name, each in found.items()}


def projection(one: float, gain: float, loop: float) -> dict[str, Any]:
    """Return images per second on 64 cores, and what is assumed."""
    kept = min(gain / loop, 1.0)
    return {
        "images_per_second_64_cores": round(64 * 1e3 / one * kept),
        "assumes": f"64 whole cores like this one, each keeping {kept:.2f} of its speed beside the others",
    }


def arguments() -> argparse.Namespace:
    """Return what was asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument(
        "--torchvision", action="store_true", help="measure torchvision, too (5 GB to download)"
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="for each side and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=["full", "scaled"], help="be one side: ours, in this process")
    return parser.parse_args()


def compare(seconds: float, rounds: int, chosen: list[str]) -> str:
    """Return the line of all sides, each on one core, and of ours on two."""
    size = [str(FOLDER), str(seconds)]
    sides: dict[str, Side] = {
        "ours": lambda: ours(seconds, 1),
        "scaled": lambda: ours(seconds, 1, "scaled"),
        "two_cores": lambda: ours(seconds, 2),
        **{name: (lambda name=name: peer(*PEERS[name], *size)) for name in chosen},
    }
    found = best(sides, rounds)
    one, gain, loop = found["ours"]["ms"], found["ours"]["ms"] / found["two_cores"]["ms"], spin(1) / spin(2)
    versions = {"bighead": version("bighead")}
    for name in chosen:
        versions |= found[name]["versions"]
    extra = {
        "scaled_ms": round(found["scaled"]["ms"], 4),
        "levels_off": {name: round(levels("ours", name), 3) for name in ("scaled", *chosen)},
        "two_cores_gain": round(gain, 3),
        "loop_gain": round(loop, 3),
        "projection": projection(one, gain, loop),
        "skipped": {name: f"not run: give --{name}" for name in PEERS if name not in chosen},
    }
    peers = {name: found[name]["ms"] for name in chosen}
    same = levels("ours", "pillow_numpy") <= 1.0
    told = {"higher_is_better": False, "versions": versions, "equal": same, "extra": extra}
    return line("image_preprocess", "ms per image", one, peers, **told)


def main() -> None:
    """Measure all sides and print one line."""
    asked = arguments()
    require_release()
    make_files(FOLDER)
    if asked.side:
        print(json.dumps(measure(asked.seconds, asked.side)))
        return
    chosen = [name for name in PEERS if asked.torchvision or name != "torchvision"]
    print(compare(asked.seconds, asked.rounds, chosen))


if __name__ == "__main__":
    main()
