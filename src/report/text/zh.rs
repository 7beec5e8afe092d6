//! Chinese, in simplified characters.

use super::facts::{Decline, Facts, Obstacle, RefundFacts};
use super::{Sentence, say};
use crate::terminal::{Feedback, RefundState, Screen};

pub(super) fn screen(screen: Screen, facts: &Facts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("{amount} 泰铢"));
    let reference = &facts.reference;
    match screen {
        Screen::Idle => say("可以收款", "请在收银机上开始交易。"),
        Screen::NotReady => say("暂时无法收款", "尚未设置 Opn Payments 密钥，请联系店铺管理员。"),
        Screen::EnteringAmount => entry("–"),
        Screen::ScanCode => {
            say(format!("请付款 {amount}"), "请打开微信“收付款”，将付款码对准扫码器。")
        }
        Screen::Sending => say("已读取付款码，请稍候", "正在发起收款，请勿重复扫码。"),
        Screen::AwaitingCustomer => say(
            format!("请在手机上确认 {amount}"),
            "顾客：请确认付款。店员：请等待结果，暂勿交货。",
        ),
        Screen::CancelWaits => {
            say("正在取消，请稍候", "前 15 秒内不能撤销付款。如果顾客抢先付款，则按成交处理。")
        }
        Screen::Stopping => {
            say("正在关闭交易，请稍候", "正在等待最终结果。请勿重复扫码，暂勿交货。")
        }
        Screen::Checking => {
            say("正在查询，请勿重复扫码", "付款结果尚不清楚。请勿交货，请勿再次收款。")
        }
        Screen::Unknown => say(
            "结果不明，请勿交货",
            format!("请勿再次收款。请查询状态或联系店长。单号：{reference}"),
        ),
        Screen::Paid => say(format!("已付款 {amount}"), "谢谢惠顾！可以交货。"),
        Screen::Declined => declined(facts),
        Screen::Expired => {
            say("未付款：已超时", "没有扣款。如需重试，请重新开始交易，并请顾客刷新付款码。")
        }
        Screen::Cancelled => say("已取消，未付款", "没有扣款。请勿交货。可随时开始新的交易。"),
        Screen::NotCreated => not_created(facts),
        Screen::LateSuccess => say(
            format!("款项延迟到账 {amount}"),
            format!("请勿再次收款，先勿交货或给现金。请店长查看后决定。单号：{reference}"),
        ),
    }
}

pub(super) fn refund(facts: &RefundFacts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("{amount} 泰铢"));
    let RefundFacts { reference, code, .. } = facts;
    match facts.state {
        RefundState::Asked | RefundState::Sent => {
            say(format!("正在退款 {amount}"), "请等待结果，不要重复退款。")
        }
        RefundState::Unknown => say(
            "退款结果未知，请勿重复退款",
            format!("正在查询款项是否已退回，请勿给现金。单号：{reference}"),
        ),
        RefundState::Refunded => say(
            format!("已退款 {amount}"),
            format!("款项将退回顾客付款时使用的钱包。单号：{reference}"),
        ),
        RefundState::Refused => say(
            format!("退款未成功 {amount}"),
            format!("此笔退款未成功（{code}）。给现金前请联系店长。单号：{reference}"),
        ),
    }
}

pub(super) fn entry(typed: &str) -> Sentence {
    say(
        format!("金额 {typed} 泰铢"),
        "请输入金额，然后按回车键。退格键删除一位，清除键（Esc）全部清除。",
    )
}

fn declined(facts: &Facts) -> Sentence {
    match facts.decline {
        Decline::PaymentExpired => {
            say("未付款：付款码已过期", "没有扣款。请顾客刷新付款码，然后重新开始交易。")
        }
        Decline::PaymentRejected => {
            say("未付款：付款被拒绝", "没有扣款。请顾客查看手机提示，或改用其他付款方式。")
        }
        Decline::InvalidAccount => {
            say("未付款：账户不可用", "没有扣款。该账户无法在此付款，请改用其他付款方式。")
        }
        Decline::InsufficientFund => say(
            "未付款：余额不足或超出限额",
            "没有扣款。请顾客在手机上更换银行卡，然后重新开始交易。",
        ),
        Decline::FailedProcessing => {
            say("未付款：处理失败", "没有扣款。请稍候，刷新付款码后重新开始交易。")
        }
        Decline::Other => say(
            "未付款：付款未成功",
            format!("没有扣款。请重新开始交易，或改用其他付款方式。原因：{}", facts.code),
        ),
    }
}

fn not_created(facts: &Facts) -> Sentence {
    match facts.obstacle {
        Obstacle::NoConnection => {
            say("未付款：没有网络", "没有扣款。请检查网络连接，然后重新开始交易。")
        }
        Obstacle::NotFound => say(
            "未付款：没有找到付款",
            "可以重新开始交易。如果顾客手机显示支付成功，请先联系店长。",
        ),
        Obstacle::Key => {
            say("未付款：店铺密钥无效", format!("没有扣款。请联系店铺管理员。原因：{}", facts.code))
        }
        Obstacle::Other => say(
            "未付款：无法发起收款",
            format!("没有扣款。请刷新付款码重试；如仍失败，请联系店铺管理员。原因：{}", facts.code),
        ),
    }
}

pub(super) fn feedback(feedback: Feedback) -> Sentence {
    let (headline, next_step) = match feedback {
        Feedback::Accepted => ("已读取付款码", "请等待结果。"),
        Feedback::CommandDone => ("完成", "指令已执行。"),
        Feedback::CommandIdle => ("无需操作", "目前没有可执行此指令的交易。"),
        Feedback::NothingArmed => ("还没有金额", "请先在收银机上输入金额，再扫码。"),
        Feedback::Busy => ("正在收款", "请等待结果，请勿重复扫码。"),
        Feedback::AlreadyPaid => ("此单已付款", "请勿再次收款。如需加购，请开始新的交易。"),
        Feedback::Repeated => ("重复扫到同一个码", "第二次扫码已忽略。"),
        Feedback::Stale => ("扫码已失效", "请现在重新扫描顾客的付款码。"),
        Feedback::Partial => ("付款码不完整", "请拿稳手机，重新扫码。"),
        Feedback::TooLong => ("内容过长，不是付款码", "请扫描顾客的微信付款码。"),
        Feedback::ControlCharacters => ("码有乱码，请重新扫码", "如反复出现，请检查扫码器设置。"),
        Feedback::AlipayNotEnabled => ("这是支付宝付款码", "本店不收支付宝，请出示微信付款码。"),
        Feedback::WechatNotEnabled => ("这是微信付款码", "本店不收微信支付，请改用其他付款方式。"),
        Feedback::OutsideLimits => {
            ("金额超出此钱包的限额", "金额对此钱包过小或过大，请改用其他付款方式。")
        }
        Feedback::UnionPay => ("这是银联付款码", "本店不收银联，请出示微信付款码。"),
        Feedback::LinePay => ("可能是 LINE Pay 付款码", "本店不收 LINE Pay，请出示微信付款码。"),
        Feedback::MerchantQr => ("这是商家收款码", "请扫描顾客的付款码：微信“收付款”。"),
        Feedback::EmvConsumer => ("这是其他钱包的付款码", "本店不收此码，请出示微信付款码。"),
        Feedback::WechatPersonal => {
            ("这个微信码不能付款", "这是收款码或好友码。请打开微信“收付款”。")
        }
        Feedback::Product => ("这是商品条码", "请扫描顾客的付款码，不要扫商品。"),
        Feedback::Unreadable => ("无法识别，请重新扫码", "请调亮手机屏幕，并出示微信付款码。"),
        Feedback::AmountRefused => ("金额不完整", "请输入泰铢金额，最多两位小数，然后按回车键。"),
        Feedback::AmountArmed => {
            ("金额已确定", "请扫描顾客的付款码；如需修改金额，请先按清除键（Esc）。")
        }
        Feedback::NotReady => ("暂时无法收款", "设置不完整，请联系店铺管理员。"),
        Feedback::TooManyUnsettled => ("未结交易过多", "请联系店铺管理员，先处理未结交易。"),
        Feedback::DiskFull => ("存储空间已满", "无法开始新的交易，请联系店铺管理员。"),
        Feedback::LateSuccess => ("有款项延迟到账", "请联系店长处理并确认，然后才能开始新的交易。"),
        Feedback::KeyRefused => ("请再按一次", "刚才的按键未被接受。"),
    };
    say(headline, next_step)
}
