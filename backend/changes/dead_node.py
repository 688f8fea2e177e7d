"""A node that takes no part any more."""

from typing import TYPE_CHECKING, ClassVar

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..errors import StudioError
from ..params import Param
from .base import CHANGES, Change, Touched
from .tables import check_node, with_tables, without

if TYPE_CHECKING:
    from ..models import CircuitModel

HELD, CUT = "held", "cut"


@CHANGES.register("dead_node")
class DeadNode(Change):
    """v(t) = v(0) at one node: shorted to its start voltage, or without any of its devices.

    A shorted node still drives its neighbours; one that is cut off does not. An input starts at
    the feature of the example.
    """

    title: ClassVar[str] = "Dead node"
    params: ClassVar[tuple[Param, ...]] = (
        Param("node", "", doc="Id of the node."),
        Param("how", HELD, choices=(HELD, CUT), doc="Shorted to its start voltage, or cut off."),
    )
    place: ClassVar[str] = "node"
    needed: ClassVar[tuple[str, ...]] = ("node",)

    def apply(self, circuit: Circuit) -> Circuit:
        """Without the devices of the node where it is cut off; a short is left to ``disturb``."""
        check_node(circuit, self.options["node"])
        return with_tables(circuit, self._cut) if self._is_cut else circuit

    def disturb(self, model: "CircuitModel") -> None:
        """The slope of a shorted node is zero."""
        if self._is_cut:
            return
        if not model.in_time:
            raise StudioError(
                f"a {model.title} is not solved step by step in time, so no node keeps its start "
                f"voltage; set how={CUT}"
            )
        from ..models.circuits.kept_field import KeptField  # needs torch

        compiled = model.compiled
        rows = compiled.rows_of((self.options["node"],)).to(compiled.v0.device)
        compiled.disturbances.append(lambda field: KeptField(field, rows))

    def check_lasting(self) -> None:
        """A short is a source, which training circuits have at hidden nodes only."""
        if not self._is_cut:
            raise StudioError(f"a training cannot go on with a shorted node; set how={CUT}")

    def touched(self, circuit: Circuit) -> Touched:
        """The node, and the devices that are cut."""
        node = self.options["node"]
        gone = [d.id for d in circuit.devices if node in (d.source, d.target)]
        return Touched(tuple(gone) if self._is_cut else (), (node,))

    def words(self) -> str:
        """Which node, and how."""
        how = "cut off" if self._is_cut else "shorted to its start voltage"
        return f"node {self.options['node']} {how}"

    @property
    def _is_cut(self) -> bool:
        return self.options["how"] == CUT

    def _cut(self, table: DeviceTable) -> DeviceTable:
        row = table.names.index(self.options["node"])
        return without(table, (table.source == row) | (table.target == row))
