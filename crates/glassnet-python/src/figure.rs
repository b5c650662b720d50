//! A figure as SVG and PNG.

use crate::failure::{Result, of_value};
use glassnet_draw::Theme;
use glassnet_draw::png::png;
use pyo3::prelude::*;
use std::borrow::Cow;

/// A figure.
#[pyclass(module = "glassnet._glassnet", frozen)]
#[derive(Debug)]
pub(crate) struct Figure(pub(crate) glassnet_draw::Figure);

#[pymethods]
impl Figure {
    #[getter]
    fn title(&self) -> &str {
        self.0.title()
    }

    fn svg(&self) -> String {
        self.0.svg(Theme::Reader)
    }

    fn png(&self, width: u32) -> Result<Cow<'static, [u8]>> {
        Ok(png(&self.0, width, Theme::Light).map_err(of_value)?.bytes.into())
    }
}
