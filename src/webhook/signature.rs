//! Whether a webhook is the gateway's own: its signature over time and raw body. Pure.
//!
//! ```text
//! Omise-Signature: <hex>[,<hex>]            one for each secret, two during a roll
//! Omise-Signature-Timestamp: <seconds since 1970>
//! HMAC-SHA256(base64 decoded secret, timestamp "." raw body)
//! ```

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::hmac;
use zeroize::Zeroizing;

/// What the gateway signs its webhooks with, as its dashboard shows it: base64.
#[derive(Clone)]
pub struct Secret(hmac::Key);

/// A text is no webhook secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret in base64")]
pub struct SecretFormError;

/// Why a webhook is not taken for the gateway's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is not signed, or not as the gateway signs.
    Malformed,
    /// None of its signatures is of any of the secrets.
    Forged,
    /// It is signed right and dated too far away from now: replayed, or a clock is wrong.
    Late {
        /// How many seconds it is older than now; negative where it is of the future.
        age_seconds: i64,
    },
}

/// Checks the signature of a webhook with these `headers` and this raw `body`, that came at `now`
/// (seconds since 1970, wall clock: the decision is whether to look, never what is seen, O1).
///
/// # Errors
/// See [`Flaw`]. How much of a signature is right does not show in the time it takes.
pub fn check(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
    now: i64,
    tolerance: Duration,
) -> Result<(), Flaw> {
    let claim = Claim::read(headers).ok_or(Flaw::Malformed)?;
    // All of them, in any case: none tells by its time how far it got.
    let is_right = secrets.iter().fold(false, |right, secret| right | claim.is_by(secret, body));
    if !is_right {
        return Err(Flaw::Forged);
    }
    let age_seconds = now.saturating_sub(claim.seconds);
    if Duration::from_secs(age_seconds.unsigned_abs()) > tolerance {
        return Err(Flaw::Late { age_seconds });
    }
    Ok(())
}

/// What a webhook says of its signature.
struct Claim<'headers> {
    /// The time, exactly as it is signed.
    time: &'headers [u8],
    seconds: i64,
    signatures: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'headers> Claim<'headers> {
    fn read(headers: &'headers HeaderMap) -> Option<Self> {
        let mut times = headers.get_all(TIME).iter();
        let (Some(time), None) = (times.next(), times.next()) else { return None };
        let time = time.as_bytes().trim_ascii();
        if !(1..=TIME_DIGITS_MAX).contains(&time.len()) || !time.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let seconds = str::from_utf8(time).ok()?.parse().ok()?;
        // A header that is given twice means the same as one with both values.
        let lists = headers.get_all(SIGNATURE).iter();
        let texts = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
        let read = texts.map(|text| bytes_of_hex(text.trim_ascii()));
        let signatures: Vec<_> = read.take(SIGNATURES_MAX + 1).collect::<Option<_>>()?;
        let is_signed = (1..=SIGNATURES_MAX).contains(&signatures.len());
        is_signed.then_some(Self { time, seconds, signatures })
    }

    fn is_by(&self, Secret(key): &Secret, body: &[u8]) -> bool {
        let mut context = hmac::Context::with_key(key);
        for part in [self.time, b".", body] {
            context.update(part);
        }
        let expected = context.sign();
        // Two texts are the same if their own signatures are; so ring compares, in constant time.
        self.signatures.iter().fold(false, |same, given| {
            same | hmac::verify(key, expected.as_ref(), hmac::sign(key, given).as_ref()).is_ok()
        })
    }
}

impl FromStr for Secret {
    type Err = SecretFormError;

    fn from_str(text: &str) -> Result<Self, SecretFormError> {
        let bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| SecretFormError)?);
        if bytes.is_empty() {
            return Err(SecretFormError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(masked)")
    }
}

fn bytes_of_hex(text: &[u8]) -> Option<[u8; SIGNATURE_BYTES]> {
    if text.len() != 2 * SIGNATURE_BYTES {
        return None;
    }
    let mut bytes = [0; SIGNATURE_BYTES];
    for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = [digits[0], digits[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(bytes)
}

const SIGNATURE: &str = "omise-signature";
const TIME: &str = "omise-signature-timestamp";

/// SHA-256.
const SIGNATURE_BYTES: usize = 32;
/// Two are seen, during a roll; a few more cost nothing.
const SIGNATURES_MAX: usize = 8;
/// Until the year 33658.
const TIME_DIGITS_MAX: usize = 12;

/// Whether a secret is shown with or without its `=` makes no difference to it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "c2VjcmV0LWtleQ==";
    const NEW: &str = "bmV3LXNlY3JldC1rZXktMDAwMDAwMDAwMDAwMDAwMDA=";
    const BODY: &[u8] = b"{\n  \"object\": \"event\"\n}\n";
    const NOW: i64 = 1_702_894_743;

    // Made by another implementation, Python's `hmac`, over NOW, a full stop and BODY.
    const BY_OLD: &str = "96a2437883e25a862714aacba305d57565e82100e4821547ce26835a7d1d5079";
    const BY_NEW: &str = "c4aff0c29106ee7f92ee2a7e0088104b6c246998f3035bd715efcf080876165d";
    /// By the old one, 301 s earlier and later.
    const EARLIER: &str = "f3a5530206a6b3932cb07f72bbeb34a621e8a84a48e8b4bcd0ad62adb8916829";
    const LATER: &str = "360e4f529c27a7bc6a0f80c880fb33ce1d18273293cc31c5bc180a0d310a53c1";

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn checked(secrets: &[&str], lines: &[(&'static str, &str)], body: &[u8]) -> Result<(), Flaw> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| text.parse().unwrap()).collect();
        check(&headers(lines), body, &secrets, NOW, Duration::from_secs(300))
    }

    #[track_caller]
    fn check_dated(time: &str, signature: &str, expected: Result<(), Flaw>) {
        let lines = [(TIME, time), (SIGNATURE, signature)];
        assert_eq!(checked(&[OLD, NEW], &lines, BODY), expected, "{time}: {signature}");
    }

    #[test]
    fn any_right_signature_of_any_secret_is_enough() {
        let wrong = "0".repeat(64);
        for signature in [
            BY_OLD.to_owned(),
            BY_NEW.to_owned(),
            format!("{BY_NEW},{BY_OLD}"),
            format!("{wrong},{BY_OLD}"),
            format!("{BY_OLD} , {wrong}"),
            BY_OLD.to_uppercase(),
            format!("{}{BY_OLD}", format!("{wrong},").repeat(7)),
        ] {
            check_dated("1702894743", &signature, Ok(()));
        }
        let twice = [(SIGNATURE, wrong.as_str()), (TIME, "1702894743"), (SIGNATURE, BY_OLD)];
        assert_eq!(checked(&[OLD], &twice, BODY), Ok(()));
        let lines = [(TIME, "1702894743"), (SIGNATURE, BY_OLD)];
        assert_eq!(checked(&[NEW], &lines, BODY), Err(Flaw::Forged));
        assert_eq!(checked(&[], &lines, BODY), Err(Flaw::Forged));
    }

    #[test]
    fn every_byte_of_the_body_and_every_digit_of_the_time_is_signed() {
        let lines = [(TIME, "1702894743"), (SIGNATURE, BY_OLD)];
        for at in 0..=BODY.len() {
            let mut longer = BODY.to_vec();
            longer.insert(at, b' ');
            assert_eq!(checked(&[OLD], &lines, &longer), Err(Flaw::Forged));
            assert_eq!(checked(&[OLD], &lines, &BODY[..at]).is_ok(), at == BODY.len());
        }
        check_dated("1702894744", BY_OLD, Err(Flaw::Forged));
        check_dated("01702894743", BY_OLD, Err(Flaw::Forged));
        let digit = |at: usize| format!("{}{}{}", &BY_OLD[..at], "g", &BY_OLD[at + 1..]);
        (0..64).for_each(|at| check_dated("1702894743", &digit(at), Err(Flaw::Malformed)));
        let other = |at: usize| {
            let digit = if BY_OLD.as_bytes()[at] == b'0' { "1" } else { "0" };
            format!("{}{digit}{}", &BY_OLD[..at], &BY_OLD[at + 1..])
        };
        (0..64).for_each(|at| check_dated("1702894743", &other(at), Err(Flaw::Forged)));
    }

    /// Any bytes at all, and a key longer than a block of the hash; both by Python, too.
    #[test]
    fn a_body_is_bytes_and_a_secret_may_be_long() {
        let all: Vec<u8> = (0..=255).collect();
        let of_all = "89d238132169183ee9db289685e168d8e3a5af5a7c67d8e8b1111f673f786f6c";
        let of_none = "b5b5ef46d5f3337d94be80975c19d2c373a333a142331545f530c928ed75d325";
        for (body, signature) in [(&all[..], of_all), (b"", of_none)] {
            let lines = [(TIME, "1702894743"), (SIGNATURE, signature)];
            assert_eq!(checked(&[OLD], &lines, body), Ok(()));
        }
        let long = BASE64.encode(&all[..131]);
        let signature = "a1f4759cb4781bc71a2e50e158765cc8411daa09a92d2670816ae30b7a7cb225";
        let lines = [(TIME, "1702894743"), (SIGNATURE, signature)];
        assert_eq!(checked(&[&long], &lines, b"{}"), Ok(()));
    }

    #[test]
    fn a_right_signature_of_another_time_is_late() {
        check_dated("1702894442", EARLIER, Err(Flaw::Late { age_seconds: 301 }));
        check_dated("1702895044", LATER, Err(Flaw::Late { age_seconds: -301 }));
        // Whether it is late is told of nothing that is not signed right.
        check_dated("1702894442", LATER, Err(Flaw::Forged));
        let secrets = [OLD.parse().unwrap()];
        for (time, signature) in [("1702894442", EARLIER), ("1702895044", LATER)] {
            let headers = headers(&[(TIME, time), (SIGNATURE, signature)]);
            let within = Duration::from_secs(301);
            assert_eq!(check(&headers, BODY, &secrets, NOW, within), Ok(()));
            let late = check(&headers, BODY, &secrets, i64::MIN, within);
            assert!(matches!(late, Err(Flaw::Late { .. })));
        }
    }

    #[test]
    fn what_is_not_signed_as_the_gateway_signs_is_malformed() {
        let many = format!("{BY_OLD},").repeat(9);
        let table: &[&[(&'static str, &str)]] = &[
            &[],
            &[(TIME, "1702894743")],
            &[(SIGNATURE, BY_OLD)],
            &[("x-omise-signature", BY_OLD), (TIME, "1702894743")],
            &[(SIGNATURE, ""), (TIME, "1702894743")],
            &[(SIGNATURE, ","), (TIME, "1702894743")],
            &[(SIGNATURE, &BY_OLD[..63]), (TIME, "1702894743")],
            &[(SIGNATURE, &many[..many.len() - 1]), (TIME, "1702894743")],
            &[(SIGNATURE, BY_OLD), (TIME, "")],
            &[(SIGNATURE, BY_OLD), (TIME, "-1")],
            &[(SIGNATURE, BY_OLD), (TIME, "+1702894743")],
            &[(SIGNATURE, BY_OLD), (TIME, "1702894743.0")],
            &[(SIGNATURE, BY_OLD), (TIME, "1702894743000")],
            &[(SIGNATURE, BY_OLD), (TIME, "1702894743"), (TIME, "1702894743")],
        ];
        for lines in table {
            assert_eq!(checked(&[OLD], lines, BODY), Err(Flaw::Malformed), "{lines:?}");
        }
    }

    #[test]
    fn p1_a_secret_is_base64_and_never_shown() {
        for text in [OLD, "c2VjcmV0LWtleQ", NEW] {
            assert_eq!(format!("{:?}", text.parse::<Secret>().unwrap()), "Secret(masked)");
        }
        for text in ["", "====", "not base64!", "c2VjcmV0LWtleQ==\n", "whsec_c2VjcmV0LWtleQ=="] {
            assert_eq!(text.parse::<Secret>().err(), Some(SecretFormError), "{text:?}");
        }
    }
}
