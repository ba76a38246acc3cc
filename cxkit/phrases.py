"""Sentences of tables and charts, in English and Vietnamese.

The words of difference (trails, leads, rose, fell) are chosen by the analysis, and only where the
difference was tested and is significant.
"""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "all": ("all", "tất cả"),
    "blank": ("(blank)", "(trống)"),
    "to": ("to", "đến"),
    "percentage-points": ("pp", "điểm %"),
    "yes": ("yes", "có"),
    "no": ("no", "không"),
    "previous": ("change", "thay đổi"),
    "rest": ("vs rest", "so phần còn lại"),
    "leads": ("{name} leads the rest by {points} points",
              "{name} cao hơn phần còn lại {points} điểm"),
    "trails": (
        "{name} trails the rest by {points} points",
        "{name} thấp hơn phần còn lại {points} điểm",
    ),
    "alike": ("{nps} overall, no clear difference between groups",
              "{nps} chung, không có khác biệt rõ giữa các nhóm"),
    "whole": ("NPS {nps}", "NPS {nps}"),
    "rose": ("NPS rose {points} points to {nps}", "NPS tăng {points} điểm lên {nps}"),
    "fell": ("NPS fell {points} points to {nps}", "NPS giảm {points} điểm còn {nps}"),
    "steady": ("NPS {nps}, no clear change since {period}",
               "NPS {nps}, không thay đổi rõ từ {period}"),
    "group-rose": ("{name} rose {points} points to {nps}", "{name} tăng {points} điểm lên {nps}"),
    "group-fell": ("{name} fell {points} points to {nps}", "{name} giảm {points} điểm còn {nps}"),
    "leads-csat": ("{name} leads the rest by {points} percentage points",
                   "{name} cao hơn phần còn lại {points} điểm phần trăm"),
    "trails-csat": ("{name} trails the rest by {points} percentage points",
                    "{name} thấp hơn phần còn lại {points} điểm phần trăm"),
    "alike-csat": ("{csat} satisfied overall, no clear difference between groups",
                   "{csat} hài lòng, không có khác biệt rõ giữa các nhóm"),
    "whole-csat": ("{csat} are satisfied", "{csat} hài lòng"),
    "rose-csat": ("CSAT rose {points} percentage points to {csat}",
                  "CSAT tăng {points} điểm phần trăm lên {csat}"),
    "fell-csat": ("CSAT fell {points} percentage points to {csat}",
                  "CSAT giảm {points} điểm phần trăm còn {csat}"),
    "steady-csat": ("CSAT {csat}, no clear change since {period}",
                    "CSAT {csat}, không thay đổi rõ từ {period}"),
    "group-rose-csat": ("{name} rose {points} percentage points to {csat}",
                        "{name} tăng {points} điểm phần trăm lên {csat}"),
    "group-fell-csat": ("{name} fell {points} percentage points to {csat}",
                        "{name} giảm {points} điểm phần trăm còn {csat}"),
    "leads-ces": ("{name} is {size} above the rest", "{name} cao hơn phần còn lại {size}"),
    "trails-ces": ("{name} is {size} below the rest", "{name} thấp hơn phần còn lại {size}"),
    "alike-ces": ("CES {ces} overall, no clear difference between groups",
                  "CES chung {ces}, không có khác biệt rõ giữa các nhóm"),
    "whole-ces": ("CES {ces}", "CES {ces}"),
    "rose-ces": ("CES rose {size} to {ces}", "CES tăng {size} lên {ces}"),
    "fell-ces": ("CES fell {size} to {ces}", "CES giảm {size} còn {ces}"),
    "steady-ces": ("CES {ces}, no clear change since {period}",
                   "CES {ces}, không thay đổi rõ từ {period}"),
    "group-rose-ces": ("{name} rose {size} to {ces}", "{name} tăng {size} lên {ces}"),
    "group-fell-ces": ("{name} fell {size} to {ces}", "{name} giảm {size} còn {ces}"),
    "satisfied": ("satisfied: {top} of {scale}", "hài lòng: {top} trên thang {scale}"),
    "satisfied-bottom": ("satisfied: {top}, bottom: {bottom} of {scale}",
                         "hài lòng: {top}, thấp: {bottom} trên thang {scale}"),
    "satisfied-word": ("satisfied: {top}", "hài lòng: {top}"),
    "easier": ("higher is easier; easy: {easy}, hard: {hard} of {scale}",
               "càng cao càng dễ; dễ: {easy}, khó: {hard} trên thang {scale}"),
    "harder": ("higher is harder; easy: {easy}, hard: {hard} of {scale}",
               "càng cao càng khó; dễ: {easy}, khó: {hard} trên thang {scale}"),
    "ends": ("top: {top}, bottom: {bottom} of {scale}",
             "điểm cao: {top}, điểm thấp: {bottom} trên thang {scale}"),
    "three-es": ("Three Es {three_es}: success, ease and emotion together",
                 "Ba chữ E {three_es}: thành công, dễ dàng và cảm xúc"),
    "three-es-none": ("No customer answered all three of success, ease and emotion",
                      "Không khách hàng nào trả lời đủ thành công, dễ dàng và cảm xúc"),
    "gap-short": ("{name} falls {size} short of what was expected",
                  "{name} thấp hơn kỳ vọng {size}"),
    "gap-short-most": (
        "{count} of {items} items fall short of what was expected, most of all {name}: by {size}",
        "{count} trong {items} mục thấp hơn kỳ vọng, nhất là {name}: {size}"),
    "gap-above": ("{name} is {size} above what was expected", "{name} vượt kỳ vọng {size}"),
    "gap-above-most": (
        "{count} of {items} items exceed what was expected, most of all {name}: by {size}",
        "{count} trong {items} mục vượt kỳ vọng, nhất là {name}: {size}"),
    "gap-alike": ("No clear gap between expectation and experience",
                  "Không có khoảng cách rõ giữa kỳ vọng và trải nghiệm"),
    "gap-whole": ("Expectation and experience, {items} items",
                  "Kỳ vọng và trải nghiệm, {items} mục"),
    "gap-tests": ("p of paired t tests, {adjust} for {tests} tests",
                  "p của kiểm định t theo cặp, {adjust} cho {tests} kiểm định"),
    "chart-measure-gap": ("Perceived minus expected, in units of the scale",
                          "Cảm nhận trừ kỳ vọng, theo đơn vị của thang đo"),
    "belief-fewer": (
        "{csat} are satisfied, {points} percentage points fewer than the {share} believed",
        "{csat} hài lòng, thấp hơn {points} điểm phần trăm so với {share} được tin"),
    "belief-more": (
        "{csat} are satisfied, {points} percentage points more than the {share} believed",
        "{csat} hài lòng, cao hơn {points} điểm phần trăm so với {share} được tin"),
    "belief-alike": ("{csat} are satisfied, no clear difference from the {share} believed",
                     "{csat} hài lòng, không khác rõ so với {share} được tin"),
    "belief-none": ("Too few answers to show what is measured",
                    "Quá ít câu trả lời để nêu kết quả đo"),
    "compare-rose": (
        "NPS rose {points} points to {after} in {name} ({confidence} CI {ci_low} to {ci_high}, "
        "p {p_value})",
        "NPS tăng {points} điểm lên {after} trong {name} (KTC {confidence} {ci_low} đến {ci_high}, "
        "p {p_value})"),
    "compare-fell": (
        "NPS fell {points} points to {after} in {name} ({confidence} CI {ci_low} to {ci_high}, "
        "p {p_value})",
        "NPS giảm {points} điểm còn {after} trong {name} (KTC {confidence} {ci_low} đến {ci_high}, "
        "p {p_value})"),
    "compare-steady": (
        "NPS {after} in {name}, no clear change from {before} in {other} ({confidence} CI of the "
        "change {ci_low} to {ci_high}, p {p_value})",
        "NPS {after} trong {name}, không thay đổi rõ từ {before} trong {other} (KTC {confidence} "
        "của thay đổi {ci_low} đến {ci_high}, p {p_value})"),
    "compare-untested": (
        "NPS {after} in {name}, {before} in {other}: the change is not tested",
        "NPS {after} trong {name}, {before} trong {other}: chưa kiểm định thay đổi"),
    "compare-withheld": ("Too few answers to show a change",
                         "Quá ít câu trả lời để nêu thay đổi"),
    "compare-title": ("NPS {after} in {name}, {before} in {other}",
                      "NPS {after} trong {name}, {before} trong {other}"),
    "compare-parts": (
        "change {change}: {rate_effect} from scores within groups, {mix_effect} from their mix",
        "thay đổi {change}: {rate_effect} do điểm số trong nhóm, {mix_effect} do cơ cấu nhóm"),
    "compare-account": (
        "an account of the change by {name} (Kitagawa 1955), not its cause",
        "phân rã thay đổi theo {name} (Kitagawa 1955), không phải nguyên nhân"),
    "compare-mix": ("mix of groups", "cơ cấu nhóm"),
    "compare-change": ("change", "thay đổi"),
    "steady-groups": ("No group has clearly changed since {period}",
                      "Không nhóm nào thay đổi rõ từ {period}"),
    "marks-rest": (
        "▲▼ differs from the other groups, p < {alpha}, {adjust} for {tests} tests",
        "▲▼ khác các nhóm còn lại, p < {alpha}, {adjust} cho {tests} kiểm định",
    ),
    "marks-previous": (
        "▲▼ differs from the previous period, p < {alpha}, {adjust} for {tests} tests",
        "▲▼ khác kỳ trước, p < {alpha}, {adjust} cho {tests} kiểm định",
    ),
    "adjust-holm": ("Holm-adjusted", "hiệu chỉnh Holm"),
    "adjust-bh": ("Benjamini–Hochberg-adjusted", "hiệu chỉnh Benjamini–Hochberg"),
    "adjust-none": ("not adjusted", "không hiệu chỉnh"),
    "unit-days": ("days", "ngày"),
    "unit-weeks": ("weeks", "tuần"),
    "unit-months": ("months", "tháng"),
    "unit-quarters": ("quarters", "quý"),
    "unit-years": ("years", "năm"),
    "unit-day": ("day", "ngày"),
    "unit-week": ("week", "tuần"),
    "unit-month": ("month", "tháng"),
    "unit-quarter": ("quarter", "quý"),
    "unit-year": ("year", "năm"),
    "marks-words": ("“above” or “below”:", "“cao hơn” hoặc “thấp hơn”:"),
    "above-rest": ("above the rest", "cao hơn phần còn lại"),
    "below-rest": ("below the rest", "thấp hơn phần còn lại"),
    "above-previous": ("above the previous period", "cao hơn kỳ trước"),
    "below-previous": ("below the previous period", "thấp hơn kỳ trước"),
    "partial": ("partial", "chưa đủ kỳ"),
    "few": ("few answers", "ít câu trả lời"),
    "few-customers": ("few customers", "ít khách hàng"),
    "withheld": ("withheld", "không nêu"),
    "low-n": ("( ) fewer than {minimum} answers: not tested",
              "( ) dưới {minimum} câu trả lời: không kiểm định"),
    "low-n-few": ("( ) fewer than {minimum} answers", "( ) dưới {minimum} câu trả lời"),
    "low-n-waves": ("( ) fewer than {minimum} answers before or after",
                    "( ) dưới {minimum} câu trả lời trước hoặc sau"),
    "low-n-customers": ("( ) fewer than {minimum} customers", "( ) dưới {minimum} khách hàng"),
    "suppressed": ("* withheld: too few answers, or could be worked out from the rest",
                   "* không nêu: quá ít câu trả lời, hoặc có thể suy ra từ phần còn lại"),
    "rounded": ("shares are rounded and may not sum to 100%",
                "tỷ lệ đã làm tròn, tổng có thể khác 100%"),
    "columns-hidden": ("{columns} columns hidden, --width {width}",
                       "ẩn {columns} cột, --width {width}"),
    "rows-hidden": ("{count} rows not shown, -n {every} shows all",
                    "còn {count} dòng chưa hiện, -n {every} để hiện hết"),
    # check
    "check-clean": ("{name}: no problems; {layout}, {count} rows, {columns} columns",
                    "{name}: không có vấn đề; {layout}, {count} dòng, {columns} cột"),
    "check-doubts": (
        "{name}: {problems} problems, no errors; {layout}, {count} rows, {columns} columns",
        "{name}: {problems} vấn đề, không có lỗi; {layout}, {count} dòng, {columns} cột"),
    "check-errors": (
        "{name}: {problems} problems, {errors} errors; {layout}, {count} rows, {columns} columns",
        "{name}: {problems} vấn đề, {errors} lỗi; {layout}, {count} dòng, {columns} cột"),
    "check-clean-for": (
        "{name}: nothing stands in the way of {command}; {layout}, {count} rows, {columns} columns",
        "{name}: không có gì cản {command}; {layout}, {count} dòng, {columns} cột"),
    "check-doubts-for": (
        "{name}: nothing stands in the way of {command}, {problems} warnings; {layout}, {count} "
        "rows, {columns} columns",
        "{name}: không có gì cản {command}, {problems} cảnh báo; {layout}, {count} dòng, "
        "{columns} cột"),
    "first-line": ("; first at line {first_line}", "; dòng đầu tiên: {first_line}"),
    "one-line": ("; line {first_line}", "; dòng {first_line}"),
    "fix": ("fix", "cách sửa"),
    # charts
    "answers": ("{count} answers, {left_out} rows left out",
                "{count} câu trả lời, bỏ {left_out} dòng"),
    "interval-adjusted-wald": ("{confidence} adjusted Wald intervals",
                               "khoảng tin cậy {confidence}, Wald hiệu chỉnh"),
    "interval-score": ("{confidence} score intervals",
                       "khoảng tin cậy {confidence}, phương pháp điểm"),
    "interval-wald": ("{confidence} Wald intervals", "khoảng tin cậy {confidence}, Wald"),
    "interval-wilson": ("{confidence} Wilson intervals", "khoảng tin cậy {confidence}, Wilson"),
    "interval-bayes": ("{confidence} Bayesian intervals (Jeffreys prior)",
                       "khoảng Bayes {confidence} (tiên nghiệm Jeffreys)"),
    "interval-t": ("{confidence} t intervals", "khoảng tin cậy {confidence}, Student t"),
    "chart-measure-csat": ("Share of satisfied answers", "Tỷ lệ câu trả lời hài lòng"),
    "chart-measure-ces": ("Customer Effort Score, mean answer",
                          "Điểm nỗ lực khách hàng (CES), trung bình"),
    "chart-measure-net": ("Net share, −100 to +100 points", "Tỷ lệ ròng, từ −100 đến +100"),
    "chart-measure-nps": ("Net Promoter Score, −100 to +100 points",
                          "Điểm NPS, từ −100 đến +100"),
    "chart-measure-revenue_mean": ("mean revenue per customer",
                                   "doanh thu bình quân mỗi khách"),
    "chart-by": ("{measure}, by {name}", "{measure}, theo {name}"),
    "chart-band": ("band: {span}", "dải: {span}"),
    "chart-too-few": ("withheld: too few answers", "không nêu: quá ít câu trả lời"),
    "chart-withheld": ("Too few answers to show a figure", "Quá ít câu trả lời để nêu con số"),
    "chart-no-answers": ("no answers", "không có câu trả lời"),
    "chart-nothing": ("nothing to draw", "không có gì để vẽ"),
    "chart-brackets": ("( ) few answers: not tested", "( ) ít câu trả lời: không kiểm định"),
    "chart-pale": ("grey point: few answers, not tested",
                   "điểm xám: ít câu trả lời, không kiểm định"),
    "chart-gaps": ("gaps: too few answers", "chỗ trống: quá ít câu trả lời"),
    "chart-unfinished": ("unfinished", "chưa kết thúc"),
    "chart-thin": ("no point has enough answers to be drawn",
                   "không điểm nào đủ câu trả lời để vẽ"),
    "chart-thin-customers": ("no point has enough customers to be drawn",
                             "không điểm nào đủ khách hàng để vẽ"),
    "chart-never-customers": ("not drawn for too few customers: {names}",
                              "không vẽ vì quá ít khách hàng: {names}"),
    "chart-hollow": ("○ unfinished period", "○ kỳ chưa kết thúc"),
    "chart-axis": ("axis does not span {span}", "trục không trải từ {span}"),
    "chart-never": ("not drawn for too few answers: {names}",
                    "không vẽ vì quá ít câu trả lời: {names}"),
    "chart-cut": ("{count} with the fewest answers not drawn",
                  "không vẽ {count} nhóm có ít câu trả lời nhất"),
    "chart-cut-cohorts": ("{count} cohorts before these not drawn",
                          "không vẽ {count} nhóm khách trước đó"),
    "chart-cut-ages": ("{count} ages beyond these not drawn", "không vẽ {count} cột tiếp theo"),
    "chart-cut-groups": ("{count} groups with the fewest customers not drawn",
                         "không vẽ {count} nhóm có ít khách hàng nhất"),
    "chart-cells": ("{measure} in %, by {name}", "{measure} tính bằng %, theo {name}"),
    "chart-darkest": ("darkest: {value} and more", "đậm nhất: từ {value} trở lên"),
    "chart-pale-cells": ("pale, ( ): few customers", "màu nhạt, ( ): ít khách hàng"),
    "chart-pale-line": ("pale line: few customers at risk",
                        "đường nhạt: còn ít khách hàng theo dõi"),
    "chart-seen": ("short strokes: customers last seen, not lost",
                   "vạch ngắn: khách theo dõi đến đó, chưa rời đi"),
    "chart-at-risk": ("customers at risk", "khách hàng còn theo dõi"),
    "chart-richest": ("{measure}, largest first", "{measure}, từ lớn nhất"),
    "chart-share-of-all": ("share of all, largest first", "tỷ lệ trên tất cả, từ lớn nhất"),
    "chart-measure-cum_share": ("cumulative share of the total", "tỷ trọng cộng dồn"),
    "chart-equal": ("if all were alike", "nếu chia đều"),
    "chart-top": ("top {share}: {value}", "{share} lớn nhất: {value}"),
    "chart-other": ("other ({count})", "khác ({count})"),
    "chart-cumulative": ("cumulative share", "tỷ lệ cộng dồn"),
    "chart-vital": ("dark: the first to make up {share}",
                    "màu đậm: các mục đầu tiên đạt {share}"),
    "pareto": (
        "The top {share} of {items} items hold {top_share}; {items_for_80} ({items_for_80_rate}) "
        "make up 80%; Gini {gini}",
        "{share} đầu của {items} mục chiếm {top_share}; {items_for_80} mục ({items_for_80_rate}) "
        "chiếm 80%; Gini {gini}",
    ),
    "pareto-customers": (
        "The top {share} of {items} customers bring {top_share}; {items_for_80} "
        "({items_for_80_rate}) bring 80%; Gini {gini}",
        "{share} đầu của {items} khách hàng mang lại {top_share}; {items_for_80} khách "
        "({items_for_80_rate}) mang lại 80%; Gini {gini}",
    ),
    "pareto-customers-plain": (
        "The top {share} of {items} customers bring {top_share}; {items_for_80} "
        "({items_for_80_rate}) bring 80%",
        "{share} đầu của {items} khách hàng mang lại {top_share}; {items_for_80} khách "
        "({items_for_80_rate}) mang lại 80%",
    ),
    "pareto-plain": (
        "The top {share} of {items} items hold {top_share}; {items_for_80} ({items_for_80_rate}) "
        "make up 80%",
        "{share} đầu của {items} mục chiếm {top_share}; {items_for_80} mục ({items_for_80_rate}) "
        "chiếm 80%",
    ),
    "pareto-title": ("The top {share} hold {top_share} of the total",
                     "{share} đầu chiếm {top_share} tổng giá trị"),
    "pareto-title-customers": ("The top {share} of customers bring {top_share} of the total",
                               "{share} khách hàng đầu mang lại {top_share} tổng giá trị"),
    "pareto-none": ("{items} items whose total is not above 0",
                    "{items} mục có tổng không lớn hơn 0"),
    "pareto-foot": ("80% of the total: {items_for_80} of {items} · Gini {gini}",
                    "80% tổng giá trị: {items_for_80} trên {items} · Gini {gini}"),
    "journey-one-nps": ("{name} holds {detractor_share} of the detractors",
                        "{name} chiếm {detractor_share} số khách không ủng hộ"),
    "journey-few-nps": (
        "{name} holds {detractor_share} of the detractors; {names} hold {detractor_cum_share}",
        "{name} chiếm {detractor_share} số khách không ủng hộ; {names} chiếm "
        "{detractor_cum_share}"),
    "journey-many-nps": (
        "{name} holds {detractor_share} of the detractors; {count} of {every} stages hold "
        "{detractor_cum_share}",
        "{name} chiếm {detractor_share} số khách không ủng hộ; {count} trên {every} giai đoạn "
        "chiếm {detractor_cum_share}"),
    "journey-none-nps": ("No detractor at any of {count} stages",
                         "Không có khách không ủng hộ ở {count} giai đoạn"),
    "journey-one-csat": ("{name} holds {low_share} of the low answers",
                         "{name} chiếm {low_share} số điểm thấp"),
    "journey-few-csat": (
        "{name} holds {low_share} of the low answers; {names} hold {low_cum_share}",
        "{name} chiếm {low_share} số điểm thấp; {names} chiếm {low_cum_share}"),
    "journey-many-csat": (
        "{name} holds {low_share} of the low answers; {count} of {every} stages hold "
        "{low_cum_share}",
        "{name} chiếm {low_share} số điểm thấp; {count} trên {every} giai đoạn chiếm "
        "{low_cum_share}"),
    "journey-none-csat": ("No low answer at any of {count} stages",
                          "Không có điểm thấp ở {count} giai đoạn"),
    "journey-everywhere": ("{name} is the pain point in every channel",
                           "{name} là điểm đau ở mọi kênh"),
    "journey-alike": ("{nps} overall, no clear difference between stages",
                      "{nps} chung, không có khác biệt rõ giữa các giai đoạn"),
    "journey-alike-csat": ("{csat} satisfied overall, no clear difference between stages",
                           "{csat} hài lòng, không có khác biệt rõ giữa các giai đoạn"),
    "journey-cut": ("{count} stages with the fewest answers not drawn",
                    "không vẽ {count} giai đoạn có ít câu trả lời nhất"),
    "marks-stages": (
        "▲▼ differs from the other stages, p < {alpha}, {adjust} for {tests} tests",
        "▲▼ khác các giai đoạn còn lại, p < {alpha}, {adjust} cho {tests} kiểm định",
    ),
    "units-none": ("{count} units: too little to tell whether they differ",
                   "{count} đơn vị: quá ít để biết có khác nhau hay không"),
    "units-alike": ("No evidence of differences between {count} units (p {p_value}): no ranking",
                    "Không có bằng chứng {count} đơn vị khác nhau (p {p_value}): không xếp hạng"),
    "units-unclear": (
        "{count} units do not clearly differ (p {p_value}); if they do, by {points} points (sd)",
        "{count} đơn vị không khác nhau rõ (p {p_value}); nếu có thì {points} điểm "
        "(độ lệch chuẩn)"),
    "units-differ": (
        "{count} units differ by {points} points (sd) beyond chance (p {p_value}); {outside} "
        "outside the 99.8% limits",
        "{count} đơn vị khác nhau {points} điểm (độ lệch chuẩn) ngoài ngẫu nhiên (p {p_value}); "
        "{outside} ngoài giới hạn 99,8%"),
    "units-inside": ("None of {count} units is outside the {confidence} limits",
                     "Không đơn vị nào trong {count} nằm ngoài giới hạn {confidence}"),
    "units-outside": ("{outside} of {count} units outside the {confidence} limits: {names}",
                      "{outside} trong {count} đơn vị nằm ngoài giới hạn {confidence}: {names}"),
    "units-outside-many": ("{outside} of {count} units outside the {confidence} limits",
                           "{outside} trong {count} đơn vị nằm ngoài giới hạn {confidence}"),
    "units-spread": ("limits: of chance and of what units usually differ by",
                     "giới hạn: gồm ngẫu nhiên và mức khác nhau thường thấy giữa các đơn vị"),
    "units-chance": ("limits: of chance alone", "giới hạn: chỉ do ngẫu nhiên"),
    "units-foot": ("shrunken: drawn to the mean of all, the more the fewer answers; ranked by it",
                   "đã co: kéo về trung bình chung, càng ít câu trả lời càng nhiều; xếp theo đó"),
    "flow": ("{n} of {count} steps from {name} led to {other} ({rate}); {customers} customers",
             "{n} trong {count} bước từ {name} dẫn đến {other} ({rate}); {customers} khách hàng"),
    "flow-foot": (
        "a step: a customer leaves a stage, as often as it happens; staying in a stage is none; "
        "(end): no later stage",
        "một bước: khách rời một giai đoạn, tính mọi lần; ở lại giai đoạn thì không tính; (end): "
        "không còn giai đoạn sau"),
    "low-n-steps": ("( ) fewer than {minimum} steps from this stage",
                    "( ) dưới {minimum} bước từ giai đoạn này"),
    "flow-steps": ("a customer may take a step more than once; staying in a stage is none",
                   "một khách có thể đi một bước nhiều lần; ở lại giai đoạn thì không tính"),
    "flow-first": ("the {count} commonest of {every} steps",
                   "{count} bước thường gặp nhất trong {every}"),
    "chart-measure-steps": ("steps from one stage to another",
                            "số bước từ giai đoạn này sang giai đoạn khác"),
    "flow-none": ("{customers} customers, none with a second stage",
                  "{customers} khách hàng, không ai có giai đoạn thứ hai"),
    "funnel": ("{cum_rate} of {n} reach {name}; most are lost before {other} ({drop_rate})",
               "{cum_rate} trong {n} đến {name}; rơi rụng nhiều nhất trước {other} ({drop_rate})"),
    "funnel-whole": ("{cum_rate} of {n} reach {name}", "{cum_rate} trong {n} đến {name}"),
    "channels": (
        "{converted} of {customers} converted; {name} is credited with {attribution_markov} "
        "(Markov), {attribution_linear} (linear)",
        "{converted} trong {customers} chuyển đổi; {name} được ghi nhận {attribution_markov} "
        "(Markov), {attribution_linear} (chia đều)"),
    "channels-none": ("None of {customers} customers converted",
                      "Không ai trong {customers} khách hàng chuyển đổi"),
    "chart-measure-cum_rate": ("share of the first stage that got here",
                               "tỷ lệ so với giai đoạn đầu"),
    "channels-title": (
        "{name} is credited with {attribution_markov} of {converted} conversions",
        "{name} được ghi nhận {attribution_markov} trong {converted} chuyển đổi"),
    "chart-measure-attribution_markov": ("conversions credited by the Markov model",
                                         "số chuyển đổi được ghi nhận theo mô hình Markov"),
    "channels-foot": ("credit divided by rules, not effects",
                      "phân chia công theo quy tắc, không phải tác động"),
    "growth": (
        "Earned growth {earned_growth} in {period}; growth {growth}, NRR {nrr}",
        "Tăng trưởng tự đến {earned_growth} trong {period}; tăng trưởng {growth}, NRR {nrr}",
    ),
    "growth-between": (
        "Earned growth {earned_growth} to {earned_growth_upper} in {period}; growth {growth}, "
        "NRR {nrr}",
        "Tăng trưởng tự đến {earned_growth} đến {earned_growth_upper} trong {period}; tăng "
        "trưởng {growth}, NRR {nrr}",
    ),
    "growth-upper": (
        "Earned growth at most {earned_growth_upper} in {period}; growth {growth}, NRR {nrr}",
        "Tăng trưởng tự đến tối đa {earned_growth_upper} trong {period}; tăng trưởng {growth}, "
        "NRR {nrr}",
    ),
    "growth-partial": (
        "Earned growth {earned_growth} in {period} (partial) against all of {compared_with}; "
        "growth {growth}, NRR {nrr}",
        "Tăng trưởng tự đến {earned_growth} trong {period} (chưa đủ kỳ) so với cả {compared_with}; "
        "tăng trưởng {growth}, NRR {nrr}",
    ),
    "growth-partial-between": (
        "Earned growth {earned_growth} to {earned_growth_upper} in {period} (partial) against all "
        "of {compared_with}; growth {growth}, NRR {nrr}",
        "Tăng trưởng tự đến {earned_growth} đến {earned_growth_upper} trong {period} (chưa đủ kỳ) "
        "so với cả {compared_with}; tăng trưởng {growth}, NRR {nrr}",
    ),
    "growth-partial-upper": (
        "Earned growth at most {earned_growth_upper} in {period} (partial) against all of "
        "{compared_with}; growth {growth}, NRR {nrr}",
        "Tăng trưởng tự đến tối đa {earned_growth_upper} trong {period} (chưa đủ kỳ) so với cả "
        "{compared_with}; tăng trưởng {growth}, NRR {nrr}",
    ),
    "growth-partial-foot": (
        "{period} is not over: its revenue to {date} is set against all of {compared_with}",
        "{period} chưa kết thúc: doanh thu đến {date} so với cả {compared_with}"),
    "growth-foot": (
        "NRR: revenue of customers of the period before; ENC: of new ones who were earned; both in "
        "% of the revenue of the period before",
        "NRR: doanh thu của khách kỳ trước; ENC: của khách mới tự đến; đều tính bằng % doanh thu "
        "kỳ trước"),
    "growth-none": ("No base to grow from in {period}", "Không có doanh thu gốc cho {period}"),
    "growth-title": ("{period}: growth {growth}, earned {earned_growth}",
                     "{period}: tăng trưởng {growth}, tự đến {earned_growth}"),
    "growth-title-between": (
        "{period}: growth {growth}, earned {earned_growth} to {earned_growth_upper}",
        "{period}: tăng trưởng {growth}, tự đến {earned_growth} đến {earned_growth_upper}",
    ),
    "growth-title-partial": (
        "{period} (partial) against all of {compared_with}: growth {growth}, earned "
        "{earned_growth}",
        "{period} (chưa đủ kỳ) so với cả {compared_with}: tăng trưởng {growth}, tự đến "
        "{earned_growth}",
    ),
    "growth-title-partial-between": (
        "{period} (partial) against all of {compared_with}: growth {growth}, earned "
        "{earned_growth} to {earned_growth_upper}",
        "{period} (chưa đủ kỳ) so với cả {compared_with}: tăng trưởng {growth}, tự đến "
        "{earned_growth} đến {earned_growth_upper}",
    ),
    "growth-title-partial-upper": (
        "{period} (partial) against all of {compared_with}: growth {growth}, earned at most "
        "{earned_growth_upper}",
        "{period} (chưa đủ kỳ) so với cả {compared_with}: tăng trưởng {growth}, tự đến tối đa "
        "{earned_growth_upper}",
    ),
    "growth-title-upper": (
        "{period}: growth {growth}, earned at most {earned_growth_upper}",
        "{period}: tăng trưởng {growth}, tự đến tối đa {earned_growth_upper}",
    ),
    "referrals": (
        "{referrers} of {customers} customers ({referral_rate}) referred {referred_customers}; "
        "{referred_new_share} of new customers came by referral",
        "{referrers} trong {customers} khách hàng ({referral_rate}) đã giới thiệu "
        "{referred_customers} người; {referred_new_share} khách hàng mới đến nhờ giới thiệu",
    ),
    "chart-measure-referrer_rate": ("share of customers who referred others",
                                    "tỷ lệ khách hàng đã giới thiệu"),
    "referrals-title": (
        "{referral_rate} of customers referred others, {referred_new_share} of new ones were "
        "referred",
        "{referral_rate} khách hàng đã giới thiệu, {referred_new_share} khách mới được giới thiệu",
    ),
    "referrals-chains": (
        "{referred_customers} of {customers} customers were referred, in chains of up to "
        "{generations} referrals",
        "{referred_customers} trong {customers} khách hàng đến nhờ giới thiệu, chuỗi dài tối đa "
        "{generations} mắt xích",
    ),
    "referrals-generations": (
        "generation 0: not referred by a customer; 1: referred by one of generation 0; 2: by one "
        "of 1; and so on",
        "đời 0: không do khách hàng giới thiệu; 1: do khách đời 0 giới thiệu; 2: do khách đời 1; "
        "cứ thế tiếp"),
    "referrals-first": (
        "The first {count} of {referrers} referrers brought {referred_revenue_share} of referred "
        "revenue",
        "{count} trong {referrers} người giới thiệu đầu tiên mang lại {referred_revenue_share} "
        "doanh thu nhờ giới thiệu",
    ),
    "referrals-brought": (
        "{referrers} referrers brought {referred_customers} customers",
        "{referrers} người giới thiệu mang lại {referred_customers} khách hàng",
    ),
    "referrals-behind": (
        "the first {count} of {referrers} referrers by all revenue behind them, also of whom their "
        "customers referred; it overlaps",
        "{count} trong {referrers} người giới thiệu đầu tiên theo toàn bộ doanh thu phía sau, kể "
        "cả do khách của họ giới thiệu; có phần trùng nhau",
    ),
    "growth-existing": ("existing customers", "khách hàng cũ"),
    "retention": (
        "{retention_rate} of the {start_customers} customers of {compared_with} bought again in "
        "{period}; together they spent {nrr} of what they had spent",
        "{retention_rate} trong {start_customers} khách hàng của {compared_with} mua lại trong "
        "{period}; tổng chi tiêu của họ bằng {nrr} kỳ trước"),
    "retention-customers": (
        "{retention_rate} of the {start_customers} customers of {compared_with} bought again in "
        "{period}",
        "{retention_rate} trong {start_customers} khách hàng của {compared_with} mua lại trong "
        "{period}"),
    "retention-window": (
        "Of {start_customers} customers active at the end of {compared_with}, {retention_rate} "
        "were at the end of {period} (bought within {length})",
        "Trong {start_customers} khách hàng hoạt động cuối {compared_with}, {retention_rate} vẫn "
        "hoạt động cuối {period} (mua trong vòng {length})"),
    "retention-survey": (
        "In {period} {promoter_rate} of {promoters} promoters bought again, {passive_rate} of "
        "{passives} passives and {detractor_rate} of {detractors} detractors, by answers before it",
        "Trong {period}, {promoter_rate} trong {promoters} người ủng hộ, {passive_rate} trong "
        "{passives} người trung lập và {detractor_rate} trong {detractors} người không ủng hộ mua "
        "lại, theo câu trả lời trước kỳ"),
    "retention-survey-few": (
        "{retention_rate} of the {start_customers} customers of {compared_with} bought again in "
        "{period}; too few by category to compare ({promoters} promoters, {passives} passives, "
        "{detractors} detractors)",
        "{retention_rate} trong {start_customers} khách hàng của {compared_with} mua lại trong "
        "{period}; quá ít theo nhóm để so sánh ({promoters} ủng hộ, {passives} trung lập, "
        "{detractors} không ủng hộ)"),
    "retention-none": ("{customers} customers; nobody before {period} to stay or leave",
                       "{customers} khách hàng; trước {period} chưa có ai để giữ chân"),
    "retention-whole": ("Retention by period", "Tỷ lệ giữ chân theo kỳ"),
    "retention-now": ("Retention was {retention_rate} in {period}",
                      "Tỷ lệ giữ chân {retention_rate} trong {period}"),
    "retention-rose": ("Retention rose to {retention_rate} in {period}",
                       "Tỷ lệ giữ chân tăng lên {retention_rate} trong {period}"),
    "retention-fell": ("Retention fell to {retention_rate} in {period}",
                       "Tỷ lệ giữ chân giảm còn {retention_rate} trong {period}"),
    "retention-steady": (
        "Retention was {retention_rate} in {period}, no clear change since {compared_with}",
        "Tỷ lệ giữ chân {retention_rate} trong {period}, không thay đổi rõ từ {compared_with}"),
    "retention-thin": ("Too few customers in {period} to set groups side by side",
                       "Quá ít khách hàng trong {period} để so các nhóm"),
    "retention-group": ("Retention of {name}: {retention_rate} in {period}",
                        "Tỷ lệ giữ chân của {name}: {retention_rate} trong {period}"),
    "retention-range": ("In {period} {retention_rate} to {rate} of customers stayed, by group",
                        "Trong {period}, {retention_rate} đến {rate} khách hàng ở lại, theo nhóm"),
    "low-n-gaps": ("gaps: fewer than {minimum} customers", "chỗ trống: dưới {minimum} khách hàng"),
    "low-n-points": ("grey point, ( ): fewer than {minimum} customers",
                     "điểm xám, ( ): dưới {minimum} khách hàng"),
    "retention-promoters-more": (
        "In {period} more promoters stayed than detractors: {promoter_rate} against "
        "{detractor_rate}",
        "Trong {period}, người ủng hộ ở lại nhiều hơn người không ủng hộ: {promoter_rate} so với "
        "{detractor_rate}",
    ),
    "retention-promoters-less": (
        "In {period} fewer promoters stayed than detractors: {promoter_rate} against "
        "{detractor_rate}",
        "Trong {period}, người ủng hộ ở lại ít hơn người không ủng hộ: {promoter_rate} so với "
        "{detractor_rate}",
    ),
    "retention-promoters-alike": (
        "In {period} {promoter_rate} of promoters stayed and {detractor_rate} of detractors, no "
        "clear difference",
        "Trong {period}, {promoter_rate} người ủng hộ và {detractor_rate} người không ủng hộ ở "
        "lại, không khác biệt rõ",
    ),
    "retention-foot": ("share of the customers of the period before",
                       "tỷ lệ trong số khách hàng của kỳ trước"),
    "retention-undrawn": ("{period} is not over and not drawn",
                          "{period} chưa kết thúc nên không vẽ"),
    "retention-bridge": ("Customers of the period before spent {nrr} as much in {period}",
                         "Trong {period}, khách của kỳ trước chi bằng {nrr} kỳ trước"),
    "cohorts": ("Of {customers} customers in {cohorts} cohorts, {age_1_rate} were active one "
                "period after their first",
                "Trong {customers} khách hàng của {cohorts} nhóm, {age_1_rate} còn hoạt động một "
                "kỳ sau kỳ đầu"),
    "cohorts-title": ("{age_1_rate} of customers were active one period after their first",
                      "{age_1_rate} khách hàng còn hoạt động một kỳ sau kỳ đầu"),
    "cohorts-none": ("{customers} customers, none followed for a period yet",
                     "{customers} khách hàng, chưa ai được theo dõi trọn một kỳ"),
    "cohorts-foot": ("+1, +2, …: active so many periods after their first; all: cohorts that old",
                     "+1, +2, …: tỷ lệ còn hoạt động sau từng ấy kỳ; tất cả: các nhóm đã đủ tuổi"),
    "cohorts-ages": ("age: periods since the first purchase; n: customers that old",
                     "tuổi: số kỳ từ lần mua đầu; n: khách hàng đã đủ tuổi"),
    "cohorts-more": ("the first {count} of {every} ages; --csv and --chart have all",
                     "{count} trong {every} cột đầu; --csv và --chart có tất cả"),
    "monetize": (
        "Detractors hold {revenue_at_risk} of revenue, {revenue_at_risk_share} of all",
        "Khách không ủng hộ nắm {revenue_at_risk} doanh thu, {revenue_at_risk_share} của tất cả",
    ),
    "monetize-part": (
        "Detractors hold {revenue_at_risk}: {revenue_share} of the revenue of customers who "
        "answered, {revenue_at_risk_share} of all",
        "Khách không ủng hộ nắm {revenue_at_risk}: {revenue_share} doanh thu của khách đã trả lời, "
        "{revenue_at_risk_share} của tất cả",
    ),
    "monetize-after": (
        "Detractors hold {revenue_at_risk} of revenue from {first} to {day}, "
        "{revenue_at_risk_share} of all",
        "Khách không ủng hộ nắm {revenue_at_risk} doanh thu từ {first} đến {day}, "
        "{revenue_at_risk_share} của tất cả",
    ),
    "monetize-part-after": (
        "Detractors hold {revenue_at_risk} of revenue from {first} to {day}: {revenue_share} of "
        "that of customers who answered, {revenue_at_risk_share} of all",
        "Khách không ủng hộ nắm {revenue_at_risk} doanh thu từ {first} đến {day}: {revenue_share} "
        "của khách đã trả lời, {revenue_at_risk_share} của tất cả",
    ),
    "monetize-two": (
        "the table: revenue in the {horizon} after an answer, of the {customers} of {every} "
        "customers whose {horizon} are over; what detractors hold, coverage and expected loss: "
        "orders from {first} to {day}, of all {every}",
        "bảng: doanh thu trong {horizon} sau câu trả lời, của {customers} trong {every} khách đã "
        "đủ {horizon}; phần khách không ủng hộ nắm, tỷ lệ bao phủ và tổn thất dự kiến: đơn hàng "
        "từ {first} đến {day}, của cả {every} khách"),
    "monetize-none": ("No revenue above 0 in the last {horizon}",
                      "Không có doanh thu lớn hơn 0 trong {horizon} gần nhất"),
    "monetize-weighted": (
        "NPS by revenue {revenue_weighted_nps} ({rw_ci_low} to {rw_ci_high}), by customer {nps}; "
        "answers cover {coverage} of revenue",
        "NPS theo doanh thu {revenue_weighted_nps} ({rw_ci_low} đến {rw_ci_high}), theo khách "
        "{nps}; câu trả lời chiếm {coverage} tổng doanh thu"),
    "monetize-points": (
        "One NPS point of these {customers} customers: {point_value_detractor_to_passive} "
        "(detractors to passives), {point_value_passive_to_promoter} (passives to promoters), "
        "{point_value_detractor_to_promoter} (detractors to promoters)",
        "Một điểm NPS của {customers} khách này: {point_value_detractor_to_passive} (không ủng hộ "
        "sang trung lập), {point_value_passive_to_promoter} (trung lập sang ủng hộ), "
        "{point_value_detractor_to_promoter} (không ủng hộ sang ủng hộ)"),
    "monetize-what-if": (
        "{share} of detractors as passives: {what_if_low} to {what_if_high}, if the difference "
        "were theirs",
        "{share} khách không ủng hộ thành trung lập: {what_if_low} đến {what_if_high}, nếu họ đạt "
        "toàn bộ chênh lệch"),
    "monetize-roi": (
        "ROI {roi} on {value}, paid back in {payback_months} months (half of the difference, "
        "margin {margin})",
        "ROI {roi} trên {value}, hoàn vốn sau {payback_months} tháng (một nửa chênh lệch, biên "
        "{margin})"),
    "monetize-roi-long": (
        "ROI {roi} on {value}, not paid back within 10 years (half of the difference, margin "
        "{margin})",
        "ROI {roi} trên {value}, không hoàn vốn trong 10 năm (một nửa chênh lệch, biên {margin})"),
    "monetize-roi-none": (
        "ROI {roi} on {value}, never paid back (half of the difference, margin {margin})",
        "ROI {roi} trên {value}, không hoàn vốn (một nửa chênh lệch, biên {margin})"),
    "monetize-kept": (
        "Bought again within {horizon}: {detractor_rate} of detractors, {passive_rate} of "
        "passives, {promoter_rate} of promoters",
        "Mua lại trong {horizon}: {detractor_rate} khách không ủng hộ, "
        "{passive_rate} trung lập, {promoter_rate} ủng hộ"),
    "monetize-loss": ("Expected loss at these churn rates: {expected_loss}",
                      "Tổn thất dự kiến theo tỷ lệ rời bỏ này: {expected_loss}"),
    "monetize-more": ("Promoters bring {revenue_mean} more each than detractors",
                      "Mỗi khách ủng hộ mang lại nhiều hơn khách không ủng hộ {revenue_mean}"),
    "monetize-less": ("Promoters bring {revenue_mean} less each than detractors",
                      "Mỗi khách ủng hộ mang lại ít hơn khách không ủng hộ {revenue_mean}"),
    "monetize-alike": ("No clear difference between promoters and detractors",
                       "Khách ủng hộ và không ủng hộ không khác biệt rõ"),
    "monetize-means": ("What promoters, passives and detractors bring",
                       "Khách ủng hộ, trung lập và không ủng hộ mang lại bao nhiêu"),
    "monetize-foot": ("{customers} customers, {horizon} to {day} · associations, not effects",
                      "{customers} khách hàng, {horizon} đến {day} · tương quan, không phải nhân "
                      "quả"),
    "monetize-foot-after": (
        "{customers} customers, {horizon} after each answer · associations, not effects",
        "{customers} khách hàng, {horizon} sau mỗi câu trả lời · tương quan, không phải nhân quả"),
    "monetize-welch": ("promoters against detractors: Welch, p {p_value}",
                       "ủng hộ so với không ủng hộ: Welch, p {p_value}"),
    "monetize-risk-day": ("{horizon} to {day}", "{horizon} đến {day}"),
    "monetize-risk-foot": (
        "{horizon} to {day} · not drawn: {unknown_revenue} of customers who did not answer",
        "{horizon} đến {day} · không vẽ: {unknown_revenue} của khách không trả lời"),
    "survival": (
        "{survival} of {n} customers still here after {time} {unit}; half have left after "
        "{median} {units} ({median_low} to {median_high})",
        "{survival} của {n} khách hàng còn ở lại sau {time} {unit}; một nửa đã rời đi sau "
        "{median} {units} ({median_low} đến {median_high})",
    ),
    "survival-half": (
        "{survival} of {n} customers still here after {time} {unit}; half have left after "
        "{median} {units}",
        "{survival} của {n} khách hàng còn ở lại sau {time} {unit}; một nửa đã rời đi sau "
        "{median} {units}",
    ),
    "survival-most": (
        "{survival} of {n} customers still here after {time} {unit}; fewer than half have left",
        "{survival} của {n} khách hàng còn ở lại sau {time} {unit}; chưa đến một nửa rời đi",
    ),
    "survival-title": ("{survival} are still here after {time} {unit}",
                       "{survival} còn ở lại sau {time} {unit}"),
    "survival-differ": (
        "After {time} {unit} {survival} of {name} are still here, {share} of {other}",
        "Sau {time} {unit}, {name} còn ở lại {survival}, {other} {share}",
    ),
    "survival-alike": (
        "{survival} still here after {time} {unit}, no clear difference between groups",
        "{survival} còn ở lại sau {time} {unit}, không có khác biệt rõ giữa các nhóm",
    ),
    "survival-test": ("log-rank test that all groups leave alike: p {logrank_p}",
                      "kiểm định log-rank rằng mọi nhóm rời đi như nhau: p {logrank_p}"),
    "survival-trend": (
        "log-rank test that all groups leave alike: p {logrank_p}; trend over their order: "
        "p {trend_p}",
        "kiểm định log-rank rằng mọi nhóm rời đi như nhau: p {logrank_p}; xu hướng theo thứ tự: "
        "p {trend_p}",
    ),
    "survival-foot": (
        "{n} customers, {events} left, followed to {date}; when the others were last seen is taken "
        "to have nothing to do with leaving",
        "{n} khách hàng, {events} rời đi, theo dõi đến {date}; giả định việc ngừng theo dõi không "
        "liên quan đến rời đi",
    ),
    "survival-foot-durations": (
        "{n} customers, {events} left; when the others were last seen is taken to have nothing to "
        "do with leaving",
        "{n} khách hàng, {events} rời đi; giả định việc ngừng theo dõi không liên quan đến rời đi",
    ),
    "clv": (
        "{customers} customers: {expected_purchases} purchases and {clv} expected in {count} "
        "{unit}, {clv_mean} each",
        "{customers} khách hàng: dự kiến {expected_purchases} lượt mua và {clv} trong {count} "
        "{unit}, bình quân {clv_mean}",
    ),
    "clv-alive": (
        "alive: expected to still buy; who bought once counts as alive, for the model lets nobody "
        "leave before a second purchase",
        "còn hoạt động: dự kiến còn mua; khách mới mua một lần được tính là còn, vì mô hình không "
        "cho ai rời đi trước lần mua thứ hai",
    ),
    "clv-weeks": ("last: weeks from the first to the last purchase; age: weeks since the first",
                  "lần cuối: số tuần từ lần mua đầu đến lần cuối; tuổi: số tuần từ lần mua đầu"),
    "clv-fit": ("Customers by purchases so far, and as the model expects them",
                "Khách hàng theo số lần đã mua, thực tế và theo mô hình"),
    "clv-bought": ("bought", "thực tế"),
    "clv-expected": ("model", "mô hình"),
    "clv-sbg": (
        "{customers} customers under contract: {expected_purchases} renewals and {clv} expected in "
        "{count} {unit}, {clv_mean} each",
        "{customers} khách hàng còn hợp đồng: dự kiến {expected_purchases} lần gia hạn và {clv} "
        "trong {count} {unit}, bình quân {clv_mean}",
    ),
    "clv-sbg-plain": (
        "{customers} customers under contract: {expected_purchases} renewals expected in {count} "
        "{unit}, {clv_mean} each",
        "{customers} khách hàng còn hợp đồng: dự kiến {expected_purchases} lần gia hạn trong "
        "{count} {unit}, bình quân {clv_mean}",
    ),
    "clv-title": ("{clv_mean} expected of a customer in {count} {unit}",
                  "Mỗi khách hàng dự kiến mang lại {clv_mean} trong {count} {unit}"),
    "clv-foot": (
        "{customers} customers, purchases to {date} · BG/NBD and gamma-gamma: past steadiness "
        "goes on, no seasons",
        "{customers} khách hàng, mua đến {date} · BG/NBD và gamma-gamma: nhịp mua cũ tiếp diễn, "
        "không mùa vụ",
    ),
    "clv-foot-sbg": (
        "{customers} customers under contract · sBG: each leaves at renewals with a steady chance",
        "{customers} khách hàng còn hợp đồng · sBG: mỗi người rời đi khi gia hạn với xác suất "
        "không đổi",
    ),
    "drivers": (
        "{drivers} drivers explain {r2} of the variance of {outcome} in {n} complete answers; most "
        "weight: {driver} ({importance})",
        "{drivers} yếu tố giải thích {r2} phương sai của {outcome} trong {n} câu trả lời đầy đủ; "
        "trọng số lớn nhất: {driver} ({importance})"),
    "drivers-one": (
        "{driver} explains {r2} of the variance of {outcome} in {n} complete answers",
        "{driver} giải thích {r2} phương sai của {outcome} trong {n} câu trả lời đầy đủ"),
    "drivers-none": ("No driver goes with {outcome} at all (n = {n})",
                     "Không yếu tố nào gắn với {outcome} (n = {n})"),
    "drivers-title": ("{drivers} drivers explain {r2} of the variance of {outcome}",
                      "{drivers} yếu tố giải thích {r2} phương sai của {outcome}"),
    "drivers-title-one": ("{driver} explains {r2} of the variance of {outcome}",
                          "{driver} giải thích {r2} phương sai của {outcome}"),
    "drivers-first": ("{driver} is the first thing to fix", "{driver} cần khắc phục trước tiên"),
    "drivers-relative-weights": (
        "weight: share of the outcome's variance (relative weights), {confidence} bootstrap CI",
        "trọng số: phần phương sai của kết quả (trọng số tương đối), KTC bootstrap {confidence}"),
    "drivers-lmg": ("weight: share of the outcome's variance (LMG, mean gain over all orders)",
                    "trọng số: phần phương sai của kết quả (LMG, trung bình qua mọi thứ tự)"),
    "drivers-correlation": ("weight: squared correlation with the outcome, one driver at a time",
                            "trọng số: bình phương tương quan với kết quả, từng yếu tố một"),
    "drivers-columns": (
        "importance: weight in % of all weights; r: correlation with the outcome",
        "mức quan trọng: trọng số theo % tổng; r: tương quan với kết quả"),
    "drivers-boxes": ("top boxes: share of the two highest answers, of a short scale the highest",
                      "điểm cao: tỷ lệ hai mức cao nhất, thang ngắn thì một mức"),
    "drivers-scales": ("scales, by the answers given: {scales}",
                       "thang điểm, theo các câu trả lời: {scales}"),
    "drivers-foot": ("R² {r2}, n = {n}, mean correlation between drivers {correlation}",
                     "R² {r2}, n = {n}, tương quan trung bình giữa các yếu tố {correlation}"),
    "drivers-foot-one": ("R² {r2}, n = {n}", "R² {r2}, n = {n}"),
    "drivers-association": ("association, not cause", "tương quan, không phải nhân quả"),
    "drivers-kano": (
        "Drivers by {n} complete answers: basic {basics}, performance {performances}, delighting "
        "{delighters} (R² {r2})",
        "Yếu tố theo {n} câu trả lời đầy đủ: cơ bản {basics}, tương xứng {performances}, gây thích "
        "thú {delighters} (R² {r2})"),
    "drivers-kano-title": (
        "Drivers that are basic: {basics}, that delight: {delighters}",
        "Yếu tố cơ bản: {basics}, gây thích thú: {delighters}"),
    "drivers-neutral": ("neutral drivers not drawn: {count}", "không vẽ {count} yếu tố trung tính"),
    "drivers-kano-foot": (
        "penalty of the two lowest answers (of a short scale the lowest) and reward of the "
        "highest, against those between; R² {r2}, n = {n}",
        "điểm trừ của hai mức thấp nhất (thang ngắn thì một mức) và điểm cộng của mức cao nhất, "
        "so với các mức giữa; R² {r2}, n = {n}"),
    "chart-groups-together": ("all groups together", "gộp mọi nhóm"),
    "chart-bars": ("strokes: {span}", "vạch: {span}"),
    "chart-against": ("{measure}, against {name}", "{measure}, so với {name}"),
    "chart-rest": ("other", "khác"),
    "chart-summed": ("{count} smaller steps are summed as “other”",
                     "{count} bước nhỏ hơn được cộng chung vào “khác”"),
    "chart-broken": ("totals are cut: they do not begin at 0",
                     "cột tổng bị cắt: không bắt đầu từ 0"),
    "chart-points": ("{count} of least importance not drawn",
                     "không vẽ {count} mục ít quan trọng nhất"),
    "chart-missing": ("not drawn for lack of a figure: {names}",
                      "không vẽ vì thiếu số liệu: {names}"),
    "chart-unnamed": ("no room for {count} names", "không đủ chỗ cho {count} tên"),
    "chart-means": ("dashed lines: means of the points", "đường nét đứt: trung bình các điểm"),
    "chart-named": ("named: outside the {level} limits", "có tên: ngoài giới hạn {level}"),
    "chart-inner": ("○ outside the {level} limits only", "○ chỉ ngoài giới hạn {level}"),
    "chart-above": ("above the {level} limit", "trên giới hạn {level}"),
    "chart-below": ("below the {level} limit", "dưới giới hạn {level}"),
    "chart-inside": ("{count} within the limits", "{count} trong giới hạn"),
    "fix-first": ("FIX FIRST", "KHẮC PHỤC TRƯỚC"),
    "keep-up": ("keep up", "duy trì"),
    "low-priority": ("low priority", "ưu tiên thấp"),
    "overdone": ("possible overkill", "có thể quá mức cần thiết"),
    "chart-first": ("first", "đầu tiên"),
    "chart-lowest": ("lowest", "thấp nhất"),
    "chart-highest": ("highest", "cao nhất"),
    "chart-last": ("last", "gần nhất"),
}  # fmt: skip

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
