"""The embedded Outgrow: authorization server, both API dialects and invented leads, on 127.0.0.1, in its own process.

``ensure`` finds the running sandbox of a folder or starts one; ``serve`` serves in this process.
What is hidden in the data on purpose stands in ``effects.py``; what can be made to go wrong, in ``faults.py``.
"""

from outgrow_nb.sandbox.process import Running, ensure
from outgrow_nb.sandbox.server import Ready, serve
from outgrow_nb.sandbox.settings import Settings

__all__ = ["Ready", "Running", "Settings", "ensure", "serve"]
