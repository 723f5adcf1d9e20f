"""What the adapters of XGBoost do beside plain trees: categories, weights, early stopping, boosters, forests."""

from __future__ import annotations

from listings import listings

FRAME, LABELS = listings()
SMALL = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1}
