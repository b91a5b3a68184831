//! A letter means one thing on all screens, and keys of earlier configurations still work.

use lenet_monitor::tui::{
    Keymap, Screen, bindings,
    keys::{Action, Context, Key},
};

#[test]
fn a_letter_means_one_thing_on_all_screens() {
    let meanings: &[(char, &[Action])] = &[
        ('h', &[Action::Left]),
        ('j', &[Action::Down]),
        ('k', &[Action::Up]),
        ('l', &[Action::Right]),
        ('g', &[Action::First]),
        ('G', &[Action::Last]),
        ('x', &[Action::ClearFilter, Action::Clear]),
        ('o', &[Action::Order]),
        ('c', &[Action::Compare, Action::Changes]),
        ('d', &[Action::Drawing]),
        ('D', &[Action::Delete, Action::DropRun]),
        ('r', &[Action::Restart, Action::ResumeFrom, Action::Recover]),
        ('R', &[Action::Rename]),
        ('/', &[Action::Filter]),
        ('n', &[Action::RunSteps, Action::Cancel]),
    ];
    for (letter, actions) in meanings {
        for binding in bindings().iter().filter(|binding| binding.keys.contains(&Key::Char(*letter))) {
            assert!(actions.contains(&binding.action), "{letter} is {}", binding.action);
        }
    }
    let lists = [Screen::Train, Screen::Mistakes, Screen::Parameters, Screen::Runs, Screen::Sweep, Screen::Confusion];
    for context in lists.map(Context::Screen).into_iter().chain([Context::Curves, Context::Screen(Screen::Layers)]) {
        for (letter, action) in [('h', Action::Left), ('l', Action::Right), ('g', Action::First), ('G', Action::Last)] {
            let found = Keymap::default().action(context, &Key::Char(letter).event());
            assert_eq!(found, Some(action), "{letter} on {context:?}");
        }
    }
}

/// A configuration written for an earlier version names actions that have other keys now.
#[test]
fn keys_of_earlier_versions_still_work() {
    let mut keymap = Keymap::default();
    let earlier = [
        ("train", "axis", 'x'),
        ("train", "log-scale", 'l'),
        ("train", "recover", 'R'),
        ("curves", "others", 'o'),
        ("curves", "sets", 'c'),
        ("mistakes", "switch-set", 'c'),
        ("draw", "rubber", 'x'),
        ("draw", "clear", 'c'),
        ("draw", "open-picture", 'o'),
        ("sweep", "drop-run", 'd'),
        ("sweep", "refresh", 'r'),
    ];
    for (context, action, key) in earlier {
        keymap.bind(Some(context), action, &[Key::Char(key)]).unwrap();
    }
    keymap.check().unwrap();
    for (context, action, key) in earlier {
        let context = Context::all().find(|each| each.name() == context).unwrap();
        let found = keymap.action(context, &Key::Char(key).event()).map(|action| action.to_string());
        assert_eq!(found.as_deref(), Some(action), "{key} on {context:?}");
    }
    let x = Key::Char('x').event();
    assert_eq!(keymap.action(Context::Screen(Screen::Mistakes), &x), Some(Action::ClearFilter), "elsewhere as ever");
}

#[test]
fn two_keys_of_the_users_own_still_collide() {
    let mut keymap = Keymap::default();
    keymap.bind(Some("train"), "axis", &[Key::Char('y')]).unwrap();
    keymap.bind(Some("train"), "zoom", &[Key::Char('y')]).unwrap();
    assert!(keymap.check().is_err());
}
