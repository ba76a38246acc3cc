"""`docs/layouts.md` is made from the layouts themselves.

After a change of one: `python tests/layouts/test_table.py` writes it anew.
"""

from pathlib import Path

import cxkit.reading.layouts as package
from cxkit.reading.layouts import layout, table
from cxkit.terms import LAYOUTS, OPTIONS

FILE = Path(__file__).parents[2] / "docs" / "layouts.md"
PAGE = f"""\
# What is read

Made from the layouts by `tests/layouts/test_table.py`; changes made here are lost.

Exports are recognised by what their beginning looks like, in the order of this table, and named
on stderr: `using layout qualtrics, …`. `--input-format NAME` says what a file is where that fails.

{table.markdown()}

Left out and counted: previews and tests (`--keep-previews`), answers that were not finished
(`--keep-unfinished`). Where one file holds answers to questions of several types, the rows of the
other types count as left out by `where`, as if `--where "question_type = 'nps'"` had been said.

Of sales, left out and counted are orders that were `cancelled`, `voided` or `unpaid`; refunds are
taken off the order, or count as rows of their own, unless `--gross` asks for money as it stands.
Payouts, credits and lists of customers are no sales, and are refused where sales are asked for.
A plain table of invoice lines (invoice, quantity, price) knows that numbers like `C536379` cancel.
Text in columns made by blanks, numbers only and without a header, is read as `column_1`,
`column_2`, …; orders like those of the CDNOW panel (customer, day, quantity, amount) are known.

Question texts stand in tables and under charts; columns keep their names, and are asked for by
them. A layout's own columns are taken for the date, the customer and the score; where a vendor has
no fixed columns, `[columns]` in `cxkit.toml` names them: see `examples/medallia/cxkit.toml`.

A new layout is a module in `cxkit/reading/layouts` and its name in `LAYOUTS` of `cxkit/terms.py`.
"""


def test_the_page_is_up_to_date():
    assert FILE.read_text(encoding="utf-8") == PAGE


def test_each_module_is_listed_and_each_name_is_a_module():
    folder = Path(package.__file__).parent
    modules = {path.stem.replace("_", "-") for path in folder.glob("*.py")}
    assert modules - {"--init--", "base", "table", "invoice-lines"} == set(LAYOUTS)
    assert OPTIONS["input_format"].choices == ("plain", *LAYOUTS, "spss")
    assert LAYOUTS[-1] == "google-forms", "the weakest comes last"
    assert len({layout(name).title for name in LAYOUTS}) == len(LAYOUTS)


if __name__ == "__main__":
    FILE.write_text(PAGE, encoding="utf-8")
