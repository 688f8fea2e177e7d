"""The user's own table as a data set."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import DATASETS, Dataset, Split, examples
from .preview import ROWS, Preview
from .scaling import Scaling
from .table import Table, is_number, read_table

# A target column of so many different whole numbers at most is taken for classes.
CLASS_LIMIT = 20
LEAST_ROWS = 4


@DATASETS.register("csv")
class CsvTable(Dataset):
    """Your own table, a CSV file: one example a row, one input node a column.

    Columns are scaled to 0 V to 1 V by the training rows. The target column holds classes (texts,
    or at most 20 different whole numbers) or numbers to predict.
    """

    title: ClassVar[str] = "Table (CSV)"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="CSV file."),
        Param("target", "", doc="Name or number of the target column; empty for the last."),
        Param("ignore", "", doc="Columns to leave out, separated by commas."),
        Param(
            "task",
            "auto",
            choices=("auto", "classify", "regress"),
            doc="Learn classes or numbers; auto looks at the target column.",
        ),
        Param("header", "auto", choices=("auto", "yes", "no"), doc="Whether row 1 has names."),
        Param("test", 0.25, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which rows are kept for testing."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.input_count = 0
        self.features: tuple[str, ...] = ()
        self._table: Preview | None = None
        self._values: tuple[np.ndarray, np.ndarray] | None = None
        if self.options["path"]:
            self._read(Path(str(self.options["path"])).expanduser())

    def missing(self) -> str:
        """That no file was chosen."""
        return "" if self._values else "Table (CSV): no file was chosen; set its path"

    def preview(self) -> Preview:
        """The first rows as they stand in the file, and what they were taken for.

        Raises:
            StudioError: no file was chosen.
        """
        if self._values is None or self._table is None:
            raise StudioError(self.missing())
        y = self._values[1]
        _, _, train, test = self._parts()
        counts, ranges = {}, {}
        if self.task == "regress":
            ranges = {self.targets[0]: (float(y.min()), float(y.max()))}
        else:
            sizes = np.bincount(y, minlength=len(self.classes)).tolist()
            counts = dict(zip(self.classes, sizes, strict=True))
        return replace(self._table, train=len(train), test=len(test), counts=counts, ranges=ranges)

    @classmethod
    def glance(cls, options: Mapping[str, Any]) -> Preview:
        """The first rows of a table whose columns were not told what they are."""
        try:
            path = Path(str(options.get("path", ""))).expanduser()
            return _head(read_table(path, str(options.get("header", "auto"))))
        except StudioError:
            return Preview()

    def split(self) -> Split:
        """Random parts, each with its share of every class.

        Raises:
            StudioError: no file was chosen.
        """
        x, y, train, test = self._parts()
        scale = Scaling.of(x[train])
        x = scale.scaled(x)
        if self.task == "regress":
            y = Scaling.of(y[train]).scaled(y)
        return Split(examples(x[train], y[train]), examples(x[test], y[test]))

    def scalings(self) -> tuple[Scaling, Scaling]:
        """Of features and of targets, to report errors in original units.

        Raises:
            StudioError: no file was chosen, or the targets are classes.
        """
        x, y, train, _ = self._parts()
        if self.task != "regress":
            raise StudioError(f"the target '{self.targets[0]}' holds classes, which have no scale")
        return Scaling.of(x[train]), Scaling.of(y[train])

    def _read(self, path: Path) -> None:
        table = read_table(path, str(self.options["header"]))
        target = table.index(str(self.options["target"]))
        ignored = {table.index(name.strip()) for name in str(self.options["ignore"]).split(",")}
        if not self.options["ignore"]:
            ignored = set()
        columns = [k for k in range(len(table.names)) if k != target and k not in ignored]
        if not columns:
            raise StudioError(f"{path}: no column is left as a feature; ignore fewer")
        if len(table.rows) < LEAST_ROWS:
            found = f"{len(table.rows)} rows are" if len(table.rows) > 1 else "one row is"
            found = found if table.rows else "there is no row with values; that is"
            raise StudioError(f"{path}: {found} too few; give at least {LEAST_ROWS}")
        roles = ["feature" if k in columns else "ignored" for k in range(len(table.names))]
        roles[target] = "target"
        self._table = _head(table, roles)
        self.targets = (table.names[target],)
        self.features = tuple(table.names[k] for k in columns)
        self.input_count = len(columns)
        x = np.stack([table.numbers(k) for k in columns], axis=1)
        self.task = self._task_of(table.texts(target))
        if self.task == "regress":
            self._values = x, table.numbers(target)[:, None]
        else:
            self._values = x, self._classes_of(table, target)

    def _task_of(self, cells: list[str]) -> str:
        chosen = str(self.options["task"])
        if chosen != "auto":
            return chosen
        numbers = all(map(is_number, cells))
        few = len(set(cells)) <= CLASS_LIMIT and all(
            float(cell).is_integer() for cell in set(cells) if numbers
        )
        return "regress" if numbers and not few else "classify"

    def _classes_of(self, table: Table, target: int) -> np.ndarray:
        """Class numbers (n,); classes are in the order of their numbers, or else of their names."""
        cells = table.texts(target)
        numbers = all(map(is_number, cells))
        counts = Counter(cells)
        names = sorted(counts, key=(lambda cell: (float(cell), cell)) if numbers else None)
        rare = [name for name in names if counts[name] < 2]
        place = f"{table.path}: column {table.names[target]!r}"
        if len(names) < 2:
            raise StudioError(f"{place}: found only the class {names[0]!r}; two are needed")
        if rare:
            raise StudioError(
                f"{place}: the class {rare[0]!r} has only one row; give it more, or set "
                "task=regress if the column holds numbers"
            )
        self.classes = tuple(names)
        numbering = {name: k for k, name in enumerate(names)}
        return np.array([numbering[cell] for cell in cells])

    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        from sklearn.model_selection import train_test_split  # slow to import

        if self._values is None:
            raise StudioError(self.missing())
        x, y = self._values
        # Each part needs at least one row of every class.
        least = max(1, len(self.classes))
        count = min(max(least, round(float(self.options["test"]) * len(x))), len(x) - least)
        train, test = train_test_split(
            np.arange(len(x)),
            test_size=count,
            stratify=y if self.task == "classify" else None,
            random_state=int(self.options["seed"]),
        )
        return x, y, np.asarray(train), np.asarray(test)


def _head(table: Table, roles: Sequence[str] = ()) -> Preview:
    """The first rows of a table."""
    return Preview(
        columns=table.names, roles=roles, rows=table.rows[:ROWS], choices={"target": table.names}
    )
