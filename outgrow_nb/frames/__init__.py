"""Records to Arrow to DataFrames: pages go into `LeadBatches`, `kept` makes one read of them, frames come from that."""

from outgrow_nb.frames.analytics import analytics_frame
from outgrow_nb.frames.arguments import limited, one_of
from outgrow_nb.frames.batches import LeadBatches
from outgrow_nb.frames.contents import contents_frame, titles
from outgrow_nb.frames.gather import kept
from outgrow_nb.frames.kept import KeptLeads
from outgrow_nb.frames.mask import person_id
from outgrow_nb.frames.page import PageColumns, page_columns
from outgrow_nb.frames.window import When, Window, window, zone

__all__ = [
    "KeptLeads",
    "LeadBatches",
    "PageColumns",
    "When",
    "Window",
    "analytics_frame",
    "contents_frame",
    "kept",
    "limited",
    "one_of",
    "page_columns",
    "person_id",
    "titles",
    "window",
    "zone",
]
