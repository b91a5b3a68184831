//! Widgets: functions that draw plain values.

pub(crate) mod area;
pub(crate) mod buttons;
pub(crate) mod chart;
pub(crate) mod confusion;
pub(crate) mod dialog;
pub(crate) mod digit;
pub(crate) mod folds;
pub(crate) mod form;
pub(crate) mod health;
pub(crate) mod heatmap;
pub(crate) mod joint;
pub(crate) mod line_edit;
pub(crate) mod panel;
pub(crate) mod progress;
pub(crate) mod sparkline;
pub(crate) mod surface;
pub(crate) mod text;
pub(crate) mod thumbnails;
