from pathlib import Path

from designer.paths import assets_dir
from designer.preload import head_tags, reachable


def test_follows_imports_once_each(tmp_path: Path):
    (tmp_path / "first.mjs").write_text('import { a } from "./a.mjs";\n')
    (tmp_path / "a.mjs").write_text(
        'import {\n  b,\n} from "./b.mjs";\nexport { c } from "./c.mjs";\n'
    )
    (tmp_path / "b.mjs").write_text('import { a } from "./a.mjs";\n')
    (tmp_path / "c.mjs").write_text('// import { d } from "./d.mjs";\n')
    assert reachable(tmp_path) == ["first.mjs", "a.mjs", "b.mjs", "c.mjs"]


def test_first_picture_needs_neither_the_workspace_nor_cytoscape():
    names = reachable(assets_dir() / "modules")
    assert "painter.mjs" in names
    assert not {"studio.mjs", "canvas.mjs", "scope.mjs", "document.mjs"} & set(names)


def test_tags_ask_for_every_module_and_start_the_entry():
    tags = head_tags(assets_dir() / "modules")
    assert tags.count("modulepreload") == len(reachable(assets_dir() / "modules"))
    assert 'async src="/assets/modules/first.mjs"' in tags
