"""Modules as one script, run by node."""

import shutil
import subprocess

import pytest

from designer.paths import assets_dir
from designer.player.modules import ModuleError, from_folder, one_script

FILES = {
    "main.mjs": """/** Says what came of it. */
import { add, twice as double } from "./lib/sums.mjs";
import * as words from "./words.mjs";
export { add as plus } from "./lib/sums.mjs";
import {
  COUNT,
  Box,
} from "./lib/boxes.mjs";

const box = new Box(add(1, double(2)));
console.log(JSON.stringify([box.value, COUNT(), words.hello]));
""",
    "lib/sums.mjs": """import { COUNT } from "./boxes.mjs";
export function add(a, b) { COUNT(); return a + b; }
const twice = (a) => add(a, a);
export { twice };
""",
    "lib/boxes.mjs": """let count = 0;
export const COUNT = () => count++;
export class Box { constructor(value) { this.value = value; } }
""",
    "words.mjs": 'export const hello = "import { x } from \\"y\\"";\nexport async function f() {}',
}


def script(files=FILES, entry="main.mjs"):
    return one_script(entry, lambda path: files[path])


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_script_does_what_the_modules_do():
    done = subprocess.run(
        ["node", "-e", script()], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == '[5,2,"import { x } from \\"y\\""]'


def test_each_module_is_there_once_and_before_those_that_need_it():
    text = script()
    assert text.count("class Box") == 1
    assert text.index("class Box") < text.index("function add") < text.index("new Box")
    assert script() == text
    assert "Says what came of it" not in text


@pytest.mark.parametrize(
    "line",
    [
        'import("./x.mjs");',
        "export default 3;",
        'import x from "./words.mjs";',
        "export let y = 1;",
    ],
)
def test_what_is_not_foreseen_is_named(line):
    with pytest.raises(ModuleError, match=r"main\.mjs: .* cannot become a part"):
        script({**FILES, "main.mjs": f"{line}\n"})


def test_a_circle_is_named():
    files = {
        "a.mjs": 'import { b } from "./b.mjs";\nexport const a = 1;\n',
        "b.mjs": 'import { a } from "./a.mjs";\nexport const b = 1;\n',
    }
    with pytest.raises(ModuleError, match=r"a\.mjs: imports itself, by a\.mjs -> b\.mjs"):
        script(files, "a.mjs")


def test_the_page_s_own_modules_become_one_script():
    text = from_folder(assets_dir() / "modules", "player/page.mjs")
    assert "const $paint_painter = " in text
    assert "$board_canvas" not in text, "the page needs no cytoscape"
    assert len(text) < 400_000
