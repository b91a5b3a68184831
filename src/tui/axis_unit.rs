//! Units of a chart's horizontal axis.

use crate::choice::choice;

choice! {
    /// Unit of a chart's horizontal axis.
    #[derive(Default)]
    X {
        #[default]
        Epochs = "epochs",
        Steps = "steps",
        /// Seconds of training and evaluation, without pauses.
        Time = "time",
    }
}
