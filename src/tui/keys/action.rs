//! The actions that keys are bound to.

use std::fmt;

use crate::tui::screen::Screen;

/// Defines [`Action`] with its names in the configuration.
macro_rules! actions {
    ($($action:ident = $name:literal),+ $(,)?) => {
        /// An action that keys can be bound to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            Show(Screen),
            $($action),+
        }

        impl fmt::Display for Action {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Show(screen) => write!(f, "show-{screen}"),
                    $(Self::$action => f.write_str($name)),+
                }
            }
        }
    };
}

actions! {
    LookInside = "look-inside",
    NextScreen = "next-screen",
    PreviousScreen = "previous-screen",
    Help = "help",
    Back = "back",
    Quit = "quit",
    SaveElsewhere = "save-elsewhere",
    Interrupt = "interrupt",
    Detach = "detach",
    Suspend = "suspend",
    Redraw = "redraw",
    PauseOrResume = "pause-or-resume",
    Step = "step",
    RunSteps = "run-steps",
    RunEpochs = "run-epochs",
    Save = "save",
    Edit = "edit",
    Zoom = "zoom",
    LogScale = "log-scale",
    FullChart = "full-chart",
    Axis = "axis",
    Smoother = "smoother",
    Rougher = "rougher",
    ZoomIn = "zoom-in",
    ZoomOut = "zoom-out",
    Charts = "charts",
    Sets = "sets",
    Others = "others",
    Drawing = "drawing",
    Left = "left",
    Right = "right",
    Up = "up",
    Down = "down",
    PageUp = "page-up",
    PageDown = "page-down",
    First = "first",
    Last = "last",
    FilterTrue = "filter-true",
    FilterPredicted = "filter-predicted",
    ClearFilter = "clear-filter",
    Order = "order",
    SwitchSet = "switch-set",
    Health = "health",
    Source = "source",
    NextOf = "next-of",
    Augment = "augment",
    Pen = "pen",
    Eraser = "rubber",
    Wider = "wider",
    Thinner = "thinner",
    Clear = "clear",
    OpenPicture = "open-picture",
    SavePicture = "save-picture",
    Restart = "restart",
    Apply = "apply-rate",
    Undo = "undo",
    Preset = "preset",
    Recall = "recall",
    Recover = "recover",
    Percent = "percent",
    Changes = "changes",
    Reliability = "reliability",
    OpenCell = "open-cell",
    Load = "load",
    ResumeFrom = "go-on-from",
    Rename = "rename",
    Delete = "delete",
    Filter = "filter",
    Mark = "mark",
    Compare = "compare",
    Refresh = "refresh",
    OpenInEditor = "open-in-editor",
    DropRun = "drop-run",
    StopSweep = "stop-sweep",
    NewSweep = "new-sweep",
    WriteReport = "write-report",
    Export = "export",
    TurnMap = "turn-round",
    NextPane = "next-pane",
    Follow = "follow",
    Accept = "accept",
    Cancel = "cancel",
}
