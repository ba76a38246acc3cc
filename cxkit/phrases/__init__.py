"""Sentences of tables and charts, in English and Vietnamese.

The words of difference (trails, leads, rose, fell) are chosen by the analysis, and only where the
difference was tested and is significant.
"""

from __future__ import annotations

from cxkit.phrases.common import COMMON
from cxkit.phrases.measures import MEASURES
from cxkit.phrases.money import MONEY

PHRASES: dict[str, tuple[str, str]] = {**COMMON, **MEASURES, **MONEY}

# Words that stand in rows, by column; data formats keep them in English.
VALUES: dict[str, dict[str, str]] = {
    "category": {"detractor": "không ủng hộ", "passive": "trung lập", "promoter": "ủng hộ",
                 "unknown": "không rõ"},
    "cohort": {"all": "tất cả"},
    "dimension": {"success": "thành công", "ease": "dễ dàng", "emotion": "cảm xúc"},
    "quadrant": {"fix first": "khắc phục trước", "keep up": "duy trì",
                 "low priority": "ưu tiên thấp", "possible overkill": "có thể quá mức cần thiết"},
    "kind": {"basic": "cơ bản", "performance": "tương xứng", "delighter": "gây thích thú",
             "neutral": "trung tính"},
    "signal": {"above": "cao hơn", "below": "thấp hơn"},
}  # fmt: skip
