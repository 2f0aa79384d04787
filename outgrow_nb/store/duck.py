"""DuckDB, where it is installed."""

from typing import TYPE_CHECKING, Any

from outgrow_nb.errors import ConfigError

if TYPE_CHECKING:
    import duckdb

# Nothing is fetched from the network, no Python variable is taken for a table.
SAFE: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def duckdb_at(place: str, **settings: str) -> "duckdb.DuckDBPyConnection":
    """A connection that fetches nothing.

    Raises:
        ConfigError: DuckDB is not installed.
    """
    need_duckdb()
    import duckdb

    return duckdb.connect(place, config={**SAFE, **settings})


def need_duckdb() -> None:
    """Says how to get DuckDB.

    Raises:
        ConfigError: It is not installed.
    """
    missing = False
    try:
        import duckdb  # noqa: F401
    except ModuleNotFoundError:
        missing = True
    if missing:
        raise ConfigError("This needs DuckDB.", "Run: pip install 'outgrow-nb[store]'")


def duckdb_errors() -> type[Exception]:
    """What DuckDB raises; it is installed."""
    import duckdb

    return duckdb.Error
