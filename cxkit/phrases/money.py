"""Sentences of what it is worth: concentration, growth, referrals, retention, value."""

from __future__ import annotations

MONEY: dict[str, tuple[str, str]] = {
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
    "growth-foot-unknown": (
        "NRR: revenue of customers of the period before; at most: if all whose source is unknown "
        "were earned; both in % of the revenue of the period before",
        "NRR: doanh thu của khách kỳ trước; nhiều nhất: nếu mọi khách chưa rõ nguồn đều tự đến; "
        "đều tính bằng % doanh thu kỳ trước"),
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
    "retention-same": ("In {period} {rate} of customers stayed in every group",
                       "Trong {period}, {rate} khách hàng ở lại trong mọi nhóm"),
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
    "monetize-loss": ("Expected loss of all categories at these churn rates: {expected_loss}",
                      "Tổn thất dự kiến của mọi nhóm theo tỷ lệ rời bỏ này: {expected_loss}"),
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
}  # fmt: skip
