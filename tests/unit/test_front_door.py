"""The front door: the public names, loaded one by one, and nothing else."""

import subprocess
import sys

import pytest

import outgrow_nb

HEAVY = ("pandas", "pyarrow", "ipywidgets", "IPython", "requests", "matplotlib", "scipy", "starlette", "duckdb", "dask")


def test_public_names_are_sorted() -> None:
    """`__all__` is sorted and names nothing twice."""
    assert outgrow_nb.__all__ == sorted(set(outgrow_nb.__all__))


@pytest.mark.parametrize("name", outgrow_nb.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each public name loads, and is the same thing the second time."""
    value = getattr(outgrow_nb, name)
    assert value is getattr(outgrow_nb, name)
    assert value.__doc__


def test_import_loads_no_library() -> None:
    """`import outgrow_nb` in a fresh process loads none of the libraries it may need later."""
    code = f"import sys, outgrow_nb; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_names_resolve_in_a_fresh_process() -> None:
    """Every name loads also where nothing was imported before; a room does not take a function's place."""
    code = (
        "import outgrow_nb\n"
        "for name in outgrow_nb.__all__: getattr(outgrow_nb, name)\n"
        "print(callable(outgrow_nb.connect), outgrow_nb.sandbox.__name__, outgrow_nb.SchemaDrift.__mro__[1].__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True outgrow_nb.sandbox UserWarning\n"


def test_unknown_name() -> None:
    """A name that is not public is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="module 'outgrow_nb' has no attribute 'leads'"):
        _ = outgrow_nb.leads


def test_dir_lists_the_public_names() -> None:
    """Tab completion offers the public names and nothing else."""
    assert dir(outgrow_nb) == outgrow_nb.__all__
