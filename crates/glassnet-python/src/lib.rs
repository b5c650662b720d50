//! The Python package's compiled part. Translation only: every number comes from the library. Facts cross as JSON, numbers as
//! arrays. Read the modules from top to bottom.

#![expect(clippy::needless_pass_by_value, reason = "Python gives values")]

mod failure; // errors as Python's exceptions
mod arrays; // matrices as arrays
mod table; // columns from Python to a table
mod figure; // a figure as SVG and PNG
mod model; // a trained model
mod training; // a training, pulled a while at a time
mod network; // a small network in double precision, epoch by epoch

/// See the package's own documentation: `python/glassnet`.
#[pyo3::pymodule]
mod _glassnet {
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "its name in Python")]
    const version: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    use crate::figure::Figure;
    #[pymodule_export]
    use crate::model::Model;
    #[pymodule_export]
    use crate::network::Network;
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::training::Training;
}
