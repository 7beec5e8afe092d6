//! stub
#![allow(missing_docs, unused)]
#[derive(Debug, PartialEq)]
pub enum Speaks {
    HidPos,
    Vendor,
    Other,
}
pub fn speaks(d: &[u8]) -> Speaks {
    if d.starts_with(&[5, 0x8c, 9, 2]) {
        Speaks::HidPos
    } else if d.first() == Some(&6) && d[2] == 0xff {
        Speaks::Vendor
    } else {
        Speaks::Other
    }
}
