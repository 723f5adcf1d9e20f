"""Parameters of stored steps are of the types that their fields declare, or nothing is built of them."""

from __future__ import annotations

import pytest

from bighead.pipeline_lib.artifact.step_params import checked_params
from bighead.pipeline_lib.artifact.storable_steps import restored_step
from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.transforms import TRANSFORMS, HashEncoder, ImageToTensor


@pytest.mark.parametrize(
    ("step", "params"),
    [
        (HashEncoder, {"buckets": "16"}),
        (HashEncoder, {"buckets": True}),
        (HashEncoder, ["buckets"]),
        (ImageToTensor, {"mean": [0.1, "0.2", 0.3]}),
        (ImageToTensor, {"height": [224]}),
        (ImageToTensor, {"shorter_side": "256"}),
    ],
)
def test_another_type_is_refused_before_the_step_is_made(step, params):
    with pytest.raises(TypeError, match=r"the parameter|parameters that are"):
        checked_params(step, params)
    with pytest.raises(ArtifactError, match=step.__name__):
        restored_step(step.__name__, params, {})


@pytest.mark.parametrize("step", TRANSFORMS, ids=lambda step: step.__name__)
def test_a_parameter_that_no_step_has_is_of_a_later_version(step):
    assert checked_params(step, {"of a later version": 1}) == {}
