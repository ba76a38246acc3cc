"""Google Forms: a time stamp, then questions as they were asked. Weakest to tell, so tried last."""

from __future__ import annotations

from cxkit.reading.layouts.base import Found, Head, Layout, key

# The first column in the language of the form's owner.
_STAMP = {
    key(word)
    for word in (
        "Timestamp", "Zeitstempel", "Marca temporal", "Horodateur", "Carimbo de data/hora",
        "Informazioni cronologiche", "Tijdstempel", "Dấu thời gian", "タイムスタンプ",
        "타임스탬프", "时间戳记", "時間戳記", "Отметка времени", "Sygnatura czasowa",
        "Zaman damgası", "Tidstämpel", "Tidsstempel", "Aikaleima", "Časová značka", "Stempel waktu",
        "Cap waktu",
    )
}  # fmt: skip


def _fits(head: Head) -> bool:
    return len(head.names) > 1 and key(head.header[0]) in _STAMP


def _read(head: Head) -> Found:
    customer = head.own(customer=("Email Address", "Username"))
    return Found(roles={"date": head.names[:1], **customer})


LAYOUT = Layout(
    title="Google Forms",
    told_by="`Timestamp` first, in the owner's language",
    reads="exports of Forms and of Sheets; the order of day and month is settled by the dates",
    fits=_fits,
    read=_read,
)
