"""Everything in one file: bundles, and pages that play by themselves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backend.bundle_file import SUFFIX, read_bundle
from backend.circuit import Circuit
from backend.circuit.bundles import bundled_circuit, circuit_bundle
from backend.circuit.files import read_circuit
from backend.destinations import write_whole
from backend.errors import InputError, RunError, StudioError, quoted
from backend.reading import file_bytes, text_of
from backend.runs import RunDirectory, checked_id, open_run

from .networks import Networks
from .training import MissingRunError

PAGE = ".html"
SUFFIXES = {"page": PAGE, "bundle": SUFFIX}
LESSON_BYTES = 2**20


def write_bundle(source: str, output: Path, home: Path | None, lesson: Path | None) -> str:
    """Write a bundle or a page of a run or a circuit file; returns a sentence about it.

    Args:
        source: id of a run, or path of a circuit file.
        output: the suffix says which.
        home: where runs are kept.
        lesson: Markdown for a bundle.

    Raises:
        StudioError: neither run nor file, or not possible; names it.
    """
    if output.suffix not in (SUFFIX, PAGE):
        raise StudioError(f"{output}: bundles are written as {SUFFIX}, pages as {PAGE}")
    if lesson is not None and output.suffix == PAGE:
        raise StudioError(f"{lesson}: a page has no place for a lesson; bundle it as {SUFFIX}")
    words = None if lesson is None else _lesson(lesson)
    made: Circuit | RunDirectory
    if Path(source).suffix in (".json", ".safetensors", ".pt", SUFFIX) or Path(source).exists():
        made = read_circuit(source)
    else:
        made = open_run(home, source)
    try:
        content = page_of(made) if output.suffix == PAGE else bundle_of(made, words)
    except StudioError as error:
        raise error if source in str(error) else StudioError(f"{source}: {error}") from None
    write_whole(output, content)
    return f"{output}: {size_text(len(content))}"


def page_of(made: Circuit | RunDirectory, settings: Mapping[str, Any] | None = None) -> bytes:
    """The page of a circuit or a run.

    Args:
        made: what it shows.
        settings: of the circuit's solve, as the browser has them.
    """
    from .pages import circuit_page, run_page

    shown = run_page(made) if isinstance(made, RunDirectory) else circuit_page(made, settings)
    return shown.encode()


def bundle_of(made: Circuit | RunDirectory, lesson: bytes | None = None) -> bytes:
    """The bundle of a circuit or a run."""
    from backend.training.prepare import versions

    if isinstance(made, RunDirectory):
        from backend.runs.bundles import run_bundle

        return run_bundle(made, lesson)
    return circuit_bundle(made, versions(), lesson)


class Bundling:
    """Files with everything in them, for a server.

    Args:
        home: where runs are kept.
        networks: circuits that are too large to draw.
        opened: makes an answer of a circuit.
    """

    def __init__(
        self, home: Path, networks: Networks, opened: Callable[[Circuit], dict[str, Any]]
    ) -> None:
        self.home, self.networks, self.opened = home, networks, opened

    def circuit_file(self, to: str, circuit: Any, settings: Mapping[str, Any]) -> tuple[str, bytes]:
        """File name and contents of the page or the bundle of a drawn circuit.

        Args:
            to: ``page`` or ``bundle``.
            circuit: as the browser has it.
            settings: of its solve.
        """
        made = Circuit.from_dict(circuit)
        content = page_of(made, settings) if to == "page" else bundle_of(made)
        return f"{file_stem(made.name)}{SUFFIXES[to]}", content

    def network_file(
        self, to: str, id: str, voltages: list[float] | None, settings: Mapping[str, Any]
    ) -> tuple[str, bytes]:
        """The same of a network, with these voltages of its inputs [V]."""
        from .pages import circuit_page

        made, about = self.networks.at(id, voltages), self.networks.about(id)
        if to == "page":
            chosen = {**about.get("settings", {}), **settings}
            content = circuit_page(made, chosen, about).encode()
        else:
            content = bundle_of(made)
        return f"{file_stem(made.name)}{SUFFIXES[to]}", content

    def run_file(self, to: str, id: str) -> tuple[str, bytes]:
        """The same of a run."""
        try:
            run = RunDirectory(self.home / "runs" / checked_id(id))
        except RunError:
            raise MissingRunError(f"There is no run {quoted(id)} here.") from None
        content = page_of(run) if to == "page" else bundle_of(run)
        return f"{run.id}{SUFFIXES[to]}", content

    def open(self, data: bytes) -> dict[str, Any]:
        """What a dropped bundle is: ``{run}``, the id of one that is now in HOME, or its circuit.

        ``lesson`` is the text of one that goes along.
        """
        bundle = read_bundle(data)
        lesson = {}
        if "lesson.md" in bundle.files:
            lesson = {"lesson": text_of(bundle.files["lesson.md"])}
        if bundle.kind == "circuit":
            return {**self.opened(bundled_circuit(data)), **lesson}
        from backend.runs.bundles import unpack_run

        return {"run": unpack_run(data, self.home).id, **lesson}


def file_stem(name: str) -> str:
    """A circuit's name as that of a file."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name).split()
    return "-".join(words)[:60].lower() or "circuit"


def size_text(count: int) -> str:
    """A number of bytes as ``970 kB``."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.3g} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"


def _lesson(path: Path) -> bytes:
    try:
        return file_bytes(path, LESSON_BYTES)
    except InputError as error:
        raise StudioError(f"{path}: {error}") from None
