//! Figures as SVG and PNG, and pages of HTML that need nothing else. Read the modules from top to bottom.

pub mod svg; // shapes, classes and their colours
pub mod digits; // numbers as people read them
pub mod scale; // numbers to places on an axis
mod field; // a plane as coloured cells
pub mod plot; // curves, points and fields over two axes
pub mod heatmap; // tables of numbers as colours
pub mod bars; // bars with intervals
pub mod pulls; // a tug of war
pub mod network; // units and connections
#[cfg(feature = "pages")]
pub mod png; // the same figures as pixels
#[cfg(feature = "pages")]
pub mod page; // a page of HTML in one file
pub mod functions; // activation functions as curves
pub mod model_figures; // a model's losses, network, errors and boundaries
#[cfg(feature = "pages")]
pub mod findings; // what a diagnosis found
#[cfg(feature = "pages")]
pub mod report; // the story of a training

pub use svg::{Figure, Theme};
