"""Which `.env` is found and trusted, and what is said of the secrets in it (E02)."""

import os
import struct
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.config import resolve
from outgrow_nb.errors import ConfigError
from tests.unit.config_support import environment, project, write_env
from tests.unit.kept_support import NOBODY, as_root, nobody, posix, shared_folder

folder, shared = pytest.fixture(project), pytest.fixture(shared_folder)


def people(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    *,
    group: str = "ana",
    primary: bool = True,
    members: Sequence[str] = (),
    others: Sequence[str] = (),
) -> None:
    """Makes this computer one where the file's owner is ana, and its group is as told.

    Args:
        monkeypatch: For the computer's lists of users and groups.
        path: The file.
        group: The name of its group.
        primary: Whether that is ana's primary group.
        members: Who is listed in it.
        others: Who else has it as primary group.
    """
    import grp
    import pwd

    user, number = path.stat().st_uid, path.stat().st_gid
    ana = pwd.struct_passwd(("ana", "x", user, number if primary else number + 1, "", "/home/ana", ""))
    rest = [pwd.struct_passwd((name, "x", 7000, number, "", "", "")) for name in others]
    monkeypatch.setattr(pwd, "getpwuid", {user: ana}.__getitem__)
    monkeypatch.setattr(pwd, "getpwall", lambda: [ana, *rest])
    monkeypatch.setattr(grp, "getgrgid", {number: grp.struct_group((group, "x", number, list(members)))}.__getitem__)


def used(folder: Path) -> bool:
    """Whether the `.env` is used; if it is not, a warning names it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = resolve(environ=environment(folder), start=folder).config.client_id is not None
    said = [str(warning.message) for warning in told]
    if not found:
        assert [text for text in said if str(folder / ".env") in text and "can be written by other users" in text]
    return found and not said


@posix
@pytest.mark.parametrize(
    ("mode", "use"), [(0o600, True), (0o644, True), (0o664, True), (0o660, True), (0o602, False), (0o666, False)]
)
@pytest.mark.parametrize("members", [[], ["ana"]])
def test_e02_everybody_has_a_group_of_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, use: bool, members: list[str]
) -> None:
    """As on Debian and Fedora, where every new file is writable by it: the file is used unless all may write it."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=app", mode=mode)
    people(monkeypatch, path, members=members)
    assert used(folder) is use


@posix
@pytest.mark.parametrize(
    "shared",
    [
        {"members": ["bob"]},
        {"members": ["ana", "bob"]},
        {"others": ["bob"]},
        {"primary": False},
        {"group": "staff"},
    ],
    ids=str,
)
def test_e02_a_group_of_several(folder: Path, monkeypatch: pytest.MonkeyPatch, shared: dict[str, Any]) -> None:
    """Others are in the group, may be, or it is not the owner's own: ignored, unless it may only read."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted", mode=0o664)
    people(monkeypatch, path, **shared)
    assert not used(folder)
    path.chmod(0o640)
    assert used(folder)


@posix
@pytest.mark.parametrize("missing", ["pwd.getpwuid", "grp.getgrgid"])
def test_e02_a_group_that_nobody_knows(folder: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """A user or group without a name, as in a container: whoever may be in it may write, so it is ignored."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted", mode=0o660)
    people(monkeypatch, path)
    assert used(folder)
    empty: dict[int, object] = {}
    monkeypatch.setattr(missing, empty.__getitem__)
    assert not used(folder)


@posix
def test_e02_an_access_control_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group's bits may stand for a list that lets somebody else write: ignored."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted", mode=0o600)
    somebody = [(1, 6, -1), (2, 6, 65534), (4, 4, -1), (16, 6, -1), (32, 4, -1)]
    rules = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *rule) for rule in somebody)
    try:
        os.setxattr(path, "system.posix_acl_access", rules)
    except (AttributeError, OSError):
        pytest.skip("no access control lists here")
    people(monkeypatch, path)
    assert path.stat().st_mode & 0o777 == 0o664
    assert not used(folder)


@as_root
@pytest.mark.parametrize("link", [False, True])
def test_e02_a_dotenv_of_another_user(folder: Path, link: bool) -> None:
    """A file that somebody else owns is ignored, and a link that they set to one of ours."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted")
    if link:
        path.rename(folder / "ours")
        path.symlink_to("ours")
    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.warns(UserWarning, match="belongs to another user") as told:
        assert resolve(environ=environment(folder), start=folder).config.client_id is None
    assert str(path) in str(told[0].message)


@as_root
def test_e02_a_dotenv_of_the_administrator(shared: Path) -> None:
    """What root has put there is used by everybody."""
    path = write_env(shared, "OUTGROW_CLIENT_ID=app", mode=0o644)
    shared.chmod(0o755)
    with nobody():
        assert used(shared)
    os.chown(path, NOBODY + 1, 0)
    with nobody(), pytest.warns(UserWarning, match="belongs to another user"):
        resolve(environ=environment(shared), start=shared)


@posix
def test_e02_a_link_of_ones_own(folder: Path) -> None:
    """A link to a file that all may write is ignored, whatever the link's own mode; to a private one it is used."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=app")
    path.rename(folder / "settings")
    path.symlink_to("settings")
    assert used(folder)
    (folder / "settings").chmod(0o646)
    assert not used(folder)


def test_e02_the_search_ends(folder: Path) -> None:
    """At the root of the repository, at the home folder, and a folder named `.env` is none."""
    write_env(folder.parent, "OUTGROW_CLIENT_ID=planted-above")
    assert resolve(environ=environment(folder), start=folder).config.client_id is None
    elsewhere = folder.parent / "plain"
    (elsewhere / ".env").mkdir(parents=True)
    assert resolve(environ={**environment(folder), "HOME": str(elsewhere)}, start=elsewhere).config.client_id is None
    assert resolve(environ=environment(folder), start=elsewhere).config.client_id == "planted-above"


@posix
@pytest.mark.parametrize(("mode", "group"), [(0o644, "ana"), (0o604, "ana"), (0o640, "staff")])
def test_a_secret_in_a_readable_dotenv(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, group: str) -> None:
    """One warning that says what to run; none for a file without secrets, or readable by a group of one."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=x", mode=mode)
    people(monkeypatch, path, group=group)
    resolve(environ=environment(folder), start=folder)
    write_env(folder, "OUTGROW_CLIENT_SECRET=s", mode=mode)
    with pytest.warns(UserWarning, match=f"chmod 600 {path}") as told:
        resolve(environ=environment(folder), start=folder)
    assert len(told) == 1
    people(monkeypatch, path, group="ana")
    path.chmod(0o660)
    resolve(environ=environment(folder), start=folder)


def test_a_secret_in_a_tracked_dotenv(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Git publishes it: said once, with what to do, and not by git."""
    write_env(folder, "OUTGROW_CLIENT_SECRET=s")
    resolve(environ=environment(folder), start=folder)
    subprocess.run(["git", "add", "-f", ".env"], cwd=folder, check=True)
    with pytest.warns(UserWarning, match="git tracks it"):
        resolve(environ=environment(folder), start=folder)
    assert capfd.readouterr() == ("", "")


def test_a_dotenv_is_read_as_it_is(folder: Path) -> None:
    """Nothing of the environment is put into it, and a byte order mark does no harm."""
    path = write_env(folder, "\ufeffOUTGROW_CLIENT_ID='${HOME}'", "OUTGROW_PROFILE=$HOME")
    found = resolve(environ=environment(folder), start=folder)
    assert (found.config.client_id, found.profile) == ("${HOME}", "$HOME")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_dotenv_that_is_no_text(folder: Path) -> None:
    """Said with its path."""
    path = folder / ".env"
    path.write_bytes(b"\xff\xfe\x00O\x00U")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="UTF-8"):
        resolve(environ=environment(folder), start=folder)
