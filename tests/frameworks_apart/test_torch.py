"""Networks of PyTorch: they learn, repeat to the bit, are stored without pickle, and say what they cannot read."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from apart import answers_elsewhere, saved
from drawn_rows import RANDOM, SIDE, XOR, alone, images, numbers, texts

from bighead.pipeline_lib.errors import (
    ArtifactError,
    DataError,
    DefinitionError,
    SchemaError,
    UnknownNameError,
    UnsupportedStepError,
)
from bighead.pipeline_lib.frameworks import TorchClassifier, TorchRegressor
from bighead.pipeline_lib.frameworks.torch_nets import register_net

NONE_LEFT = {"early_stopping_rounds": 1, "validation_fraction": 1.0}
CASES = {
    "mlp": lambda: numbers(
        TorchClassifier("mlp", {"layers": [32, 16], "dropout": 0.1}, epochs=40, learning_rate=0.01)
    ).fit(XOR, SIDE),
    "image_cnn": lambda: alone(
        TorchClassifier("image_cnn", {"channels": [4, 8]}, epochs=8, learning_rate=0.01), *images()
    ),
    "text_cnn": lambda: alone(
        TorchClassifier(
            "text_cnn", {"dimensions": 8, "channels": 8}, length=16, epochs=15, learning_rate=0.01
        ),
        *texts(),
    ),
    "regressor": lambda: numbers(
        TorchRegressor("mlp", epochs=60, optimizer="sgd", learning_rate=0.05, schedule="cosine")
    ).fit(XOR, XOR["a"] * 100 + 1000),
}
ROWS = {"mlp": XOR, "regressor": XOR, "image_cnn": images()[0], "text_cnn": texts()[0]}
TRUTH = {"mlp": SIDE, "regressor": XOR["a"] * 100 + 1000, "image_cnn": images()[1], "text_cnn": texts()[1]}


@pytest.mark.parametrize("name", CASES)
def test_it_learns(name):
    assert CASES[name]().score(ROWS[name], TRUTH[name]) > 0.95


@pytest.mark.parametrize("name", CASES)
def test_two_fits_are_equal_to_the_bit_whatever_else_draws_or_runs(name):
    first = CASES[name]().answer(ROWS[name])
    torch.manual_seed(99)
    torch.set_num_threads(2)
    np.random.seed(5)
    before = torch.random.get_rng_state()
    assert CASES[name]().answer(ROWS[name]).equals(first)
    assert torch.get_num_threads() == 2
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", CASES)
def test_another_process_answers_the_same_and_equal_fits_have_equal_hashes(name, tmp_path):
    fitted = CASES[name]()
    first = saved(fitted, ROWS[name], tmp_path / "one")
    second = saved(CASES[name](), ROWS[name], tmp_path / "two")
    assert first.content_hash == second.content_hash
    assert answers_elsewhere(tmp_path / "one", ROWS[name]).equals(fitted.answer(ROWS[name]))


@pytest.mark.parametrize("name", CASES)
def test_one_row_is_answered_as_many_are_within_the_declared_tolerance(name):
    fitted, rows = CASES[name](), ROWS[name].head(40)
    many = fitted.answer(rows).to_numpy()
    single = np.concatenate([fitted.answer(rows[at]).to_numpy() for at in range(rows.height)])
    assert TorchClassifier.tolerance == 1e-4
    np.testing.assert_allclose(single, many, rtol=1e-4, atol=1e-4)


def test_missing_and_infinite_rows_are_answered_with_missing_and_refused_at_fit():
    fitted = alone(TorchClassifier(epochs=1), XOR, SIDE)
    rows = pl.DataFrame({"a": [1.0, None, float("inf"), float("nan"), 1e300], "b": [0.0] * 5})
    assert fitted.answer(rows)["probability"].is_null().to_list() == [False, True, True, True, True]
    assert fitted.answer(rows[:0]).height == 0
    with pytest.raises(DataError, match="the 4 rows with missing or infinite values"):
        alone(TorchClassifier(epochs=1), rows, [0, 1, 0, 1, 0])
    images_, _ = images(4)
    cut = alone(TorchClassifier("image_cnn", {"channels": [2]}, epochs=1), *images(8))
    assert cut.answer(images_.vstack(images_.clear(1))).select(pl.all().null_count()).row(0) == (1, 1, 1)


def test_empty_texts_and_tokens_never_seen_are_answered():
    fitted = CASES["text_cnn"]()
    rows = pl.DataFrame(
        {"tokens": pl.Series([[], [99, -1, 2**60], None, [7, 8] * 50, [None, 3]], dtype=pl.List(pl.Int64))}
    )
    assert fitted.answer(rows)["probability"].is_null().to_list() == [False, False, True, False, False]


def test_early_stopping_keeps_the_best_weights():
    noise = pl.Series(RANDOM.integers(0, 2, 400))
    stopped = numbers(TorchClassifier(epochs=200, learning_rate=0.02, early_stopping_rounds=3)).fit(
        XOR, noise
    )
    assert stopped.steps[0] is not None
    assert stopped.graph.nodes[-1].step.epochs_learnt < 50
    again = numbers(TorchClassifier(epochs=200, learning_rate=0.02, early_stopping_rounds=3)).fit(XOR, noise)
    assert again.answer(XOR).equals(stopped.answer(XOR))


def test_class_weights_move_answers():
    rare = pl.Series([1 if at % 20 == 0 else 0 for at in range(400)])
    plain, balanced, named = (
        numbers(TorchClassifier(epochs=20, class_weight=weight))
        .fit(XOR, rare)
        .answer(XOR)["probability"]
        .mean()
        for weight in (None, "balanced", {"1": 19.0})
    )
    assert plain < 0.2
    assert balanced == pytest.approx(0.5, abs=0.15)
    assert named == pytest.approx(balanced, abs=0.05)


class Twice(torch.nn.Module):
    """A module of a user's own."""

    def __init__(self, width, outputs):
        super().__init__()
        self.inner = torch.nn.Linear(width, outputs)

    def forward(self, rows):
        return self.inner(rows * 2)


def test_a_module_of_ones_own_learns_and_is_refused_when_it_is_saved(tmp_path):
    module = Twice(2, 2)
    before = {name: each.clone() for name, each in module.state_dict().items()}
    fitted = alone(TorchClassifier(module, epochs=30, learning_rate=0.05), XOR, (XOR["a"] > 0).cast(pl.Int64))
    assert fitted.score(XOR, (XOR["a"] > 0).cast(pl.Int64)) > 0.9
    assert all(torch.equal(each, before[name]) for name, each in module.state_dict().items())
    with pytest.raises(UnsupportedStepError, match=r"the network Twice is code of its own.*@register_net"):
        saved(fitted, XOR, tmp_path / "bundle")


OWN = """
import torch
from bighead.pipeline_lib.frameworks.torch_nets import register_net

@register_net("linear")
def linear(reads, outputs, bias=True):
    return torch.nn.Linear(reads.shape[0], outputs, bias=bias)
"""


def test_a_registered_module_is_loaded_where_its_code_is_trusted(tmp_path, monkeypatch):
    (tmp_path / "own_nets.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import own_nets  # type: ignore[import-not-found]

    assert own_nets.linear
    fitted = alone(TorchClassifier("linear", {"bias": False}, epochs=2), XOR, SIDE)
    saved(fitted, XOR, tmp_path / "bundle")
    with pytest.raises(ArtifactError, match="own_nets"):
        answers_elsewhere(tmp_path / "bundle", XOR, path=tmp_path)
    there = answers_elsewhere(tmp_path / "bundle", XOR, allow="own_nets", path=tmp_path)
    assert there.equals(fitted.answer(XOR))


def test_a_net_registered_in_a_function_is_refused_when_it_is_saved(tmp_path):
    register_net("hidden")(lambda reads, outputs: torch.nn.Linear(reads.shape[0], outputs))
    fitted = alone(TorchClassifier("hidden", epochs=1), XOR, SIDE)
    with pytest.raises(UnsupportedStepError, match="the net 'hidden' stands in"):
        saved(fitted, XOR, tmp_path / "bundle")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: TorchClassifier("mlpp"), UnknownNameError, "Did you mean 'mlp'"),
        (lambda: TorchClassifier(3), DefinitionError, "torch.nn.Module"),
        (lambda: TorchClassifier(optimizer="adamw"), UnknownNameError, "'adam'"),
        (lambda: TorchClassifier(schedule="steps"), UnknownNameError, "cosine"),
        (lambda: TorchClassifier(epochs=0), DefinitionError, "epochs is 0"),
        (lambda: alone(TorchClassifier(arguments={"layer": [1]}), XOR, SIDE), DefinitionError, "layer"),
        (lambda: alone(TorchClassifier("text_cnn"), XOR, SIDE), DefinitionError, "lists of tokens"),
        (lambda: alone(TorchClassifier("image_cnn"), XOR, SIDE), DefinitionError, "channels × height × width"),
        (lambda: alone(TorchClassifier("mlp"), *texts()), DefinitionError, "reads no tokens"),
        (lambda: alone(TorchClassifier(class_weight={"x": 1.0}), XOR, SIDE), DefinitionError, "'balanced'"),
        (lambda: alone(TorchClassifier(Twice(2, 3)), XOR, SIDE), DataError, r"answered \(58, 3\)"),
        (lambda: alone(TorchClassifier(Twice(5, 2)), XOR, SIDE), DataError, "PyTorch says"),
        (lambda: alone(TorchRegressor(learning_rate=1e9, optimizer="sgd"), XOR, XOR["a"]), DataError, "diverged"),
        (lambda: alone(TorchClassifier(**NONE_LEFT), XOR, SIDE), DefinitionError, "keeps 400"),
        (lambda: alone(TorchClassifier(), XOR.with_columns(t=pl.Series([[1]] * 400)), SIDE), SchemaError, "together"),
        (lambda: alone(TorchClassifier(), pl.DataFrame({"t": [["x"]] * 4}), [0, 1, 0, 1]), SchemaError, "int64 tokens"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_cure(make, error, says):
    with pytest.raises(error, match=says):
        make()


@pytest.mark.parametrize(
    ("params", "cut", "says"),
    [
        ({"arguments": {"layers": [7]}}, None, "have the shape"),
        ({"arguments": {"layers": [10**9]}}, None, "have the shape"),
        ({"arguments": {"layers": [4, 4]}}, None, "differ in"),
        ({"arguments": {"layers": "x"}}, None, "layers|str"),
        ({"net": "image_cnn"}, None, "cannot be built"),
        ({"net": "os.path"}, None, "does not let it import"),
        ({}, 20, "cannot be read"),
        ({}, 0, "cannot be read"),
    ],
)
def test_state_that_does_not_fit_is_refused(params, cut, says):
    step = TorchClassifier("mlp", {"layers": [4]}, epochs=1)
    step.fit(XOR, SIDE)
    state = {**step.state()}
    state["weights.safetensors"] = state["weights.safetensors"][:cut]
    with pytest.raises((ArtifactError, TypeError), match=says):
        TorchClassifier.from_state({**step.params(), **params}, state)


def test_the_weights_are_safetensors_that_others_read():
    import safetensors.torch

    step = TorchClassifier("mlp", {"layers": [4]}, epochs=1)
    step.fit(XOR, SIDE)
    read = safetensors.torch.load(step.state()["weights.safetensors"])
    held = step.network.state_dict()
    assert read.keys() == held.keys()
    assert all(torch.equal(read[name], held[name]) for name in held)
