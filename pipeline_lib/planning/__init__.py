"""Before step 2 of 9: what a backfill would do, to which days, and who depends on them; nothing runs."""

from __future__ import annotations

from bighead.pipeline_lib.planning.history import days_until, first_day
from bighead.pipeline_lib.planning.plan import OnlineDefinitions, Plan, plan_project
from bighead.pipeline_lib.planning.set_plan import SetPlan, plan_set

__all__ = ["OnlineDefinitions", "Plan", "SetPlan", "days_until", "first_day", "plan_project", "plan_set"]
