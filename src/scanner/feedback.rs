//! What tells a serial scanner that a scan was good or bad, and when to read: one table, pure.
//!
//! None of it is verified on hardware: every sequence is from a maker's manual, named beside it.
//! Most scanners need a setting first (named, too) and ignore the bytes without it. SSI and GM65
//! answer in bytes that are no barcode and would pass for a damaged reading; see
//! [`Profile::without_answer`].

use serde::{Deserialize, Serialize};

/// Which maker's commands a scanner understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Nothing is ever sent.
    #[default]
    None,
    /// Honeywell, formerly Metrologic and Hand Held Products.
    Honeywell,
    /// Newland.
    Newland,
    /// Zebra and Symbol in their Simple Serial Interface, and the clones that speak it.
    ZebraSsi,
    /// Datalogic, formerly PSC.
    Datalogic,
    /// The modules GM65, GM805, GM60 of Hangzhou Grow.
    Gm65,
}

/// What a scanner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The scan was taken.
    Good,
    /// The scan was refused: scan again, or something else.
    Bad,
    /// A sale waits for a code.
    Armed,
    /// No sale waits any more.
    Disarmed,
}

impl Profile {
    /// The bytes to send, empty where this profile has none for it.
    #[must_use]
    pub const fn bytes(self, signal: Signal) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Honeywell => honeywell(signal),
            Self::Newland => newland(signal),
            Self::ZebraSsi => zebra_ssi(signal),
            Self::Datalogic => datalogic(signal),
            Self::Gm65 => gm65(signal),
        }
    }
}

impl Profile {
    /// What was read, without the scanner's answer to an order at its beginning. An answer that
    /// comes in pieces is not recognized; it is then rejected like any damaged reading, and nothing
    /// is lost but a good mood.
    #[must_use]
    pub fn without_answer(self, read: &[u8]) -> &[u8] {
        let answer: &[u8] = match self {
            // CMD_ACK of the decoder, from the guide below.
            Self::ZebraSsi => b"\x04\xd0\x00\x00\xff\x2c",
            // GM65 manual: register written.
            Self::Gm65 => b"\x02\x00\x00\x01\x00\x33\x31",
            Self::None | Self::Honeywell | Self::Newland | Self::Datalogic => b"",
        };
        read.strip_prefix(answer).unwrap_or(read)
    }
}

/// HHP 4820 manual (scanner-facts.md §D). `ESC 7 ,` is a good read and `ESC 8 ,` a razz, with "Host
/// ACK" on; `SYN T CR` and `SYN U CR` press and release the trigger, in trigger mode 0.
const fn honeywell(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Good => b"\x1b7,",
        Signal::Bad => b"\x1b8,",
        Signal::Armed => b"\x16T\r",
        Signal::Disarmed => b"\x16U\r",
    }
}

/// `SOH T EOT` and `SOH P EOT` start and stop reading on its newer models (scanner-facts.md §D, the
/// least certain row of the table). There is no known command for a sound.
const fn newland(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Good | Signal::Bad => b"",
        Signal::Armed => b"\x01T\x04",
        Signal::Disarmed => b"\x01P\x04",
    }
}

/// Simple Serial Interface Programmer's Guide, 72E-40451: length without the checksum, opcode,
/// source 4 (host), status 0, data, and the two's complement of the sum. 0xE6 BEEP, 0 one short
/// high, 15 one long low; 0xE4 and 0xE5 START and STOP_SESSION, in host trigger mode.
const fn zebra_ssi(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Good => b"\x05\xe6\x04\x00\x00\xff\x11",
        Signal::Bad => b"\x05\xe6\x04\x00\x0f\xff\x02",
        Signal::Armed => b"\x04\xe4\x04\x00\xff\x14",
        Signal::Disarmed => b"\x04\xe5\x04\x00\xff\x13",
    }
}

/// QD2300 manual, appendix G (scanner-facts.md §D): `B` the good-read beep, `E` and `D` enable and
/// disable. It has no tone that means "bad". A scanner that was left disabled stays so until it is
/// enabled or switched off.
const fn datalogic(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Good => b"B",
        Signal::Bad => b"",
        Signal::Armed => b"E",
        Signal::Disarmed => b"D",
    }
}

/// GM65 manual: writes 1 into register 0x0002, which starts one reading in command mode (AB CD: no
/// checksum). It ends by itself; sounds are registers that would be stored for good.
const fn gm65(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Armed => b"\x7e\x00\x08\x01\x00\x02\x01\xab\xcd",
        Signal::Good | Signal::Bad | Signal::Disarmed => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNALS: [Signal; 4] = [Signal::Good, Signal::Bad, Signal::Armed, Signal::Disarmed];

    #[test]
    fn profiles_send_what_their_manuals_print() {
        for (name, expected) in [
            ("none", ["", "", "", ""]),
            ("honeywell", ["1b372c", "1b382c", "16540d", "16550d"]),
            ("newland", ["", "", "015404", "015004"]),
            ("zebra_ssi", ["05e6040000ff11", "05e604000fff02", "04e40400ff14", "04e50400ff13"]),
            ("datalogic", ["42", "", "45", "44"]),
            ("gm65", ["", "", "7e000801000201abcd", ""]),
        ] {
            let profile: Profile = serde_json::from_value(name.into()).unwrap();
            let hex = |signal| -> String {
                profile.bytes(signal).iter().map(|byte| format!("{byte:02x}")).collect()
            };
            assert_eq!(SIGNALS.map(hex), expected, "{name}");
        }
        assert_eq!(Profile::default(), Profile::None);
    }

    #[test]
    fn an_answer_is_no_reading() {
        let answer = b"\x02\x00\x00\x01\x00\x33\x31";
        assert_eq!(Profile::Gm65.without_answer(answer), b"");
        assert_eq!(Profile::Gm65.without_answer(&[answer, &b"13\r"[..]].concat()), b"13\r");
        assert_eq!(Profile::Gm65.without_answer(b"13\r"), b"13\r");
        assert_eq!(Profile::None.without_answer(answer), answer);
        assert_eq!(Profile::ZebraSsi.without_answer(b"\x04\xd0\x00\x00\xff\x2c"), b"");
    }

    #[test]
    fn ssi_packets_tell_their_length_and_add_up_to_nothing() {
        for signal in SIGNALS {
            let packet = Profile::ZebraSsi.bytes(signal);
            let (body, checksum) = packet.split_at(packet.len() - 2);
            assert_eq!(usize::from(body[0]), body.len(), "{signal:?}");
            let sum = body.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)));
            let checksum = u16::from_be_bytes([checksum[0], checksum[1]]);
            assert_eq!(sum.wrapping_add(checksum), 0, "{signal:?}");
        }
    }
}
