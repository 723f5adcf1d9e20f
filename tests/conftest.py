"""What all tests share: a home of their own, and programs that a machine may lack."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from bighead.resources.settings import Settings

# A machine under load is slow now and then; that is no finding.
hypothesis_settings.register_profile("test", deadline=None)
hypothesis_settings.register_profile("proof", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is this test's own folder."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def require_program() -> Callable[[str, str], str]:
    """Return the path of a program, or skip saying how to get it; where CI is set, its absence fails."""

    def require(name: str, how: str) -> str:
        found = shutil.which(name)
        if found is None and os.environ.get("CI"):
            pytest.fail(f"{name} is missing, and CI is set: {how}", pytrace=False)
        if found is None:
            pytest.skip(f"{name} is missing; get it with: {how}")
        return found

    return require
