"""What happens around a backfill: its sources' schemas are compared before, its days are profiled after each commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg

from bighead.assets.chunks import chunk_teller
from bighead.assets.layout import Layout
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.batch_grain import key_of
from bighead.pipeline_lib.point_in_time.backfill import Committed
from bighead.pipeline_lib.ports import TableReader
from bighead.pipeline_lib.profiles.catch_up import profile_days
from bighead.pipeline_lib.quality.upstream import look_upstream, record_schema
from bighead.resources.catalogue_files import publish
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.profile_store import FileProfileStore


@contextmanager
def watched(
    context: dg.AssetExecutionContext,
    feature_set: FeatureSet,
    asked: list[date],
    tables: TableReader,
    store: DeltaOfflineStore,
    layout: Layout,
) -> Iterator[Callable[[Committed], None]]:
    """Yield what a backfill of `asked` days calls after each commit; at the end every stored day has its profile.

    Changes of the source's schema become metadata `upstream_schema` of the run's last day.

    Raises:
        SchemaError: the source no longer has what the set uses; nothing is computed.
    """
    profiles = FileProfileStore.beside(store.root)
    publish(store.root, layout.project)
    now = layout.settings.now_clock.now()
    seen = look_upstream(feature_set, tables, profiles, now)
    told = chunk_teller(context, feature_set.name)

    def tell(done: Committed) -> None:
        told(done)
        profile_days(feature_set, feature_set.grain.run(done.first, done.last), store, profiles)

    yield tell
    # Days that were committed by a run that did not live to profile them.
    profile_days(feature_set, asked, store, profiles)
    record_schema(feature_set, seen, profiles, now)
    if seen.changes:
        metadata = {"upstream_schema": dg.MetadataValue.json([each.text for each in seen.changes])}
        last = key_of(max(asked))
        context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=last)
