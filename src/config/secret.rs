//! The secrets: the gateway's key, the local interface's bearer token and what webhooks are signed
//! with, read from files nobody else can read. Never a part of a secret in an error, in `Debug` or
//! in the settings.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{ApiSettings, GatewaySettings};

mod webhook;

pub use webhook::{WEBHOOK_CREDENTIAL, load_webhook_secrets};

/// The secret key of the shop's account at the gateway.
pub struct SecretKey(SecretString);

/// Whether a key moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// A test key: no money moves.
    Test,
    /// A live key.
    Live,
}

/// What callers of the local interface over TCP must present.
pub struct BearerToken(SecretString);

/// Why a secret is not used. Its text is one line and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file named in the configuration does not exist.
    #[error("{0}: no such file, named by {1}")]
    NotFound(PathBuf, &'static str),
    /// The file cannot be read.
    #[error("{0}: cannot be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// A directory, a device or a pipe.
    #[error("{0}: must be a regular file")]
    NotAFile(PathBuf),
    /// Somebody but the owner may read, write or run it.
    #[error("{0}: others than its owner have access to it; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// Longer than any secret.
    #[error("{0}: longer than {SECRET_BYTES_MAX} bytes; it must hold the secret and nothing else")]
    TooLong(PathBuf),
    /// Nothing but white space.
    #[error("{0}: holds nothing; it must hold {1}")]
    Empty(PathBuf, &'static str),
    /// The gateway's other key, which cannot charge.
    #[error("{0}: holds a public key (pkey_...); the account's secret key (skey_...) is needed")]
    PublicKey(PathBuf),
    /// There is a receiver of webhooks and no secret, and nobody said that none is needed.
    #[error(
        "webhook.listen needs the secret that webhooks are signed with: name its file in \
         webhook.secrets, or put it into the systemd credential {WEBHOOK_CREDENTIAL}; or set \
         webhook.allow_unsigned = true"
    )]
    NoWebhookSecret,
    /// Anything else.
    #[error("{0}: must hold {1}")]
    Malformed(PathBuf, &'static str),
}

impl SecretKey {
    /// Reads the key: from the credential `opn-secret-key` in the service manager's
    /// `credentials_directory` (the value of `$CREDENTIALS_DIRECTORY`), else from
    /// [`GatewaySettings::secret_key_file`]. `None` where neither is given: the daemon then runs,
    /// says so, and takes no sale. A blank credential is none: the unit passes one where its file
    /// is missing, because systemd would refuse to start the service without a default.
    ///
    /// # Errors
    /// A file that is named but missing, unreadable, open to others, or without a secret key in it.
    pub fn load(
        gateway: &GatewaySettings,
        credentials_directory: Option<&Path>,
    ) -> Result<Option<Self>, SecretError> {
        if let Some(directory) = credentials_directory {
            let file = directory.join(CREDENTIAL);
            // The service manager guards its credentials; some versions show them as mode 0440.
            match read(&file, Guard::ServiceManager) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Self::parse(&text, &file).map(Some),
                Err(Failure::Missing) => {}
                Err(Failure::Refused(error)) => return Err(error),
            }
        }
        let Some(file) = &gateway.secret_key_file else { return Ok(None) };
        let text = read(file, Guard::Mode)
            .map_err(|failure| failure.named(file, "gateway.secret_key_file"))?;
        Self::parse(&text, file).map(Some)
    }

    /// Whether the key moves money.
    #[must_use]
    pub fn mode(&self) -> KeyMode {
        if self.expose().starts_with("skey_test_") { KeyMode::Test } else { KeyMode::Live }
    }

    /// The key itself, for the request's `Authorization` and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The key for the gateway's client.
    #[must_use]
    pub fn into_secret(self) -> SecretString {
        self.0
    }

    fn parse(text: &str, file: &Path) -> Result<Self, SecretError> {
        let key = text.trim();
        if key.is_empty() {
            return Err(SecretError::Empty(file.to_owned(), KEY_FORM));
        }
        if key.starts_with("pkey_") {
            return Err(SecretError::PublicKey(file.to_owned()));
        }
        let rest = key.strip_prefix("skey_test_").or_else(|| key.strip_prefix("skey_"));
        let is_key = rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        if !is_key {
            return Err(SecretError::Malformed(file.to_owned(), KEY_FORM));
        }
        Ok(Self(key.to_owned().into()))
    }
}

impl BearerToken {
    /// Reads the token from [`ApiSettings::token_file`]; `None` where none is named.
    ///
    /// # Errors
    /// A file that is missing, unreadable, open to others, or without a token in it.
    pub fn load(api: &ApiSettings) -> Result<Option<Self>, SecretError> {
        let Some(file) = &api.token_file else { return Ok(None) };
        let text =
            read(file, Guard::Mode).map_err(|failure| failure.named(file, "api.token_file"))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(SecretError::Empty(file.to_owned(), TOKEN_FORM));
        }
        if token.len() < TOKEN_BYTES_MIN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::Malformed(file.to_owned(), TOKEN_FORM));
        }
        Ok(Some(Self(token.to_owned().into())))
    }

    /// The token itself, to compare with what a caller presents (in constant time).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({}, masked)", self.mode())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(masked)")
    }
}

impl fmt::Display for KeyMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Test => "test",
            Self::Live => "live",
        })
    }
}

/// Who sees to it that nobody else reads a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Its own mode, which is therefore checked.
    Mode,
    /// systemd, with a directory only the service enters.
    ServiceManager,
}

/// Why a file gave no text.
enum Failure {
    Missing,
    Refused(SecretError),
}

impl Failure {
    fn named(self, file: &Path, key: &'static str) -> SecretError {
        match self {
            Self::Missing => SecretError::NotFound(file.to_owned(), key),
            Self::Refused(error) => error,
        }
    }
}

fn read(path: &Path, guard: Guard) -> Result<Zeroizing<String>, Failure> {
    // A pipe without a writer would hold an ordinary open for ever.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(Failure::Missing),
        Err(cause) => {
            return Err(Failure::Refused(SecretError::Unreadable(path.to_owned(), cause)));
        }
    };
    read_guarded(&file, path, guard).map_err(Failure::Refused)
}

/// Checks the file that is open, not the path, which may lead elsewhere a moment later.
fn read_guarded(file: &File, path: &Path, guard: Guard) -> Result<Zeroizing<String>, SecretError> {
    let unreadable = |cause| SecretError::Unreadable(path.to_owned(), cause);
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SecretError::NotAFile(path.to_owned()));
    }
    if guard == Guard::Mode && metadata.mode() & 0o077 != 0 {
        return Err(SecretError::Exposed(path.to_owned()));
    }
    // Room for all of it from the start: a buffer that grows leaves copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * SECRET_BYTES_MAX));
    file.take(SECRET_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > SECRET_BYTES_MAX {
        return Err(SecretError::TooLong(path.to_owned()));
    }
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(SecretError::Malformed(path.to_owned(), "plain text")),
    }
}

/// The name of the systemd credential that holds the key.
pub const CREDENTIAL: &str = "opn-secret-key";

const KEY_FORM: &str = "the account's secret key (skey_...) and nothing else";
const TOKEN_FORM: &str = "a token of 16 or more printable ASCII characters without blanks";
const TOKEN_BYTES_MIN: usize = 16;

/// Opn's keys have about 30 characters; a token may be longer.
const SECRET_BYTES_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const SECRET: &str = "5fzb1q7x3example";

    /// Writes `content` with `mode`, loads it as the key file, and gives key or error, with `FILE`
    /// for its path.
    fn key_file(content: &[u8], mode: u32) -> String {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        loaded(&file, None)
    }

    fn loaded(file: &Path, credentials: Option<&Path>) -> String {
        let gateway = GatewaySettings {
            secret_key_file: Some(file.to_owned()),
            ..GatewaySettings::default()
        };
        said(SecretKey::load(&gateway, credentials), file)
    }

    fn said<T: fmt::Debug>(result: Result<Option<T>, SecretError>, file: &Path) -> String {
        let text = match result {
            Ok(Some(secret)) => format!("{secret:?}"),
            Ok(None) => "missing".to_owned(),
            Err(error) => {
                assert!(!format!("{error:?}").contains(SECRET));
                error.to_string()
            }
        };
        assert!(!text.contains(SECRET) && !text.contains('\n'), "{text}");
        text.replace(file.to_str().unwrap(), "FILE")
    }

    #[test]
    fn p1_a_key_is_loaded_or_refused_in_one_line_without_any_part_of_it() {
        let table: &[(String, u32, &str)] = &[
            (format!("skey_test_{SECRET}\n"), 0o600, "SecretKey(test, masked)"),
            (format!(" skey_{SECRET}\r\n"), 0o400, "SecretKey(live, masked)"),
            (
                format!("skey_{SECRET}"),
                0o640,
                "FILE: others than its owner have access to it; run: chmod 600 FILE",
            ),
            (
                format!("skey_{SECRET}"),
                0o602,
                "FILE: others than its owner have access to it; run: chmod 600 FILE",
            ),
            (
                format!("pkey_test_{SECRET}"),
                0o600,
                "FILE: holds a public key (pkey_...); the account's secret key (skey_...) is needed",
            ),
            (
                " \n".to_owned(),
                0o600,
                "FILE: holds nothing; it must hold the account's secret key (skey_...) and nothing else",
            ),
            (
                SECRET.to_owned(),
                0o600,
                "FILE: must hold the account's secret key (skey_...) and nothing else",
            ),
            (
                "skey_test_".to_owned(),
                0o600,
                "FILE: must hold the account's secret key (skey_...) and nothing else",
            ),
            (
                format!("skey_{SECRET}\nskey_{SECRET}"),
                0o600,
                "FILE: must hold the account's secret key (skey_...) and nothing else",
            ),
            (
                format!("skey_{SECRET}{}", " ".repeat(1_024)),
                0o600,
                "FILE: longer than 1024 bytes; it must hold the secret and nothing else",
            ),
        ];
        for (content, mode, expected) in table {
            assert_eq!(key_file(content.as_bytes(), *mode), *expected);
        }
        assert_eq!(key_file(b"skey_\xff\xfe", 0o600), "FILE: must hold plain text");
    }

    #[test]
    fn the_credential_comes_first_and_a_missing_key_is_no_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        let credentials = directory.path().join("credentials");
        fs::create_dir(&credentials).unwrap();
        let unset = GatewaySettings::default();
        let from_credentials = || said(SecretKey::load(&unset, Some(&credentials)), &credentials);

        assert_eq!(said(SecretKey::load(&unset, None), &file), "missing");
        assert_eq!(from_credentials(), "missing");
        assert_eq!(loaded(&file, None), "FILE: no such file, named by gateway.secret_key_file");
        assert_eq!(loaded(directory.path(), None), "FILE: must be a regular file");

        fs::write(&file, format!("skey_{SECRET}")).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(loaded(&file, Some(&credentials)), "SecretKey(live, masked)");

        let credential = credentials.join(CREDENTIAL);
        fs::write(&credential, format!("skey_test_{SECRET}")).unwrap();
        fs::set_permissions(&credential, Permissions::from_mode(0o440)).unwrap();
        assert_eq!(loaded(&file, Some(&credentials)), "SecretKey(test, masked)");
        assert_eq!(from_credentials(), "SecretKey(test, masked)");

        // A credential that is there and wrong is never passed over for the file.
        fs::write(&credential, "skey").unwrap();
        assert_eq!(
            from_credentials(),
            "FILE/opn-secret-key: must hold the account's secret key (skey_...) and nothing else"
        );

        // The unit's default, where its file is missing.
        for blank in ["", "\n"] {
            fs::write(&credential, blank).unwrap();
            assert_eq!(from_credentials(), "missing");
            assert_eq!(loaded(&file, Some(&credentials)), "SecretKey(live, masked)");
        }
    }

    #[test]
    fn a_token_has_16_printable_characters() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        let api = ApiSettings { token_file: Some(file.clone()), ..ApiSettings::default() };
        assert_eq!(said(BearerToken::load(&ApiSettings::default()), &file), "missing");
        assert_eq!(
            said(BearerToken::load(&api), &file),
            "FILE: no such file, named by api.token_file"
        );
        let refused =
            "FILE: must hold a token of 16 or more printable ASCII characters without blanks";
        let table = [
            ("5fzb1q7x3example\n", "BearerToken(masked)"),
            ("fifteen-letters", refused),
            ("two words are not a token", refused),
            ("ยังไม่ใช่โทเคน", refused),
        ];
        for (content, expected) in table {
            fs::write(&file, content).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            assert_eq!(said(BearerToken::load(&api), &file), expected, "{content}");
        }
    }

    #[test]
    fn a_secret_is_handed_out_as_it_was_written() {
        let key = SecretKey::parse(" skey_test_abc\n", Path::new("key")).unwrap();
        assert_eq!((key.expose(), key.mode()), ("skey_test_abc", KeyMode::Test));
    }
}
