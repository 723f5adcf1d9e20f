"""Every asset key in one place, so that a name is spelt once."""

import dagster as dg


def table(name: str) -> dg.AssetKey:
    """Return the key of a source table of the warehouse."""
    return dg.AssetKey(["warehouse", *name.split("/")])


def features(name: str) -> dg.AssetKey:
    """Return the key of a feature set's day partitions."""
    return dg.AssetKey(["features", name])


def online(name: str) -> dg.AssetKey:
    """Return the key of a feature set's generations in the online store."""
    return dg.AssetKey(["features", name, "online"])


def training_set(name: str) -> dg.AssetKey:
    """Return the key of a training set."""
    return dg.AssetKey(["training_sets", name])


def model(name: str, part: str) -> dg.AssetKey:
    """Return the key of one of a model's parts: artifact, evaluation, release, active."""
    return dg.AssetKey(["models", name, part])


def scores(name: str) -> dg.AssetKey:
    """Return the key of a model's batch scores."""
    return dg.AssetKey(["scores", name])


def uploaded(name: str) -> dg.AssetKey:
    """Return the key of a model's published scores."""
    return dg.AssetKey(["scores", name, "uploaded"])


def monitoring(name: str, part: str) -> dg.AssetKey:
    """Return the key of one of a model's monitors: drift, consistency, performance."""
    return dg.AssetKey(["monitoring", name, part])
