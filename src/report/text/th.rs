//! Thai.

use super::facts::{Decline, Facts, Obstacle, RefundFacts};
use super::{Sentence, say};
use crate::terminal::{Feedback, RefundState, Screen};

pub(super) fn screen(screen: Screen, facts: &Facts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("{amount} บาท"));
    let reference = &facts.reference;
    match screen {
        Screen::Idle => say("พร้อมรับชำระเงิน", "เริ่มรายการขายที่เครื่องคิดเงิน"),
        Screen::NotReady => {
            say("ยังรับชำระเงินไม่ได้", "ยังไม่ได้ตั้งค่าคีย์ของ Opn Payments กรุณาแจ้งผู้ดูแลระบบของร้าน")
        }
        Screen::EnteringAmount => entry("–"),
        Screen::ScanCode => say(
            format!("กรุณาชำระเงิน {amount}"),
            "กรุณาเปิดรหัสชำระเงินใน WeChat แล้วหันหน้าจอเข้าหาเครื่องสแกน",
        ),
        Screen::Sending => say("อ่านรหัสแล้ว กรุณารอสักครู่", "กำลังเริ่มการชำระเงิน ไม่ต้องสแกนซ้ำ"),
        Screen::AwaitingCustomer => say(
            format!("กรุณายืนยันบนมือถือ {amount}"),
            "ลูกค้า: กรุณายืนยันการชำระเงิน – พนักงาน: กรุณารอผล ระหว่างนี้ห้ามส่งสินค้า",
        ),
        Screen::CancelWaits => {
            say("กำลังยกเลิก กรุณารอสักครู่", "ใน 15 วินาทีแรกยกเลิกไม่ได้ หากลูกค้าชำระก่อน จะถือว่าขายสำเร็จ")
        }
        Screen::Stopping => {
            say("กำลังปิดรายการ กรุณารอสักครู่", "กำลังรอผลครั้งสุดท้าย อย่าสแกนซ้ำ และห้ามส่งสินค้า")
        }
        Screen::Checking => {
            say("กำลังตรวจสอบสถานะ อย่าสแกนซ้ำ", "ยังไม่ทราบผลการชำระเงิน ห้ามส่งสินค้า และอย่าเก็บเงินซ้ำ")
        }
        Screen::Unknown => say(
            "ยังไม่ทราบผล ห้ามส่งสินค้า",
            format!("อย่าเก็บเงินซ้ำ กรุณาตรวจสอบสถานะหรือเรียกผู้จัดการ (รายการ {reference})"),
        ),
        Screen::Paid => say(format!("จ่ายแล้ว {amount}"), "ขอบคุณที่ใช้บริการ ส่งสินค้าให้ลูกค้าได้"),
        Screen::Declined => declined(facts),
        Screen::Expired => say(
            "ผู้ซื้อยังไม่ได้จ่าย – หมดเวลา",
            "ไม่มีการตัดเงิน หากจะลองอีกครั้ง ให้เริ่มรายการใหม่และขอรหัสใหม่จากลูกค้า",
        ),
        Screen::Cancelled => {
            say("ยกเลิกแล้ว – ผู้ซื้อยังไม่ได้จ่าย", "ไม่มีการตัดเงิน ห้ามส่งสินค้า เริ่มรายการใหม่ได้เมื่อพร้อม")
        }
        Screen::NotCreated => not_created(facts),
        Screen::LateSuccess => say(
            format!("เงินเข้าภายหลัง {amount}"),
            format!("อย่าเก็บเงินซ้ำ ยังไม่ส่งสินค้าหรือให้เงินสด เรียกผู้จัดการตรวจสอบก่อน (รายการ {reference})"),
        ),
    }
}

pub(super) fn refund(facts: &RefundFacts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("{amount} บาท"));
    let RefundFacts { reference, code, .. } = facts;
    match facts.state {
        RefundState::Asked | RefundState::Sent => {
            say(format!("กำลังคืนเงิน {amount}"), "กรุณารอผล อย่าคืนเงินซ้ำ")
        }
        RefundState::Unknown => say(
            "ยังไม่ทราบผลการคืนเงิน อย่าคืนซ้ำ",
            format!("กำลังตรวจสอบว่าคืนเงินแล้วหรือไม่ อย่าให้เงินสด (รายการ {reference})"),
        ),
        RefundState::Refunded => say(
            format!("คืนเงินแล้ว {amount}"),
            format!("เงินจะกลับเข้าวอลเล็ตที่ลูกค้าใช้จ่าย (รายการ {reference})"),
        ),
        RefundState::Refused => say(
            format!("คืนเงินไม่สำเร็จ {amount}"),
            format!("รายการคืนนี้ไม่สำเร็จ ({code}) เรียกผู้จัดการก่อนให้เงินสด (รายการ {reference})"),
        ),
    }
}

pub(super) fn entry(typed: &str) -> Sentence {
    say(format!("ยอดเงิน {typed} บาท"), "ใส่ยอดเงินแล้วกด Enter ลบทีละตัวด้วย Backspace ล้างทั้งหมดด้วย Esc")
}

fn declined(facts: &Facts) -> Sentence {
    match facts.decline {
        Decline::PaymentExpired => {
            say("ผู้ซื้อยังไม่ได้จ่าย – รหัสหมดอายุ", "ไม่มีการตัดเงิน ขอให้ลูกค้าเปิดรหัสใหม่ แล้วเริ่มรายการอีกครั้ง")
        }
        Decline::PaymentRejected => {
            say("ผู้ซื้อยังไม่ได้จ่าย – ถูกปฏิเสธ", "ไม่มีการตัดเงิน ให้ลูกค้าดูข้อความในแอป หรือชำระด้วยวิธีอื่น")
        }
        Decline::InvalidAccount => {
            say("ผู้ซื้อยังไม่ได้จ่าย – บัญชีใช้ไม่ได้", "ไม่มีการตัดเงิน บัญชีนี้ใช้ชำระที่นี่ไม่ได้ กรุณาชำระด้วยวิธีอื่น")
        }
        Decline::InsufficientFund => say(
            "ผู้ซื้อยังไม่ได้จ่าย – เงินไม่พอ",
            "ไม่มีการตัดเงิน เงินไม่พอหรือเกินวงเงิน ให้ลูกค้าเลือกบัตรอื่นในแอป แล้วเริ่มรายการอีกครั้ง",
        ),
        Decline::FailedProcessing => {
            say("ผู้ซื้อยังไม่ได้จ่าย – ระบบขัดข้อง", "ไม่มีการตัดเงิน กรุณารอสักครู่ แล้วเริ่มรายการอีกครั้งด้วยรหัสใหม่")
        }
        Decline::Other => say(
            "ผู้ซื้อยังไม่ได้จ่าย – ไม่สำเร็จ",
            format!("ไม่มีการตัดเงิน เริ่มรายการอีกครั้งหรือชำระด้วยวิธีอื่น (สาเหตุ: {})", facts.code),
        ),
    }
}

fn not_created(facts: &Facts) -> Sentence {
    match facts.obstacle {
        Obstacle::NoConnection => {
            say("ผู้ซื้อยังไม่ได้จ่าย – ไม่มีเครือข่าย", "ไม่มีการตัดเงิน กรุณาตรวจสอบอินเทอร์เน็ต แล้วเริ่มรายการอีกครั้ง")
        }
        Obstacle::NotFound => say(
            "ผู้ซื้อยังไม่ได้จ่าย – ไม่พบรายการ",
            "เริ่มรายการอีกครั้งได้ หากมือถือลูกค้าแสดงว่าชำระสำเร็จ ให้เรียกผู้จัดการก่อน",
        ),
        Obstacle::Key => say(
            "ผู้ซื้อยังไม่ได้จ่าย – คีย์ใช้ไม่ได้",
            format!("ไม่มีการตัดเงิน กรุณาแจ้งผู้ดูแลระบบของร้าน (สาเหตุ: {})", facts.code),
        ),
        Obstacle::Other => say(
            "ผู้ซื้อยังไม่ได้จ่าย – เริ่มไม่สำเร็จ",
            format!(
                "ไม่มีการตัดเงิน ลองอีกครั้งด้วยรหัสใหม่ หากยังไม่ได้ ให้แจ้งผู้ดูแลระบบ (สาเหตุ: {})",
                facts.code
            ),
        ),
    }
}

pub(super) fn feedback(feedback: Feedback) -> Sentence {
    let (headline, next_step) = match feedback {
        Feedback::Accepted => ("อ่านรหัสแล้ว", "กรุณารอผลการชำระเงิน"),
        Feedback::CommandDone => ("เรียบร้อย", "ทำตามคำสั่งแล้ว"),
        Feedback::CommandIdle => ("ไม่มีอะไรต้องทำ", "ขณะนี้ไม่มีรายการสำหรับคำสั่งนี้"),
        Feedback::NothingArmed => ("ยังไม่มียอดเงิน", "กรุณาใส่ยอดเงินที่เครื่องคิดเงินก่อน แล้วจึงสแกน"),
        Feedback::Busy => ("กำลังชำระเงินอยู่", "กรุณารอผลก่อน อย่าสแกนซ้ำ"),
        Feedback::AlreadyPaid => ("รายการนี้จ่ายแล้ว", "อย่าเก็บเงินซ้ำ หากมีสินค้าเพิ่ม ให้เริ่มรายการใหม่"),
        Feedback::Repeated => ("อ่านรหัสเดิมซ้ำ", "ระบบใช้เฉพาะการสแกนครั้งแรก"),
        Feedback::Stale => ("การสแกนนี้เก่าเกินไป", "กรุณาสแกนรหัสของลูกค้าอีกครั้งตอนนี้"),
        Feedback::Partial => ("อ่านรหัสได้ไม่ครบ", "กรุณาถือมือถือให้นิ่ง แล้วสแกนอีกครั้ง"),
        Feedback::TooLong => ("ยาวเกินไป ไม่ใช่รหัสชำระเงิน", "กรุณาสแกนรหัสชำระเงิน WeChat ของลูกค้า"),
        Feedback::ControlCharacters => {
            ("รหัสผิดเพี้ยน กรุณาสแกนอีกครั้ง", "หากเกิดซ้ำ ให้ตรวจการตั้งค่าเครื่องสแกน")
        }
        Feedback::AlipayNotEnabled => ("นี่คือรหัส Alipay", "ที่นี่ไม่รับ Alipay กรุณาขอรหัสชำระเงิน WeChat"),
        Feedback::WechatNotEnabled => ("นี่คือรหัส WeChat", "ที่นี่ไม่รับ WeChat Pay กรุณาชำระด้วยวิธีอื่น"),
        Feedback::OutsideLimits => {
            ("ยอดเงินอยู่นอกวงเงินที่รับได้", "ยอดน้อยหรือมากเกินไปสำหรับวอลเล็ตนี้ กรุณาชำระด้วยวิธีอื่น")
        }
        Feedback::UnionPay => ("นี่คือรหัส UnionPay", "ที่นี่ไม่รับ UnionPay กรุณาขอรหัสชำระเงิน WeChat"),
        Feedback::LinePay => ("อาจเป็นรหัส LINE Pay", "ที่นี่ไม่รับ LINE Pay กรุณาขอรหัสชำระเงิน WeChat"),
        Feedback::MerchantQr => {
            ("นี่คือ QR ของร้าน", "ไม่ใช่รหัสของลูกค้า กรุณาสแกนรหัสชำระเงินใน WeChat ของลูกค้า")
        }
        Feedback::EmvConsumer => ("รหัสของวอลเล็ตอื่น", "ที่นี่ไม่รับรหัสนี้ กรุณาขอรหัสชำระเงิน WeChat"),
        Feedback::WechatPersonal => (
            "รหัส WeChat นี้ไม่ใช่รหัสชำระเงิน",
            "เป็นรหัสรับเงินหรือเพิ่มเพื่อน ให้ลูกค้าเปิดหน้าจ่ายเงิน (收付款) ใน WeChat",
        ),
        Feedback::Product => ("นี่คือบาร์โค้ดสินค้า", "กรุณาสแกนรหัสชำระเงินของลูกค้า"),
        Feedback::Unreadable => {
            ("อ่านไม่ได้ กรุณาสแกนอีกครั้ง", "เพิ่มความสว่างหน้าจอ แล้วแสดงรหัสชำระเงิน WeChat")
        }
        Feedback::AmountRefused => ("ยอดเงินยังไม่ถูกต้อง", "ใส่จำนวนบาท ทศนิยมไม่เกินสองหลัก แล้วกด Enter"),
        Feedback::AmountArmed => {
            ("ใส่ยอดเงินไว้แล้ว", "สแกนรหัสของลูกค้าได้ หากต้องการเปลี่ยนยอด ให้กดล้าง (Esc) ก่อน")
        }
        Feedback::NotReady => ("ยังรับชำระเงินไม่ได้", "ยังตั้งค่าไม่ครบ กรุณาแจ้งผู้ดูแลระบบของร้าน"),
        Feedback::TooManyUnsettled => {
            ("มีรายการค้างมากเกินไป", "กรุณาแจ้งผู้ดูแลระบบของร้าน ให้ตรวจสอบรายการค้างก่อน")
        }
        Feedback::DiskFull => ("พื้นที่บันทึกเต็ม", "เริ่มรายการใหม่ไม่ได้ กรุณาแจ้งผู้ดูแลระบบของร้าน"),
        Feedback::LateSuccess => {
            ("มีเงินเข้าภายหลัง", "กรุณาเรียกผู้จัดการตรวจสอบและรับทราบก่อน จึงเริ่มรายการใหม่")
        }
        Feedback::KeyRefused => ("กรุณากดปุ่มอีกครั้ง", "ระบบไม่ได้รับปุ่มนี้"),
    };
    say(headline, next_step)
}
