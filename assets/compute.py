"""Which of a project's jobs ask for Spark, told when its definitions load."""

from bighead.assets.layout import Layout
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.model_config import ModelConfig, SparkConfig
from bighead.resources.spark_choice import Asked, require_spark, spark_master


def weeks_compute(layout: Layout, training_set: TrainingSet) -> SparkConfig | None:
    """Return what joins a training set's weeks: the Spark that its models' fit_config asks for.

    A single machine there is what the model is fitted on, which is never Spark.

    Raises:
        DefinitionError: its models ask for different resources.
    """
    asked = {each.name: each.fit_config.spark_config for each in layout.models_of(training_set)}
    named = {name: config for name, config in asked.items() if config is not None}
    if len(set(named.values())) > 1:
        raise DefinitionError(
            f"the models of {training_set.name!r} ask for different Spark resources: {named}.",
            cure="Give their fit_config the same SparkConfig: the rows are joined once for all.",
        )
    return next(iter(named.values()), None)


def scores_compute(model: ModelConfig) -> Asked:
    """Return what joins a model's daily questions: that of its offline_config."""
    offline = model.transform_config.offline_config if model.transform_config else None
    return (offline.spark_config or offline.single_machine_config) if offline else None


def check_compute(layout: Layout) -> None:
    """Refuse to load where a job would run on Spark and Spark cannot start here.

    Raises:
        DefinitionError: BIGHEAD_SPARK is no master, or models of one training set differ.
        MissingExtraError, StoreError: Spark or Java lacks; says which definition asks for it.
    """
    setting, project = layout.settings.spark, layout.project
    jobs: dict[str, Asked] = {f"BIGHEAD_SPARK={setting}": None}
    jobs |= {
        f"the training set {each.name!r}": weeks_compute(layout, each)
        for each in project.training_sets.values()
    }
    jobs |= {f"the offline_config of {each.name!r}": scores_compute(each) for each in project.models.values()}
    for who, asked in jobs.items():
        if spark_master(setting, asked) is not None:
            require_spark(who)
            return
