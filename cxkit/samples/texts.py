"""Comments: short sentences in English and Vietnamese, about the stage that went worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxkit.samples import parameters as known

if TYPE_CHECKING:
    import numpy as np

    from cxkit.samples.customers import Flags, Floats, Whole

LOW = 3.5  # a stage rated below is complained about
# By theme, three sentences in English and the same in Vietnamese.
SENTENCES: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "browse": (
        ("The website is slow.", "I could not find the right product.",
         "The search shows things I did not ask for."),
        ("Trang web chạy chậm.", "Tôi không tìm thấy sản phẩm phù hợp.",
         "Tìm kiếm ra những thứ tôi không cần."),
    ),
    "buy": (
        ("The payment failed twice.", "Checkout asks for too much.",
         "My voucher was not accepted."),
        ("Thanh toán bị lỗi hai lần.", "Đặt hàng phải điền quá nhiều thứ.",
         "Mã giảm giá không dùng được."),
    ),
    "delivery": (
        ("The delivery came late.", "The parcel arrived damaged.",
         "The courier did not call before delivery."),
        ("Giao hàng trễ.", "Gói hàng bị móp khi giao.", "Người giao hàng không gọi trước."),
    ),
    "support": (
        ("Support did not answer.", "I waited too long on the hotline.",
         "I had to explain my problem to support three times."),
        ("Nhân viên hỗ trợ không trả lời.", "Tôi chờ tổng đài quá lâu.",
         "Tôi phải giải thích với hỗ trợ ba lần."),
    ),
    "returns": (
        ("The refund took weeks.", "Sending it back was complicated.",
         "I paid for the return myself."),
        ("Hoàn tiền mất nhiều tuần.", "Đổi trả hàng rất phức tạp.", "Tôi phải tự trả phí đổi trả."),
    ),
    "praise": (
        ("Great coffee, thank you!", "Fast and friendly.", "I always recommend you."),
        ("Cà phê rất ngon, cảm ơn!", "Nhanh và thân thiện.", "Tôi luôn giới thiệu cho bạn bè."),
    ),
    "remark": (
        ("It is all right.", "Nothing special.", "The price could be better."),
        ("Cũng được.", "Không có gì đặc biệt.", "Giá có thể tốt hơn."),
    ),
}  # fmt: skip
_PRAISE, _REMARK = len(known.STAGES), len(known.STAGES) + 1
_ALL = [text for languages in SENTENCES.values() for texts in languages for text in texts]


def written(random: np.random.RandomState, score: Whole, rating: Floats, used: Flags) -> Any:
    """A column of comments; null where nothing is said, `N/A` where that is what is written."""
    import numpy as np
    import polars as pl

    n = len(score)
    rated = np.where(used, rating, np.inf)
    theme = np.where(
        rated.min(axis=1) < LOW,
        rated.argmin(axis=1),
        np.where(score >= known.PROMOTER, _PRAISE, _REMARK),
    )
    chances = [*[known.COMPLAINS] * len(known.STAGES), known.PRAISES, known.REMARKS]
    says = random.random_sample(n) < np.array(chances)[theme]
    vietnamese = random.random_sample(n) < known.VIETNAMESE
    place = theme * 6 + vietnamese * 3 + random.randint(0, 3, n, np.int64)
    place = np.where(random.random_sample(n) < known.NOT_APPLICABLE, len(_ALL), place)
    texts = pl.Series([*_ALL, "N/A"]).gather(pl.Series(place))
    return texts.set(pl.Series(~says & (place < len(_ALL))), None)
