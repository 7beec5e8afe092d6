//! tillscan takes WeChat Pay at a shop's counter: a scanner reads the customer's payment code, the daemon
//! charges it at Opn Payments and reports what came of it.
//!
//! | room | what it owns |
//! |---|---|
//! | [`config`] | the file as written -> resolved settings; the secrets |
//! | [`money`], [`code`] | amounts in satang; payment codes and what a scan can be |
//! | [`clock`] | monotonic time |
//! | [`report`] | words for people, commands of the shop: what came of a sale |
//! | [`terminal`] | the counter as a value: every decision about money |
//! | [`sandbox`] | Opn for tests and the demo: the pure model, and its HTTP face |

//! | [`gateway`] | the client of Opn Payments |

//! | [`clock`] | the time since the daemon started |
//! | [`scanner`] | the barcode scanners: opening, framing, unplugged and back |

//! | [`journal`] | every fact about every sale, on disk |

pub mod clock;
pub mod code;
pub mod config;
pub mod gateway;
pub mod journal;
pub mod money;
pub mod report;
pub mod sandbox;
pub mod scanner;
pub mod terminal;
