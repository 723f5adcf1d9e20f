"""Pictures of pipelines: text, Mermaid, and SVG that needs no style element and cannot be broken by names."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from listings import forest, listings

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean

SVG = "{http://www.w3.org/2000/svg}"


def test_text_says_what_each_step_reads_and_makes():
    p = forest(2)
    assert p.describe().splitlines()[2] == "  1. StandardScaler() ← step 0"
    p.fit(*listings())
    assert p.describe().splitlines() == [
        "Pipeline rental",
        "  0. NaNToMean() ← 3 inputs → 3 columns",
        "  1. StandardScaler() ← 3 columns of 0 → 3 columns",
        "  2. OneHotLabelEncoder() ← 1 input → 3 columns",
        "  3. OrdinalEncoder() ← 1 input → 1 column",
        "  4. XGBClassifier(n_estimators=2, max_depth=4, subsample=0.8, random_state=0, n_jobs=1)"
        " ← 3 columns of 1, 3 columns of 2, 1 column of 3 → 1 column",
        "  answers probability",
    ]


def test_mermaid_has_every_arrow():
    arrows = [
        line.strip() for line in forest().fit(*listings()).describe("mermaid").splitlines() if "-->" in line
    ]
    assert arrows == [
        "inputs0 -->|3| step0",
        "step0 -->|3| step1",
        "inputs1 -->|1| step2",
        "inputs2 -->|1| step3",
        "step1 -->|3| step4",
        "step2 -->|3| step4",
        "step3 -->|1| step4",
        "step4 -->|1| answers",
    ]


@pytest.mark.parametrize("fit", [False, True])
def test_the_svg_is_whole_and_obeys_a_strict_content_policy(fit):
    p = forest(2)
    if fit:
        p.fit(*listings())
    root = ElementTree.fromstring(p.describe("svg"))
    assert not [
        each for each in root.iter() if each.tag in {f"{SVG}style", f"{SVG}script"} or "style" in each.attrib
    ]
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert {"NaNToMean", "OneHotLabelEncoder", "XGBClassifier", "3 inputs"} <= set(texts)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= height


def test_names_cannot_break_out_of_a_picture():
    p = Pipeline("p")
    p['"]; <script>alert(1)</script>'] >>= NaNToMean()
    assert "<script" not in p.describe("svg")
    assert "<script" not in p.describe("mermaid")
    ElementTree.fromstring(p.describe("svg"))


def test_an_empty_pipeline_and_an_unknown_form():
    assert Pipeline("p").describe() == "Pipeline p: no steps yet"
    with pytest.raises(UnknownNameError, match="Did you mean 'mermaid'"):
        Pipeline("p").describe("mermade")
