//! libFuzzer's way into `targets::retry_after`.

#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::retry_after(input));
