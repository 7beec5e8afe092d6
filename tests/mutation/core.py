"""Takes what decides about money out of the crate, into one of its own that builds in seconds.

Its tests come along; they know no network, no file and no clock.
"""

import os
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]
CRATE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "core"

# Everything that decides what is proven; the HTTP client beside it needs a network to be tried.
PARTS = ["clock.rs", "money.rs", "code", "terminal"]
GATEWAY = [
    "call.rs", "classify.rs", "classify", "failure.rs", "find.rs", "lenient.rs", "retry_after.rs",
    "wire.rs",
]

# The rules, and what they stand on: what must be tested to the last condition.
RULES = ["src/terminal", "src/money.rs", "src/code", "src/gateway/classify.rs", "src/gateway/find.rs"]

LIB = """//! What decides about money, made by tests/mutation/core.py.
pub mod clock;
pub mod code;
pub mod gateway;
pub mod money;
pub mod scanner;
pub mod terminal;
"""

GATEWAY_MOD = """//! The pure parts of the gateway.
#![allow(dead_code, reason = "the client that calls them is not here")]
mod call;
mod classify;
mod failure;
mod find;
mod lenient;
mod retry_after;
mod wire;
pub use failure::Failure;
pub use wire::Account;
"""

# As in Cargo.toml; the two below are only parts of what they are there.
KEEPS = [
    "jiff", "percent-encoding", "serde", "serde_json", "thiserror", "tracing", "zeroize",
    "expect-test", "proptest",
]
PARTLY = """reqwest = { package = "http", version = "1" }
tokio = { version = "1", features = ["time"] }
"""

# No debug information: a mutant lives for a second.
MANIFEST = """[package]
name = "tillscan-core"
version = "0.0.0"
edition = "2024"
[lib]
doctest = false
[dependencies]
{dependencies}[workspace]
[profile.dev]
debug = false
"""


def part(text, begin):
    """The item of a source that begins with this line, with its documentation."""
    lines = text.split("\n")
    at = lines.index(begin)
    first = at
    while lines[first - 1].startswith(("///", "#[")):
        first -= 1
    return "\n".join(lines[first : lines.index("}", at) + 1]) + "\n"


def manifest():
    lines = (ROOT / "Cargo.toml").read_text().split("\n")
    line = lambda name: next(line for line in lines if line.startswith(f"{name} = "))
    return MANIFEST.format(dependencies="".join(line(name) + "\n" for name in KEEPS) + PARTLY)


def take(name, source, target):
    copy = shutil.copytree if (source / name).is_dir() else shutil.copy2
    copy(source / name, target / name)


def make():
    """Makes the crate anew; what was built for it stays."""
    source, target = ROOT / "src", CRATE / "src"
    shutil.rmtree(target, ignore_errors=True)
    (target / "gateway").mkdir(parents=True)
    for name in PARTS:
        take(name, source, target)
    for name in GATEWAY:
        take(name, source / "gateway", target / "gateway")
    keypad = (source / "scanner/keypad.rs").read_text()
    (target / "scanner.rs").write_text("//! The keypad's keys.\n" + part(keypad, "pub enum Key {"))
    (target / "gateway/mod.rs").write_text(GATEWAY_MOD)
    (target / "lib.rs").write_text(LIB)
    (CRATE / "Cargo.toml").write_text(manifest())
    shutil.copy(ROOT / "Cargo.lock", CRATE / "Cargo.lock")


def environment(**more):
    """The crate's own target folder, wherever the whole crate's is."""
    return {**os.environ, "CARGO_TARGET_DIR": str(CRATE / "target"), **more}
