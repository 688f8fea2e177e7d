"""The command line; every heavy import waits until its command runs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import plugins
from ..errors import StudioError
from .data import data_app, with_data_dir
from .devices import devices
from .importing import import_file
from .options import pairs, read_object, volts, write_json
from .runs import (
    Address,
    DataDir,
    Home,
    LauncherName,
    Workers,
    open_circuit,
    open_named_run,
    run_without_circuit,
    runs_app,
)
from .small_signals import frequency_response, operating_point
from .sweep import sweep

if TYPE_CHECKING:
    from ..circuit import Circuit
    from ..simulation.energy.balance import EnergyBalance

app = typer.Typer(
    name="kirchhoff",
    help="Draw a circuit, watch it compute, train it, take it away.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(runs_app, name="runs")
app.add_typer(data_app, name="data")
app.command()(devices)
app.command(name="import")(import_file)
app.command(name="operating-point")(operating_point)
app.command(name="frequency-response")(frequency_response)
app.command()(sweep)

# Typer keeps this class private, and moved it between versions.
USAGE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

Source = Annotated[str, typer.Argument(metavar="FILE", help="Circuit (.json, .safetensors).")]
RunOrFile = Annotated[str, typer.Argument(metavar="RUN|FILE", help="Run id or circuit file.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE")]


@app.command()
def generate(
    topology: Annotated[str, typer.Argument(metavar="TOPOLOGY")],
    output: Output,
    settings: Settings = None,
    seed: int = 0,
) -> None:
    """Make a circuit from a topology: ``generate ring --set nodes=20 -o ring.json``."""
    from ..circuit.files import write_circuit
    from ..params import check_params
    from ..topologies import BOARD_LIMIT, TOPOLOGIES

    kind = TOPOLOGIES[topology]
    limit = {"limit": BOARD_LIMIT} if output.suffix == ".json" else {}
    try:
        params = check_params(kind.params, pairs(settings, "--set"))
        circuit = kind(**params).generate(seed, **limit)
    except ValueError as error:
        raise StudioError(f"topology {topology}: {error}") from None
    write_circuit(circuit, output)
    typer.echo(f"{output}: {len(circuit.nodes)} nodes, {circuit.device_count} devices")


@app.command()
def simulate(
    file: Source,
    output: Output,
    solver: Annotated[
        str | None, typer.Option(help="Name of a solver; auto, or rk4 where --steps is given.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps per slice (fixed-step solvers).")] = None,
    rtol: Annotated[float | None, typer.Option(help="Relative tolerance.")] = None,
    atol: Annotated[float | None, typer.Option(help="Absolute tolerance [V].")] = None,
    outputs: Annotated[int, typer.Option(help="Number of equidistant times.")] = 201,
    voltage: Annotated[list[str] | None, typer.Option(metavar="NODE=V")] = None,
    adjoint: Annotated[bool, typer.Option("--adjoint", help="Also the adjoint circuit.")] = False,
    loss: Annotated[str, typer.Option(help="sum or mse.")] = "sum",
    target: Annotated[list[str] | None, typer.Option(metavar="NODE=V")] = None,
    gradient: Annotated[str | None, typer.Option(help="discrete, continuous or backprop.")] = None,
    settings: Settings = None,
) -> None:
    """Integrate a circuit and write its trajectory as .npz or .csv."""
    from ..circuit.files import read_circuit
    from ..simulation.simulate import adjoint as solve_adjoint
    from ..simulation.simulate import default_solver
    from ..simulation.simulate import simulate as solve

    if output.suffix not in {".npz", ".csv"}:
        raise StudioError(f"{output}: trajectories are written as .npz or .csv")
    circuit = read_circuit(file)
    options: dict[str, Any] = {"steps": steps, "rtol": rtol, "atol": atol}
    options |= pairs(settings, "--set")
    chosen = solver or default_solver(options)
    _check_work(file, circuit, chosen, options, outputs, adjoint)
    options |= {"solver": chosen, "outputs": outputs, "throw": False}
    options["energy"] = circuit.device_count <= MOST_METERED
    options["voltages"] = volts(voltage, "--voltage")
    try:
        if adjoint:
            targets = volts(target, "--target")
            trajectory, back = solve_adjoint(
                circuit, loss=loss, targets=targets, gradient=gradient, **options
            )
        else:
            trajectory, back = solve(circuit, **options), None
    except StudioError as error:
        raise StudioError(f"{file}: {error}") from None
    trajectory.save(output, back)
    if trajectory.status.state == "inaccurate":
        typer.echo(f"{file}: inaccurate: {trajectory.status.message}", err=True)
    elif not trajectory.status.ok:
        reached = f"{len(trajectory.t)} of {outputs} times are in {output}"
        raise StudioError(f"{file}: {trajectory.status.message} ({reached})")
    stats = trajectory.stats
    typer.echo(f"{output}: {len(trajectory.t)} times, {stats['steps']:g} steps")
    typer.echo(_class_of(circuit))
    if trajectory.addition:
        typer.echo(trajectory.addition)
    if trajectory.energy:
        typer.echo(_energies(trajectory.energy))
    if back:
        typer.echo(f"loss {back.loss:.6g}")
        if back.gap is not None:
            typer.echo(f"the gradient of these steps differs from the circuit's by {back.gap:.1g}")


MOST_METERED = 10_000
"""Devices of a circuit whose energies are told: they cost about as much as a third solve."""


def _energies(found: "EnergyBalance") -> str:
    """What became of the energy, and whether it adds up."""
    if not len(found.stored):
        return "energy: nothing was solved"
    gain = found.stored[-1] - found.stored[0]
    return (
        f"energy: stored {found.stored[0]:.6g} J at the start and {gain:.6g} J more at the end, "
        f"injected {found.injected[-1]:.6g} J, dissipated {found.dissipated[-1]:.6g} J; "
        f"{found.sentence}"
    )


def _class_of(circuit: "Circuit") -> str:
    """Which equations a circuit has, and why."""
    if not circuit.general:
        return "fast class: a capacitor or a source at every node, devices between two nodes"
    return f"general class (nodal analysis): it has {', '.join(circuit.general)}"


def _check_work(
    file: str, circuit: "Circuit", solver: str, options: dict[str, Any], outputs: int, adjoint: bool
) -> None:
    """Refuse what this machine could not hold, before it starts."""
    from ..circuit.budget import check_solve, own_process
    from ..simulation.simulate import make_solver

    try:
        made = make_solver(solver, **options)
        given = {name: getattr(made, name) for name, v in options.items() if v is not None}
        check_solve(circuit, type(made), given, outputs, adjoint=adjoint, limit=own_process())
    except StudioError as error:
        raise StudioError(f"{file}: {error}") from None


@app.command()
def export(
    source: RunOrFile,
    output: Output,
    to: Annotated[str, typer.Option(help="spice, circuitjs, safetensors, pt or json.")],
    dialect: Annotated[str | None, typer.Option(help="ngspice, ltspice or xyce.")] = None,
    settings: Settings = None,
    home: Home = None,
) -> None:
    """Write a circuit or a trained run in another form; of a KINN, lanes as a circuit.

    Which ones: ``--set block=1 --set lane=3 --set example=2``.
    """
    from ..export import EXPORTERS
    from ..params import check_params
    from .excerpts import export_part

    kind = EXPORTERS[to]
    run = run_without_circuit(source, home)
    circuit = None if run else open_circuit(source, home)
    given = {} if dialect is None else {"dialect": dialect}
    try:
        exporter = kind(**check_params(kind.params, given))
    except ValueError as error:
        raise StudioError(f"export to {to}: {error}") from None
    if circuit is None:
        assert run is not None
        export_part(run, exporter, output, settings)
        return
    _no_settings(settings)
    exporter.export(circuit, output)
    typer.echo(f"{output}: {len(circuit.nodes)} nodes, {circuit.device_count} devices")


@app.command()
def verify(
    source: RunOrFile,
    tolerance: Annotated[
        float, typer.Option(help="Share of the largest voltage, from 1e-12 to 1.")
    ] = 1e-3,
    settings: Settings = None,
    home: Home = None,
) -> None:
    """Simulate the exported netlist with ngspice and print the largest error."""
    from ..export.verify import verify as compare
    from .excerpts import verify_part

    run = run_without_circuit(source, home)
    if run is not None:
        verify_part(run, tolerance, settings)
        return
    _no_settings(settings)
    result = compare(open_circuit(source, home), tolerance=tolerance)
    if not result.sure:
        raise StudioError(result.text)
    typer.echo(result.line)
    if not result.ok:
        raise typer.Exit(1)


def _no_settings(settings: list[str] | None) -> None:
    if settings:
        raise StudioError(
            "--set says which part of a model becomes a circuit, and this is one already; leave it "
            "out"
        )


@app.command()
def train(
    spec: Annotated[Path | None, typer.Argument(metavar="[SPEC.json]")] = None,
    model: str | None = None,
    dataset: str | None = None,
    circuit: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    settings: Settings = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda.")] = None,
    launcher: LauncherName = "local",
    address: Address = None,
    workers: Workers = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
    home: Home = None,
    data_dir: DataDir = None,
) -> None:
    """Train a model in a run directory; stopping this command leaves the run alive."""
    from ..datasets import use_folders
    from ..runs import start_run
    from ..runs.follow import follow
    from ..training.prepare import make_dataset
    from ..training.spec import TrainSpec

    use_folders(data_dir, home)
    base = read_object(spec) if spec else {}
    given = {"model": model, "dataset": dataset, "device": device, "name": name}
    base |= {key: value for key, value in given.items() if value is not None}
    if circuit:
        base["circuit"] = str(circuit)
    options = pairs(settings, "--set")
    if data_dir:
        base = with_data_dir(base, options, data_dir)
    chosen = TrainSpec.from_options(options, base)
    places = {"address": address, "workers": workers}
    launching = {key: value for key, value in places.items() if value is not None}
    run = start_run(chosen, home, launcher, launching)
    typer.echo(f"{run.id} {run.path}")
    for note in make_dataset(chosen).notes:
        typer.echo(f"data: {note}")
    if not detach:
        raise typer.Exit(follow(run))


@app.command()
def evaluate(
    source: RunOrFile,
    dataset: Annotated[str | None, typer.Option(help="Name of a data set.")] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    settings: Settings = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="FAULT:KEY=VALUE,...", help="Broken: stuck, drift, noise, dead_node."),
    ] = None,
    to_json: Annotated[Path | None, typer.Option("--json", metavar="FILE")] = None,
    home: Home = None,
    data_dir: DataDir = None,
) -> None:
    """Measure a trained run or a circuit on a data set, whole or with faults.

    Such as ``--fault stuck:device=d3 --fault drift:sigma=0.1,seed=1 --fault dead_node:node=n2``.
    """
    from ..changes import change_of_text
    from ..datasets import use_folders
    from ..training.evaluate import evaluate as measure

    use_folders(data_dir, home)
    is_file = Path(source).suffix in {".json", ".safetensors", ".pt"} or Path(source).exists()
    measured = open_circuit(source, home) if is_file else open_named_run(source, home)
    overrides = pairs(settings, "--set")
    if data_dir and dataset:
        place = with_data_dir({"dataset": dataset}, overrides, data_dir).get("dataset_options", {})
        overrides = {**place, **overrides}
    faults = [change_of_text(text) for text in fault or []]
    result = measure(measured, dataset, split, overrides, faults=faults)
    if to_json:
        write_json(result, to_json)
    doubt = result.get("solve_message", "")
    shown = {key: value for key, value in result.items() if isinstance(value, int | float | str)}
    shown.pop("solve_message", None)
    shown |= {f"{name}_baseline": value for name, value in result.get("baselines", {}).items()}
    shown |= {f"{name}_before": value for name, value in result.get("before", {}).items()}
    typer.echo("  ".join(f"{key} {_shown(value)}" for key, value in shown.items()))
    if doubt:
        typer.echo(doubt, err=True)


@app.command()
def bench(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    to_json: Annotated[Path | None, typer.Option("--json", metavar="FILE")] = None,
) -> None:
    """Time the solvers side by side in this process, as ratios of CPU time."""
    from ..bench import run_benchmarks

    table = run_benchmarks(name, echo=typer.echo)
    if to_json:
        write_json(table, to_json)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def run(prepare: Callable[[], None] | None = None) -> int:
    """Run the command line; the exit status is 2 on bad input, said in one line on stderr."""
    if prepare:
        prepare()
    try:
        plugins.load()
        status = app(standalone_mode=False, prog_name="kirchhoff")
        return status if isinstance(status, int) else 0
    except StudioError as error:
        return _refuse(str(error))
    except typer.Abort:
        return 130
    except USAGE_ERROR as error:
        return _refuse(f"{usage_text(error)}; see 'kirchhoff --help'")
    except BrokenPipeError:
        return 0
    except OSError as error:  # a disk that is full, read-only or gone
        return _refuse(f"{disk_text(error)}; make room, make it writable, or name another place")


def disk_text(error: OSError) -> str:
    """Which file the disk refused, and why."""
    place = f"{str(error.filename)[:200]}: " if error.filename else ""
    return f"{place}the disk refused it ({error.strerror or error})"


def usage_text(error: Any) -> str:
    """What was wrong with the words of a command, with the option's name."""
    command = getattr(getattr(error, "ctx", None), "command_path", "")
    parts = (command.removeprefix("kirchhoff").strip(), error.format_message().rstrip("."))
    return ": ".join(part for part in parts if part)


def _refuse(message: str) -> int:
    print("kirchhoff: " + " ".join(message.split()), file=sys.stderr)
    return 2
