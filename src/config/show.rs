//! The resolved settings as text: what `tillscan config show` prints, and what the program reads
//! back.

use std::fmt::Write;

use serde_json::Value;

use super::Settings;

impl Settings {
    /// The settings as JSON, in the shape of the file. Keys and tokens are not in it, only their
    /// files.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("only texts, numbers, flags and lists, under text keys")
    }

    /// The settings as a configuration file that [`Settings::parse`] reads back to the same
    /// settings.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        write_table(&mut text, "", &self.to_json());
        text.trim_start().to_owned()
    }
}

/// Writes the keys of `table`, then the tables within it under their own headings.
fn write_table(text: &mut String, path: &str, table: &Value) {
    let Some(entries) = table.as_object() else { return };
    for (key, value) in entries {
        if !holds_tables(value) && !value.is_null() {
            line(text, format_args!("{key} = {}", literal(value)));
        }
    }
    for (key, value) in entries.iter().filter(|(_, value)| holds_tables(value)) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if let Some(tables) = value.as_array() {
            for table in tables {
                line(text, format_args!("\n[[{path}]]"));
                write_table(text, &path, table);
            }
        } else {
            // A heading with nothing under it but further headings says nothing.
            if value.as_object().is_some_and(|entries| !entries.values().all(holds_tables)) {
                line(text, format_args!("\n[{path}]"));
            }
            write_table(text, &path, value);
        }
    }
}

/// Whether a value is a table, or a list of tables. An empty list is one too: the only lists that
/// may be empty are those of tables.
fn holds_tables(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|list| list.iter().all(Value::is_object))
}

/// A value that TOML writes like JSON, but for one character that JSON need not escape.
fn literal(value: &Value) -> String {
    value.to_string().replace('\u{7f}', "\\u007f")
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("a String takes any text");
}
