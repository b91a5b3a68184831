# Everyday commands. `just` lists them; each line also works when typed by hand.

default:
    @just --list

# Train, on the dashboard
run *ARGS:
    cargo run --release -- {{ARGS}}

# All tests (those that need the real MNIST say so where there is none)
test *ARGS:
    cargo test {{ARGS}}

# Format, lint, test, document: what CI does
ci:
    .ci/run

fmt:
    cargo fmt

lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Look at screens that changed, one by one (needs `cargo install cargo-insta`)
review:
    cargo insta test --review

# Take every changed screen as the new truth: look at the diff before you commit
accept:
    INSTA_UPDATE=always cargo test --test screens

# Draw the pictures of screens in docs/gallery again
gallery:
    LENET_MONITOR_UPDATE_GALLERY=1 cargo test --test screens pictures

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --open

# Licences, sources and banned crates (needs `cargo install cargo-deny`)
deny:
    cargo deny check bans licenses sources

# The default run, measured: one JSON line an epoch
measure:
    cargo run --release -- train --json --dataset mnist

# Listing ten thousand runs made from one checkpoint, on the command line and on the Runs screen
many CHECKPOINT *ARGS:
    cargo build --release
    contrib/many/measure {{CHECKPOINT}} {{ARGS}}

# Training speed beside Keras and PyTorch: about half an hour, see benches/peers/README.md
peers MNIST_DIR *ARGS:
    cargo build --release
    benches/peers/run {{MNIST_DIR}} {{ARGS}}

# Kills, hang-ups, disk faults and lost folders by the dozen: needs Linux, Python 3, bash, a C compiler; about half an hour
torture *ARGS:
    cargo build --release
    contrib/torture/run {{ARGS}}
