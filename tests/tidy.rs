//! The promises that ARCHITECTURE.md and CONTRIBUTING.md make about the source, kept by looking at
//! it.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the source has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `folder` that ends in `.rs`.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found.sort();
    found
}

/// The lines of `text` that are code: no comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn the_terminal_is_pure() {
    let absent = [
        "tokio",
        "reqwest",
        "rusqlite",
        "axum",
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "Instant",
        "SystemTime",
        "uuid",
        "rand",
        "HashMap",
        "HashSet",
        "async ",
        ".await",
    ];
    let mut problems = Vec::new();
    let pure = sources("src/terminal").into_iter();
    for (path, text) in
        pure.filter(|(path, _)| !path.components().any(|part| part.as_os_str() == "tests"))
    {
        for (number, line) in code(&text) {
            for word in absent.iter().filter(|word| line.contains(**word)) {
                problems.push(format!("{}:{number}: {word} in the pure core", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn proofs_are_made_in_their_file_only() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        if path.ends_with("terminal/proof.rs") {
            continue;
        }
        for (number, line) in code(&text) {
            let makers = ["PaidProof {", "NoMoneyProof(", "RefundProof {", "NoRefundProof("];
            if makers.iter().any(|maker| line.contains(maker)) {
                problems.push(format!("{}:{number}: makes a proof", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn the_payment_code_is_exposed_in_few_places() {
    let allowed = [
        "src/code",
        "src/gateway/call.rs",
        "src/scanner",
        "src/sandbox",
        "src/daemon/counter.rs",
        "src/config/secret.rs",
        "src/api/listen.rs",
    ];
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let inside = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let tests = inside.components().any(|part| part.as_os_str() == "tests");
        if tests || allowed.iter().any(|allowed| inside.starts_with(allowed)) {
            continue;
        }
        for (number, line) in code(&text) {
            if line.contains(".expose()") || line.contains("expose_secret()") {
                problems.push(format!("{}:{number}: reads a secret", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn unsafe_code_is_in_one_file() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        let excepted = path.ends_with("scanner/ioctl.rs");
        for (number, line) in code(&text).filter(|_| !excepted) {
            if line.contains("unsafe {") || line.contains("unsafe_code") {
                problems.push(format!("{}:{number}: unsafe", path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn files_and_lines_have_bounds() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            let tests = path.components().any(|part| part.as_os_str() == "tests");
            if lines > 600 && !tests {
                problems.push(format!("{}: {lines} lines, split by concern", path.display()));
            }
            for (index, line) in text.lines().enumerate() {
                let width = line.chars().count();
                // A row of a table cannot be broken.
                let comment = line.trim_start().starts_with("//") && !line.contains("//! |");
                if width > 100 && comment {
                    problems.push(format!("{}:{}: {width} columns", path.display(), index + 1));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn every_module_says_what_it_owns() {
    let mut problems = Vec::new();
    for (path, text) in sources("src") {
        if !text.starts_with("//!") {
            problems.push(format!("{}: does not begin with //!", path.display()));
        }
    }
    report(&problems);
}

#[test]
fn every_rule_stands_in_a_test() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let page = page.unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let ids: Vec<&str> = rows
        .filter_map(|row| row.split(' ').next())
        .filter(|id| id.len() <= 3 && id.starts_with(['S', 'D', 'L', 'P', 'O']))
        .filter(|id| id[1..].bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    assert!(ids.len() >= 25, "the table of rules was not found: {ids:?}");
    let mut tests = String::new();
    for folder in ["src", "tests"] {
        for (path, text) in sources(folder) {
            if path.ends_with("tests/tidy.rs") {
                continue;
            }
            let begin = if path.components().any(|part| part.as_os_str() == "tests") {
                0
            } else {
                text.find("#[cfg(test)]").unwrap_or(text.len())
            };
            tests.push_str(&text[begin..]);
        }
    }
    let missing: Vec<String> = ids
        .iter()
        .filter(|id| !tests.contains(&format!("{}_", id.to_lowercase())) && !tests.contains(**id))
        .map(|id| format!("{id}: in no test"))
        .collect();
    report(&missing);
}

#[test]
fn every_test_that_the_guide_names_exists() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide.md");
    let page = fs::read_to_string(page).unwrap();
    let files: Vec<(PathBuf, String)> = ["src", "tests"].into_iter().flat_map(sources).collect();
    let exists = |name: &str| {
        let test = format!("fn {name}(");
        files.iter().any(|(_, text)| text.contains(&test))
    };
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next());
    let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named: Vec<&str> = words.filter(|word| word.contains('_') && !word.contains('/')).collect();
    assert!(named.len() >= 30, "the guide's tables were not found: {named:?}");
    let missing = named.iter().filter(|name| !exists(name));
    report(&missing.map(|name| format!("{name}: no such test")).collect::<Vec<_>>());
}
