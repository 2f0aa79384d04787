"""`read_export`: leads from a CSV file that Outgrow's dashboard exported, without an account."""

import os
from pathlib import Path

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.client import tables
from outgrow_nb.errors import SchemaDrift
from outgrow_nb.records import ContentItem, Question
from outgrow_nb.store.csv_leads import CsvLeads, csv_leads


def read_export(
    csv: str | os.PathLike[str], *, content: str | None = None, tz: str = "UTC", day_first: bool | None = None
) -> pd.DataFrame:
    """Reads leads from a CSV file that Outgrow's dashboard exported; needs no account and no network.

    How such a file looks is assumed: columns are matched by name without regard to case, blanks and marks ("Submitted
    at", "Email Address", "UTM Source"), commas, semicolons, tabs, UTF-8, UTF-16 and Windows-1252 are told apart, and
    what is no field of a lead is taken for a question. No value is dropped: one `SchemaDrift` warning and
    ``attrs["outgrow"]`` name what was not understood.

    Args:
        csv: The file.
        content: What its content is called in the frame; None: the file's name.
        tz: The zone of the frame's times, and of times in the file that name none.
        day_first: Whether ``03/04/2026`` is the 3rd of April; None: the file's times have to tell.

    Returns:
        One row a submission, oldest first, with the columns and dtypes of `Outgrow.leads`, NA where the file does not
        tell, then a column (str) for each question. Where the file has no ids, `lead_id` is made of `content`, time
        and e-mail address, or the whole row, and is the same each time. ``attrs["outgrow"]``: source, file, made_ids
        (how many ids were made), answers (columns taken for questions), problems.

    Raises:
        ConfigError: The file cannot be read, is no CSV file, or has times that can be read in two ways.
    """
    path = Path(csv).expanduser()
    leads = csv_leads(path, place=frames.zone(tz), day_first=day_first)
    name = path.stem if content is None else content
    item = ContentItem(id=name, name=name)
    batches = frames.LeadBatches()
    batches.cover(item, [Question(id="", text=text) for text in leads.columns.questions.values()])
    for page in leads.pages(content or ""):
        batches.add(item, page)
    frame = frames.kept(batches).leads(tz=tz)
    frame.attrs["outgrow"] = {
        "source": "CSV export of Outgrow's dashboard (its layout is assumed)",
        "file": path.name,
        "made_ids": leads.made_ids,
        "answers": ", ".join(leads.columns.questions.values()),
        "problems": "; ".join(leads.problems),
    }
    warn_of_problems(leads)
    return frame


def warn_of_problems(leads: CsvLeads) -> None:
    """Says in one warning what of a file was not understood."""
    if leads.problems:
        tables.warn(f"{leads.text.path.name}: {'; '.join(leads.problems)}. Every value is kept.", SchemaDrift)
