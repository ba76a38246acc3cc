"""Every made-up export of a survey: recognised, counted, its score found, all rows accounted."""

from pathlib import Path

import pytest

import cxkit
from cxkit.terms import LAYOUTS

FILES = Path(__file__).parent / "files"
FOUR = {"preview": 1, "test": 1, "unfinished": 1, "missing": 1}
FACTS = (8, 2, 2, 4)  # n, detractors, passives, promoters: 10 9 9 9 8 7 6 0
ASK = "How likely is it that you would recommend us to a friend or colleague?"
REC = "How likely are you to recommend us to a friend?"
FIELD = "How likely are you to recommend {{field:01f8}} to a friend?"

# file: layout, rows left out by reason, the score, the date, the customer
EXPORTS = {
    "qualtrics_text_en.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_numeric_de.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_older_no_zone.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_2025_no_person.csv": ("qualtrics", FOUR, "Q9", "EndDate", None),
    "qualtrics_labels.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_utf16.tsv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_one_header.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_two_headers.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_no_texts.csv": ("qualtrics", FOUR, "Q9", "EndDate", "ExternalReference"),
    "qualtrics_legacy.csv": ("qualtrics", {"preview": 1, "unfinished": 1}, "Q1", "V9", "V4"),
    "surveymonkey_new.csv": ("surveymonkey", {"missing": 1}, ASK, "End Date", "Email Address"),
    "surveymonkey_old.csv": ("surveymonkey", {"missing": 1}, ASK, "EndDate", "Email Address"),
    "surveymonkey_old_mac.csv": ("surveymonkey", {"missing": 1}, ASK, "EndDate", "Email Address"),
    "surveymonkey_minimal.csv": ("surveymonkey", {"missing": 1}, ASK, "End Date", "Email Address"),
    "surveymonkey_label_first.csv": (
        "surveymonkey", {"missing": 1}, ASK, "End Date", "Email Address",
    ),
    "typeform_2018.csv": ("typeform", {"unfinished": 2}, FIELD, "Submit Date (UTC)", None),
    "typeform_response_type.csv": ("typeform", {"unfinished": 2}, FIELD, "Submit Date (UTC)", None),
    "typeform_ending.csv": ("typeform", {"unfinished": 2}, FIELD, "Submit Date (UTC)", None),
    "google_forms_own.csv": ("google-forms", {}, REC, "Timestamp", "Email Address"),
    "google_forms_sheets_us.csv": ("google-forms", {}, REC, "Timestamp", "Email address"),
    "google_forms_sheets_dmy.csv": ("google-forms", {}, REC, "Timestamp", None),
    "google_forms_de.csv": (
        "google-forms", {}, "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
        "Zeitstempel", None,
    ),
    "google_forms_es.csv": (
        "google-forms", {}, "¿Qué tan probable es que nos recomiendes?", "Marca temporal", None,
    ),
    "google_forms_fr.csv": ("google-forms", {}, "Nous recommanderiez-vous ?", "Horodateur", None),
    "google_forms_pt.csv": (
        "google-forms", {}, "Você nos recomendaria?", "Carimbo de data/hora", None,
    ),
    "google_forms_vi.csv": (
        "google-forms", {}, "Bạn có sẵn lòng giới thiệu chúng tôi không?", "Dấu thời gian", None,
    ),
    "google_forms_ja.csv": ("google-forms", {}, "友人に勧めますか", "タイムスタンプ", None),
    "delighted_mixed.csv": ("delighted", {"where": 2}, "Score", "Created at", "Person email"),
    "delighted_api.csv": ("delighted", {}, "score", "created_at", "person"),
    "asknicely_mixed.csv": ("asknicely", {"where": 4}, "answer", "responded", "email"),
    "customergauge_responses.csv": ("customergauge", {}, "NPS Score", "Response Date*", None),
    "customergauge_semicolon.csv": ("customergauge", {}, "NPS Score", "Response Date*", None),
    "customergauge_api.csv": ("customergauge", {}, "NetPromoterScore", "Date", "CustomerNumber"),
    "forsta_codes.csv": ("forsta", {"unfinished": 4}, "q_recommend", "interview_end", None),
    "forsta_labels.tsv": ("forsta", {"unfinished": 4}, "q_recommend", "interview_end", None),
    "inmoment.csv": ("inmoment", {}, "score", "created_at", "email"),
    "hubspot_internal.csv": (
        "hubspot", {"where": 2}, "hs_value", "hs_submission_timestamp", "hs_contact_id",
    ),
    "zendesk_tickets.csv": (
        "zendesk", {"missing": 3}, "Would you recommend us? [list]", "Created at",
        "Requester email",
    ),
    "plain.csv": ("plain", {}, "score", None, None),
}  # fmt: skip
OTHERS = {"medallia_agent_connect.csv", "hubspot_german_labels.csv"}  # no score that is found


# Of sales, deals and referrals: see `test_sales`, `test_aligned`.
SALES = (
    "shopify_", "stripe_", "woocommerce_", "square_", "hubspot_deals_", "salesforce_",
    "customergauge_revenue", "friendbuy_", "saasquatch_", "referralhero", "invoice_lines",
    "aligned",
)  # fmt: skip
OF_SALES = {name.rstrip("_").replace("_", "-") for name in SALES[:-2]}


def test_every_file_and_every_layout_is_here():
    names = {path.name for path in FILES.iterdir() if not path.name.startswith(SALES)}
    assert names == set(EXPORTS) | OTHERS
    found = {facts[0] for facts in EXPORTS.values()} | {"medallia"}
    assert found == {"plain", *LAYOUTS} - OF_SALES


@pytest.mark.parametrize("name", EXPORTS)
def test_recognised_and_counted(export, name):
    layout, left_out, score, _, _ = EXPORTS[name]
    result = cxkit.nps(export(name))
    assert result.inputs[0].layout == layout
    assert result.columns["score"] == score
    assert result.ledger.left_out == left_out
    assert result.ledger.read == 8 + sum(left_out.values()) == result.inputs[0].rows
    counts = tuple(result.summary[k] for k in ("n", "detractors", "passives", "promoters"))
    assert counts == FACTS
    assert result.summary["nps"] == 25
    assert not [note for note in result.notes if note.kind == "warning"]


@pytest.mark.parametrize("name", [name for name, facts in EXPORTS.items() if facts[3]])
def test_dates_are_found_and_read(export, name):
    result = cxkit.nps(export(name), period="year")
    assert result.columns["date"] == EXPORTS[name][3]
    assert result.rows["n"].sum() == 8
    assert "no-date" not in result.ledger.left_out
    assert not [note for note in result.notes if note.kind == "warning"]


@pytest.mark.parametrize("name", [name for name, facts in EXPORTS.items() if facts[4]])
def test_the_customer_is_found(export, name):
    result = cxkit.nps(export(name), period="year", keep="last")
    assert result.columns["customer"] == EXPORTS[name][4]
    assert result.summary["n"] == 8


@pytest.mark.parametrize("name", EXPORTS)
def test_the_layout_by_name_is_the_layout_recognised(export, name):
    layout = EXPORTS[name][0]
    assert cxkit.nps(export(name), input_format=layout).ledger == cxkit.nps(export(name)).ledger


@pytest.mark.parametrize("name", [n for n, f in EXPORTS.items() if f[0] != "plain"])
def test_the_first_answer_is_row_1(export, name, tmp_path):
    """An odd answer in the third row of data is told as row 3, whatever stands above."""
    path = export(name)
    source = cxkit.read(path)
    column = EXPORTS[name][2]
    frame = source.rows.select("cxkit:row", column).collect()
    assert frame["cxkit:row"].to_list() == list(range(frame.height))
    first = frame[column][0]
    assert first is not None
    assert "10" in first


def test_german_labels_by_mapping(export, tmp_path):
    result = cxkit.nps(
        export("hubspot_german_labels.csv"), score="Antwort", date="Übermittelt am", period="month"
    )
    assert (result.summary["nps"], result.inputs[0].layout) == (25, "plain")


def test_stars_are_no_score(export):
    source = cxkit.read(export("medallia_agent_connect.csv"))
    assert source.inputs[0].layout == "medallia"
    assert source.roles["date"] == ("response_received_at",)
    with pytest.raises(cxkit.RequestError) as caught:
        cxkit.nps(source)
    assert caught.value.slug == "no-score"
