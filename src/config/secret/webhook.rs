//! The secrets that webhooks are signed with.

use std::path::Path;

use super::{Failure, Guard, SecretError, read};
use crate::config::WebhookSettings;
use crate::webhook::signature::Secret;

/// Reads every secret: from the credential `opn-webhook-secret` in the service manager's
/// `credentials_directory`, and from the files of [`WebhookSettings::secrets`]. Each holds one, or
/// two while one takes the other's place. None where there is no receiver, or where it takes
/// unsigned webhooks.
///
/// # Errors
/// A file that is missing, unreadable, open to others, or holds anything else; and no secret at
/// all, unless [`WebhookSettings::allow_unsigned`] is set.
pub fn load_webhook_secrets(
    webhook: &WebhookSettings,
    credentials_directory: Option<&Path>,
) -> Result<Vec<Secret>, SecretError> {
    let mut secrets = Vec::new();
    if webhook.listen.is_none() {
        return Ok(secrets);
    }
    if let Some(directory) = credentials_directory {
        let file = directory.join(WEBHOOK_CREDENTIAL);
        match read(&file, Guard::ServiceManager) {
            // The unit's default, where its file is missing.
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => secrets.extend(parse(&text, &file)?),
            Err(Failure::Missing) => {}
            Err(Failure::Refused(error)) => return Err(error),
        }
    }
    for file in &webhook.secrets {
        let text =
            read(file, Guard::Mode).map_err(|failure| failure.named(file, "webhook.secrets"))?;
        secrets.extend(parse(&text, file)?);
    }
    if secrets.is_empty() && !webhook.allow_unsigned {
        return Err(SecretError::NoWebhookSecret);
    }
    Ok(secrets)
}

fn parse(text: &str, file: &Path) -> Result<Vec<Secret>, SecretError> {
    let parsed: Result<Vec<Secret>, _> = text.split_whitespace().map(str::parse).collect();
    match parsed {
        Ok(secrets) if secrets.is_empty() => Err(SecretError::Empty(file.to_owned(), FORM)),
        Ok(secrets) if secrets.len() <= SECRETS_MAX => Ok(secrets),
        Ok(_) | Err(_) => Err(SecretError::Malformed(file.to_owned(), FORM)),
    }
}

/// The name of the systemd credential that holds the webhook secret.
pub const WEBHOOK_CREDENTIAL: &str = "opn-webhook-secret";

const FORM: &str = "the webhook secret in base64, as Opn's dashboard shows it, or two of them";
/// In one file.
const SECRETS_MAX: usize = 2;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    const SECRET: &str = "c2VjcmV0LWtleQ==";
    const OTHER: &str = "b2xkLXNlY3JldC1rZXk=";

    /// What stands in each file, and its mode.
    type Files<'text> = &'text [(&'text str, u32)];

    /// How many secrets there are in these files and this credential, or why none is used.
    fn loaded(files: Files<'_>, credential: Option<&str>, allow_unsigned: bool) -> String {
        let directory = tempfile::tempdir().unwrap();
        if let Some(text) = credential {
            fs::write(directory.path().join(WEBHOOK_CREDENTIAL), text).unwrap();
        }
        let write = |(number, (text, mode)): (usize, &(&str, u32))| -> PathBuf {
            let file = directory.path().join(format!("secret-{number}"));
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(*mode)).unwrap();
            file
        };
        let settings = WebhookSettings {
            listen: Some(([127, 0, 0, 1], 0).into()),
            secrets: files.iter().enumerate().map(write).collect(),
            allow_unsigned,
            ..WebhookSettings::default()
        };
        match load_webhook_secrets(&settings, Some(directory.path())) {
            Ok(secrets) => secrets.len().to_string(),
            Err(error) => {
                let text = error.to_string();
                assert!(!text.contains(&SECRET[..8]) && !text.contains('\n'), "P1: {text}");
                text.replace(directory.path().to_str().unwrap(), "DIRECTORY")
            }
        }
    }

    #[test]
    fn p1_every_secret_is_loaded_or_refused_in_one_line_without_any_part_of_it() {
        let two = format!("{SECRET}\n{OTHER}\n");
        let three = format!("{two}{SECRET}");
        let form = "the webhook secret in base64, as Opn's dashboard shows it, or two of them";
        let table: &[(Files<'_>, Option<&str>, &str)] = &[
            (&[(SECRET, 0o600)], None, "1"),
            (&[(&two, 0o400)], None, "2"),
            (&[(SECRET, 0o600), (OTHER, 0o600)], Some(SECRET), "3"),
            (&[], Some(&two), "2"),
            (&[(SECRET, 0o600)], Some("\n"), "1"),
            (&[(&three, 0o600)], None, "DIRECTORY/secret-0: must hold FORM"),
            (
                &[(SECRET, 0o600), ("not base64!", 0o600)],
                None,
                "DIRECTORY/secret-1: must hold FORM",
            ),
            (
                &[(" \n", 0o600)],
                Some(SECRET),
                "DIRECTORY/secret-0: holds nothing; it must hold FORM",
            ),
            (
                &[(SECRET, 0o644)],
                None,
                "DIRECTORY/secret-0: others than its owner have access to it; run: chmod 600 \
                 DIRECTORY/secret-0",
            ),
            (&[(SECRET, 0o600)], Some("?"), "DIRECTORY/opn-webhook-secret: must hold FORM"),
        ];
        for (files, credential, expected) in table {
            let expected = expected.replace("FORM", form);
            assert_eq!(loaded(files, *credential, false), expected, "{files:?}");
            // A file that is named is never passed over.
            assert_eq!(loaded(files, *credential, true), expected, "{files:?}");
        }
    }

    #[test]
    fn without_a_secret_unsigned_webhooks_must_be_wanted() {
        let refused = "webhook.listen needs the secret that webhooks are signed with: name its \
                       file in webhook.secrets, or put it into the systemd credential \
                       opn-webhook-secret; or set webhook.allow_unsigned = true";
        for credential in [None, Some("\n")] {
            assert_eq!(loaded(&[], credential, false), refused);
            assert_eq!(loaded(&[], credential, true), "0");
        }
        let missing = WebhookSettings {
            listen: Some(([127, 0, 0, 1], 0).into()),
            secrets: vec!["/nowhere/secret".into()],
            allow_unsigned: true,
            ..WebhookSettings::default()
        };
        let error = load_webhook_secrets(&missing, None).unwrap_err().to_string();
        assert_eq!(error, "/nowhere/secret: no such file, named by webhook.secrets");
        // Nobody listens, and so nobody needs a secret.
        let off = WebhookSettings { listen: None, ..missing };
        assert!(load_webhook_secrets(&off, None).unwrap().is_empty());
    }
}
