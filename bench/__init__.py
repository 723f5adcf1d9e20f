"""Our side of each benchmark: `python -m bench.NAME --json` measures us and the peer in one run."""
