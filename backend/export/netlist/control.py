"""The block between .control and .endc: commands that run and show, none that change."""

from ...errors import CircuitError, clipped
from .cell import Cell
from .commands import enter_transient
from .lines import Card

SHOWS = {
    "run", "plot", "print", "write", "wrdata", "quit", "exit", "echo", "save", "display", "let",
    "meas", "measure", "linearize", "fft", "spec", "psd", "setplot", "settype", "setscale",
    "iplot", "asciiplot", "gnuplot", "hardcopy", "rusage", "status", "show", "showmod", "listing",
    "version", "wrs2p", "fourier", "op", "ac", "dc", "noise", "tf", "sens", "pz", "disto", "sp",
    "destroy", "cutout", "eprint", "where", "unset", "unlet", "compose", "deriv", "sndprint",
    "removecirc", "bug", "help", "history", "rspice",
}  # fmt: skip

SETTINGS = {
    "filetype", "wr_singlescale", "wr_vecnames", "appendwrite", "width", "height", "numdgt",
    "nopage", "noaskquit", "hcopydevtype", "hcopypscolor", "hcopypstxcolor", "hcopydev",
    "xbrushwidth", "xgridwidth", "gridstyle", "plotstyle", "pointchars", "units", "noprintscale",
    "controlswait", "nobreak", "nolegend", "noprintheader", "num_threads", "ngbehavior",
    "curplottitle", "plotwinsize", "nomoremode", "nounits", "polydegree", "gnuplot_terminal",
}  # fmt: skip
"""Variables of the command language that only say how results look."""


def read_command(card: Card, cell: Cell) -> None:
    """Take a transient analysis from a command; pass over what shows results.

    Raises:
        CircuitError: a command that changes the circuit, or runs something else.
    """
    words = card.text.split()
    word = words[0].lower()
    if word == "tran":
        enter_transient(card, cell, words[1:])
        return
    if word == "set":
        name = words[1].split("=")[0].lower() if len(words) > 1 else ""
        if name in SETTINGS or name.startswith(("color", "hcopy", "x", "wr_")):
            return
        raise CircuitError(f"'set {clipped(name, 40)}' in '.control' may change the circuit")
    if word not in SHOWS:
        raise CircuitError(
            f"'{clipped(words[0], 40)}' in '.control' is not read: it may change the circuit; only "
            "commands that run, show and write are passed over"
        )
