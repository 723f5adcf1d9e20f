"""Step 7 of 9, serve: requests come in, the artifact that is active answers."""
