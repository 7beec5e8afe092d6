//! Three requests to the kernel that no library we use has. The only unsafe code of the project.
//!
//! Each passes a plain value by address and reads nothing back, with the request number that the
//! kernel's headers give for a value of exactly that type (`linux/input.h`, `linux/hidraw.h`).
#![expect(unsafe_code, reason = "an ioctl is unsafe by nature")]

use std::os::fd::AsFd;

use rustix::io::Result;
use rustix::ioctl::{Opcode, Setter, ioctl, opcode};

/// `EVIOCSCLOCKID`: events are stamped with the monotonic clock, not the wall clock (O1).
pub fn ask_for_monotonic_times(node: impl AsFd) -> Result<()> {
    const REQUEST: Opcode = opcode::write::<i32>(b'E', 0xa0);
    const MONOTONIC: i32 = 1;
    // Safety: the kernel reads one int.
    unsafe { ioctl(node, Setter::<REQUEST, i32>::new(MONOTONIC)) }
}

/// `EVIOCSMASK` without scan codes: a key is four events instead of six, so that the kernel's 64
/// hold 16 digits instead of 10 (scanner-facts.md §C1).
pub fn ask_for_keys_only(node: impl AsFd) -> Result<()> {
    const REQUEST: Opcode = opcode::write::<Mask>(b'E', 0x93);
    const MISCELLANEOUS: u32 = 4;
    // Safety: the kernel reads one `input_mask`; with a size of 0 it follows no address.
    unsafe {
        ioctl(node, Setter::<REQUEST, Mask>::new(Mask { kind: MISCELLANEOUS, size: 0, codes: 0 }))
    }
}

/// `HIDIOCSFEATURE`: sets a feature report of two bytes, the first of which is its number.
pub fn set_feature(node: impl AsFd, report: [u8; 2]) -> Result<()> {
    const REQUEST: Opcode = opcode::read_write::<[u8; 2]>(b'H', 0x06);
    // Safety: the kernel reads two bytes, as the request's number says.
    unsafe { ioctl(node, Setter::<REQUEST, [u8; 2]>::new(report)) }
}

/// The kernel's `struct input_mask`.
#[repr(C)]
struct Mask {
    kind: u32,
    size: u32,
    codes: u64,
}
