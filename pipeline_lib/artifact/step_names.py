"""The steps that a bundle may hold, by name: what is not here is neither stored nor ever loaded.

Bighead's own go by their class. One of somebody's own (`register_step`) goes by `module:class`, and is loaded only
where the process allows that module (`allow_code`).
"""

from __future__ import annotations

from typing import TypeVar

from bighead.pipeline_lib.errors import ArtifactError, DefinitionError, UnsupportedStepError
from bighead.pipeline_lib.foreign_code import check_importable, import_allowed
from bighead.pipeline_lib.frameworks import MODELS
from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms import TRANSFORMS
from bighead.pipeline_lib.transforms.processes import TRANSFORMS as PROCESSES

STEPS: dict[str, type[Transformer]] = {each.__name__: each for each in (*TRANSFORMS, *PROCESSES, *MODELS)}
# Steps of others that this process has registered.
_FOREIGN: set[type[Transformer]] = set()
_Step = TypeVar("_Step", bound=type[Transformer])


def register_step(cls: _Step) -> _Step:
    """Let artifacts hold steps of a class of your own; a decorator.

    The class has `state` and `restore`, its parameters are JSON values (a dataclass gets them from its fields), and it
    stands at the top level of a module. An artifact then names that module, and only a process that allows it
    (`allow_code`) loads the artifact.

    Raises:
        DefinitionError: a class that is no Transformer, or does not say how it is stored.

    >>> from dataclasses import dataclass
    >>> @register_step
    ... @dataclass(eq=False)
    ... class Doubled(Transformer):
    ...     def transform(self, frame):
    ...         return frame * 2
    ...     def state(self):
    ...         return {}
    ...     def restore(self, state):
    ...         pass
    """
    if not (isinstance(cls, type) and issubclass(cls, Transformer)):
        raise DefinitionError(f"{cls!r} is no step.", cure="Derive the class from Transformer or Model.")
    restores = cls.restore is not Transformer.restore or "from_state" in vars(cls)
    if cls.state is Transformer.state or not restores:
        raise DefinitionError(
            f"{cls.__name__} does not say how it is stored.",
            cure="Give it state(), which returns tables and bytes, and restore(state), which takes them up.",
        )
    _FOREIGN.add(cls)
    return cls


def step_name(step: Transformer) -> str:
    """Return the name that a bundle calls a step's class by.

    Raises:
        UnsupportedStepError: a class that is not registered, or that nobody else could import.
    """
    cls = type(step)
    if STEPS.get(cls.__name__) is cls:
        return cls.__name__
    if cls not in _FOREIGN:
        raise UnsupportedStepError(
            f"{cls.__name__} is code of its own, which a bundle does not carry.",
            cure=f"Put @register_step on the class, or build it of {', '.join(STEPS)}.",
        )
    return f"{check_importable(cls, cls.__qualname__, f'the step {cls.__name__}')}:{cls.__qualname__}"


def class_of(name: str) -> type[Transformer]:
    """Return the class that a bundle calls by a name.

    Raises:
        ArtifactError: an unknown one, or one of a module that is not allowed or lacks here.
    """
    module, of_others, attribute = str(name).partition(":")
    if not of_others:
        if module not in STEPS:
            raise ArtifactError(
                f"the bundle holds an unknown step {module!r}.", cure=f"Known are {', '.join(STEPS)}."
            )
        return STEPS[module]
    found = getattr(import_allowed(module, f"the step {attribute[:200]}"), attribute, None)
    registered: type[Transformer] | None = next((cls for cls in _FOREIGN if cls is found), None)
    if registered is None:
        raise ArtifactError(
            f"the module {module!r} registers no step {attribute[:200]!r}.",
            cure="Install the version of it that trained the artifact.",
        )
    return registered
