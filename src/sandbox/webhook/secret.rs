//! Webhook secrets: reading, signing, and the time in which an old and a new one both sign.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use zeroize::Zeroizing;

/// The secret that signs webhooks, shown by Opn's dashboard in base64.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

/// A text is no webhook secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret; write it in base64, as Opn's dashboard shows it")]
pub struct WebhookSecretError;

/// The secret is rolled: a new one signs from some time on, and the old one still does for a while.
#[derive(Clone, Debug)]
pub struct SecretRoll {
    /// The new secret.
    pub next: WebhookSecret,
    /// When it begins to sign, counted from the sandbox's start.
    pub after: Duration,
    /// For how long both sign from then on; 24 hours at Opn.
    pub overlap: Duration,
}

impl FromStr for WebhookSecret {
    type Err = WebhookSecretError;

    fn from_str(text: &str) -> Result<Self, WebhookSecretError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| WebhookSecretError)?;
        let bytes = Zeroizing::new(bytes);
        if bytes.is_empty() {
            return Err(WebhookSecretError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// The signature of a body that is sent at this time, in seconds since 1970: hexadecimal digits
    /// of the HMAC over the seconds, a full stop and the raw body.
    #[must_use]
    pub fn sign(&self, seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{seconds}.").as_bytes());
        context.update(body);
        let tag = context.sign();
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The secrets that sign so long after the start, the newest first: one, or two during a roll.
pub(super) fn signing<'secrets>(
    first: &'secrets WebhookSecret,
    roll: Option<&'secrets SecretRoll>,
    since_start: Duration,
) -> impl Iterator<Item = &'secrets WebhookSecret> {
    let begun = roll.filter(|roll| since_start >= roll.after);
    let old = begun.is_none_or(|roll| since_start < roll.after.saturating_add(roll.overlap));
    begun.map(|roll| &roll.next).into_iter().chain(old.then_some(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected digits come from another implementation of HMAC-SHA256 (Python's hmac module).
    #[test]
    fn a_letter_is_signed_over_time_and_raw_body() {
        let secret: WebhookSecret = "c2VjcmV0LWtleQ==".parse().unwrap();
        let signature = secret.sign(1_702_894_743, b"{\n  \"object\": \"event\"\n}\n");
        assert_eq!(signature, "96a2437883e25a862714aacba305d57565e82100e4821547ce26835a7d1d5079");
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "  ", "not base64!", "c2VjcmV0LWtleQ"] {
            assert_eq!(text.parse::<WebhookSecret>().err(), Some(WebhookSecretError), "{text:?}");
        }
    }

    #[test]
    fn old_and_new_secret_both_sign_during_a_roll_and_only_then() {
        let [old, next]: [WebhookSecret; 2] = ["b2xk", "bmV3"].map(|text| text.parse().unwrap());
        let seconds = Duration::from_secs;
        let roll = SecretRoll { next: next.clone(), after: seconds(10), overlap: seconds(5) };
        let endless = SecretRoll { overlap: Duration::MAX, ..roll.clone() };
        let at_once = SecretRoll { after: Duration::ZERO, overlap: Duration::ZERO, ..roll.clone() };
        let table: &[(Option<&SecretRoll>, u64, &[&WebhookSecret])] = &[
            (None, 0, &[&old]),
            (Some(&roll), 9, &[&old]),
            (Some(&roll), 10, &[&next, &old]),
            (Some(&roll), 14, &[&next, &old]),
            (Some(&roll), 15, &[&next]),
            (Some(&endless), 1_000_000, &[&next, &old]),
            (Some(&at_once), 0, &[&next]),
        ];
        for (roll, at, expected) in table {
            let signed = |secret: &WebhookSecret| secret.sign(1, b"body");
            let found: Vec<_> = signing(&old, *roll, seconds(*at)).map(signed).collect();
            let expected: Vec<_> = expected.iter().map(|secret| signed(secret)).collect();
            assert_eq!(found, expected, "{at} s");
        }
    }
}
