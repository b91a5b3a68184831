//! The screens, each in its own folder and independent of the others.

pub(crate) mod confusion;
pub(crate) mod draw;
pub(crate) mod layers;
pub(crate) mod mistakes;
pub(crate) mod parameters;
pub(crate) mod runs;
pub(crate) mod sweep;
pub(crate) mod train;

use crate::tui::{
    keys::{Binding, global, keymap::Keymap},
    screen::Screen,
    screen_view::ScreenView,
    session::{Session, sweep::Sweeping},
};

/// Defines [`Screens`] with the initial state of each screen, in the order in which help lists their keys.
macro_rules! screens {
    ($session:ident => $($screen:ident: $field:ident::$state:ident = $new:expr),+ $(,)?) => {
        /// The state of every screen.
        #[derive(Debug)]
        pub struct Screens {
            $(pub $field: $field::$state),+
        }

        impl Screens {
            pub(crate) fn new($session: &Session) -> Self {
                Self { $($field: $new),+ }
            }

            pub fn get(&self, screen: Screen) -> &dyn ScreenView {
                match screen {
                    $(Screen::$screen => &self.$field),+
                }
            }

            pub(crate) fn get_mut(&mut self, screen: Screen) -> &mut dyn ScreenView {
                match screen {
                    $(Screen::$screen => &mut self.$field),+
                }
            }
        }

        /// Returns the bindings of every screen.
        fn screen_bindings() -> impl Iterator<Item = &'static Binding> {
            [$($field::keys::KEYS),+].into_iter().flatten()
        }
    };
}

screens! {
    session =>
    Train: train::TrainScreen = Default::default(),
    Mistakes: mistakes::MistakesScreen = Default::default(),
    Layers: layers::LayersScreen = Default::default(),
    Draw: draw::DrawScreen = Default::default(),
    Parameters: parameters::ParametersScreen = parameters::ParametersScreen::new(session),
    Runs: runs::RunsScreen = Default::default(),
    Sweep: sweep::SweepScreen = Default::default(),
    Confusion: confusion::ConfusionScreen = Default::default(),
}

impl Screens {
    /// Prepares the screens for a sweep.
    pub(crate) fn watch_sweep(&mut self, sweeping: &Sweeping) {
        self.sweep.follows = true;
        self.parameters.hold_out(sweeping.limits.holdout);
    }
}

/// Returns every default binding, in the order of the table.
pub fn bindings() -> Vec<Binding> {
    let numbers = Screen::ALL.iter().map(|&screen| Binding::of_screen(screen));
    let others = global::BETWEEN_SCREENS.iter().chain(screen_bindings()).chain(global::REST);
    numbers.chain(others.cloned()).collect()
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(bindings())
    }
}
