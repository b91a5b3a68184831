//! The Runs screen: its looks, what can be done with a run, and with which runs it cannot.

use std::path::PathBuf;

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Command, Event, Holder, Prediction, State},
    tui::{Effect, LibraryChange, Message, Removal, SavedRun, Screen, Sort, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, OPENED, Session, entries, evaluation, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

const HERE: &str = "checkpoints/20261124-120000-relu-adam-0.001-b16";
const SIGMOID: &str = "checkpoints/20261124-114210-sigmoid-sgd-0.01-b64";
const GOOD: &str = "checkpoints/tanh, the good one";
const DAMAGED: &str = "checkpoints/20261123-101500-relu-adam-0.001-b16/last.ckpt";

fn listed(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    let entries = entries(&session.app);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries)));
    session.take_effects();
    session
}

/// Returns the run under the cursor.
fn chosen(session: &Session) -> Option<&SavedRun> {
    session.app.screens.runs.current_run(&session.app.session.library)
}

/// Returns the names of the runs and damaged files, as listed.
fn names(session: &mut Session) -> Vec<String> {
    let place = session.app.screens.runs.place;
    session.press(KeyCode::Home);
    let mut names = Vec::new();
    for _ in 0..session.app.screens.runs.rows().len() {
        names.push(chosen(session).expect("a run").name.clone());
        session.press(KeyCode::Down);
    }
    session.press(KeyCode::Home);
    for _ in 0..place {
        session.press(KeyCode::Down);
    }
    names
}

#[test]
fn it_looks_as_it_should_in_every_size() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (50, 16), (40, 12)] {
        let mut session = listed(COLOUR, size);
        keep("runs", session.press(KeyCode::Down));
    }
    keep_styled("runs-colour", &listed(COLOUR, SMALL));
    keep_styled("runs-mono", &listed(MONO, SMALL));
    keep("runs-ascii", &listed(ASCII, MEDIUM));
}

#[test]
fn an_empty_list_says_why() {
    let mut session = training(COLOUR, SMALL);
    session.keys("4");
    keep("runs-reading", &session);
    session.tell(Message::Checkpoints(Ok(Vec::new())));
    keep("runs-empty", &session);
    session.tell(Message::Checkpoints(Err("cannot read the folder `checkpoints`: permission denied".into())));
    keep("runs-unreadable", &session);
}

#[test]
fn damaged_files_are_listed_with_the_reason() {
    let mut session = listed(COLOUR, SMALL);
    session.press(KeyCode::End);
    keep("runs-damaged", &session);
    session.press(KeyCode::Enter);
    keep("runs-refused", &session);
    assert_eq!(session.take_effects(), []);
    session.keys("r");
    assert_eq!(session.take_effects(), [], "nor is it resumed");
}

/// The clock was wrong at the time of the save, or is now.
#[test]
fn a_run_from_the_future_is_marked_and_not_the_newest_for_ever() {
    let mut session = listed(COLOUR, LARGE);
    let first = names(&mut session)[0].clone();
    let mut list = entries(&session.app);
    for entry in list.iter_mut().filter(|entry| entry.path.starts_with(SIGMOID)) {
        entry.contents.as_mut().unwrap().saved_at = OPENED + 86_400;
    }
    session.tell(Message::Checkpoints(Ok(list)));
    let names = names(&mut session);
    let place = |run: &str| names.iter().position(|name| run.ends_with(name.as_str()));
    assert_eq!(names[0], first);
    assert!(place(SIGMOID) > place("20260929-223500-relu-adam-0.001-b16"), "{names:?}");
    assert!(session.text().contains("in the future"), "{}", session.text());
}

#[test]
fn runs_that_another_program_holds_are_marked() {
    let held = |theme, size| {
        let mut session = listed(theme, size);
        let mut list = entries(&session.app);
        for entry in list.iter_mut().filter(|entry| [GOOD, SIGMOID].iter().any(|run| entry.path.starts_with(run))) {
            entry.holder = Some(Holder { process: Some(4_711), background: None });
        }
        session.tell(Message::Checkpoints(Ok(list))).press(KeyCode::Down);
        session
    };
    keep("runs-in-use", &held(COLOUR, SMALL));
    keep("runs-in-use-ascii", &held(ASCII, MEDIUM));
    let mut session = held(COLOUR, SMALL);
    session.keys("/in use").press(KeyCode::Enter);
    assert_eq!(names(&mut session), ["20261124-114210-sigmoid-sgd-0.01-b64", "tanh, the good one"]);
}

#[test]
fn marked_runs_are_shown() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jmjmj");
    keep("runs-marked", &session);
}

#[test]
fn questions_and_refusals_are_shown_over_it() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jD");
    keep("runs-delete-asked", &session);
    session.press(KeyCode::Esc).keys("R").ctrl('u').keys("a/b").press(KeyCode::Enter);
    keep("runs-rename-refused", &session);
    session.press(KeyCode::Esc).keys("/tanh");
    keep("runs-filter", &session);
    session.keys("xxx");
    keep("runs-filter-none", &session);
}

#[test]
fn two_runs_are_compared_side_by_side() {
    for (theme, size, name) in [
        (COLOUR, SMALL, "compare"),
        (COLOUR, MEDIUM, "compare"),
        (COLOUR, LARGE, "compare"),
        (COLOUR, (90, 40), "compare"),
        (COLOUR, (50, 16), "compare"),
        (ASCII, MEDIUM, "compare-ascii"),
    ] {
        let mut session = listed(theme, size);
        keep(name, session.keys("cjc"));
    }
    let mut session = listed(COLOUR, SMALL);
    keep_styled("compare-colour", session.keys("cjc"));
}

#[test]
fn the_comparison_goes_through_the_others_and_closes() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("c");
    assert!(!session.app.screens.runs.comparing, "one run is not a comparison");
    session.keys("jc");
    assert!(session.app.screens.runs.comparing && session.text().contains("sigmoid"));
    session.press(KeyCode::Down);
    assert!(session.text().contains("tanh") && !session.text().contains("sigmoid"));
    session.press(KeyCode::Esc);
    assert_eq!((session.app.shown, session.app.screens.runs.comparing), (Screen::Runs, false));
    session.press(KeyCode::Home).keys("c");
    assert_eq!(session.app.session.library.marked.len(), 1, "the mark stays");
    assert!(session.text().contains("mark another run first"), "{}", session.text());
}

#[test]
fn a_comparison_keeps_the_letters_and_the_order_of_the_list() {
    for order in ["", "oo"] {
        let mut session = listed(COLOUR, LARGE);
        session.keys(order);
        let names = names(&mut session);
        let tagged = |(letter, place): (char, usize)| {
            let short: String = names[place].chars().take(15).collect();
            format!("{letter} {short}")
        };
        let tagged = [('a', 0), ('c', 2), ('e', 4)].map(tagged);
        assert!(tagged.iter().all(|name| session.text().contains(name)), "{tagged:?} in {}", session.text());
        session.press(KeyCode::Home).keys("mjjmjjc");
        assert!(session.app.screens.runs.comparing);
        let text = session.text();
        let heads = text.lines().find(|line| tagged.iter().all(|name| line.contains(name))).expect("the same letters");
        assert!(tagged.map(|name| heads.find(&name)).is_sorted(), "{heads}");
    }
}

#[test]
fn runs_of_the_same_second_have_different_headings() {
    for size in [SMALL, (40, 12)] {
        let mut session = training(COLOUR, size);
        let mut list = entries(&session.app);
        for (entry, end) in list.iter_mut().zip(["relu-adam-0.001-b16", "", "sigmoid-sgd-0.01-b64"]) {
            entry.run = format!("20261126-043546-{end}");
            entry.path = PathBuf::from(format!("checkpoints/{}/last.ckpt", entry.run));
        }
        list.truncate(3);
        list.remove(1);
        session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(list)));
        keep("compare-same-second", session.keys("cjc"));
        assert!(["a …relu", "b …sigm"].iter().all(|name| session.text().contains(name)), "{}", session.text());
    }
}

#[test]
fn keys_of_the_comparison_are_in_the_footer() {
    let footer = |session: &Session| session.text().trim_end().lines().last().unwrap_or_default().to_owned();
    for size in [SMALL, (40, 12)] {
        let mut session = evaluated(size);
        assert!(footer(&session).contains("Enter images") && !footer(&session).contains("→"), "{}", footer(&session));
        session.press(KeyCode::Enter);
        assert!(footer(&session).contains("Enter layers  ") && footer(&session).contains("→ next"));
    }
    let mut session = evaluated((40, 12));
    keep("compare-images", session.press(KeyCode::Enter));
    assert!(session.text().contains("a larger terminal"), "{}", session.text());
    for size in [MEDIUM, LARGE] {
        assert!(footer(&listed(COLOUR, size)).contains("W report"), "{}", footer(&listed(COLOUR, size)));
    }
}

#[test]
fn an_opened_image_is_shown_as_a_digit_with_its_number_from_0() {
    let mut session = evaluated(SMALL);
    session.keys("7v4c").press(KeyCode::Enter).press(KeyCode::Enter);
    let index = session.app.screens.layers.index;
    assert_eq!((session.app.shown, session.app.screens.layers.shows_health), (Screen::Layers, false));
    let text = session.text();
    let caption = text.lines().find(|line| line.contains("test image")).expect("the digit's number");
    assert!(caption.split_whitespace().any(|word| word == format!("{index},")), "{index} in {caption}");
}

#[test]
fn any_number_of_runs_is_compared() {
    for (size, all) in [(SMALL, 3), (LARGE, 4)] {
        let mut session = listed(COLOUR, size);
        session.keys("mjmjmj").keys("c");
        keep("compare-four", &session);
        let shown = ["relu", "sigmoid", "rmsprop 0.0005", "synthetic"];
        let text = session.text().to_lowercase();
        let columns = text.lines().find(|line| line.contains("activation")).expect("the activations");
        let activations = ["relu", "sigmoid", "tanh"].map(|name| columns.matches(name).count()).iter().sum::<usize>();
        assert_eq!(activations, all, "{shown:?} in {text}");
    }
}

/// Compares the newest run with the second, and answers with evaluations that differ.
fn evaluated(size: (u16, u16)) -> Session {
    let mut session = listed(COLOUR, size);
    session.keys("cjc");
    let asked: Vec<PathBuf> = session
        .take_effects()
        .into_iter()
        .map(|effect| match effect {
            Effect::Evaluate { run, .. } => run,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(asked, [HERE, SIGMOID].map(PathBuf::from));
    assert!(size.1 <= 12 || session.text().contains("..."), "it says that they are not evaluated yet");
    for (run, epoch) in asked.into_iter().zip(1..) {
        let evaluation = evaluation(&session.app, epoch);
        session.tell(Message::Evaluated(run, Ok(evaluation.into())));
    }
    session
}

#[test]
fn the_comparison_says_which_images_one_reads_and_the_other_does_not_and_opens_them() {
    for size in [SMALL, LARGE, (40, 12)] {
        let session = evaluated(size);
        keep("compare-evaluated", &session);
    }
    let [a, b] = [1, 2].map(|epoch| evaluation(&listed(COLOUR, SMALL).app, epoch));
    let both = a.predictions.iter().zip(&b.predictions);
    let differing: Vec<usize> =
        both.filter(|(a, b)| a.is_correct() != b.is_correct()).map(|(a, _)| a.index as usize).collect();
    let only = |this: &[Prediction], other: &[Prediction]| {
        this.iter().zip(other).filter(|(this, other)| this.is_correct() && !other.is_correct()).count()
    };
    let counts = [only(&a.predictions, &b.predictions), only(&b.predictions, &a.predictions)];
    let mut session = evaluated(SMALL);
    let text = session.text();
    let row = text.lines().find(|line| line.contains("only it reads")).expect("the images that only one reads");
    assert!(counts.iter().all(|count| row.contains(&format!("{count} images"))), "{counts:?} in {row}");

    session.press(KeyCode::Enter);
    keep("compare-images", &session);
    assert!(session.text().contains(&format!("1 of {}", differing.len())), "{}", session.text());
    session.press(KeyCode::Right).press(KeyCode::Enter);
    assert_eq!((session.app.shown, session.app.screens.layers.index), (Screen::Layers, differing[1]));
    let mut session = evaluated(SMALL);
    session.press(KeyCode::Enter).press(KeyCode::Esc);
    assert!(session.app.screens.runs.comparing && session.text().contains("only it reads"), "one level back");
    session.press(KeyCode::Down).press(KeyCode::Up);
    let again = session.take_effects();
    assert!(matches!(&again[..], [Effect::Evaluate { .. }]), "only the one not yet evaluated: {again:?}");
}

#[test]
fn a_checkpoint_that_cannot_be_evaluated_is_said_to_be_so() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("cjc").tell(Message::Evaluated(SIGMOID.into(), Err("cut short".into())));
    assert!(session.text().contains("cannot be read"), "{}", session.text());
    session.press(KeyCode::Enter);
    assert_eq!(session.app.screens.runs.images, None);
}

#[test]
fn the_chart_overlays_all_listed_runs_and_the_list_is_its_legend() {
    let mut session = listed(COLOUR, MEDIUM);
    let text = session.text();
    let chart = text.lines().skip_while(|line| !line.contains("test accuracy")).collect::<Vec<_>>().join("\n");
    for (letter, name) in [('a', "20261124-120000"), ('b', "20261124-114210"), ('c', "tanh"), ('e', "20260929")] {
        assert!(text.contains(&format!("{letter} {name}")), "{letter} {name} in\n{text}");
        assert!(chart.contains(letter), "{letter} in\n{chart}");
    }
    session.keys("/tanh").press(KeyCode::Enter);
    assert!(session.text().contains("a tanh"), "only what is listed is drawn");
}

#[test]
fn orders_are_by_date_accuracy_and_name() {
    let mut session = listed(COLOUR, SMALL);
    let sorted = |session: &mut Session| {
        let names = names(session);
        assert_eq!(names.last().map(String::as_str), Some("20261123-101500-relu-adam-0.001-b16"), "the damaged one");
        names[..names.len() - 1].to_vec()
    };
    let by_date = sorted(&mut session);
    assert!(by_date[0].starts_with("20261124-1200") && by_date[4].starts_with("20260929"), "{by_date:?}");
    session.keys("o");
    assert_eq!(session.app.screens.runs.sort, Sort::Best);
    let by_best = sorted(&mut session);
    assert!(by_best[0].starts_with("20260929") && by_best[4].contains("sigmoid"), "{by_best:?}");
    session.keys("o");
    let by_last = sorted(&mut session);
    assert!(by_last[0].starts_with("20260929") && by_last[4].contains("sigmoid"), "{by_last:?}");
    session.keys("o");
    assert!(sorted(&mut session).is_sorted());
    session.keys("o");
    assert_eq!(session.app.screens.runs.sort, Sort::Saved);
}

#[test]
fn the_chosen_run_stays_chosen_in_every_order() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jj");
    let name = |session: &Session| chosen(session).map(|run| run.name.clone());
    let before = name(&session);
    for _ in 0..4 {
        session.keys("o");
        assert_eq!(name(&session), before);
    }
    let mut newer = entries(&session.app);
    newer.reverse();
    session.tell(Message::Checkpoints(Ok(newer)));
    assert_eq!(name(&session), before);
}

#[test]
fn a_filter_selects_what_has_all_its_words() {
    let filtered = |words: &str| {
        let mut session = listed(COLOUR, SMALL);
        session.keys("/").keys(words).press(KeyCode::Enter);
        assert_eq!(session.app.question(), None);
        names(&mut session)
    };
    assert_eq!(filtered("SIGMOID sgd"), ["20261124-114210-sigmoid-sgd-0.01-b64"]);
    assert_eq!(filtered("synthetic"), ["20261122-090510-relu-adam-0.001-b16"]);
    assert_eq!(filtered("good"), ["tanh, the good one"]);
    assert_eq!(filtered("damaged"), ["20261123-101500-relu-adam-0.001-b16"]);
    assert_eq!(filtered("relu unfinished").len(), 2);
    assert_eq!(filtered("batch 64 relu"), [""; 0]);
    let mut session = listed(COLOUR, SMALL);
    session.keys("/sgd").press(KeyCode::Enter).keys("/ nothing").press(KeyCode::Esc);
    assert!(session.text().contains("x all"));
    assert_eq!(session.app.screens.runs.filter, "sgd", "the typed words are forgotten, the previous ones are kept");
    session.keys("x");
    assert_eq!(names(&mut session).len(), 6);
}

#[test]
fn the_chosen_file_is_loaded_and_waits() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("j").press(KeyCode::Right).press(KeyCode::Enter);
    let best = PathBuf::from(SIGMOID).join("best.ckpt");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Load(best))]);
    session.start();
    assert_eq!((session.take_effects(), session.app.shown), (Vec::new(), Screen::Train));
}

#[test]
fn a_run_is_resumed_once_it_is_loaded() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jjr");
    let last = PathBuf::from(GOOD).join("last.ckpt");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Load(last))]);
    session.start();
    assert_eq!(session.take_effects(), [Effect::Send(Command::Resume)]);
    session.start();
    assert_eq!(session.take_effects(), [], "once");
    let once_more = |session: &mut Session| {
        session.keys("4").press(KeyCode::Home).keys("jj").take_effects();
        session.keys("r");
        assert!(matches!(session.take_effects()[..], [Effect::Send(Command::Load(_))]));
    };
    once_more(&mut session);
    session.event(Event::Refused { reason: "another lenet-monitor trains it".into() });
    session.start();
    assert_eq!(session.take_effects(), [], "not after a refusal");
    once_more(&mut session);
    session.ended(State::Failed, 0, Some("the file has gone")).tell(Message::WorkerGone);
    session.keys("4").press(KeyCode::Enter).take_effects();
    session.start();
    assert_eq!(session.take_effects(), [], "not another one, after the trainer has failed");
}

#[test]
fn a_finished_run_is_not_resumed() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jr");
    assert_eq!(session.take_effects(), []);
    let notice = session.app.session.notice.clone().expect("a reason").1;
    assert!(notice.contains("finished after 10 epochs: Enter loads it, then N"), "{notice}");
}

#[test]
fn a_run_is_renamed_by_a_job() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jmR").ctrl('u').keys("slow one").press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Rename(SIGMOID.into(), "slow one".into())]);
    let to = PathBuf::from("checkpoints/slow one");
    session.tell(Message::LibraryChanged(Ok(LibraryChange::Renamed { from: SIGMOID.into(), to: to.clone() })));
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
    assert!(session.text().contains("is now slow one"));
    let library = &session.app.session.library;
    assert_eq!(chosen(&session).map(|run| run.path.clone()), Some(to.clone()), "the cursor follows it");
    assert!(library.marked.contains(&to), "and the mark");
    session.keys("R").press(KeyCode::Enter);
    assert_eq!((session.take_effects(), session.app.question()), (Vec::new(), None), "the same name is no change");
}

#[test]
fn a_name_that_cannot_be_given_stays_with_the_reason() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jR").ctrl('u').keys("slow one").press(KeyCode::Enter);
    session.tell(Message::LibraryChanged(Err("cannot rename it: a run has this name".into())));
    let question = session.app.question().expect("the question stays");
    assert_eq!(question.line().map(|line| line.text.as_str()), Some("slow one"));
    assert_eq!(question.error(), Some("cannot rename it: a run has this name"));
}

#[test]
fn a_run_is_deleted_only_after_a_yes_of_its_own() {
    let mut session = listed(COLOUR, SMALL);
    session.keys("jD");
    let removal = Removal::Run(SIGMOID.into());
    assert_eq!(session.app.question().map(|question| question.title), Some("delete?"));
    session.press(KeyCode::Enter);
    assert_eq!((session.take_effects(), session.app.question().is_some()), (Vec::new(), true), "Enter is no yes");
    session.keys("n");
    assert_eq!((session.take_effects(), session.app.question()), (Vec::new(), None));
    session.press(KeyCode::Delete).keys("y");
    assert_eq!(session.take_effects(), [Effect::Remove(removal.clone())]);
    session.tell(Message::LibraryChanged(Ok(LibraryChange::Removed { removal, left: 2 })));
    assert!(session.text().contains("2 other files stay in its"), "{}", session.text());
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
}

#[test]
fn a_damaged_file_is_deleted_alone_and_a_run_of_only_damaged_files_as_a_whole() {
    let mut session = listed(COLOUR, SMALL);
    session.press(KeyCode::End).keys("Dy");
    let run = PathBuf::from(DAMAGED).parent().expect("a run").to_owned();
    assert_eq!(session.take_effects(), [Effect::Remove(Removal::Run(run))]);
    let mut list = entries(&session.app);
    let damaged = list.iter_mut().find(|entry| entry.path.starts_with(SIGMOID) && entry.name == "best").expect("one");
    damaged.contents = Err("cut short".into());
    let path = damaged.path.clone();
    session.tell(Message::Checkpoints(Ok(list)));
    session.press(KeyCode::End).press(KeyCode::Up).keys("D");
    let at_end = session.app.screens.runs.current(&session.app.session.library).expect("an entry").path.clone();
    if at_end != path {
        session.press(KeyCode::Esc).press(KeyCode::Down).keys("D");
    }
    session.keys("y");
    assert_eq!(session.take_effects(), [Effect::Remove(Removal::File(path))]);
}

#[test]
fn the_run_that_is_open_here_is_neither_renamed_nor_deleted() {
    for key in ["R", "D"] {
        let mut session = listed(COLOUR, SMALL);
        assert_eq!(chosen(&session).map(|run| run.path.clone()), Some(HERE.into()));
        session.keys(key);
        assert_eq!((session.take_effects(), session.app.question()), (Vec::new(), None));
        assert!(session.app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("open here")));
    }
}

#[test]
fn a_failed_job_says_why_and_the_list_is_read_again() {
    let mut session = listed(COLOUR, SMALL);
    let reason = "checkpoints/x is being trained by another lenet-monitor (process 7); stop it first";
    session.tell(Message::LibraryChanged(Err(reason.into())));
    assert!(session.text().contains("is being trained by another lenet-monitor (process 7)"));
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
}

#[test]
fn names_from_the_disk_cannot_write_to_the_terminal() {
    let mut session = listed(COLOUR, SMALL);
    let mut list = entries(&session.app);
    for entry in &mut list {
        entry.run = "evil\u{1b}[2J\n\u{202e}\u{200b}name".into();
        entry.path = format!("checkpoints/evil\u{1b}[2J\n\u{202e}\u{200b}name/{}.ckpt", entry.name).into();
    }
    session.tell(Message::Checkpoints(Ok(list)));
    for keys in ["j", "c", "D", "n", "R"] {
        session.keys(keys);
        let terminal = session.draw();
        let cells = &terminal.backend().buffer().content;
        let unseen = |char: char| char.is_control() || matches!(char, '\u{202e}' | '\u{200b}');
        assert!(cells.iter().all(|cell| !cell.symbol().contains(unseen)), "after {keys}");
    }
    session.press(KeyCode::Esc).event(Event::State(State::Paused));
}
