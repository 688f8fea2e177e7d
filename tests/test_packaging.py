"""The wheel holds both packages and the browser's files, and starts outside the checkout."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    if "Could not find a version" in done.stderr:
        pytest.skip("the build backend cannot be fetched here")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_wheel_holds_everything(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    assets = {
        f"designer/{path.relative_to(ROOT)}"
        for path in (ROOT / "assets").rglob("*")
        if path.is_file() and path.suffix in {".js", ".mjs", ".css"}
    }
    assert assets
    assert assets <= names
    gallery = {f"designer/gallery/{p.name}" for p in (ROOT / "designer/gallery").glob("*.json")}
    assert gallery <= names
    packages = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert packages == {"backend", "designer"}


def test_the_installed_command_answers(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import designer.paths; print(designer.paths.assets_dir())\n"
        "sys.argv = ['kirchhoff', '--help']\n"
        "from designer.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site" / "designer" / "assets") in done.stdout
    assert "serve" in done.stdout


def test_the_compatibility_note_names_every_format():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "backend").rglob("*.py")]
    formats = {name for text in sources for name in re.findall(r'"(kirchhoff-[a-z]+/\d+)"', text)}
    assert len(formats) >= 5
    note = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("## Which version")[2]
    assert {name for name in formats if f"`{name}`" not in note} == set()


def test_the_forge_runs_the_suite_on_the_oldest_and_a_newer_python():
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    versions = re.findall(r'"(3\.\d+)"', text)
    assert f">={versions[0]}" == oldest
    assert versions[1] == "3.13"
    assert "make test" in text
