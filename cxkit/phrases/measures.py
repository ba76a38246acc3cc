"""Sentences of what customers feel, where and why: measures, journey, gap, compare, drivers."""

from __future__ import annotations

MEASURES: dict[str, tuple[str, str]] = {
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
}  # fmt: skip
