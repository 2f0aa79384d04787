"""The package, as an analyst calls it; who is signed in was saved before."""

import time

import pandas as pd

from benchmarks.naive import TOKEN
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.client import Outgrow
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.records import Account


def entry(url: str, workers: int = 8) -> Entry:
    """A finished sign-in whose token is good for a day."""
    config = Config(client_id="bench", base_url=url.removesuffix("/api/v1"), workers=workers)
    token = Token(access=Secret(TOKEN), refresh=Secret("r"), obtained_at=time.time(), lifetime=86_400.0)
    return Entry(config=config, token=token, account=Account(id="1", email="ana.silva@example.com"))


def credentials(url: str, workers: int = 8) -> Credentials:
    """That sign-in, kept in memory."""
    signed_in = entry(url, workers)

    def nobody(reason: OutgrowError) -> None:
        raise reason

    held = Credentials(profile="default", config=signed_in.config, cache=MemoryCache(), ask=nobody)
    held.accept(signed_in)
    return held


def client(url: str, workers: int = 8) -> Outgrow:
    """A client of that sign-in."""
    return Outgrow(credentials(url, workers))


def flat(url: str, content_id: str, workers: int = 8) -> pd.DataFrame:
    """One row a lead, without answers."""
    return client(url, workers).leads(content_id, answers="none")


def full(url: str, content_id: str, workers: int = 8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a lead with the columns of its answers; and one row an answer."""
    og = client(url, workers)
    return og.leads(content_id), og.answers(content_id)
