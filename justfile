# Everything CI checks, in the order in which it fails fastest.
default: format-check lint types imports test rust

# Install the locked environment and build the kernels in release.
install:
    uv sync --frozen

# Run the tests.
test *arguments:
    ./bighead test {{arguments}}

# Format Python and Rust.
format:
    uv run ruff format .
    uv run ruff check --fix .
    cargo fmt --all

# Fail if anything is not formatted.
format-check:
    uv run ruff format --check .
    cargo fmt --all --check

# Lint Python and Rust.
lint:
    uv run ruff check .
    cargo clippy --workspace --all-targets --quiet -- -D warnings

# Check types twice.
types:
    uv run mypy
    uv run pyright

# Check that imports flow one way.
imports:
    uv run lint-imports

# Test the Rust core.
rust:
    cargo test --package bighead-kernels-core --quiet

# Run the whole way on real flights and print one JSON summary.
demo:
    ./bighead demo --once --json

# Start the Dagster UI, its daemon and the serving tier.
dev:
    ./bighead dev

# Rewrite the snapshots of all Dagster definitions.
snapshots:
    uv run pytest tests/test_definitions_snapshot.py --snapshot-update

# Measure: `just bench temporal_join`.
bench name:
    uv run python -m bench.{{name}} --json

# Longer proofs: many more random cases, and five seeds of the quoted figures.
proof:
    HYPOTHESIS_PROFILE=proof ./bighead test
    PROPTEST_CASES=20000 cargo test --release --package bighead-kernels-core
    PYTHONPATH=examples uv run python -m flights.quote --seeds 5

# Test the large frameworks (PyTorch, Keras, CatBoost, …), which the other tests do without, in an environment apart.
frameworks:
    #!/usr/bin/env bash
    set -euo pipefail
    export UV_PROJECT_ENVIRONMENT=.tools/frameworks
    uv sync --frozen --group frameworks
    # A process each: PyTorch's GPU builds cannot train where TensorFlow was loaded before.
    for file in tests/frameworks_apart/test_*.py; do
        uv run --frozen --no-sync pytest "$file"
    done
