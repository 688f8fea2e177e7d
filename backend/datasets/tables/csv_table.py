"""The user's own table as a data set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS, Dataset, Split, examples
from ..folders import own_path
from ..preview import ROWS, Preview
from .features import WORDS, Feature, feature_of
from .headers import HEADERS
from .missing import MISSING
from .row_order import INDEX, ORDERS, index_columns, order_hint, series_column
from .scaling import Scaling
from .separators import CHOICES as SEPARATORS
from .table import DATES, DECIMALS, Table, read_table
from .table_file import ENCODINGS, shown
from .targets import Target, check_classes, target_columns, target_of

LEAST_ROWS = 4
READING = ("header", "separator", "encoding", "decimal", "dates")
"""Options of how the file is read."""


@DATASETS.register("csv")
class CsvTable(Dataset):
    """Your own table, a CSV file: one example a row, one input node a column.

    Columns are scaled to 0 V to 1 V by the training rows. The target column holds classes (texts,
    or at most 20 different whole numbers) or numbers to predict. What is assumed of the file is
    said, and every assumption has an option.
    """

    title: ClassVar[str] = "Table (CSV)"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="CSV file."),
        Param("target", "", doc="Name or number of the target column; empty for the last."),
        Param("also_learn", "", doc="Further target columns, separated by commas."),
        Param("ignore", "", doc="Columns to leave out, separated by commas."),
        Param(
            "task",
            "auto",
            choices=("auto", "classify", "regress"),
            doc="Learn classes or numbers; auto looks at the target column.",
        ),
        Param("missing", "refuse", choices=MISSING, doc="What is done about cells without value."),
        Param("words", "refuse", choices=WORDS, doc="Whether words of a column become inputs."),
        Param("order", "auto", choices=ORDERS, doc="Test random rows, or the last of a series."),
        Param("index", "auto", choices=INDEX, doc="Whether row numbers are left out."),
        Param("header", "auto", choices=HEADERS, doc="Whether row 1 has names."),
        Param("separator", "auto", choices=SEPARATORS, doc="What stands between cells."),
        Param("decimal", "auto", choices=DECIMALS, doc="The mark before decimals."),
        Param("dates", "auto", choices=DATES, doc="What stands first in a date like 1/2/2024."),
        Param("encoding", "auto", choices=ENCODINGS, doc="How letters are stored in the file."),
        Param("test", 0.25, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which rows are kept for testing."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.input_count = 0
        self.features: tuple[str, ...] = ()
        self._head: Preview | None = None
        self._values: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None
        if self.options["path"]:
            self._read(own_path(str(self.options["path"])))

    def missing(self) -> str:
        """That no file was chosen."""
        return "" if self._values else "Table (CSV): no file was chosen; set its path"

    def preview(self) -> Preview:
        """The first rows as they stand in the file, and what they were taken for.

        Raises:
            StudioError: no file was chosen.
        """
        _, y, train, test = self._parts()
        assert self._head is not None
        counts, ranges = {}, {}
        if self.task == "regress":
            ends = zip(self.targets, y.min(axis=0).tolist(), y.max(axis=0).tolist(), strict=True)
            ranges = {name: (low, high) for name, low, high in ends}
        else:
            sizes = np.bincount(y, minlength=len(self.classes)).tolist()
            counts = dict(zip(self.classes, sizes, strict=True))
        return replace(self._head, train=len(train), test=len(test), counts=counts,
                       ranges=ranges, notes=self.notes)  # fmt: skip

    @classmethod
    def glance(cls, options: Mapping[str, Any]) -> Preview:
        """The first rows of a table whose columns were not told what they are."""
        try:
            path = own_path(str(options.get("path", "")))
            reading = {name: str(options.get(name, "auto")) for name in READING}
            return _head(read_table(path, **reading))
        except (StudioError, KeyError):
            return Preview()

    def split(self) -> Split:
        """Random parts, each with its share of every class; or the first and the last rows.

        Raises:
            StudioError: no file was chosen.
        """
        x, y, train, test = self._parts()
        x = Scaling.of(x[train]).scaled(x)
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
        table = read_table(path, **{name: str(self.options[name]) for name in READING})
        notes = list(table.notes)
        targets = target_columns(
            table, str(self.options["target"]), str(self.options["also_learn"])
        )
        ignored = table.indices(str(self.options["ignore"]))
        columns = [k for k in range(len(table.names)) if k not in {*targets, *ignored}]
        series = series_column(table, columns)
        if self.options["index"] == "auto":
            for k in index_columns(table, columns):
                columns.remove(k)
                words = f"Column {shown(table.names[k])} only numbers the rows and is left out"
                notes.append(f"{words}; index=keep uses it.")
        if not columns:
            raise StudioError(f"{path}: no column is left as a feature; ignore fewer")
        _check_count(len(table.rows), path)
        roles = ["feature" if k in columns else "ignored" for k in range(len(table.names))]
        for k in targets:
            roles[k] = "target"
        self._head = _head(table, roles)
        self.targets = tuple(table.names[k] for k in targets)
        found = [feature_of(table, k, str(self.options["words"])) for k in columns]
        target = target_of(table, targets, str(self.options["task"]))
        self.task, self.classes = target.task, target.classes
        self.features = tuple(name for feature in found for name in feature.names)
        self.input_count = len(self.features)
        kept = self._kept_rows(table, columns, targets, found, target, notes)
        self._divide(table, found, target, kept, series, notes)
        self.notes = (*notes, *table.said.values())

    def _kept_rows(
        self,
        table: Table,
        columns: Sequence[int],
        targets: Sequence[int],
        found: Sequence[Feature],
        target: Target,
        notes: list[str],
    ) -> np.ndarray:
        """The places of rows that are used.

        Raises:
            StudioError: a value is missing, and nothing was said about it.
        """
        asked = target.values if target.values.ndim == 2 else target.values[:, None]
        gaps = {k: np.isnan(feature.values) for k, feature in zip(columns, found, strict=True)}
        unasked = {k: np.isnan(asked[:, place]) for place, k in enumerate(targets)}
        count = sum(int(gap.sum()) for gap in (*gaps.values(), *unasked.values()))
        rows = len(table.rows)
        if not count:
            return np.arange(rows)
        how = str(self.options["missing"])
        if how == "refuse":
            row, column = min(
                (int(np.argmax(gap)), k) for k, gap in {**gaps, **unasked}.items() if gap.any()
            )
            cell = table.rows[row][column]
            state = f"is empty ({shown(cell)})" if cell else "is empty"
            raise StudioError(
                f"{table.path}: row {table.lines[row]}, column {shown(table.names[column])}: the "
                f"cell {state}, {count} in all; fill it, or set "
                "missing=drop or missing=fill"
            )
        # A target cannot be made up: its row goes in any case.
        out = np.any(list(unasked.values()), axis=0)
        if how == "drop":
            out = out | np.any(list(gaps.values()), axis=0)
        if out.any():
            notes.append(f"{int(out.sum())} of {rows} rows are left out, as a value is missing.")
        if how == "fill" and (filled := sum(int(gap[~out].sum()) for gap in gaps.values())):
            notes.append(
                f"{filled} missing values are filled with the median or the commonest value of "
                "the training rows."
            )
        kept = np.flatnonzero(~out)
        _check_count(len(kept), table.path, left=True)
        return kept

    def _divide(
        self,
        table: Table,
        found: list[Feature],
        target: Target,
        kept: np.ndarray,
        series: int | None,
        notes: list[str],
    ) -> None:
        """Choose training and test rows, fill gaps by the former, and keep the numbers."""
        y = target.values[kept]
        if target.task == "classify":
            y = y.astype(int)
            check_classes(table, table.index(self.targets[0]), self.classes, y)
        for feature in found:
            feature.values = feature.values[kept]
        order = str(self.options["order"])
        ordered = order == "kept" or (order == "auto" and series is not None)
        if ordered:
            train, test = self._in_order(table, y)
            why = (
                f", as column {shown(table.names[series])} is in order"
                if series is not None
                else ""
            )
            notes.append(f"The last rows are tested{why}; order=random tests random ones.")
        else:
            train, test = self._at_random(y)
            if order == "auto" and (hint := order_hint(found, target.values[kept])):
                notes.append(hint)
        for feature in found:
            feature.fill(train)
            known = feature.values
            if known.min() == known.max():
                notes.append(f"Column {shown(feature.name)} is the same in every row.")
        x = np.concatenate([feature.inputs() for feature in found], axis=1)
        self._values = x, y, train, test

    def _count(self, rows: int) -> int:
        """Test rows: each part needs at least one row of every class."""
        least = max(1, len(self.classes))
        return min(max(least, round(float(self.options["test"]) * rows)), rows - least)

    def _at_random(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.model_selection import train_test_split  # slow to import

        train, test = train_test_split(
            np.arange(len(y)),
            test_size=self._count(len(y)),
            stratify=y if self.task == "classify" else None,
            random_state=int(self.options["seed"]),
        )
        return np.asarray(train), np.asarray(test)

    def _in_order(self, table: Table, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first rows and the last ones."""
        rows = np.arange(len(y))
        count = self._count(len(y))
        if self.task == "classify":
            unseen = set(y[-count:].tolist()) - set(y[:-count].tolist())
            if unseen:
                raise StudioError(
                    f"{table.path}: the class {shown(self.classes[min(unseen)])} stands only in "
                    "the last rows, which are tested; set order=random"
                )
        return rows[:-count], rows[-count:]

    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        if self._values is None:
            raise StudioError(self.missing())
        return self._values


def _check_count(rows: int, path: Path, left: bool = False) -> None:
    """Refuse a table of too few rows."""
    if rows >= LEAST_ROWS:
        return
    found = f"{rows} rows are" if rows > 1 else "one row is"
    found = found if rows else "there is no row with values; that is"
    after = " without missing values" if left else ""
    raise StudioError(f"{path}: {found} too few{after}; give at least {LEAST_ROWS}")


def _head(table: Table, roles: Sequence[str] = ()) -> Preview:
    """The first rows of a table."""
    return Preview(
        columns=table.names, roles=roles, rows=table.rows[:ROWS], choices={"target": table.names}
    )
