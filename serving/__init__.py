"""The online way: requests come in, features are fetched, artifacts answer, inferences are logged."""
