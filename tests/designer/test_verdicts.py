"""What ngspice said of a circuit travels in the netlists that leave afterwards."""

import shutil

import pytest

from backend.circuit import Circuit
from backend.export.netlist_import import read_netlist

MARK = "* Compared by Kirchhoff Studio: ngspice agrees"


@pytest.mark.spice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH")
def test_a_netlist_tells_how_it_was_verified(service, rc, tmp_path):
    name, before = service.exporting.export(rc, "spice", {"dialect": "ltspice"})
    assert MARK.encode() not in before
    assert service.exporting.verify(rc)["ok"]
    _, after = service.exporting.export(rc, "spice", {"dialect": "ltspice"})
    lines = after.decode().splitlines()
    assert [line for line in lines if line.startswith(MARK)]
    assert set(before.decode().splitlines()) < set(lines)
    path = tmp_path / name
    path.write_bytes(after)
    assert read_netlist(path) == Circuit.from_dict(rc)
    # Another circuit has not been compared.
    rc["slices"][0]["devices"][0]["params"]["conductance"] = 2.0
    assert MARK.encode() not in service.exporting.export(rc, "spice", {})[1]
