from pathlib import Path

from designer.paths import assets_dir
from designer.preload import head_tags, reachable


def test_follows_imports_once_each(tmp_path: Path):
    (tmp_path / "first.mjs").write_text('import { a } from "./a.mjs";\n')
    (tmp_path / "a.mjs").write_text(
        'import {\n  b,\n} from "./in/b.mjs";\nexport { c } from "./in/c.mjs";\n'
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in/b.mjs").write_text('import { a } from "../a.mjs";\nimport "./c.mjs";\n')
    (tmp_path / "in/c.mjs").write_text('// import { d } from "./d.mjs";\n')
    assert reachable(tmp_path) == ["first.mjs", "a.mjs", "in/b.mjs", "in/c.mjs"]


def test_first_picture_needs_neither_the_workspace_nor_cytoscape():
    names = reachable(assets_dir() / "modules")
    assert {name for name in names if not (assets_dir() / "modules" / name).is_file()} == set()
    assert "paint/painter.mjs" in names
    folders = {name.split("/")[0] for name in names}
    assert not {"studio.mjs", "board"} & folders
    later = {"document/document.mjs", "document/rules.mjs", "panels/scope/scope.mjs"}
    assert not later & set(names)


def test_tags_ask_for_every_module_and_start_the_entry():
    tags = head_tags(assets_dir() / "modules")
    assert tags.count("modulepreload") == len(reachable(assets_dir() / "modules"))
    assert 'async src="/assets/modules/first.mjs"' in tags
