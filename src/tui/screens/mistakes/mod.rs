//! The Mistakes screen: the digits that the network gets wrong, to step through and to filter.

pub(crate) mod keys;
mod view;

use ratatui::layout::{Position, Rect};

use crate::tui::{
    keys::{Action, Context, motion::Motion},
    message::{Effect, Intent, Response, Subject},
    question::{Answer, Question},
    screen::Screen,
    screen_view::{Cx, ScreenView, View},
    session::Session,
    widgets::surface::{Surface, Target},
};

/// Which digit a filter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilteredDigit {
    True,
    Predicted,
}

/// The screen's own state; the rest is in [`Session::browser`].
#[derive(Debug, Default)]
pub struct MistakesScreen {
    /// Filter whose digit is being asked for.
    asked: Option<FilteredDigit>,
}

impl MistakesScreen {
    fn ask(&mut self, by: FilteredDigit) -> Response {
        self.asked = Some(by);
        let what = if by == FilteredDigit::Predicted { "predicted" } else { "true" };
        let answers = vec![(Action::ClearFilter, "any"), (Action::Cancel, "cancel")];
        let question = format!("Show only images whose {what} digit is ...");
        Intent::Ask(Question::digit("filter", question, answers)).into()
    }
}

impl ScreenView for MistakesScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Mistakes)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            let grid = view::Layout::of(cx.area, cx.session).grid();
            let (columns, rows) = (usize::from(grid.columns), usize::from(grid.rows));
            cx.session.browser.listing_mut().go(motion.by(columns, columns * rows));
            return Some(Response::none());
        }
        let browser = &mut cx.session.browser;
        match action {
            Action::FilterTrue => return Some(self.ask(FilteredDigit::True)),
            Action::FilterPredicted => return Some(self.ask(FilteredDigit::Predicted)),
            Action::ClearFilter => cx.session.clear_filter(),
            Action::Order => {
                browser.order = browser.order.next();
                cx.session.list_mistakes();
                cx.session.browser.listing_mut().go_first();
            }
            Action::SwitchSet => browser.correct_ones = !browser.correct_ones,
            Action::Augment => {
                let index = browser.listing().current().map(|shown| shown.index as usize);
                index.into_iter().for_each(|index| cx.session.augment(index));
            }
            Action::LookInside => return Some(Intent::Inspect(current_subject(cx.session)).into()),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(view.session, view.area, surface);
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        match target {
            Target::Digit(place) => {
                let listing = cx.session.browser.listing_mut();
                if std::mem::replace(&mut listing.place, place) == place {
                    return Intent::Inspect(current_subject(cx.session)).into();
                }
            }
            Target::Pair(pair) => return Intent::Mistakes(pair).into(),
            _ => {}
        }
        Response::none()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        if let (Some(by), Answer::Digit(digit)) = (self.asked.take(), answer) {
            let filter = &mut cx.session.browser.filter;
            match by {
                FilteredDigit::True => filter.label = digit,
                FilteredDigit::Predicted => filter.digit = digit,
            }
            cx.session.list_mistakes();
        }
        Response::none()
    }

    fn inquiry(&mut self, session: &mut Session) -> Vec<Effect> {
        let marked: Vec<_> = session.library.ensemble().into_iter().map(|run| run.path.clone()).collect();
        session.evaluate(&marked)
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        (action == Action::ClearFilter).then(|| session.is_filtered())
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        (action == Action::SwitchSet && session.browser.correct_ones).then_some("mistakes")
    }
}

/// Returns the chosen digit: a mistake, or a correctly read one.
fn current_subject(session: &Session) -> Subject {
    match session.browser.correct.current() {
        Some(correct) if session.browser.correct_ones => Subject::Test(correct.index as usize),
        _ => Subject::Mistake,
    }
}
