//! What lies along a chart.

use crate::choice::choice;

choice! {
    /// The unit along a chart.
    #[derive(Default)]
    X {
        #[default]
        Epochs = "epochs",
        Steps = "steps",
        /// Seconds of training and evaluation, pauses left out.
        Time = "time",
    }
}
