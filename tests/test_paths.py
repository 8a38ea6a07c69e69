"""Where a user's runs lie: the same folder for ever, on every system, or they are lost."""

from pathlib import Path

import pytest

from explorer import paths

HOME = Path("/home/ada")
APPDATA, XDG = "/profiles/ada/Local", "/mnt/ada"


@pytest.mark.parametrize(
    ("platform", "named", "folder"),
    [
        ("linux", {}, HOME / ".local/share/cnn-explorer"),
        ("linux", {"XDG_DATA_HOME": XDG}, Path(XDG, "cnn-explorer")),
        ("linux", {"XDG_DATA_HOME": ""}, HOME / ".local/share/cnn-explorer"),
        ("darwin", {}, HOME / "Library/Application Support/cnn-explorer"),
        ("darwin", {"XDG_DATA_HOME": XDG}, HOME / "Library/Application Support/cnn-explorer"),
        ("win32", {"LOCALAPPDATA": APPDATA}, Path(APPDATA, "cnn-explorer")),
        ("win32", {"LOCALAPPDATA": APPDATA, "XDG_DATA_HOME": XDG}, Path(APPDATA, "cnn-explorer")),
        ("win32", {}, HOME / "AppData/Local/cnn-explorer"),
    ],
)
@pytest.mark.parametrize("chosen", ["", "~/lesson"])
def test_the_data_folder_is_where_it_always_was(
    platform: str, named: dict[str, str], folder: Path, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (named | {"EXPLORER_DATA": chosen, "HOME": str(HOME), "USERPROFILE": str(HOME)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(paths.sys, "platform", platform)
    assert paths.data_folder() == (HOME / "lesson" if chosen else folder)


def test_our_own_files_are_where_we_look_for_them() -> None:
    assert (paths.ROOT / "explorer" / "app.py").is_file() and (paths.ASSETS / "papers.csv").is_file()
