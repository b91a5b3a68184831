//! The Layers screen: what the network makes of one digit, from the first kernels to the ten outputs.
//!
//! Either all layers are shown, as many and as large as there is room for, or one layer enlarged.
//!
//! ```text
//!  test image 17, of 10,000   true 4   read as 9 0.710        weights of epoch 3, step 2,113
//!  ─ input ──── C1 convolution 5x5, relu: 6 kernels, 6 maps of 28x28 ──────── 0 to 2.3 ─
//!               ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪
//!    ▄▀▀▄       ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄
//!  ─ S4 average of each 2x2: 16 maps of 5x5 ────────────────────  0 ▏            0.004
//!   ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪                        9 ████████     0.710
//! ```

mod attention;
mod bands;
mod focus;
mod health;
mod packed;
mod scene;

use ratatui::{layout::Rect, text::Line};

use self::scene::Scene;
use crate::{
    train::Architecture,
    tui::{
        keys::Action,
        screen::Screen,
        screens::layers::state::{Layer, LayersScreen, Seen, Source, Subject},
        session::Session,
        widgets::{
            area::rows,
            surface::Surface,
            text::{put, wrap},
        },
    },
};

/// Maximum columns of a line of text.
const TEXT: u16 = 100;

pub(super) fn draw(layers: &LayersScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if layers.shows_health {
        return health::draw(session, inside, surface);
    }
    let Some(subject) = layers.subject(session) else {
        nothing(layers, session, inside, surface);
        return;
    };
    let scene =
        Scene { screen: layers, session, layers: layers.network(session), seen: seen(layers, &subject), subject };
    scene.caption(Rect { height: 1, ..inside }, surface);
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    match layers.layer {
        Layer::All if scene.layers.iter().copied().eq(Architecture::LeNet5.layers()) => {
            bands::draw(&scene, rest, surface)
        }
        Layer::All => packed::draw(&scene, rest, surface),
        layer => focus::draw(&scene, layer, rest, surface),
    }
}

fn nothing(layers: &LayersScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let why = match layers.source {
        _ if layers.test_index(session).is_some() => "The image is on its way from the trainer.".to_owned(),
        Source::Test => "The data set has no test images.".to_owned(),
        Source::Mistake if session.live.evaluation.is_none() => {
            "No mistakes are known yet: the test set is evaluated at the end of each epoch.".into()
        }
        Source::Mistake if session.is_filtered() => format!(
            "No mistake is {}: {} shows all of them.",
            session.browser.filter.words(),
            session.key(Action::ClearFilter)
        ),
        Source::Mistake => "No mistakes: every test image was read correctly.".into(),
        Source::Drawing => format!("Nothing is drawn yet: {} opens the pad.", session.key(Action::Show(Screen::Draw))),
    };
    let text = format!("{why} {} changes the source of the digit.", session.key(Action::Source));
    for (row, line) in rows(area).skip(2).zip(wrap(&text, usize::from(area.width.saturating_sub(4)))) {
        put(
            surface,
            Rect { x: row.x + 2, width: row.width.saturating_sub(2), ..row },
            &Line::styled(line, session.theme.dim()),
        );
    }
}

/// Returns the answer about this digit, or the previous one while the next is pending.
fn seen<'a>(layers: &'a LayersScreen, subject: &Subject) -> Option<&'a Seen> {
    let seen = layers.seen.as_ref()?;
    (seen.image[..] == *subject.image || layers.inquiry.is_open()).then_some(seen)
}
