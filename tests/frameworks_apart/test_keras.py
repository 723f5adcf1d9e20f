"""Networks of Keras: they learn, repeat to the bit, are stored without pickle, and nothing but layers is built."""

from __future__ import annotations

import json
import random

import keras
import numpy as np
import polars as pl
import pytest
import tensorflow
from apart import answers_elsewhere, saved
from drawn_rows import SIDE, XOR, alone, images, numbers, texts

from bighead.pipeline_lib.errors import (
    ArtifactError,
    DataError,
    DefinitionError,
    UnknownNameError,
    UnsupportedStepError,
)
from bighead.pipeline_lib.frameworks import KerasClassifier, KerasRegressor, keras_config
from bighead.pipeline_lib.frameworks.keras_nets import register_net

# Once TensorFlow has calculated, nothing can set them.
tensorflow.config.threading.set_intra_op_parallelism_threads(1)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def own(dropout=0.1):
    """A network of Keras's own layers."""
    of = keras.layers
    given = keras.Input((2,))
    inner = of.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4))(given)
    both = of.Concatenate()([given, of.Dropout(dropout)(of.BatchNormalization()(inner))])
    return keras.Model(given, of.Dense(2)(of.Dense(16, activation="relu")(both)))


CASES = {
    "mlp": lambda: numbers(
        KerasClassifier("mlp", {"layers": [32, 16], "dropout": 0.1}, epochs=30, learning_rate=0.01)
    ).fit(XOR, SIDE),
    "image_cnn": lambda: alone(
        KerasClassifier("image_cnn", {"channels": [4, 8]}, epochs=12, learning_rate=0.01), *images()
    ),
    "text_cnn": lambda: alone(
        KerasClassifier(
            "text_cnn", {"dimensions": 8, "channels": 8}, length=16, epochs=15, learning_rate=0.01
        ),
        *texts(),
    ),
    "regressor": lambda: numbers(
        KerasRegressor("mlp", epochs=40, optimizer="sgd", learning_rate=0.05, schedule="cosine")
    ).fit(XOR, XOR["a"] * 100 + 1000),
}
ROWS = {"mlp": XOR, "regressor": XOR, "image_cnn": images()[0], "text_cnn": texts()[0]}
TRUTH = {"mlp": SIDE, "regressor": XOR["a"] * 100 + 1000, "image_cnn": images()[1], "text_cnn": texts()[1]}


@pytest.mark.parametrize("name", CASES)
def test_it_learns_repeats_and_another_process_answers_the_same(name, tmp_path):
    first = CASES[name]()
    assert first.score(ROWS[name], TRUTH[name]) > 0.95
    random.seed(3)
    np.random.seed(5)
    states = random.getstate(), np.random.get_state()[1].tolist()
    second = CASES[name]()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert second.answer(ROWS[name]).equals(first.answer(ROWS[name]))
    hashes = [
        saved(each, ROWS[name], tmp_path / n).content_hash for n, each in (("one", first), ("two", second))
    ]
    assert hashes[0] == hashes[1]
    there = answers_elsewhere(tmp_path / "one", ROWS[name]).to_numpy()
    np.testing.assert_allclose(there, first.answer(ROWS[name]).to_numpy(), rtol=1e-5, atol=1e-6)
    rows = ROWS[name].head(20)
    single = np.concatenate([first.answer(rows[at]).to_numpy() for at in range(20)])
    np.testing.assert_allclose(single, first.answer(rows).to_numpy(), rtol=1e-4, atol=1e-4)


def test_a_model_of_keras_own_layers_is_stored_by_them(tmp_path):
    given = own()
    before = [each.copy() for each in given.get_weights()]
    fitted = alone(KerasClassifier(given, epochs=10, learning_rate=0.01), XOR, SIDE)
    assert all(np.array_equal(a, b) for a, b in zip(given.get_weights(), before, strict=True))
    saved(fitted, XOR, tmp_path / "bundle")
    there = answers_elsewhere(tmp_path / "bundle", XOR).to_numpy()
    np.testing.assert_allclose(there, fitted.answer(XOR).to_numpy(), rtol=1e-5, atol=1e-6)


@keras.saving.register_keras_serializable("shop")
class Doubled(keras.layers.Layer):
    """A layer of a user's own."""

    def call(self, rows):
        return rows * 2


def test_a_lambda_is_refused_before_it_learns():
    given = keras.Sequential(
        [keras.Input((2,)), keras.layers.Lambda(lambda rows: rows * 2), keras.layers.Dense(2)]
    )
    with pytest.raises(DataError, match="arbitrary code"):
        alone(KerasClassifier(given, epochs=1), XOR, SIDE)


def test_a_layer_of_ones_own_is_refused_when_it_is_saved(tmp_path):
    given = keras.Sequential([keras.Input((2,)), Doubled(), keras.layers.Dense(2)])
    fitted = alone(KerasClassifier(given, epochs=1), XOR, SIDE)
    with pytest.raises(UnsupportedStepError, match="code that a bundle does not carry"):
        saved(fitted, XOR, tmp_path / "bundle")


def changed(path, value):
    """The description of a network of which one thing was changed."""
    config = json.loads(keras_config.to_json(own(), ""))
    at = config
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(config)


HOSTILE = {
    "a function of Python": changed(["module"], "os"),
    "a layer's class": changed(["config", "layers", 1, "module"], "subprocess"),
    "an initializer": changed(["config", "layers", 1, "config", "kernel_initializer", "module"], "builtins"),
    "a lambda": changed(["config", "layers", 1, "class_name"], "Lambda"),
    "a pickle": changed(["config", "layers", 1, "class_name"], "TorchModuleWrapper"),
    "a registered name": changed(["config", "layers", 1, "registered_name"], "shop>Doubled"),
    "a function": changed(
        ["config", "layers", 1, "config", "activation"],
        {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"},
    ),
    "an unknown class": changed(["config", "layers", 1, "class_name"], "Denser"),
    "a garbled shape": changed(["config", "layers", 0, "config", "batch_shape"], "x"),
    "no layers": "{}",
    "no JSON": "x",
    "a number": "3",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_changed_description_is_refused(name):
    with pytest.raises(ArtifactError, match=r"never built|cannot be built"):
        keras_config.from_json(HOSTILE[name])


OWN = """
import keras
from bighead.pipeline_lib.frameworks.keras_nets import register_net

@register_net("linear")
def linear(reads, outputs, bias=True):
    return keras.Sequential([keras.Input(reads.shape), keras.layers.Dense(outputs, use_bias=bias)])
"""


def test_a_registered_net_is_loaded_where_its_code_is_trusted(tmp_path, monkeypatch):
    (tmp_path / "own_keras_nets.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import own_keras_nets  # type: ignore[import-not-found]

    assert own_keras_nets.linear
    fitted = alone(KerasClassifier("linear", {"bias": False}, epochs=2), XOR, SIDE)
    saved(fitted, XOR, tmp_path / "bundle")
    with pytest.raises(ArtifactError, match="own_keras_nets"):
        answers_elsewhere(tmp_path / "bundle", XOR, path=tmp_path)
    answers_elsewhere(tmp_path / "bundle", XOR, allow="own_keras_nets", path=tmp_path)


def test_a_net_registered_in_a_function_is_refused_when_it_is_saved(tmp_path):
    register_net("hidden")(lambda reads, outputs: own())
    fitted = alone(KerasClassifier("hidden", epochs=1), XOR, SIDE)
    with pytest.raises(UnsupportedStepError, match="the net 'hidden' stands in"):
        saved(fitted, XOR, tmp_path / "bundle")


def test_early_stopping_keeps_the_best_weights():
    noise = pl.Series(np.random.default_rng(3).integers(0, 2, 400))
    step = KerasClassifier(epochs=100, learning_rate=0.02, early_stopping_rounds=3)
    assert numbers(step).fit(XOR, noise).graph.nodes[-1].step.epochs_learnt < 40


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: KerasClassifier("mlpp"), UnknownNameError, "Did you mean 'mlp'"),
        (lambda: KerasClassifier(3), DefinitionError, "keras.Model"),
        (lambda: alone(KerasClassifier(arguments={"layer": [1]}), XOR, SIDE), DefinitionError, "layer"),
        (lambda: alone(KerasClassifier("text_cnn"), XOR, SIDE), DefinitionError, "lists of tokens"),
        (
            lambda: alone(KerasClassifier("image_cnn"), XOR, SIDE),
            DefinitionError,
            "channels × height × width",
        ),
        (lambda: alone(KerasClassifier("mlp"), *texts()), DefinitionError, "reads no tokens"),
        (lambda: alone(KerasRegressor(own()), XOR, XOR["a"]), DataError, r"answered \(2, 2\)"),
        (lambda: alone(KerasClassifier(own()), XOR.select("a"), SIDE), DataError, "Keras says"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, error, says):
    with pytest.raises(error, match=says):
        make()


@pytest.mark.parametrize("layers", [[7], [4, 4], "x"])
def test_weights_that_do_not_fit_are_refused(layers):
    step = KerasClassifier("mlp", {"layers": [4]}, epochs=1)
    step.fit(XOR, SIDE)
    with pytest.raises(ArtifactError):
        KerasClassifier.from_state({**step.params(), "arguments": {"layers": layers}}, step.state())
