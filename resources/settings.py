"""Every setting, read in this one place: from BIGHEAD_* in the environment, then the defaults below."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bighead.pipeline_lib.clock import ReplayClock, SystemClock, parse_clock
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.foreign_code import allow_code


class Settings(BaseSettings):
    """The settings of one installation; frozen, and passed along rather than read again.

    >>> Settings(home=Path("/tmp/x")).registry_url
    'sqlite:////tmp/x/registry.sqlite'
    """

    model_config = SettingsConfigDict(env_prefix="BIGHEAD_", frozen=True, extra="ignore")

    home: Path = Field(default=Path(".bighead"), description="Where everything is kept.")
    project: Path = Field(default=Path("examples/flights"), description="The user's project folder.")
    clock: str = Field(default="system", description="system, or replay:<UTC instant>.")
    registry: str = Field(default="", description="Database URL; default: SQLite under home.")
    redis: str = Field(default="", description="URL of the online store's Redis; default: LMDB under home.")
    redis_prefix: str = Field(default="bighead:", description="Stands before every key in Redis.")
    kafka: str = Field(
        default="", description="Brokers whose topics feed the streams, as host:port,host:port."
    )
    dedupe_horizon: str = Field(default="7d", description="How long the ids of streamed events are kept.")
    host: str = Field(default="127.0.0.1", description="Where the serving tier listens.")
    port: int = Field(default=8400, description="The serving tier's port; 0 takes a free one.")
    dagster_port: int = Field(default=3400, description="The Dagster UI's port in `bighead dev` and `demo`.")
    max_body_bytes: int = Field(default=10_000_000, description="A larger request body is answered 413.")
    memory_gb: float = Field(default=0.0, ge=0, description="What a join may hold; 0: half of the machine's.")
    spill: str = Field(default="", description="Where larger joins are spilled; default: under home.")
    spark: str = Field(
        default="",
        description="Where Spark runs: local[2], spark://host:7077, yarn, k8s://…; off: nowhere, whatever is asked.",
    )
    step_modules: str = Field(
        default="", description="Modules that artifacts may import for steps and nets of your own, by commas."
    )
    tokens: str = Field(default="", description="File of API tokens: SHA-256 and team, one a line.")
    lease_seconds: float = Field(default=10.0, description="A gateway's lease in the registry.")

    def model_post_init(self, context: Any) -> None:
        """Let artifacts import the modules that are trusted, in every process that reads the settings."""
        allow_code(*(name.strip() for name in self.step_modules.split(",") if name.strip()))

    @property
    def root(self) -> Path:
        """The absolute home folder."""
        return self.home.expanduser().absolute()

    @property
    def registry_url(self) -> str:
        """The registry's SQLAlchemy URL."""
        return self.registry or f"sqlite:///{self.root / 'registry.sqlite'}"

    @property
    def dedupe(self) -> timedelta:
        """How long the ids of streamed events are kept; what was sent longer ago is refused.

        Raises:
            DefinitionError: it is no duration, or none above zero.
        """
        span = timedelta(microseconds=duration(self.dedupe_horizon))
        if span <= timedelta():
            raise DefinitionError(
                f"BIGHEAD_DEDUPE_HORIZON is {self.dedupe_horizon!r}.", cure="Expected '7d', say."
            )
        return span

    @property
    def warehouse(self) -> Path:
        """Source tables: `<name>.parquet`, `<name>.csv` or a Delta folder `<name>`."""
        return self.root / "warehouse"

    @property
    def offline(self) -> Path:
        """Delta tables of features, training sets and scores."""
        return self.root / "offline"

    @property
    def online(self) -> Path:
        """The segment logs of the streams, and the LMDB index over them where Redis does not hold it."""
        return self.root / "online"

    @property
    def artifacts(self) -> Path:
        """Artifact bundles, a folder each, named by content hash."""
        return self.root / "artifacts"

    @property
    def inference_log(self) -> Path:
        """Logged inferences, one segment log a model."""
        return self.root / "inference_log"

    @property
    def spill_folder(self) -> Path:
        """Where joins that are larger than memory are spilled; what is in it is removed after each."""
        return Path(self.spill).expanduser().absolute() if self.spill else self.root / "spill"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder."""
        return self.root / "dagster"

    @cached_property
    def now_clock(self) -> SystemClock | ReplayClock:
        """The clock that drives server, log and library."""
        return parse_clock(self.clock)

    def under(self, clock: str) -> Settings:
        """Return the same settings under another clock.

        >>> Settings(home=Path("/tmp/x")).under("replay:2013-11-01T00:00Z").now_clock.now().year
        2013
        """
        return Settings.model_validate(self.model_dump() | {"clock": clock})
