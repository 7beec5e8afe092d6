//! What stands in files, and amounts, which stand everywhere.

use std::path::Path;

use tillscan::config::Settings;
use tillscan::journal::{decode, encode};
use tillscan::money::Amount;
use tillscan::terminal::Sale;

/// An amount: exactly the digits that were written, and read back from what is shown (S10).
pub fn amounts(input: &[u8]) {
    if let Ok(amount) = serde_json::from_slice::<Amount>(input) {
        assert!(input.trim_ascii().starts_with(b"\""), "{amount} from a JSON number");
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(amount) = text.parse::<Amount>() else { return };
    assert_eq!(amount.to_string().parse(), Ok(amount));
    assert_eq!(serde_json::from_value(serde_json::json!(amount)).ok(), Some(amount));
    let (baht, satang) = text.trim().split_once('.').unwrap_or((text.trim(), "00"));
    let digits = format!("{}{satang:0<2}", baht.replace(',', ""));
    assert_eq!(digits.trim_start_matches('0'), amount.satang().to_string().trim_start_matches('0'));
}

/// A configuration file, a zero, and the variables of the environment, apart by zeros.
pub fn configuration(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut parts = text.split('\0');
    let file = parts.next().unwrap_or_default();
    let variables = parts.filter_map(|part| part.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    match Settings::parse(file, Path::new("tillscan.toml"), variables) {
        Ok(settings) => {
            let shown = settings.to_toml();
            let again = Settings::parse(&shown, Path::new("shown.toml"), std::iter::empty());
            assert_eq!(again.as_ref().ok(), Some(&settings), "{again:?} from {shown}");
        }
        Err(error) => {
            let error = error.to_string();
            assert!(!error.contains(char::is_control), "one line: {error:?}");
            assert!(!error.contains(SECRET), "P1: {error}");
        }
    }
}

/// The rows of a sale, each body in a line of its own behind the reference: what is understood is
/// written back with the same meaning, and any order of facts makes a sale or none.
pub fn journal(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (reference, bodies) = text.split_once('\n').unwrap_or((text, ""));
    let rows = bodies.lines().filter_map(|body| decode(reference, body).ok());
    let records: Vec<_> = rows.collect();
    for record in &records {
        let body = encode(&record.fact).unwrap();
        assert_eq!(decode(record.reference.as_str(), &body).ok().as_ref(), Some(record), "{body}");
        assert!(!body.contains('\n'), "one line: {body}");
    }
    let Some(sale) = Sale::from_records(&records) else { return };
    let view = sale.view();
    assert_eq!(view.reference.as_str(), reference);
    assert!(view.attempts <= records.len());
}

/// What no error may repeat of a file: somebody's key, pasted where a value belongs.
const SECRET: &str = "skey_live_5y4z";
