//! The Python door of the kernels.
use pyo3::prelude::*;

/// Bighead's native kernels.
#[pymodule]
mod _native {
    use super::*;

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        m.add("PROFILE", profile)
    }
}
