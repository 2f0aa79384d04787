"""The floor: what any program must do at least. Receive, unzip, parse the JSON, and throw it away."""

import http.client
import zlib
from urllib.parse import urlencode, urlsplit

import orjson

from benchmarks.naive import TOKEN


def full(url: str, content_id: str) -> int:
    """Every page over one connection; how many leads there were."""
    address, count = urlsplit(url), 0
    query = {"calculator": content_id, "limit": "1000"}
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    while True:
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "gzip"}
        connection.request("GET", f"{address.path}/leads?{urlencode(query)}", headers=headers)
        page = orjson.loads(zlib.decompress(connection.getresponse().read(), 31))
        count += len(page["data"])
        if page["next_cursor"] is None:
            return count
        query["cursor"] = page["next_cursor"]
