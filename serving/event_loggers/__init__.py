"""Step 8 of 9, log: inferences leave the request's way through a bounded queue."""
