//! The Sweep screen: its looks, and what its keys do.

use std::path::PathBuf;

use crossterm::event::KeyCode;
use lenet_monitor::{
    data::Kind,
    sweep::{
        Grid, RunState, RunStatus, SweepCommand,
        survey::{Factor, Fault, Observation, Outcome, Reading, Survey},
    },
    train::{Activation, Command, Event, Hyperparameter, OptimizerKind, State},
    tui::{App, Effect, Leave, Message, Pane, Screen, sweep::Table},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, Session, asked, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
    sweeps::{complete, looking, progress, row, snapshot, sweeping, table, watching, with_trouble},
};

#[test]
fn a_sweep_under_way() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (40, 12), (120, 24)] {
        keep("sweep-running", &sweeping(COLOUR, size));
    }
    keep_styled("sweep-running-colour", &sweeping(COLOUR, SMALL));
}

#[test]
fn a_sweep_without_colour_and_in_ascii() {
    keep_styled("sweep-running-mono", &sweeping(MONO, SMALL));
    keep("sweep-running-ascii", &sweeping(ASCII, MEDIUM));
}

#[test]
fn a_sweep_that_begins() {
    keep("sweep-empty", &watching(Kind::Mnist, COLOUR, SMALL));
    let mut session = watching(Kind::Synthetic, COLOUR, SMALL);
    session.swept(0, [0.0; 2]);
    keep("sweep-synthetic", &session);
    session.app.session.explain_data(vec![("SYNTHETIC digits instead of MNIST: no files".into(), Vec::new())]);
    assert!(session.text().contains("SYNTHETIC digits instead of MNIST: no files"), "{}", session.text());
}

#[test]
fn a_paused_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    session.with_sweep(|sweep| sweep.is_paused = true);
    keep("sweep-paused", &session);
}

#[test]
fn runs_that_ended_otherwise() {
    let mut session = sweeping(COLOUR, SMALL);
    with_trouble(&mut session);
    session.press(KeyCode::Home).press(KeyCode::PageUp).press(KeyCode::Down);
    keep("sweep-trouble", &session);
    keep_styled("sweep-trouble-colour", &session);
    session.keys("v").press(KeyCode::End);
    keep("sweep-trouble-rank", &session);
}

#[test]
fn a_sweep_that_is_over() {
    for size in [SMALL, MEDIUM] {
        keep("sweep-over", &complete(COLOUR, size));
    }
    let mut session = sweeping(COLOUR, SMALL);
    session.with_sweep(|sweep| {
        sweep.is_over = true;
        for (_, run) in &mut sweep.runs {
            if matches!(run, RunStatus::Running(_)) {
                *run = RunStatus::Waiting;
            }
        }
    });
    keep("sweep-stopped", &session);
    session.with_sweep(|sweep| sweep.fault = Some("sweep.csv: No space left on device (os error 28)".into()));
    keep("sweep-fault", &session);
}

#[test]
fn every_arrangement_of_the_map() {
    let mut session = sweeping(COLOUR, SMALL);
    for turned in 1..session.app.screens.sweep.board.arrangement_count() {
        session.keys("t");
        keep(&format!("sweep-turned-{turned}"), &session);
    }
    let before = session.text();
    session.keys("t".repeat(session.app.screens.sweep.board.arrangement_count()).as_str());
    assert_eq!(session.text(), before, "back at the first arrangement");
}

#[test]
fn rank_and_effects() {
    let mut session = complete(COLOUR, SMALL);
    session.keys("v");
    keep("sweep-rank", &session);
    session.press(KeyCode::PageDown).press(KeyCode::Down);
    keep("sweep-rank-further", &session);
    session.keys("v");
    keep("sweep-effects", &session);
}

#[test]
fn effects_are_drawn_on_the_scale_of_the_results() {
    for (width, height) in [SMALL, (40, 12)] {
        let mut session = watching(Kind::Mnist, COLOUR, (width, height));
        let sweep = snapshot(&session, &several_seeds(), 24, [0.0; 2]);
        session.sweep(sweep).keys("vv");
        keep("sweep-effects-close", &session);
    }
}

#[test]
fn a_rank_without_all_configurations_is_so_far_only_during_the_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("v");
    assert!(session.text().contains("34 of 81 so far"), "{}", session.text());
    session.with_sweep(|sweep| sweep.is_over = true);
    assert!(session.text().contains("rank 34 of 81 ─"), "{}", session.text());
}

fn several_seeds() -> Grid {
    Grid::default()
        .with(Hyperparameter::LearningRate, [0.003_f32, 0.001])
        .with(Hyperparameter::Optimizer, [OptimizerKind::Adam])
        .with(Hyperparameter::BatchSize, [16_u32, 32])
        .with(Hyperparameter::Seed, [1_u64, 2, 3])
}

#[test]
fn several_seeds_share_a_cell() {
    let mut session = watching(Kind::Mnist, COLOUR, SMALL);
    let sweep = snapshot(&session, &several_seeds(), 20, [0.4, 0.1]);
    session.sweep(sweep).keys("gkkkk");
    keep("sweep-seeds", &session);
    let cell = session.app.screens.sweep.cell().expect("a cell");
    assert_eq!(cell.accuracies.len(), 3);
    session.press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Right);
    keep("sweep-seeds-partly", &session);
}

fn large() -> Grid {
    let rates = (1..=12).map(|step| format!("0.{step:03}").parse::<f32>().expect("a number"));
    let sizes = [1_u32, 8, 16, 32, 64, 128, 256, 512, 1024];
    Grid::default().with(Hyperparameter::LearningRate, rates).with(Hyperparameter::BatchSize, sizes)
}

#[test]
fn a_grid_that_does_not_fit_is_shown_in_parts() {
    let mut session = watching(Kind::Mnist, COLOUR, SMALL);
    let sweep = snapshot(&session, &large(), 500, [0.4, 0.1]);
    session.sweep(sweep).keys("f");
    keep("sweep-large", &session);
    session.press(KeyCode::End).press(KeyCode::PageDown).press(KeyCode::PageDown);
    keep("sweep-large-end", &session);
}

#[test]
fn small_grids_are_laid_out_by_what_differs() {
    let grid = Grid::default()
        .with(Hyperparameter::Activation, [Activation::Relu])
        .with(Hyperparameter::Optimizer, [OptimizerKind::Adam]);
    let mut session = watching(Kind::Mnist, COLOUR, SMALL);
    let sweep = snapshot(&session, &grid, 7, [0.4, 0.1]);
    session.sweep(sweep);
    let layout = &session.app.screens.sweep.board.layout;
    assert_eq!((layout.rows.len(), layout.columns.len()), (3, 3));
    keep("sweep-nine", &session);
    let grid = grid.with(Hyperparameter::LearningRate, [0.001_f32]).with(Hyperparameter::BatchSize, [16_u32]);
    let sweep = snapshot(&session, &grid, 0, [0.4, 0.1]);
    session.sweep(sweep);
    assert_eq!(session.app.screens.sweep.board.arrangement_count(), 1);
    session.keys("tv");
    session.draw();
}

#[test]
fn an_old_table_beside_a_run() {
    for size in [SMALL, MEDIUM, LARGE] {
        keep("sweep-table", &looking(COLOUR, size));
    }
}

#[test]
fn a_table_that_cannot_be_read() {
    let mut session = training(COLOUR, SMALL);
    session.keys("5");
    keep("sweep-looking", &session);
    let reason = "results.csv: expected a header with `Validation Accuracy` and one or more of `Activation`, `Optimizer`, \
                  `Learning Rate` and `Batch Size`, found `a,b,c`; name the CSV of a sweep, or restore the header";
    session.tell(Message::Table(Box::new(Err(reason.into()))));
    keep("sweep-unreadable", &session);
    let nothing = Reading { survey: Survey::of([]), faults: Vec::new() };
    session.tell(Message::Table(Box::new(Ok(Some(Table {
        path: PathBuf::from("sweep.csv"),
        reading: nothing,
        methods: Vec::new(),
    })))));
    keep("sweep-no-rows", &session);
}

#[test]
fn a_table_with_faults() {
    let mut session = training(COLOUR, SMALL);
    let fault = |line: usize, reason: &str| Fault { line, reason: reason.into() };
    let mut faults = vec![fault(7, "expected 16 cells, found 4; ignored"), fault(31, "the accuracy is NaN; ignored")];
    let read = table(&session, &Grid::default(), faults.clone());
    session.keys("5").tell(Message::Table(Box::new(Ok(Some(read)))));
    keep("sweep-faults", &session);
    faults.extend((40..50).map(|line| fault(line, "Learning Rate is \u{1b}[31mred")));
    let read = table(&session, &Grid::default(), faults);
    session.tell(Message::Table(Box::new(Ok(Some(read)))));
    keep("sweep-many-faults", &session);
}

/// A table with unknown values, missing values, and other factors that vary.
fn somebody_elses() -> Survey {
    let observation = |activation: &str, optimizer: &str, rate: &str, epochs: &str, accuracy: f64| {
        Observation::new(Outcome::Accuracy(accuracy))
            .with(Factor::ACTIVATION, activation)
            .with(Factor::OPTIMIZER, optimizer)
            .with(Factor::LEARNING_RATE, rate)
            .with(Factor::BATCH_SIZE, "16")
            .with(Factor::EPOCHS, epochs)
            .with(Factor::DataSet, "SYNTHETIC")
    };
    Survey::of([
        observation("swish", "lion with a long name", "0.001", "3", 0.91),
        observation("ReLU", "adam", "1e-3", "3", 0.99),
        observation("ReLU", "adam", "", "10", 0.5),
        Observation::new(Outcome::Diverged).with(Factor::ACTIVATION, "ReLU").with(Factor::OPTIMIZER, "adam"),
    ])
}

#[test]
fn a_table_of_other_choices() {
    let mut session = training(COLOUR, SMALL);
    let reading = Reading { survey: somebody_elses(), faults: Vec::new() };
    let table = Table { path: PathBuf::from("others.csv"), reading, methods: Vec::new() };
    session.keys("5").tell(Message::Table(Box::new(Ok(Some(table)))));
    keep("sweep-others", &session);
    // The best configuration is one that both know.
    session.keys("vg").press(KeyCode::Enter);
    let hyper = &session.app.screens.parameters.form.spec.hyper;
    assert_eq!(
        (hyper.activation, hyper.optimizer, hyper.learning_rate),
        (Activation::Relu, OptimizerKind::Adam, 0.001)
    );
    session.keys("5j").press(KeyCode::Enter);
    assert_eq!(session.app.shown, Screen::Sweep);
    let notice = session.app.session.notice.clone().expect("a reason").1;
    assert!(notice.contains("swish"), "{notice}");
}

/// Returns the columns of a text in the upper pane, counted in cells of the screen.
fn columns_of(session: &Session, text: &str) -> Vec<u16> {
    let terminal = session.draw();
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<Vec<_>>();
    let at = |cells: &[String], x: usize| cells[x..].concat().starts_with(text);
    let rows = (3..14).map(row);
    rows.flat_map(|cells| (0..cells.len()).filter(|&x| at(&cells, x)).map(|x| x as u16).collect::<Vec<_>>()).collect()
}

#[test]
fn wide_letters_shift_no_column() {
    let mut session = training(COLOUR, SMALL);
    let names = ["relu🔥", "数字数字数字数字", "tanh", "e\u{301}lu", "👩\u{200d}💻x"];
    let observations = names.iter().zip(1..).flat_map(|(name, place)| {
        ["adamw", "lion"].map(|optimizer| {
            let accuracy = 0.9 - f64::from(place) / 1e3 - optimizer.len() as f64 / 1e4;
            let observation = Observation::new(Outcome::Accuracy(accuracy)).with(Factor::ACTIVATION, name);
            observation.with(Factor::OPTIMIZER, optimizer)
        })
    });
    let reading = Reading { survey: Survey::of(observations), faults: Vec::new() };
    let table = Table { path: PathBuf::from("wide.csv"), reading, methods: Vec::new() };
    session.keys("5").tell(Message::Table(Box::new(Ok(Some(table)))));
    session.keys("v");
    let rank = columns_of(&session, "adamw");
    assert!(rank.len() >= 4 && rank.windows(2).all(|pair| pair[0] == pair[1]), "{rank:?}\n{}", session.text());
    session.keys("v");
    let counts = columns_of(&session, "    2  ");
    assert!(counts.len() == 5 && counts.windows(2).all(|pair| pair[0] == pair[1]), "{counts:?}\n{}", session.text());
}

#[test]
fn questions_about_the_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("S");
    keep("sweep-stop-asked", &session);
    session.keys("nq");
    keep("sweep-quit-asked", &session);
    session.keys("y");
    keep("sweep-leaving", &session);
}

#[test]
fn questions_about_the_sweep_are_whole_on_a_small_terminal() {
    let mut session = sweeping(COLOUR, (40, 12));
    session.keys("S");
    let text = session.text();
    assert!(["Ended runs", "trains them.", "n  continue"].iter().all(|word| text.contains(word)), "{text}");
    session.keys("nq");
    let text = session.text();
    assert!(["sweep stops", "remaining runs.", "quit now"].iter().all(|word| text.contains(word)), "{text}");
}

#[test]
fn a_session_that_began_with_a_sweep_has_no_run_at_first() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("1");
    keep("sweep-no-run", &session);
    session.keys("w");
    assert_eq!(session.take_effects(), []);
    assert!(session.app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("there is no run yet")));
    session.press(KeyCode::Esc);
    assert_eq!(session.app.shown, Screen::Sweep);
}

pub fn orders(session: &mut Session) -> Vec<SweepCommand> {
    let effects = session.take_effects();
    effects
        .into_iter()
        .map(|effect| if let Effect::SendToSweep(order) = effect { order } else { panic!("{effect:?}") })
        .collect()
}

#[test]
fn space_pauses_the_sweep_faster_than_it_answers() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("   ");
    assert_eq!(orders(&mut session), [SweepCommand::Pause, SweepCommand::Resume, SweepCommand::Pause]);
    session.with_sweep(|sweep| sweep.is_paused = true).keys(" ");
    assert_eq!(orders(&mut session), [SweepCommand::Resume]);
}

#[test]
fn a_run_is_dropped_and_restored() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("D");
    assert_eq!(orders(&mut session), [SweepCommand::Drop(34)], "the chosen one");
    session.with_sweep(|sweep| sweep.runs[34].1 = RunStatus::Dropped).keys("D");
    assert_eq!(orders(&mut session), [SweepCommand::Restore(34)], "the cursor no longer follows");
}

#[test]
fn a_dropped_run_is_restored_and_one_that_ended_stays() {
    let mut session = sweeping(COLOUR, SMALL);
    with_trouble(&mut session);
    session.app.screens.sweep.chosen = 44;
    session.app.screens.sweep.follows = false;
    session.keys("D");
    assert_eq!(orders(&mut session), [SweepCommand::Restore(44)]);
    session.app.screens.sweep.chosen = 0;
    session.keys("D");
    assert_eq!(orders(&mut session), []);
    assert!(session.app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("stays in the table")));
}

#[test]
fn all_open_runs_of_a_cell_are_dropped_together() {
    let mut session = watching(Kind::Mnist, COLOUR, SMALL);
    let sweep = snapshot(&session, &several_seeds(), 19, [0.4, 0.1]);
    session.sweep(sweep).keys("D");
    assert_eq!(orders(&mut session), [SweepCommand::Drop(19), SweepCommand::Drop(20)]);
}

#[test]
fn stopping_asks() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("Sn");
    assert_eq!((orders(&mut session), asked(&session.app)), (vec![], None));
    session.keys("Sy");
    assert_eq!(orders(&mut session), [SweepCommand::Stop]);
    session.with_sweep(|sweep| sweep.is_over = true).keys("S");
    assert_eq!(asked(&session.app), None, "there is nothing more to stop");
}

#[test]
fn enter_takes_a_configuration_into_the_editor_to_be_trained_in_full() {
    for mut session in [complete(COLOUR, SMALL), looking(COLOUR, SMALL)] {
        session.keys("vg").press(KeyCode::Enter);
        assert_eq!(session.app.shown, Screen::Parameters);
        let hyper = session.app.screens.parameters.form.spec.hyper.clone();
        let chosen = (hyper.activation, hyper.optimizer, hyper.learning_rate, hyper.batch_size);
        assert_eq!(chosen, (Activation::Relu, OptimizerKind::Adam, 0.001, 16), "the best by the formula");
        assert_eq!(hyper.epochs, 10);
    }
}

#[test]
fn a_run_in_full_pauses_the_sweep_and_starts_a_worker() {
    let mut session = sweeping(COLOUR, SMALL);
    session.press(KeyCode::Enter);
    keep("sweep-into-editor", &session);
    session.take_effects();
    session.keys("r");
    let spec = Box::new(session.app.screens.parameters.form.spec.clone());
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Pause), Effect::Start(spec)]);
    session.with_sweep(|sweep| sweep.is_paused = true);
    session.start();
    assert_eq!(session.app.shown, Screen::Train);
    session.epochs(1..=2).keys("35");
    keep("sweep-paused-for-a-run", &session);
    session.take_effects();
    session.keys(" ");
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Resume)]);
    // A second run is sent to the existing worker.
    session.with_sweep(|sweep| sweep.is_paused = false).press(KeyCode::Enter).take_effects();
    session.keys("r");
    let spec = Box::new(session.app.screens.parameters.form.spec.clone());
    assert_eq!(
        session.take_effects(),
        [Effect::SendToSweep(SweepCommand::Pause), Effect::Send(Command::Restart(spec))]
    );
}

#[test]
fn when_the_run_is_over_the_paused_sweep_is_remembered() {
    let mut session = sweeping(COLOUR, SMALL);
    session.press(KeyCode::Enter).keys("r").with_sweep(|sweep| sweep.is_paused = true);
    session.start().epochs(1..=2).ended(State::Finished, 2, None);
    assert!(session.app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("the sweep is still paused")));
}

#[test]
fn quitting_a_sweep_waits_until_it_has_stopped() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("q");
    assert_eq!((session.take_effects(), asked(&session.app)), (vec![], Some("quit?")));
    session.keys("y");
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Interrupt)]);
    session.tell(Message::SweepGone);
    assert_eq!(session.take_effects(), [Effect::Quit(Leave::Key)]);
}

#[test]
fn quitting_stops_the_run_and_the_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    session.press(KeyCode::Enter).keys("r").start().take_effects();
    session.keys("qy");
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)], "the run may prove not to be saved");
    session.ended(State::Stopped, 0, None);
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Interrupt), Effect::Quit(Leave::Key)]);
}

#[test]
fn a_sweep_that_ends_during_the_question_is_quit_at_once() {
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("q").with_sweep(|sweep| sweep.is_over = true).tell(Message::SweepGone).take_effects();
    session.keys("y");
    assert!(session.take_effects().contains(&Effect::Quit(Leave::Key)));
}

#[test]
fn a_complete_sweep_is_quit_without_a_question() {
    let mut session = complete(COLOUR, SMALL);
    session.keys("q");
    assert!(session.take_effects().contains(&Effect::Quit(Leave::Key)));
}

#[test]
fn a_vanished_terminal_stops_the_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    session.tell(Message::TerminalGone);
    assert_eq!(
        session.take_effects(),
        [Effect::SendToSweep(SweepCommand::Interrupt), Effect::Quit(Leave::TerminalGone)]
    );
}

#[test]
fn the_cursor_goes_where_the_cells_are() {
    let mut session = complete(COLOUR, SMALL);
    let place = |app: &App| app.screens.sweep.board.layout.place(app.screens.sweep.chosen).expect("a place");
    session.keys("gkkkkkkkkkk");
    assert_eq!(place(&session.app), (0, 0));
    session.keys("h");
    assert_eq!(place(&session.app), (0, 0), "the edge");
    session.keys("llj").press(KeyCode::Down).press(KeyCode::Right);
    assert_eq!(place(&session.app), (2, 3));
    session.press(KeyCode::End).press(KeyCode::PageDown);
    assert_eq!(place(&session.app), (8, 8));
    let chosen = session.app.screens.sweep.chosen;
    session.keys("t");
    assert_eq!(session.app.screens.sweep.chosen, chosen, "it stays on its configuration in every arrangement");
}

#[test]
fn up_and_down_in_the_rank_go_by_accuracy() {
    let mut session = complete(COLOUR, SMALL);
    session.keys("vg");
    assert_eq!(session.app.screens.sweep.pane, Pane::Rank);
    let mut last = f64::INFINITY;
    for _ in 0..81 {
        let accuracy = session.app.screens.sweep.cell().expect("a cell").accuracies[0];
        assert!(accuracy <= last);
        last = accuracy;
        session.keys("j");
    }
    assert_eq!(session.app.screens.sweep.place(session.app.screens.sweep.chosen), Some((81, 81)));
}

#[test]
fn a_table_read_again_keeps_the_cursor_and_the_arrangement() {
    let mut session = looking(COLOUR, SMALL);
    session.keys("tljj");
    let label = |session: &Session| {
        let cell = session.app.screens.sweep.cell().expect("a cell");
        Factor::SWEPT.map(|factor| session.app.screens.sweep.board.label(cell, factor).map(str::to_owned))
    };
    let (before, turned) = (label(&session), session.app.screens.sweep.board.arrangement());
    let more = Grid::default().with(Hyperparameter::BatchSize, [8_u32, 16, 32, 64]);
    let read = table(&session, &more, Vec::new());
    session.ctrl('r').tell(Message::Table(Box::new(Ok(Some(read)))));
    assert_eq!((label(&session), session.app.screens.sweep.board.arrangement()), (before, turned));
    assert_eq!(session.app.screens.sweep.board.cells.len(), 108);
}

#[test]
fn a_problem_of_the_sweep_is_reported_once() {
    let mut session = sweeping(COLOUR, SMALL);
    session.with_sweep(|sweep| sweep.fault = Some("a run failed: index out of bounds".into()));
    assert!(session.app.session.notice.is_some());
    session.keys("l").with_sweep(|_| {});
    assert_eq!(session.app.session.notice, None);
}

#[test]
fn a_run_that_was_trained_on_the_screen_keeps_its_curve() {
    let mut session = sweeping(COLOUR, SMALL);
    let course = |session: &Session| session.app.session.sweep.curves(34).cloned().expect("a course");
    assert_eq!(course(&session).test.len(), 1, "one epoch has ended");
    let hyper = session.app.session.sweep.snapshot.as_ref().expect("a sweep").runs[34].0.clone();
    let ended = row(&session, &hyper, RunState::Done);
    session.with_sweep(|sweep| sweep.runs[34].1 = RunStatus::Ended(ended.clone()));
    let kept = course(&session);
    assert_eq!(kept.test.last().map(|point| (point.epoch, point.accuracy)), Some((3.0, ended.accuracy.expect("done"))));
    // Started again, it has a new one.
    session.with_sweep(|sweep| sweep.runs[34].1 = RunStatus::Running(progress(&hyper, 0.1)));
    assert_eq!(course(&session).train.len(), 1);
}

#[test]
fn a_finished_training_shows_its_state_and_the_sweep_its_own() {
    let mut session = sweeping(COLOUR, SMALL);
    session.press(KeyCode::Enter).keys("r").start();
    session.event(Event::State(State::Training));
    assert!(session.text().contains("training") && !session.text().contains("sweeping"));
    session.keys("5");
    assert!(session.text().contains("paused"), "{}", session.text());
}

#[test]
fn the_tables_results_of_a_run_are_shown() {
    let text = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State\n\
                relu,0.001,adam,16,0.9872,0.0404,1,3,5.18,done\n\
                relu,0.001,adam,16,0.9850,0.0450,2,3,7.02,done\n\
                relu,0.001,adam,16,,,3,3,0.4,diverged\n";
    let reading = Survey::read(text.as_bytes()).expect("a header");
    let mut session = training(COLOUR, SMALL);
    let table = Table { path: PathBuf::from("sweep.csv"), reading, methods: Vec::new() };
    session.keys("5").tell(Message::Table(Box::new(Ok(Some(table)))));
    keep("sweep-seeds-of-a-table", &session);
}
