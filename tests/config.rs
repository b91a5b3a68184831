//! The configuration file, from the user's side.

mod common;

use std::{fs, path::Path};

use common::{
    cli::{command, folder, outcome},
    made_up_images,
};

/// Runs the program with these environment variables, and returns its exit code, stdout and stderr.
fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, arguments).envs(variables.iter().copied()).output().unwrap())
}

fn configure(folder: &Path, text: &str) {
    let place = folder.join(".config/lenet-monitor");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("config.toml"), text).unwrap();
}

#[test]
fn the_file_is_looked_for_in_the_places_that_help_names() {
    let folder = folder();
    let path = |variables: &[(&str, &str)]| run(folder.path(), variables, &["config", "path"]).1.trim().to_owned();
    assert_eq!(path(&[]), folder.path().join(".config/lenet-monitor/config.toml").to_str().unwrap());
    assert_eq!(path(&[("XDG_CONFIG_HOME", "/xdg")]), "/xdg/lenet-monitor/config.toml");
    assert_eq!(path(&[("XDG_CONFIG_HOME", "/xdg"), ("LENET_MONITOR_CONFIG", "mine.toml")]), "mine.toml");
    let (code, stdout, _) = run(folder.path(), &[], &["config", "check"]);
    assert!(code == Some(0) && stdout.contains("no such file; using the defaults"), "{stdout}");
    let (code, _, stderr) = run(folder.path(), &[("LENET_MONITOR_CONFIG", "mine.toml")], &["config", "check"]);
    assert!(code == Some(1) && stderr.contains("mine.toml"), "{stderr}");
}

#[test]
fn show_prints_a_file_with_the_same_settings() {
    let folder = folder();
    for text in [
        "",
        "notify = true\non-end = 'mail -s \"it is over\" me'\n",
        "theme = \"light\"\nfps = 3\n[defaults]\nlr = 0.01\ndata-dir = \"d\"\n[presets.mine]\nepochs = 3\n[keys.train]\nzoom = [\"Z\", \"f5\"]\n",
    ] {
        configure(folder.path(), text);
        let (code, shown, stderr) = run(folder.path(), &[], &["config", "show"]);
        assert_eq!(code, Some(0), "{stderr}");
        configure(folder.path(), &shown);
        assert_eq!(run(folder.path(), &[], &["config", "check"]).0, Some(0));
        assert_eq!(run(folder.path(), &[], &["config", "show"]).1, shown);
    }
    let (_, shown, _) = run(folder.path(), &[], &["config", "show"]);
    for line in
        ["theme = \"light\"", "fps = 3", "lr = 0.01", "zoom = [\"Z\", \"f5\"]", "[presets.\"mine\"]", "epochs = 3"]
    {
        assert!(shown.lines().any(|shown| shown.starts_with(line)), "{line} in\n{shown}");
    }
}

#[test]
fn show_prints_a_valid_file_for_any_settings() {
    let folder = folder();
    let controls = "\u{1}\u{1b}[31m\u{7f}\u{85}\t\n\r\u{8}";
    for name in ["it's \"quoted\"", "C:\\runs\\new", controls, "e\u{301}\u{200d}\u{202e} 数字", "#{}[]=, \"\"\""] {
        let quoted: String = name.chars().map(|char| format!("\\U{:08X}", u32::from(char))).collect();
        let folders = format!("checkpoint-dir = \"{quoted}\"\ndata-dir = \"{quoted}\"\n");
        configure(folder.path(), &format!("[defaults]\n{folders}[presets.\"{quoted}\"]\nlr = 1\n"));
        let (code, shown, stderr) = run(folder.path(), &[], &["config", "show"]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(!shown.contains(|char: char| char.is_control() && char != '\n'), "{shown:?}");
        let table: toml::Table = toml::from_str(&shown).unwrap();
        assert_eq!(table["defaults"]["checkpoint-dir"].as_str(), Some(name));
        assert_eq!(table["defaults"]["data-dir"].as_str(), Some(name));
        assert!(table["presets"].get(name).is_some(), "{shown}");
        configure(folder.path(), &shown);
        assert_eq!(run(folder.path(), &[], &["config", "show"]).1, shown);
    }
}

#[test]
fn choices_are_accepted_in_any_case() {
    let folder = folder();
    let choices = "activation = \"TanH\"\noptimizer = \"SGD\"\npooling = \"Max\"\n";
    configure(folder.path(), &format!("theme = \"Dark\"\n[defaults]\n{choices}"));
    let (code, shown, stderr) = run(folder.path(), &[], &["config", "show"]);
    assert_eq!(code, Some(0), "{stderr}");
    for line in ["theme = \"dark\"", "activation = \"tanh\"", "optimizer = \"sgd\"", "pooling = \"max\""] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn errors_name_line_and_key() {
    let folder = folder();
    let cases = [
        ("theme = \"pink\"", "line 1, `theme`: `pink` is not one of auto, dark, light, colour-blind, mono"),
        ("ascii = true\nthem = \"dark\"", "line 2, `them`: unknown field `them`, expected one of `theme`"),
        ("\n\nfps = 61", "line 3, `fps`: expected 1 to 60, found 61"),
        ("fps = \"ten\"", "line 1, `fps`: invalid type: string \"ten\""),
        ("colours = \"17\"", "line 1, `colours`: `17` is not one of 16, 256, true"),
        ("[defaults]\nlr = -1.0", "line 2, `lr`: learning rate must be above 0"),
        ("[defaults]\nbatch-size = 5000", "line 2, `batch-size`: batch size must be 1 to 4096, not 5000"),
        ("[defaults]\nactivation = \"elu\"", "line 2, `activation`: `elu` is not one of relu, tanh, sigmoid"),
        ("[keys]\nfly = \"f\"", "line 2, `fly`: unknown action `fly` in the key table; expected one of accept, "),
        ("[keys.train]\nrestart = \"R\"", "line 2, `restart`: unknown action `restart` in `train`"),
        ("[keys.kitchen]\nzoom = \"R\"", "unknown screen or state `kitchen`; expected one of train, curves"),
        ("[keys.train]\nzoom = \"hyper\"", "line 2, `zoom`: `hyper` is not a key"),
        ("[keys.train]\n\nzoom = \"q\"", "line 3, `zoom`: `q` is bound to both zoom and quit (train)"),
        ("[keys]\ninterrupt = []", "line 2, `interrupt`: interrupt needs a key"),
        ("theme = ", "line 1"),
    ];
    for (text, expected) in cases {
        configure(folder.path(), text);
        for arguments in [&["config", "check"][..], &["train", "--epochs", "1", "--headless"][..]] {
            let (code, _, stderr) = run(folder.path(), &[], arguments);
            assert_eq!(code, Some(1), "{text}: {stderr}");
            assert!(stderr.contains(expected) && stderr.contains("config.toml"), "{text}: {stderr}");
        }
    }
    assert!(!folder.path().join("checkpoints").exists(), "something was trained");
}

#[test]
fn defaults_replace_missing_flags_and_flags_take_precedence() {
    let folder = folder();
    configure(
        folder.path(),
        "[defaults]\nactivation = \"tanh\"\nepochs = 1\nbatch-size = 32\nseed = 7\ncheckpoint-dir = \"runs\"\n",
    );
    let (code, stdout, stderr) = run(folder.path(), &[], &["train", "--headless", "--seed", "8"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("tanh, adam 0.001, batch 32, avg pooling, 1 epoch, seed 8"), "{stdout}");
    assert!(folder.path().join("runs").is_dir() && !folder.path().join("checkpoints").exists());
    // A default that was changed later does not contradict the checkpoint.
    configure(folder.path(), "[defaults]\nactivation = \"sigmoid\"\nepochs = 5\ncheckpoint-dir = \"runs\"\n");
    let (code, stdout, stderr) = run(folder.path(), &[], &["train", "--headless", "--resume", "--epochs", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("tanh, adam 0.001, batch 32, avg pooling, 2 epochs, seed 8"), "{stdout}");
}

#[test]
fn a_configured_data_folder_does_not_hide_a_runs_own_data() {
    let folder = folder();
    configure(folder.path(), "[defaults]\ndata-dir = \"data\"\n");
    let short = ["--headless", "--limit-train", "200", "--limit-test", "100", "--epochs"];
    let (code, stdout, stderr) =
        run(folder.path(), &[], &[&["train", "--dataset", "synthetic"], &short[..], &["1"]].concat());
    assert!(code == Some(0) && stdout.contains("SYNTHETIC"), "{stderr}");
    let (code, stdout, stderr) = run(folder.path(), &[], &["train", "--headless", "--resume", "--epochs", "2"]);
    assert!(code == Some(0) && stdout.contains("SYNTHETIC"), "{stderr}");
    // Data are looked for in this folder, but the environment takes precedence.
    let (_, stdout, stderr) = run(folder.path(), &[], &[&["train"], &short[..], &["1"]].concat());
    assert!(stdout.contains("LeNet-5 on data: 200 images"), "{stderr}");
    made_up_images(&folder.path().join("other"), 320, 100);
    let (_, stdout, stderr) =
        run(folder.path(), &[("LENET_MONITOR_DATA", "other")], &[&["train"], &short[..], &["1"]].concat());
    assert!(stdout.contains("LeNet-5 on other: 200 images"), "{stderr}");
}

#[test]
fn configured_folders_are_used_by_every_subcommand() {
    let folder = folder();
    std::fs::rename(folder.path().join("data"), folder.path().join("pictures")).unwrap();
    configure(folder.path(), "[defaults]\ndata-dir = \"pictures\"\ncheckpoint-dir = \"runs\"\n");
    let (code, _, stderr) = run(folder.path(), &[], &["train", "--headless", "--epochs", "1"]);
    assert_eq!(code, Some(0), "{stderr}");
    let run_of_it = std::fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    let sweep = ["--activations", "relu", "--optimizers", "adam", "--lrs", "0.001", "--batch-sizes", "32"];
    for (arguments, said) in [
        (vec!["eval", run_of_it.to_str().unwrap()], "pictures"),
        (vec!["checkpoints", "list"], "last.ckpt"),
        (vec!["data", "status"], "pictures (by the configuration)"),
        ([&["sweep", "--headless", "--epochs", "1"], &sweep[..]].concat(), "1 run on pictures"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), &[], &arguments);
        assert!(code == Some(0) && stdout.contains(said), "{arguments:?}: {stdout}{stderr}");
    }
}

#[test]
fn every_error_of_the_file_is_named() {
    let folder = folder();
    configure(
        folder.path(),
        "theme = \"pink\"\nthem = 1\nfps = \n[defaults]\nlr = -1.0\nepochs = \"ten\"\n\n[presets.mine]\ndata-dir = \"d\"\n\
         [keys]\nfly = \"f\"\n[keys.train]\nzoom = \"q\"\n",
    );
    let expected = [
        "line 1, `theme`: `pink` is not one of",
        "line 2, `them`: unknown field `them`",
        "line 3, `fps`: ",
        "line 5, `lr`: learning rate must be above 0",
        "line 6, `epochs`: invalid type: string \"ten\"",
        "line 9, `data-dir`: a preset may only set hyperparameters",
        "line 11, `fly`: unknown action `fly`",
        "line 13, `zoom`: `q` is bound to both zoom and quit",
    ];
    for arguments in [&["config", "check"][..], &["train", "--headless"]] {
        let (code, _, stderr) = run(folder.path(), &[], arguments);
        assert_eq!(code, Some(1), "{stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{stderr}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "{expected}: {stderr}");
        }
    }
}

/// Trains for an epoch on few images, and returns the line that lists the hyperparameters.
fn trained(folder: &Path, flags: &[&str]) -> String {
    let short = ["train", "--headless", "--limit-train", "64", "--limit-test", "20", "--epochs", "1"];
    let (code, stdout, stderr) = run(folder, &[], &[&short[..], flags].concat());
    assert_eq!(code, Some(0), "{stderr}");
    stdout.lines().find(|line| line.contains("pooling")).unwrap_or_else(|| panic!("{stdout}")).to_owned()
}

#[test]
fn a_configured_recipe_is_where_new_runs_begin() {
    let folder = folder();
    configure(folder.path(), "[defaults]\nelastic = 0.7\nrecipe = \"best\"\n");
    let line = trained(folder.path(), &[]);
    for value in ["adam 0.004", "batch 64", "one-cycle", "ema 0.999", "elastic 0.7"] {
        assert!(line.contains(value), "{value}: {line}");
    }
    // A flag changes a single value of it, and a recipe named by flag is left as it is.
    let line = trained(folder.path(), &["--ema", "0.9"]);
    assert!(line.contains("one-cycle") && line.contains("ema 0.9,"), "{line}");
    let line = trained(folder.path(), &["--recipe", "fast"]);
    assert!(line.contains("one-cycle") && !line.contains("elastic"), "{line}");
    let line = trained(folder.path(), &["--recipe", "report"]);
    assert!(line.contains("adam 0.001, batch 16") && !line.contains("ema"), "{line}");
}

#[test]
fn a_configured_recipe_leaves_resumed_runs_and_sweeps_as_they_are() {
    let folder = folder();
    trained(folder.path(), &[]);
    configure(folder.path(), "[defaults]\nrecipe = \"best\"\n");
    let (code, stdout, stderr) = run(folder.path(), &[], &["train", "--headless", "--resume", "--epochs", "2"]);
    assert!(code == Some(0) && stdout.contains("adam 0.001") && !stdout.contains("one-cycle"), "{stdout}{stderr}");
    // A sweep is what its command says, wherever that is typed.
    let factors = ["--activations", "relu", "--optimizers", "adam", "--lrs", "0.01", "--batch-sizes", "16"];
    let short = ["sweep", "--headless", "--epochs", "1", "--limit-train", "64", "--limit-test", "20"];
    let (code, _, stderr) = run(folder.path(), &[], &[&short[..], &factors].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let table = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    assert!(!table.contains("one-cycle"), "{table}");
}

#[test]
fn a_recipe_is_printed_and_shows_what_it_sets() {
    let folder = folder();
    let show = || run(folder.path(), &[], &["config", "show"]).1;
    assert!(show().contains("\n[defaults]\n# recipe = \"best\"  # report, fast, best"), "{}", show());
    configure(
        folder.path(),
        "[defaults]\nrecipe = \"best\"\nlr = 0.01\n[presets.mine]\nrecipe = \"Fast\"\nepochs = 7\n",
    );
    let shown = show();
    let (defaults, preset) = shown.split_once("\n[presets.\"mine\"]\n").unwrap();
    for (part, lines) in [
        (defaults, ["recipe = \"best\"", "lr = 0.01", "# epochs = 120", "# elastic = 0.5"]),
        (preset, ["recipe = \"fast\"", "epochs = 7", "# lr = 0.004", "# elastic = 0"]),
    ] {
        for line in lines {
            assert!(part.lines().any(|shown| shown.split("  #").next() == Some(line)), "{line} in\n{part}");
        }
    }
    configure(folder.path(), &shown);
    assert_eq!(show(), shown);
    // Another recipe in the printed file takes effect.
    configure(folder.path(), &shown.replace("recipe = \"best\"", "recipe = \"report\""));
    assert!(trained(folder.path(), &[]).contains("adam 0.01, batch 16"));
}

#[test]
fn a_wrong_recipe_is_an_error_with_its_line_and_the_names() {
    let folder = folder();
    configure(folder.path(), "[defaults]\nrecipe = \"besst\"\n[presets.mine]\nlr = 0.1\nrecipe = 3\n");
    let (code, _, stderr) = run(folder.path(), &[], &["config", "check"]);
    assert_eq!(code, Some(1));
    let expected = "line 2, `recipe`: `besst` is not one of report, fast, best; fix the line or delete it";
    assert!(stderr.contains(expected), "{stderr}");
    assert!(stderr.contains("line 5, `recipe`: invalid type: integer `3`, expected a string"), "{stderr}");
}
