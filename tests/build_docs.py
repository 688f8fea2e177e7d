"""The API reference as one page, from the docstrings of the public names: ``make docs``."""

import inspect
import sys
import warnings
from pathlib import Path

import backend
from backend.circuit import rules
from backend.registry import Registry


def build(folder: Path) -> Path:
    """Write ``index.html`` into a folder; every warning of pdoc is an error."""
    import pdoc.doc
    import pdoc.render

    for name in backend.__all__:
        getattr(backend, name)  # pdoc looks into the module, where names arrive on first use
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pdoc.render.configure(docformat="google", show_source=False, footer_text="Kirchhoff Studio")
        module = pdoc.doc.Module(backend)
        constants = pdoc.doc.Module(rules)
        for variable in module.variables:
            said = constants.get(variable.name)
            if isinstance(variable.default_value, Registry):
                variable.docstring = inspect.getdoc(variable.default_value) or ""
            elif said is not None:
                variable.docstring = said.docstring
        page = pdoc.render.html_module(module, {"backend": module})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page, encoding="utf-8")
    return folder / "index.html"


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
