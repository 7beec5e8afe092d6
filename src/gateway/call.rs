//! The requests as they go over the wire: method, path, form. The form of a create holds the
//! payment code, hence every body is wiped when it is dropped (P2), and nothing here prints one
//! (P1). What the connection copies of it while writing is beyond our reach.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use zeroize::Zeroizing;

use super::find::Search;
use super::{Failure, wire};
use crate::code::PaymentCode;
use crate::money::{Amount, CURRENCY};
use crate::terminal::{AttemptId, ChargeId, Reference, RefundOrder, UnknownWhy};

/// One request, ready to be sent once.
pub struct Call {
    pub(super) method: Method,
    /// Path and query, from the base URL on.
    pub(super) path: String,
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    pub(super) note: Note,
}

/// What the log says about a request.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// The path with a placeholder for the id, so that equal requests can be counted.
    pub template: &'static str,
    /// The attempt or charge that the request is about.
    pub subject: String,
    pub moves: Moves,
}

/// Whether a request may move money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    Money,
    Nothing,
}

impl Call {
    /// `GET` or `POST`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Path and query, from the base URL on.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The attempt or charge that it is about; empty where it is about neither.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.note.subject
    }

    /// The form. That of a create holds the payment code: never to be printed (P1).
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_ref().map(|body| body.as_slice())
    }

    /// Reads the newest charge of the account.
    pub(super) fn warm() -> Self {
        let query = Query::default().with("limit", "1").with("order", "reverse_chronological");
        Self::read(format!("/charges{}", query.0), "/charges", String::new())
    }

    /// Creates a charge. Takes the code, so that it is wiped here and lives on in the body only.
    pub(super) fn create(
        attempt: &AttemptId,
        reference: &Reference,
        amount: Amount,
        code: PaymentCode,
    ) -> Result<Self, Failure> {
        let body = Form::new()
            .with("amount", &amount.satang().to_string())
            .with("currency", CURRENCY)
            .with("source[type]", code.wallet().source_type())
            .with("source[barcode]", code.expose())
            .with("description", &attempt.0)
            .with("metadata[attempt]", &attempt.0)
            .with("metadata[reference]", reference.as_str())
            .body()?;
        drop(code);
        let note = Note { template: "/charges", subject: attempt.to_string(), moves: Moves::Money };
        Ok(Self { method: Method::POST, path: "/charges".to_owned(), body: Some(body), note })
    }

    /// Reads one charge.
    pub(super) fn get(charge: &ChargeId) -> Result<Self, Failure> {
        let path = format!("/charges/{}", in_path(charge)?);
        Ok(Self::read(path, "/charges/{id}", charge.to_string()))
    }

    /// Reads one page of a look-up.
    pub(super) fn find(search: &Search) -> Self {
        let path = format!("/charges{}", search.query().0);
        Self::read(path, "/charges", search.attempt().to_string())
    }

    /// Closes a pending charge.
    pub(super) fn expire(charge: &ChargeId) -> Result<Self, Failure> {
        let path = format!("/charges/{}/expire", in_path(charge)?);
        let note = Note {
            template: "/charges/{id}/expire",
            subject: charge.to_string(),
            moves: Moves::Money,
        };
        Ok(Self { method: Method::POST, path, body: None, note })
    }

    /// Gives money back.
    pub(super) fn refund(order: &RefundOrder) -> Result<Self, Failure> {
        let path = format!("/charges/{}/refunds", in_path(&order.charge)?);
        let body = Form::new()
            .with("amount", &order.amount.satang().to_string())
            .with("metadata[refund]", &order.id.0)
            .body()?;
        let note = Note {
            template: "/charges/{id}/refunds",
            subject: order.charge.to_string(),
            moves: Moves::Money,
        };
        Ok(Self { method: Method::POST, path, body: Some(body), note })
    }

    /// Lists the refunds of a charge; at most 15 exist.
    pub(super) fn refunds(charge: &ChargeId) -> Result<Self, Failure> {
        let path = format!("/charges/{}/refunds?limit=100", in_path(charge)?);
        Ok(Self::read(path, "/charges/{id}/refunds", charge.to_string()))
    }

    /// Reads the account of the key.
    pub(super) fn account() -> Self {
        Self::read("/account".to_owned(), "/account", String::new())
    }

    fn read(path: String, template: &'static str, subject: String) -> Self {
        let note = Note { template, subject, moves: Moves::Nothing };
        Self { method: Method::GET, path, body: None, note }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Call({} {} {})", self.method, self.note.template, self.note.subject)
    }
}

/// A query string: empty, or from the question mark on.
#[derive(Debug, Default)]
pub(super) struct Query(String);

impl Query {
    /// The query with one more pair.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.extend(utf8_percent_encode(name, ESCAPED));
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, ESCAPED));
        self
    }
}

/// A form. Its buffer never grows, since growing would leave an unwiped copy behind.
struct Form {
    buffer: Zeroizing<Vec<u8>>,
    fits: bool,
}

impl Form {
    fn new() -> Self {
        Self { buffer: Zeroizing::new(Vec::with_capacity(BODY_LENGTH_MAX)), fits: true }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        if !self.buffer.is_empty() {
            self.append("&");
        }
        for part in utf8_percent_encode(name, ESCAPED) {
            self.append(part);
        }
        self.append("=");
        for part in utf8_percent_encode(value, ESCAPED) {
            self.append(part);
        }
        self
    }

    fn append(&mut self, part: &str) {
        self.fits &= self.buffer.len() + part.len() <= BODY_LENGTH_MAX;
        if self.fits {
            self.buffer.extend_from_slice(part.as_bytes());
        }
    }

    fn body(self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let cause = || format!("the request would have more than {BODY_LENGTH_MAX} bytes");
        if self.fits { Ok(self.buffer) } else { Err(Failure::NotSent { cause: cause() }) }
    }
}

/// A charge's id for a path, where it is one: a path must never be put together from anything else.
fn in_path(charge: &ChargeId) -> Result<&str, Failure> {
    let id = Some(charge.0.as_str()).filter(|id| wire::is_id(id));
    id.ok_or(Failure::unknown(UnknownWhy::BadBody))
}

/// Everything but the characters that need no escape anywhere in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A create has less than 1.2 KiB, with a reference of 64 characters of four bytes.
const BODY_LENGTH_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::code::Prefixes;
    use crate::terminal::RefundId;

    fn check(call: Call, expected: &Expect) {
        let body = call.body.as_deref().map(|body| str::from_utf8(body).unwrap().to_owned());
        let shown = format!("{} {}\n{}", call.method, call.path, body.unwrap_or_default());
        expected.assert_eq(&shown.replace('&', "\n&"));
        // Grown never, so that no unwiped copy was left behind.
        assert!(call.body.is_none_or(|body| body.capacity() == BODY_LENGTH_MAX));
    }

    fn create(attempt: &str, reference: &str) -> Result<Call, Failure> {
        let code = PaymentCode::parse("130991292552725093", &Prefixes::default()).unwrap();
        let attempt = AttemptId(attempt.to_owned());
        Call::create(&attempt, &reference.parse().unwrap(), Amount::from_baht(1_500), code)
    }

    fn charge(id: &str) -> ChargeId {
        ChargeId(id.to_owned())
    }

    #[test]
    fn a_create_says_what_the_gateway_documents() {
        check(
            create("0190a-7", "INV-1").unwrap(),
            &expect![[r#"
            POST /charges
            amount=150000
            &currency=THB
            &source%5Btype%5D=wechat_pay_upm
            &source%5Bbarcode%5D=130991292552725093
            &description=0190a-7
            &metadata%5Battempt%5D=0190a-7
            &metadata%5Breference%5D=INV-1"#]],
        );
        check(
            create("0190a-7", "ใบ 7&amount=1").unwrap(),
            &expect![[r#"
            POST /charges
            amount=150000
            &currency=THB
            &source%5Btype%5D=wechat_pay_upm
            &source%5Bbarcode%5D=130991292552725093
            &description=0190a-7
            &metadata%5Battempt%5D=0190a-7
            &metadata%5Breference%5D=%E0%B9%83%E0%B8%9A%207%26amount%3D1"#]],
        );
    }

    #[test]
    fn the_longest_create_is_small() {
        let call = create(&"a".repeat(36), &"\u{10ffff}".repeat(64)).unwrap();
        assert!(call.body.unwrap().len() < 1_200);
    }

    #[test]
    fn o3_a_form_that_does_not_fit_is_not_sent() {
        let failure = create(&"a".repeat(BODY_LENGTH_MAX), "INV-1").unwrap_err();
        assert!(matches!(failure, Failure::NotSent { .. }), "{failure:?}");
    }

    #[test]
    fn the_other_requests() {
        let id = charge("chrg_test_5y4zoncy13i53sx0834");
        let order = RefundOrder {
            charge: id.clone(),
            id: RefundId("r 1".into()),
            amount: Amount::from_baht(5),
        };
        check(
            Call::warm(),
            &expect![[r#"
            GET /charges?limit=1
            &order=reverse_chronological
        "#]],
        );
        check(
            Call::get(&id).unwrap(),
            &expect![[r#"
            GET /charges/chrg_test_5y4zoncy13i53sx0834
        "#]],
        );
        check(
            Call::expire(&id).unwrap(),
            &expect![[r#"
            POST /charges/chrg_test_5y4zoncy13i53sx0834/expire
        "#]],
        );
        check(
            Call::refund(&order).unwrap(),
            &expect![[r#"
            POST /charges/chrg_test_5y4zoncy13i53sx0834/refunds
            amount=500
            &metadata%5Brefund%5D=r%201"#]],
        );
        check(
            Call::refunds(&id).unwrap(),
            &expect![[r#"
            GET /charges/chrg_test_5y4zoncy13i53sx0834/refunds?limit=100
        "#]],
        );
        check(
            Call::account(),
            &expect![[r#"
            GET /account
        "#]],
        );
    }

    #[test]
    fn no_path_is_made_of_what_is_no_id() {
        for bad in ["", "a/b", "../account", "chrg%2f", "chrg?x", "chrg 1", "ก", &"a".repeat(65)]
        {
            let unknown = Failure::unknown(UnknownWhy::BadBody);
            assert_eq!(Call::get(&charge(bad)).unwrap_err(), unknown, "{bad:?}");
            assert_eq!(Call::expire(&charge(bad)).unwrap_err(), unknown, "{bad:?}");
            assert_eq!(Call::refunds(&charge(bad)).unwrap_err(), unknown, "{bad:?}");
        }
    }

    #[test]
    fn p1_a_call_prints_neither_code_nor_reference() {
        let printed = format!("{:?}", create("0190a-7", "INV-1").unwrap());
        assert_eq!(printed, "Call(POST /charges 0190a-7)");
    }
}
