//! Changes of a counter's configuration, before its daemon starts or under it.

use std::fs;

use super::harness::Counter;

/// Replaces text of the configuration, which must be there.
#[track_caller]
pub fn edit(counter: &Counter, from: &str, to: &str) {
    let text = fs::read_to_string(counter.config()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(counter.config(), text.replace(from, to)).unwrap();
}

/// Sets a key that is not set yet, to a TOML value.
pub fn set(counter: &Counter, key: &str, value: &str) {
    let text = fs::read_to_string(counter.config()).unwrap();
    fs::write(counter.config(), format!("{key} = {value}\n{text}")).unwrap();
}

/// Replaces the hooks by one that runs a script with the counter's directory as `$0`, or by none.
pub fn hook(counter: &Counter, script: Option<&str>) {
    let text = fs::read_to_string(counter.config()).unwrap();
    let (rest, _) = text.split_once("[[hook]]").unwrap();
    let hook = script.map_or(String::new(), |script| {
        let directory = counter.path().display().to_string();
        format!("[[hook]]\ncommand = [\"/bin/sh\", \"-c\", {script:?}, {directory:?}]\n")
    });
    fs::write(counter.config(), format!("{rest}{hook}")).unwrap();
}
