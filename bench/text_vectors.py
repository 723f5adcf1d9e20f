"""Texts as sparse vectors beside scikit-learn's: `python -m bench.text_vectors --json`.

200,000 messages of 5 to 40 words, of a vocabulary of 50,000 whose frequencies fall as Zipf's law says; one in eight
messages holds letters that are not ASCII. HashingVectorizer with 2^18 places, and TfidfVectorizer learning and
answering; the best of three on our side and of two on scikit-learn's, in one process. scikit-learn is given a list of
strings, we a Polars column of the same; vectors must be equal: indices exactly, values within 1e-12. `ours` is the
least of the three ratios; messages per second stand beside, and milliseconds for one message alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from sklearn.feature_extraction import text as sk

from bench.report import line, require_release, version
from bench.timing import best
from bighead.pipeline_lib.transforms.text import HashingVectorizer, TfidfVectorizer

MESSAGES, VOCABULARY, SEED, PLACES = 200_000, 50_000, 7, 2**18
SINGLE = 300


def messages(count: int) -> list[str]:
    """Return messages that are the same wherever they are made."""
    random = np.random.default_rng(SEED)
    letters = np.array([*"etaoinshrdlcumwfgypbvk"])
    lengths = random.integers(2, 11, VOCABULARY)
    words = np.array(["".join(letters[random.integers(0, len(letters), n)]) for n in lengths])
    words[::101] = [f"{word}é" for word in words[::101]]
    frequency = 1.0 / np.arange(1, VOCABULARY + 1)
    sizes = random.integers(5, 41, count)
    drawn = words[random.choice(VOCABULARY, sizes.sum(), p=frequency / frequency.sum())]
    parts = np.split(drawn, np.cumsum(sizes)[:-1])
    return [f"{' '.join(part[:3]).capitalize()}, {' '.join(part[3:])}." for part in parts]


def equal(made: pl.DataFrame, matrix: Any) -> bool:
    """Whether vectors are the same: indices exactly, values within 1e-12."""
    matrix.sort_indices()
    array = made.to_series().rechunk().to_arrow()
    entries = array.values
    indices, values = (entries.field(place).to_numpy(zero_copy_only=False) for place in (0, 1))
    return (
        np.array_equal(array.offsets.to_numpy(), matrix.indptr)
        and np.array_equal(indices, matrix.indices)
        and bool(np.allclose(values, matrix.data, rtol=1e-12, atol=1e-12))
    )


def measure(
    ours: Callable[[pl.DataFrame], Any], theirs: Callable[[list[str]], Any], texts: list[str]
) -> dict[str, Any]:
    """Return both sides' seconds, their ratio, and whether they answer the same."""
    frame = pl.DataFrame({"text": texts})
    made, matrix = ours(frame), theirs(texts)
    mine, other = best(lambda: ours(frame), 3), best(lambda: theirs(texts), 2)
    return {
        "ms": round(mine * 1e3, 1),
        "reference_ms": round(other * 1e3, 1),
        "ratio": round(other / mine, 2),
        "messages_per_second": round(len(texts) / mine),
        "equal": equal(made, matrix),
    }


def alone(
    ours: Callable[[pl.DataFrame], Any], theirs: Callable[[list[str]], Any], texts: list[str]
) -> dict[str, float]:
    """Return the median milliseconds for one message on both sides."""
    mine = [best(partial(ours, pl.DataFrame({"text": [text]})), 1) for text in texts]
    other = [best(partial(theirs, [text]), 1) for text in texts]
    found = float(np.median(mine)) * 1e3, float(np.median(other)) * 1e3
    return {
        "ms": round(found[0], 4),
        "reference_ms": round(found[1], 4),
        "ratio": round(found[1] / found[0], 2),
    }


def main() -> None:
    """Measure, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    given = parser.parse_args()
    require_release()
    texts = messages(given.messages)
    hashing, tfidf = HashingVectorizer(n_features=PLACES), TfidfVectorizer()
    their_hashing, their_tfidf = sk.HashingVectorizer(n_features=PLACES), sk.TfidfVectorizer()
    each = {
        "hashing": measure(hashing.transform, their_hashing.transform, texts),
        "tfidf_fit_transform": measure(
            lambda frame: tfidf.fit_transform(frame, None), their_tfidf.fit_transform, texts
        ),
        "tfidf_transform": measure(tfidf.transform, their_tfidf.transform, texts),
    }
    single = {
        "hashing": alone(hashing.transform, their_hashing.transform, texts[:SINGLE]),
        "tfidf": alone(tfidf.transform, their_tfidf.transform, texts[:SINGLE]),
    }
    least = min(found["ratio"] for found in each.values())
    same = all(found["equal"] for found in each.values())
    versions = {name: version(name) for name in ("bighead", "scikit-learn", "numpy")}
    extra = {"each": each, "one_message": single}
    print(
        line(
            "text_vectors", "×", least, {}, higher_is_better=True, versions=versions, equal=same, extra=extra
        )
    )


if __name__ == "__main__":
    main()
