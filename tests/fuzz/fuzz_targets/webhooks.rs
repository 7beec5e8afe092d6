//! libFuzzer's way into `targets::webhooks`.

#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::webhooks(input));
