"""`Outgrow`: what an analyst holds in their hands; every data method returns a DataFrame. Knows no front end."""

from outgrow_nb.client.outgrow import Outgrow

__all__ = ["Outgrow"]
