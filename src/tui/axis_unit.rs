//! What lies along a chart.

/// What lies along a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum X {
    #[default]
    Epochs,
    Steps,
    /// Seconds of training and evaluation, pauses left out.
    Time,
}

impl X {
    pub fn next(self) -> Self {
        match self {
            Self::Epochs => Self::Steps,
            Self::Steps => Self::Time,
            Self::Time => Self::Epochs,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Epochs => "epochs",
            Self::Steps => "steps",
            Self::Time => "time",
        }
    }
}
