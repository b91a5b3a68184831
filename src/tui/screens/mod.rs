//! The screens, a folder each: none knows of another.

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
};

/// Defines [`Screens`] by the screens in the order in which help has their keys.
macro_rules! screens {
    ($($screen:ident: $field:ident),+ $(,)?) => {
        /// The state of every screen.
        #[derive(Debug)]
        pub struct Screens {
            $(pub $field: $field::$screen),+
        }

        impl Screens {
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

        /// Returns the keys of every screen.
        fn of_screens() -> impl Iterator<Item = &'static Binding> {
            [$($field::keys::KEYS),+].into_iter().flatten()
        }
    };
}

screens! {
    Train: train,
    Mistakes: mistakes,
    Layers: layers,
    Draw: draw,
    Parameters: parameters,
    Runs: runs,
    Sweep: sweep,
    Confusion: confusion,
}

/// Returns every key there is.
pub fn bindings() -> Vec<Binding> {
    let numbers = Screen::ALL.iter().map(|&screen| Binding::of_screen(screen));
    let others = global::BETWEEN_SCREENS.iter().chain(of_screens()).chain(global::REST);
    numbers.chain(others.cloned()).collect()
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(bindings())
    }
}
