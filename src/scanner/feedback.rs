//! stub
#![allow(missing_docs, unused)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    #[default]
    None,
    Honeywell,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Good,
    Bad,
    Armed,
    Disarmed,
}
impl Profile {
    pub const fn bytes(self, signal: Signal) -> &'static [u8] {
        &[]
    }
}
