"""The explorer's words as HTML, every foreign word escaped (X01); no widget in here, so it is tested as text."""

import html
from typing import Any

import pandas as pd

from outgrow_nb.notebook.exploring import Shown

STYLE = """<style>
.outgrow-nb-explorer{border:1px solid var(--jp-border-color2,#cfd8d3);border-radius:10px;padding:12px 16px;
max-width:792px;box-sizing:border-box;background:var(--jp-layout-color1,#fff);color:var(--jp-ui-font-color1,#1c2521)}
.outgrow-nb-explorer.widget-box{gap:8px}
.outgrow-nb-explorer .widget-box{flex-wrap:wrap;gap:4px 14px;overflow:visible}
.outgrow-nb-explorer .widget-html-content,.outgrow-nb-explorer .widget-html>.widget-html-content{line-height:1.45}
.outgrow-nb-explorer .widget-html{height:auto;margin:0}
.outgrow-nb-explorer .widget-toggle-buttons{flex-wrap:nowrap;width:auto;max-width:100%}
.outgrow-nb-explorer .widget-toggle-button{width:auto;padding:0 12px;border-radius:6px}
.outgrow-nb-explorer .widget-toggle-button.mod-active{background:#1f7a4d;color:#fff;box-shadow:none}
.outgrow-nb-explorer .widget-button{width:auto;border-radius:6px}
.outgrow-nb-explorer .widget-dropdown,.outgrow-nb-explorer .widget-datepicker{max-width:100%}
.outgrow-nb-explorer .widget-label{width:auto !important;min-width:52px}
.outgrow-nb-explorer select,.outgrow-nb-explorer input{border-radius:6px}
.outgrow-nb-explorer :focus-visible{outline:2px solid #2f9e68 !important;outline-offset:2px}
.outgrow-nb-line{font-size:13px;color:var(--jp-ui-font-color2,#56635c);min-height:20px}
.outgrow-nb-line.bad{color:color-mix(in srgb,#d33a28 60%,var(--jp-ui-font-color1,#1c2521))}
.outgrow-nb-explorer img{display:block;width:720px;max-width:100%;height:auto;border-radius:6px;background:#fff;
padding:8px;box-sizing:border-box}
.outgrow-nb-explorer details{margin:8px 0}
.outgrow-nb-explorer summary{cursor:pointer;font-size:13px;color:var(--jp-ui-font-color2,#56635c)}
.outgrow-nb-table{overflow:auto;max-height:320px}
.outgrow-nb-table table{border-collapse:collapse;font-size:12px;margin:6px 0}
.outgrow-nb-table th{text-align:left;font-weight:600}
.outgrow-nb-table th,.outgrow-nb-table td{padding:3px 10px;border-bottom:1px solid var(--jp-border-color3,#e3e8e5);
white-space:nowrap}
.outgrow-nb-code{display:flex;gap:10px;align-items:flex-start;flex-wrap:wrap}
.outgrow-nb-code textarea{flex:1 1 240px;min-width:0;font:12px/1.5 var(--jp-code-font-family,monospace);padding:6px 8px;
resize:vertical;border:1px solid var(--jp-border-color2,#cfd8d3);border-radius:6px;
background:var(--jp-layout-color2,#eef2f0);
color:var(--jp-ui-font-color1,#1c2521);white-space:pre;overflow:auto;box-sizing:border-box}
.outgrow-nb-code button{padding:6px 14px;border-radius:6px;border:1px solid #17603c;background:#1f7a4d;color:#fff;
font-weight:600;cursor:pointer}
</style>"""
FALLBACK_TEXT = "Outgrow explorer: run this cell in a notebook to look at your leads."
FALLBACK = "<p>Outgrow explorer: run this cell in a notebook to look at your leads.</p>"
MOST_ROWS = 200

# The code stands in the box; the script copies what the box holds, so that no foreign word is ever part of a script.
_COPY = (
    "const box=this.parentElement.querySelector('textarea');box.focus();box.select();"
    "this.textContent=document.execCommand('copy')?'Copied':'Press Ctrl+C'"
)


def line(text: str, *, bad: bool = False) -> str:
    """The one sentence that says what is going on, read aloud when it changes."""
    kind = " bad" if bad else ""
    return f'{STYLE}<div class="outgrow-nb-line{kind}" role="status" aria-live="polite">{html.escape(text)}</div>'


def told(shown: Shown, content: str) -> str:
    """What is looked at: how many leads of what."""
    if not shown.leads:
        return f"No leads of “{content}” in this period."
    account = f" · {shown.account}" if shown.account else ""
    return f"{shown.leads:,} lead{'' if shown.leads == 1 else 's'} · {content}{account}"


def picture(shown: Shown) -> str:
    """The picture, with its title for whoever does not see it."""
    if shown.picture is None:
        return ""
    words = html.escape(f"{shown.title}. The numbers stand in the table below.", quote=True)
    return f'<img alt="{words}" src="data:image/png;base64,{shown.picture}">'


def numbers(shown: Shown) -> str:
    """The table behind the picture; open where there is no picture."""
    return f"<details{'' if shown.picture else ' open'}><summary>The numbers</summary>{_table(shown.table)}</details>"


def code(shown: Shown) -> str:
    """The lines that make the same view, and a button that copies them."""
    return (
        f'<div class="outgrow-nb-code"><textarea readonly rows="2" spellcheck="false" aria-label="Code of this view">'
        f'{html.escape(shown.code)}</textarea><button type="button" onclick="{html.escape(_COPY, quote=True)}">'
        "Copy code</button></div>"
    )


def _table(table: pd.DataFrame) -> str:
    shown = pd.DataFrame({name: [_cell(value) for value in table[name].head(MOST_ROWS)] for name in table.columns})
    if len(shown) == 1:  # one row reads best from top to bottom
        made = shown.T.to_html(header=False, border=0, escape=True)
    else:
        made = shown.to_html(index=False, border=0, escape=True)
    more = f"<p>{len(table) - MOST_ROWS:,} more rows</p>" if len(table) > MOST_ROWS else ""
    return f'<div class="outgrow-nb-table">{made}{more}</div>'


def _cell(value: Any) -> str:
    if pd.isna(value):
        return "–"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{round(value, 3):g}" if abs(value) < 1e5 else f"{value:.0f}"
    return str(value)
