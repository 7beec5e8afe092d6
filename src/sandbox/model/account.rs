//! The shop's account and what it is able to do: fixed answers.

use serde_json::{Value, json};

/// `GET /account`.
pub(crate) fn account() -> Value {
    json!({
        "object": "account",
        "id": "account_test_5y4zoncor9qfbmtasmb",
        "team": "acct_5y4zoncor9qfbmtasmb",
        "livemode": false,
        "location": "/account",
        "country": "TH",
        "currency": "THB",
        "email": "shop@example.com",
        "created_at": "2023-12-18T10:18:56Z",
        "supported_currencies": ["THB"],
        "api_version": "2019-05-29",
        "auto_activate_recipients": false,
        "chain_enabled": false,
        "zero_interest_installments": false,
        "chain_return_uri": null,
        "webhook_uri": null,
        "metadata_export_keys": {"charge": []},
    })
}

/// `GET /capability`. Limits of single payment methods are not given there.
pub(crate) fn capability() -> Value {
    let method = |name: &str| {
        json!({
            "object": "payment_method",
            "name": name,
            "currencies": ["THB"],
            "card_brands": null,
            "installment_terms": null,
            "loan_installment_terms": null,
            "banks": [],
            "provider": null,
        })
    };
    json!({
        "object": "capability",
        "location": "/capability",
        "banks": [],
        "limits": {
            "charge_amount": {"max": 15_000_000, "min": 2_000},
            "transfer_amount": {"max": 500_000_000_000_i64, "min": 3_000},
            "installment_amount": {"min": 200_000},
        },
        "payment_methods": [method("wechat_pay_upm"), method("alipayplus_upm")],
        "country": "TH",
        "tokenization_methods": [],
        "zero_interest_installments": false,
    })
}
