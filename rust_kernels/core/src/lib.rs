//! Bighead's kernels, with no Python in them.
