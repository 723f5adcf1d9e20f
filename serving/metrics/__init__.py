"""What the serving tier counts and times, for Prometheus."""
