"""The words a lesson may use: figures of the running model, units, and what a set-up can say.

The browser computes the figures (assets/modules/panels/learn/figures.mjs) from the open circuit and
its trajectory. An argument is of one of these sorts: ``node``, ``device`` or ``name`` (a word), or
``time`` [s]: a number, ``now`` (the cursor) or ``end``. A sort with ``?`` may be left out.
"""

FIGURES: dict[str, tuple[str, ...]] = {
    # of a node
    "v": ("node", "time"),  # voltage [V]
    "q": ("node", "time"),  # charge C v [C]
    "rate": ("node", "time"),  # dv/dt by Kirchhoff's current law [V/s]
    "lambda": ("node", "time"),  # adjoint voltage dL/dv(t)
    "start": ("node",),  # start voltage in the document [V]
    "capacitance": ("node",),  # [F]
    # of a device
    "i": ("device", "time"),  # branch current from source to target [A]
    "adjoint_current": ("device", "time"),  # current of the adjoint circuit
    "heat": ("device",),  # integral of i (v_s - v_d) over the whole time [J]
    "param": ("device", "name"),  # a parameter in the document
    "gradient": ("device", "name"),  # dL/dparameter as an optimiser uses it
    "gathered": ("device", "name", "time"),  # the part of it gathered from the end back to a time
    # of the whole
    "energy": ("time",),  # 1/2 sum C v^2 of all nodes [J]
    "charge": ("time",),  # sum of C v of all nodes [C]
    "loss": (),
    "nodes": (),
    "devices": ("number?",),  # in all slices, or in one, counted from 1
    "slices": (),
    "duration": ("number?",),  # of all slices, or of one [s]
    "connected": ("node", "node"),  # number of devices from one node to another
    # of the page
    "time": (),  # the cursor [s]
    "selected": ("name",),  # 1 where this node or device is selected
    "lane": ("name",),  # 1 where this lane is on show
    "mode": ("name",),  # 1 where this mode is on show
    "playing": (),
    # of the run that is followed
    "accuracy": (),  # best test accuracy, 0 to 1
    "epochs": (),  # epochs reported
    "epoch": (),  # the one replayed on the board
    # of numbers
    "abs": ("number",),
    "sqrt": ("number",),
    "exp": ("number",),
    "tanh": ("number",),
    "min": ("number", "number"),
    "max": ("number", "number"),
}
"""Name of every figure, and the sorts of its arguments."""

TIMES = frozenset({"now", "end"})
UNITS = ("V/s", "V", "A", "S", "F", "s", "C", "J", "W", "Ω", "Hz")
PREFIXES = {
    "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3,
    "M": 1e6, "G": 1e9,
}  # fmt: skip

MODES = ("build", "simulate", "train", "runs", "export")
LANES = ("voltages", "currents", "adjoint")
TABS = ("circuit", "node", "device")

SETUP: dict[str, str] = {
    "open": "an example's id, or the name of a circuit block of this file",
    "mode": ", ".join(MODES),
    "lane": ", ".join(LANES),
    "select": "ids of nodes and devices",
    "slice": "the slice that new devices go into, counted from 1",
    "time": "seconds, or end",
    "play": "yes or no",
    "loop": "yes or no",
    "loss": "sum, or mse with targets as in mse out=0.5",
    "outputs": "a number of samples from 2 to 5001",
    "run": "the id of a run to follow",
}
"""What a set-up can say, and which values each takes."""
