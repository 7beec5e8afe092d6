//! From the settings as configured to the policy the terminal decides by.

use std::collections::BTreeMap;

use crate::code::Wallet;
use crate::config::Settings;
use crate::terminal::{HintedPoll, Key, Limits, Policy, PollSchedule, watch_in_steps};

/// The policy of `settings`.
pub fn policy(settings: &Settings, key: Key) -> Policy {
    let wallets = [
        (Wallet::WechatPayUpm, &settings.wallets.wechat_pay_upm),
        (Wallet::AlipayplusUpm, &settings.wallets.alipayplus_upm),
    ];
    let limits: BTreeMap<Wallet, Limits> = wallets
        .iter()
        .filter(|(_, wallet)| wallet.enabled)
        .map(|(name, wallet)| (*name, Limits { min: wallet.min, max: wallet.max }))
        .collect();
    let payment = &settings.payment;
    Policy {
        lease: settings.sale.lease,
        deadline: payment.deadline,
        cancel_not_before: payment.cancel_not_before,
        quarantine: payment.quarantine,
        watch: watch_in_steps(&payment.watch),
        request_timeout: settings.gateway.request_timeout,
        poll: PollSchedule {
            first: payment.poll_first,
            fast: payment.poll_fast,
            fast_until: payment.poll_fast_until,
            slow_min: payment.poll_slow_min,
            slow_max: payment.poll_slow_max,
        },
        hinted_poll: settings
            .webhook
            .listen
            .map(|_| HintedPoll { every: settings.webhook.poll, trust: settings.webhook.trust }),
        backoff_max: payment.backoff_max,
        wallets: limits,
        prefixes: settings.wallets.prefixes(),
        key,
        late_success: payment.late_success,
    }
}
