//! Colours by meaning.
//!
//! No background is ever assumed: every hue is of middle lightness, so that it reads on dark and on light terminals, and
//! blue against orange stays apart for colour-blind eyes. Without colour, weight and shape carry the same meanings.

use ratatui::style::{Color, Modifier, Style};

/// What the terminal is able to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// No colours: every one is the terminal's own.
    pub mono: bool,
    /// Nothing outside ASCII.
    pub ascii: bool,
}

impl Theme {
    /// By the environment: `NO_COLOR`, and terminals without colours or without anything but ASCII.
    pub fn of_terminal(ascii: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let term = std::env::var("TERM").unwrap_or_default();
        let plain = ["dumb", "linux", "ansi"].contains(&term.as_str()) || term.starts_with("vt");
        Self { mono: set("NO_COLOR") || (plain && term != "linux"), ascii: ascii || plain }
    }

    fn hue(self, index: u8) -> Style {
        if self.mono { Style::new() } else { Style::new().fg(Color::Indexed(index)) }
    }

    pub fn text(self) -> Style {
        Style::new()
    }

    /// The past, frames, captions.
    pub fn dim(self) -> Style {
        if self.mono { Style::new().add_modifier(Modifier::DIM) } else { self.hue(244) }
    }

    /// What is ours to do: keys, the chosen thing.
    pub fn accent(self) -> Style {
        self.hue(134).add_modifier(Modifier::BOLD)
    }

    /// Whatever was measured on training images.
    pub fn train(self) -> Style {
        self.hue(32)
    }

    /// Whatever was measured on test images.
    pub fn test(self) -> Style {
        self.hue(166)
    }

    /// Goes well.
    pub fn good(self) -> Style {
        self.hue(71)
    }

    /// Wants attention.
    pub fn warn(self) -> Style {
        self.hue(136).add_modifier(Modifier::BOLD)
    }

    /// Went wrong.
    pub fn bad(self) -> Style {
        self.hue(161).add_modifier(Modifier::BOLD)
    }

    /// Of a pane: not dim like its frame.
    pub fn title(self) -> Style {
        self.bold().fg(Color::Reset)
    }

    /// Changed, or a heading.
    pub fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A loud label, such as SYNTHETIC.
    pub fn shout(self) -> Style {
        self.warn().add_modifier(Modifier::REVERSED)
    }

    /// The line or tab that is chosen.
    pub fn chosen(self) -> Style {
        self.accent().add_modifier(Modifier::REVERSED)
    }
}

/// The nearest ASCII for a symbol this program draws.
pub fn to_ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "┄" | "┈" | "╌" | "–" | "—" => "-",
        "━" => "=",
        "╸" => ">",
        "│" | "┊" | "┆" => "|",
        "╭" | "╮" | "╰" | "╯" | "┌" | "┐" | "└" | "┘" | "┼" | "├" | "┤" | "┬" | "┴" => "+",
        "·" => "-",
        "●" | "•" | "◆" => "*",
        "○" => "o",
        "✓" => "+",
        "✗" | "×" => "x",
        "…" => "~",
        "←" | "◂" | "‹" => "<",
        "→" | "▸" | "›" => ">",
        "↑" | "▲" => "^",
        "↓" | "▼" => "v",
        "▁" | "▂" => ".",
        "▃" | "▄" => ":",
        "▅" | "▆" => "|",
        "▇" | "█" | "▉" | "▊" | "▋" | "▌" => "#",
        "▍" | "▎" | "▏" => "|",
        "░" => ".",
        "▒" => "+",
        "▓" => "#",
        _ => "?",
    }
}
