//! The look-up of a charge whose create answer was lost: page by page through the list, newest
//! first. Pure; the client fetches the pages.
//!
//! Its *absent* is used as evidence (S3), so that every doubt ends as unknown: a page that cannot
//! be read, is not the one asked for, or holds a charge that may be the one. Newest first is what
//! makes paging by offset safe: charges that are made meanwhile push known ones to the next page
//! (seen twice), and hide none.

use super::Failure;
use super::call::Query;
use super::wire::{self, Belongs, ChargeBody, List};
use crate::terminal::{AttemptId, GatewayTime, Reply, UnknownWhy};

/// A look-up under way.
#[derive(Debug)]
pub struct Search {
    attempt: AttemptId,
    /// No charge of the attempt can be older, by the gateway's own clock.
    oldest: Option<GatewayTime>,
    offset: u64,
    pages: u32,
}

impl Search {
    /// A look-up of the charge of `attempt`, which is no older than `since`.
    pub fn new(attempt: AttemptId, since: Option<GatewayTime>) -> Self {
        let oldest =
            since.map(|GatewayTime(newest)| GatewayTime(newest.saturating_sub(SKEW_SECONDS_MAX)));
        Self { attempt, oldest, offset: 0, pages: 0 }
    }

    /// Whose charge is looked for.
    pub fn attempt(&self) -> &AttemptId {
        &self.attempt
    }

    /// The query for the next page.
    pub(super) fn query(&self) -> Query {
        let from = self.oldest.and_then(|GatewayTime(second)| {
            // Without the bound the list is longer, not wrong.
            jiff::Timestamp::from_second(second).ok()
        });
        let mut query = Query::default().with("limit", &PAGE_LENGTH.to_string());
        query = query.with("offset", &self.offset.to_string());
        query = query.with("order", "reverse_chronological");
        match from {
            Some(from) => query.with("from", &from.to_string()),
            None => query,
        }
    }

    /// Looks through the page that was asked for last: the result, or nothing where the next page
    /// is needed.
    pub fn take(&mut self, page: &[u8]) -> Option<Reply> {
        let Some(list) = wire::charges(page) else { return Some(bad_body()) };
        let mut unclear = false;
        for entry in list.entries() {
            match entry.belongs_to(&self.attempt) {
                Belongs::Yes => return Some(entry.charge().map_or_else(bad_body, Reply::Charge)),
                Belongs::Unclear => unclear = true,
                Belongs::No => {}
            }
        }
        if unclear || !list.starts_at(self.offset) || !list.is_newest_first() {
            return Some(bad_body());
        }
        self.turn(&list)
    }

    /// What follows from a good page that does not show the charge.
    fn turn(&mut self, list: &List<ChargeBody>) -> Option<Reply> {
        let seen = self.offset + list.entries().len() as u64;
        if self.reaches_back_enough(list) {
            return Some(Reply::Absent);
        }
        match list.total() {
            None => return Some(bad_body()),
            Some(total) if seen >= total => return Some(Reply::Absent),
            Some(_) if seen == self.offset => return Some(bad_body()),
            Some(_) => {}
        }
        (self.offset, self.pages) = (seen, self.pages + 1);
        (self.pages >= PAGES_MAX).then(|| Failure::unknown(UnknownWhy::TooMany).into())
    }

    /// Whether the page ends before the attempt began, and is sorted as it must be for that to
    /// count.
    fn reaches_back_enough(&self, list: &List<ChargeBody>) -> bool {
        let times: Option<Vec<GatewayTime>> = list.entries().map(ChargeBody::created_at).collect();
        let (Some(oldest), Some(times)) = (self.oldest, times) else { return false };
        times.is_sorted_by(|newer, older| newer >= older)
            && times.last().is_some_and(|last| *last < oldest)
    }
}

fn bad_body() -> Reply {
    Failure::unknown(UnknownWhy::BadBody).into()
}

/// How far the clocks of the gateway's own servers may be apart.
const SKEW_SECONDS_MAX: i64 = 60;
/// The most that the gateway lists at once.
pub(super) const PAGE_LENGTH: u32 = 100;
/// A thousand charges: more than a shop makes between an attempt and the look-up for it.
pub(super) const PAGES_MAX: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Charge;

    /// Time of the newest charge before the attempt: 2023-12-18T10:18:56Z.
    const SINCE: i64 = 1_702_894_736;

    #[test]
    fn the_charge_is_found_on_any_page() {
        let found = "chrg_7";
        check(None, &[page(0, 300, 100, Some(3))], found);
        check(None, &[page(0, 300, 100, None), page(100, 300, 100, Some(99))], found);
        // Found is found, whatever the list says of itself.
        check(None, &[page(0, 1, 1, Some(0)).replace("reverse_", "")], found);
    }

    #[test]
    fn s3_absent_is_said_at_the_end_of_the_list_only() {
        let [first, second, last] =
            [page(0, 230, 100, None), page(100, 230, 100, None), page(200, 230, 30, None)];
        check(None, &[page(0, 0, 0, None)], "absent");
        check(None, &[page(0, 100, 100, None)], "absent");
        check(None, &[first.clone(), second.clone(), last], "absent");
        // Charges that were made meanwhile push the end away.
        check(None, &[first, second, page(200, 240, 30, None), page(230, 240, 10, None)], "absent");
    }

    #[test]
    fn a_gateway_that_lists_fewer_at_once_is_read_on() {
        check(
            None,
            &[page(0, 45, 20, None), page(20, 45, 20, None), page(40, 45, 5, None)],
            "absent",
        );
    }

    #[test]
    fn s3_absent_is_said_when_the_list_reaches_back_behind_the_attempt() {
        let older = |seconds: i64| page_at(0, 5_000, &[SINCE + 9, SINCE, SINCE - seconds]);
        check(Some(SINCE), &[older(61)], "absent");
        check(Some(SINCE), &[older(60), page(3, 4, 1, None)], "absent");
        check(None, &[older(61), page(3, 4, 1, None)], "absent");
        // A list in another order than asked for may hold newer ones further on.
        let ascending = page_at(0, 5_000, &[SINCE - 61, SINCE, SINCE - 61]);
        check(Some(SINCE), &[ascending, page(3, 4, 1, None)], "absent");
        // A time that cannot be read is no reason to stop.
        let unreadable = older(61).replace("2023-12-18T10:18:56Z", "soon");
        check(Some(SINCE), &[unreadable, page(3, 4, 1, None)], "absent");
    }

    #[test]
    fn s3_a_list_with_a_doubt_proves_nothing() {
        let good = page(0, 1, 1, None);
        let entry = r#""metadata":{"attempt":"other"}"#;
        let doubtful = [
            String::new(),
            "<html>".to_owned(),
            "{}".to_owned(),
            "[]".to_owned(),
            r#"{"object":"list","total":0}"#.to_owned(),
            r#"{"object":"list","total":0,"data":null}"#.to_owned(),
            r#"{"object":"list","total":"0","data":[]}"#.to_owned(),
            r#"{"object":"list","data":[]}"#.to_owned(),
            r#"{"object":"list","total":-1,"data":[]}"#.to_owned(),
            r#"{"object":"search","total":0,"data":[]}"#.to_owned(),
            r#"{"object":"list","total":1,"data":[null]}"#.to_owned(),
            r#"{"object":"list","total":1,"data":[[]]}"#.to_owned(),
            r#"{"object":"list","total":1,"data":[{}]}"#.to_owned(),
            // More is said to be there than is shown.
            r#"{"object":"list","total":5,"data":[]}"#.to_owned(),
            good.replace("\"object\":\"list\"", "\"object\":\"charge\""),
            good.replace("\"offset\":0", "\"offset\":100"),
            good.replace("reverse_chronological", "chronological"),
            good.replace(entry, r#""metadata":"attempt""#),
            good.replace(entry, r#""metadata":7"#),
            good.replace(entry, r#""metadata":["me"]"#),
            good.replace(entry, r#""meta":{}"#),
            // The metadata was changed, but the description still names the attempt.
            good.replace(entry, r#""metadata":{},"description":"me""#),
            // Ours, but not to be judged.
            good.replace(entry, r#""metadata":{"attempt":"me"}"#)
                .replace("\"amount\":1", "\"amount\":1.0"),
            good[..good.len() - 1].to_owned(),
        ];
        for page in doubtful {
            assert_ne!(page, good);
            check(Some(SINCE), &[page], "unknown BadBody");
        }
    }

    #[test]
    fn a_charge_of_others_need_not_be_understood() {
        let good = page(0, 1, 1, None);
        for (from, to) in [
            ("\"amount\":1", "\"amount\":\"one\""),
            ("\"status\":\"pending\"", "\"status\":7"),
            (r#"{"attempt":"other"}"#, "null"),
            (r#"{"attempt":"other"}"#, "{}"),
            (r#"{"attempt":"other"}"#, r#"{"attempt":{"deep":"me"}}"#),
            (r#"{"attempt":"other"}"#, r#"{"order":"me"}"#),
        ] {
            assert!(good.contains(from));
            check(None, &[good.replace(from, to)], "absent");
        }
    }

    #[test]
    fn o3_a_look_up_ends() {
        let pages: Vec<String> = (0..PAGES_MAX)
            .map(|number| page(u64::from(number * PAGE_LENGTH), 5_000, 100, None))
            .collect();
        check(None, &pages, "unknown TooMany");
    }

    #[test]
    fn a_query_asks_newest_first_from_before_the_attempt() {
        let attempt = AttemptId("me".to_owned());
        let mut search = Search::new(attempt.clone(), Some(GatewayTime(SINCE)));
        let shown = |search: &Search| format!("{:?}", search.query());
        let first = "?limit=100&offset=0&order=reverse_chronological&from=2023-12-18T10%3A17%3A56Z";
        assert_eq!(shown(&search), format!("Query({first:?})"));
        assert!(search.take(page(0, 300, 100, None).as_bytes()).is_none());
        let second = first.replace("offset=0", "offset=100");
        assert_eq!(shown(&search), format!("Query({second:?})"));
        for since in [None, Some(GatewayTime(i64::MIN)), Some(GatewayTime(i64::MAX))] {
            let query = shown(&Search::new(attempt.clone(), since));
            assert!(!query.contains("from"), "{query}");
        }
    }

    /// Hands the pages to a look-up for the attempt `me`; every page must be asked for.
    #[track_caller]
    fn check(since: Option<i64>, pages: &[String], expected: &str) {
        let attempt = AttemptId("me".to_owned());
        let mut search = Search::new(attempt.clone(), since.map(GatewayTime));
        let mut pages = pages.iter();
        let reply = loop {
            let page = pages.next().expect("the look-up asks for more pages than there are");
            if let Some(reply) = search.take(page.as_bytes()) {
                break reply;
            }
        };
        assert_eq!(pages.len(), 0, "the look-up ended before the last page");
        let shown = match reply {
            Reply::Charge(Charge { id, attempt: Some(found), .. }) if found == attempt => id.0,
            Reply::Absent => "absent".to_owned(),
            Reply::Unknown { why, retry_after: None } => format!("unknown {why:?}"),
            other @ (Reply::Charge(_)
            | Reply::Refund(_)
            | Reply::Refunds(_)
            | Reply::Warm { .. }
            | Reply::Refused(_)
            | Reply::NotSent { .. }
            | Reply::Unknown { .. }) => format!("{other:?}"),
        };
        assert_eq!(shown, expected);
    }

    /// A page of `length` charges, all at the same time; the one of the attempt `me` in `place`.
    fn page(offset: u64, total: u64, length: usize, place: Option<usize>) -> String {
        let others = page_at(offset, total, &vec![SINCE; length]);
        let Some(place) = place else { return others };
        let mut parts: Vec<&str> = others.split(r#""chrg_0""#).collect();
        let tail = parts.split_off(place + 1).join(r#""chrg_0""#);
        let tail = tail.replacen("\"other\"", "\"me\"", 1);
        format!("{}\"chrg_7\"{tail}", parts.join(r#""chrg_0""#))
    }

    fn page_at(offset: u64, total: u64, times: &[i64]) -> String {
        let charge = |second: &i64| {
            let time = jiff::Timestamp::from_second(*second).unwrap();
            format!(
                r#"{{"object":"charge","id":"chrg_0","amount":1,"currency":"THB","status":"pending",
                "created_at":"{time}","metadata":{{"attempt":"other"}}}}"#
            )
        };
        let data: Vec<String> = times.iter().map(charge).collect();
        format!(
            r#"{{"object":"list","limit":100,"offset":{offset},"total":{total},
            "order":"reverse_chronological","data":[{}]}}"#,
            data.join(",")
        )
    }
}
