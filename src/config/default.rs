//! What each setting is when nobody sets it. `config/tillscan.toml` says the same; a test compares.

use std::time::Duration;

use super::settings::{
    AMOUNT_MAX, AMOUNT_MIN, ApiSettings, CounterSettings, DAY, GatewaySettings, JournalSettings,
    LogLevel, LogSettings, PaymentSettings, SaleSettings, WalletSettings, WalletsSettings,
    WebhookSettings,
};
use crate::code::Shape;
use crate::report::Language;
use crate::terminal::LateSuccess;

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.omise.co/".parse().expect("a literal address, tested"),
            secret_key_file: None,
            request_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
        }
    }
}

impl Default for PaymentSettings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(60),
            cancel_not_before: Duration::from_secs(15),
            quarantine: Duration::from_secs(90),
            watch: [60, 600, 3_600, 86_400].map(Duration::from_secs).to_vec(),
            late_success: LateSuccess::Alert,
            poll_first: Duration::from_secs(1),
            poll_fast: Duration::from_secs(2),
            poll_fast_until: Duration::from_secs(10),
            poll_slow_min: Duration::from_secs(3),
            poll_slow_max: Duration::from_secs(5),
            backoff_max: Duration::from_secs(8),
        }
    }
}

impl Default for SaleSettings {
    fn default() -> Self {
        Self { lease: Duration::from_secs(120) }
    }
}

impl Default for CounterSettings {
    fn default() -> Self {
        Self { language: Language::Thai, name: String::new() }
    }
}

impl Default for WalletsSettings {
    fn default() -> Self {
        let wallet =
            |enabled, shape| WalletSettings { enabled, min: AMOUNT_MIN, max: AMOUNT_MAX, shape };
        Self {
            wechat_pay_upm: wallet(true, Shape::wechat_pay()),
            alipayplus_upm: wallet(false, Shape::alipay()),
        }
    }
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self { path: "/var/lib/tillscan/journal.db".into(), keep: DAY * 400 }
    }
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self { socket: "/run/tillscan/tillscan.sock".into(), listen: None, token_file: None }
    }
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            listen: None,
            path: "/opn".to_owned(),
            secrets: Vec::new(),
            tolerance: Duration::from_secs(300),
            allow_unsigned: false,
            poll: Duration::from_secs(10),
            trust: Duration::from_secs(600),
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: LogLevel::Info }
    }
}
