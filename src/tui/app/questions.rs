//! Questions about the run and the program, and what happens with the answers to all questions.

use crossterm::event::{KeyCode, KeyEvent};

use super::App;
use crate::{
    format::typed_path,
    train::{Command, State},
    tui::{
        keys::{Action, line_edit::LineEdit},
        message::{Effect, Leave, NextRun, Response},
        question::{Answer, Entry, Question, Sentence, Tone},
        screen::Screen,
        session::{Session, attachment::attach_command},
    },
};

/// A question and who asked it.
#[derive(Debug)]
pub(super) struct Asked {
    pub question: Question,
    pub by: Asker,
}

#[derive(Debug)]
pub(super) enum Asker {
    Screen(Screen),
    Quit,
    /// Asks whether the run or the sweep is to continue in the background.
    Detach,
    /// Filters help, which showed the keys with these words before.
    Help {
        before: String,
    },
    /// Asks for a folder to save the run in, since its own cannot be written.
    Folder,
    /// Asks for a number of steps.
    Steps,
    /// Asks for a number of epochs.
    Epochs,
    /// Asks whether the current run may be lost.
    Lose(Box<NextRun>),
}

impl App {
    /// Asks on behalf of the screen shown.
    pub(super) fn ask(&mut self, question: Question) {
        self.asked = Some(Asked { question, by: Asker::Screen(self.shown) });
    }

    pub(super) fn ask_to_quit(&mut self) {
        self.asked = Some(Asked { question: quit_question(&self.session), by: Asker::Quit });
    }

    /// Asks again for a folder if that typed last cannot be written, else whether to quit.
    pub(super) fn ask_after_failed_save(&mut self) {
        match (self.folder.take(), &self.session.live.unsaved) {
            (Some(line), Some(reason)) => {
                let question = folder_question(line).with_error(reason);
                self.asked = Some(Asked { question, by: Asker::Folder });
            }
            _ => self.ask_to_quit(),
        }
    }

    pub(super) fn ask_to_lose(&mut self, next: Box<NextRun>) {
        self.asked = Some(Asked { question: loss_question(&self.session, &next), by: Asker::Lose(next) });
    }

    pub(super) fn ask_count(&mut self, action: Action) {
        let (by, title, before, count) = match action {
            Action::RunEpochs => (Asker::Epochs, "more epochs", "How many more epochs?  ", self.counts.1),
            _ => (Asker::Steps, "more steps", "How many more steps?  ", self.counts.0),
        };
        let extends = action == Action::RunEpochs && self.session.live.state == Some(State::Finished);
        let after = if extends { "The finished run is extended by them." } else { "Training pauses after them." };
        let question = Question::text(title, vec![Sentence::plain(after)], before, LineEdit::count(count));
        self.asked = Some(Asked { question, by });
    }

    /// Updates an open question about the run to its current state.
    pub(super) fn update_question(&mut self) {
        match &mut self.asked {
            Some(Asked { question, by: Asker::Quit }) => *question = quit_question(&self.session),
            Some(Asked { question, by: Asker::Lose(next) }) => *question = loss_question(&self.session, next),
            _ => {}
        }
    }

    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let session = &self.session;
        if session.leaving {
            return Vec::new();
        }
        let stops_run = !session.is_attached() && (session.live.is_under_way() || session.is_unsaved());
        if stops_run || session.sweep.is_trained_here() {
            self.ask_to_quit();
            return Vec::new();
        }
        self.stop_and_leave()
    }

    /// Closes the screen on a background run or sweep, or asks whether what is trained here is to become one.
    pub(super) fn detach(&mut self) -> Vec<Effect> {
        let is_attached = self.session.is_attached() || self.session.sweep.is_attached();
        if is_attached && self.session.detachable() == [None, None] {
            return self.quit();
        }
        if !self.session.leaving && self.session.may_detach() {
            self.asked = Some(Asked { question: detach_question(&self.session), by: Asker::Detach });
        }
        Vec::new()
    }

    pub(super) fn interrupt(&mut self) -> Vec<Effect> {
        let asks_to_quit = matches!(self.asked, Some(Asked { by: Asker::Quit, .. }));
        if self.session.leaving || asks_to_quit { self.stop_and_leave() } else { self.quit() }
    }

    fn stop_and_leave(&mut self) -> Vec<Effect> {
        self.session.leaving = true;
        self.session.leave(Leave::Key)
    }

    /// Carries out an action on the open question. Returns `None` if the action has no meaning there.
    pub(super) fn act_on_question(&mut self, action: Action) -> Option<Response> {
        let asked = self.asked.as_ref()?;
        let answer = match (action, &asked.question.entry) {
            (Action::Accept, Entry::Text(entry)) => Answer::Text(entry.line.clone()),
            (Action::Accept, Entry::Search(line)) => Answer::Text(line.clone()),
            (Action::Accept, _) => Answer::Yes,
            (Action::Cancel, _) => Answer::No,
            (Action::ClearFilter, Entry::Digit) => Answer::Digit(None),
            (Action::ClearFilter, Entry::Choice(_)) => return Some(Response::none()),
            (Action::SaveElsewhere, _) => {
                self.ask_folder();
                return Some(Response::none());
            }
            _ => return None,
        };
        Some(self.answer(answer))
    }

    pub(super) fn type_into_question(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Some(asked) = &mut self.asked else { return Vec::new() };
        match &mut asked.question.entry {
            Entry::Text(entry) => {
                let is_typed = entry.line.press(key);
                let is_count = matches!(asked.by, Asker::Steps | Asker::Epochs);
                entry.error = (is_count && !is_typed).then(|| "only digits can be typed here".into());
            }
            Entry::Search(line) => {
                line.press(key);
                let words = line.text.clone();
                match asked.by {
                    Asker::Screen(screen) => self.on(screen, |screen, cx| screen.searched(cx, &words)),
                    _ => self.filter_help(&words),
                }
            }
            Entry::Digit | Entry::Choice(_) => {
                if let KeyCode::Char(char) = key.code
                    && let Some(digit) = char.to_digit(10)
                    && asked.question.has_digit(digit)
                {
                    let response = self.answer(Answer::Digit(Some(digit as u8)));
                    return self.follow(response);
                }
            }
            Entry::Decision { .. } => {}
        }
        Vec::new()
    }

    fn answer(&mut self, answer: Answer) -> Response {
        let Some(asked) = self.asked.take() else { return Response::none() };
        match (asked.by, answer) {
            (Asker::Screen(screen), answer) => self.on(screen, |screen, cx| screen.answered(cx, answer)),
            (Asker::Help { before }, Answer::No) => {
                self.filter_help(&before);
                Response::none()
            }
            (Asker::Folder, Answer::No) => {
                self.ask_to_quit();
                Response::none()
            }
            (_, Answer::No) | (Asker::Help { .. }, _) => Response::none(),
            (Asker::Quit, _) => self.accept_quit().into(),
            // It may have ended meanwhile.
            (Asker::Detach, _) if !self.session.may_detach() => Response::none(),
            (Asker::Detach, _) => self.session.detach().into(),
            (Asker::Folder, Answer::Text(line)) => self.save_elsewhere(line).into(),
            (Asker::Lose(next), _) => self.session.replace_run_now(*next, true).into(),
            (by, Answer::Text(line)) => self.run_count(asked.question, by, &line).into(),
            _ => Response::none(),
        }
    }

    fn accept_quit(&mut self) -> Vec<Effect> {
        let session = &mut self.session;
        let is_run_over = session.live.gone && !session.sweep.is_trained_here();
        if is_run_over || session.is_attached() {
            return self.stop_and_leave();
        }
        session.leaving = true;
        if session.is_unsaved() || session.live.gone {
            session.stop_all()
        } else {
            vec![Effect::Send(Command::StopIfSaved)]
        }
    }

    fn ask_folder(&mut self) {
        if matches!(self.asked, Some(Asked { by: Asker::Quit, .. })) && self.session.is_unsaved() {
            self.asked = Some(Asked { question: folder_question(LineEdit::long("")), by: Asker::Folder });
        }
    }

    /// Saves the run in the folder that was typed, and quits if that succeeds.
    fn save_elsewhere(&mut self, line: LineEdit) -> Vec<Effect> {
        let text = line.text.trim();
        if text.is_empty() {
            let question = folder_question(line).with_error("expected a folder, found nothing");
            self.asked = Some(Asked { question, by: Asker::Folder });
            return Vec::new();
        }
        let folder = typed_path(text);
        self.folder = Some(line);
        self.session.leaving = true;
        // Set again if this save fails, too.
        self.session.live.unsaved = None;
        vec![Effect::Send(Command::SaveIn(folder)), Effect::Send(Command::StopIfSaved)]
    }

    fn run_count(&mut self, question: Question, by: Asker, line: &LineEdit) -> Vec<Effect> {
        let count = match line.text.trim().parse::<u32>() {
            Ok(count) if count > 0 => count,
            _ => {
                let question =
                    question.with_error(format!("expected a whole number, 1 or more, found `{}`", line.text));
                self.asked = Some(Asked { question, by });
                return Vec::new();
            }
        };
        let command = if matches!(by, Asker::Epochs) {
            self.counts.1 = count;
            Command::RunEpochs(count)
        } else {
            self.counts.0 = count;
            Command::RunSteps(count)
        };
        let effects = self.session.send_to_trainable(command);
        if effects.is_empty()
            && let Some((_, reason)) = self.session.notice.take()
        {
            self.asked = Some(Asked { question: question.with_error(reason), by });
        }
        effects
    }
}

fn folder_question(line: LineEdit) -> Question {
    let text = vec![Sentence::plain("Save the run in a new folder inside this one, then quit:")];
    Question::text("save elsewhere", text, "", line)
}

fn quit_question(session: &Session) -> Question {
    if session.is_unsaved() {
        return unsaved_question(session);
    }
    let (run, sweep) = (session.live.is_under_way() && !session.is_attached(), session.sweep.is_trained_here());
    let mut text = Vec::new();
    if run {
        text.push("The run is saved first.");
    }
    if sweep {
        text.push("The sweep stops. Started again, it trains the remaining runs.");
    }
    let yes = if run { "save and quit" } else { "stop and quit" };
    let text = text.into_iter().map(Sentence::plain).collect();
    let mut question = Question::decision("quit?", text, yes, "stay");
    question.answers.push(vec![(Action::Interrupt, "again: save and quit now")]);
    question
}

fn detach_question(session: &Session) -> Question {
    let names = session.detachable();
    let text = match &names {
        [_, None] => "The run continues in the background, bit for bit, and the screen closes. This shows it again:",
        [None, _] => {
            "The sweep continues in the background, and the screen closes. Runs in training begin again, with the same \
             results. This shows it again:"
        }
        _ => {
            "The run continues in the background, bit for bit, and so does the sweep, whose runs in training begin \
             again. The screen closes. These show them again:"
        }
    };
    let commands = names.iter().flatten().map(|name| attach_command(name));
    let text = std::iter::once(text.to_owned()).chain(commands).map(Sentence::plain).collect();
    Question::decision("detach?", text, "detach", "stay")
}

fn unsaved_question(session: &Session) -> Question {
    let reason = session.live.unsaved.as_deref().unwrap_or_default();
    let kept = match &session.live.kept {
        Some(kept) => format!("The checkpoint on disk is from {}.", kept.place()),
        None => "There is no checkpoint of this run on disk.".to_owned(),
    };
    let texts = [format!("The last save failed: {}.", crate::format::sanitized(reason)), kept];
    Question {
        title: "quit?",
        text: texts.into_iter().map(Sentence::plain).collect(),
        entry: Entry::Decision { is_final: false },
        answers: vec![
            vec![(Action::Accept, "try again, then quit in any case")],
            vec![(Action::SaveElsewhere, "save in another folder")],
            vec![(Action::Cancel, "stay")],
        ],
    }
}

fn loss_question(session: &Session, next: &NextRun) -> Question {
    let (what, yes) = match next.command {
        Command::Load(_) => ("Load the other one", "load, and lose this one"),
        _ => ("Start the new one", "start, and lose this one"),
    };
    let reason = crate::format::sanitized(session.live.unsaved.as_deref().unwrap_or_default());
    let kept = match &session.live.kept {
        Some(kept) => format!("Its checkpoint on disk is from {}.", kept.place()),
        None => "It has no checkpoint on disk.".into(),
    };
    let save = session.keymap.first_key(Action::Save);
    let question = format!("{kept} {what} anyway, and lose this one? {save} tries to save it, on any screen.");
    let text = vec![
        Sentence::new(Tone::Bad, format!("The run could not be saved: {reason}")).within(5),
        Sentence::plain(question),
        Sentence::plain(""),
    ];
    Question::decision("lose the run?", text, yes, "stay").irreversible()
}
