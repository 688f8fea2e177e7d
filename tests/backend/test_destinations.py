"""What a file may take the place of."""

import os
import stat

import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.destinations import destination, write_whole
from backend.errors import CircuitError, StudioError
from backend.simulation.simulate import simulate


def pair(*durations: float) -> Circuit:
    nodes = (Node("a", 1.0), Node("b"))
    return Circuit(
        nodes,
        tuple(Slice((Device(f"d{k}", "resistor", "a", "b"),), d) for k, d in enumerate(durations)),
    )


def test_a_pipe_and_a_device_stay_what_they_are(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StudioError, match="a device or a pipe"):
        write_whole(pipe, b"x")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(StudioError, match="a device or a pipe"):
        destination(tmp_path.joinpath("/dev/null"))


def test_a_link_stays_and_its_file_is_written(tmp_path):
    target, link = tmp_path / "there.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(StudioError, match="link to itself"):
        write_whole(circle, b"x")


def test_a_trajectory_is_not_put_in_the_place_of_a_pipe(tmp_path):
    pipe = tmp_path / "out.npz"
    os.mkfifo(pipe)
    with pytest.raises(StudioError, match="a device or a pipe"):
        simulate(pair(1.0)).save(pipe)


def test_durations_beyond_numbers_are_refused_with_their_place():
    with pytest.raises(CircuitError, match="add up to more"):
        pair(1.7e308, 1.7e308)


@pytest.mark.parametrize("durations", [(1.0, 1e-16), (1e-13, 1.0), (1e6, 1e-9, 1.0)])
def test_a_slice_that_drowns_in_the_digits_of_time_is_refused(durations):
    with pytest.raises(StudioError, match=r"slice \d lasts"):
        simulate(pair(*durations))


@pytest.mark.parametrize("durations", [(1.0, 1e-10), (1e-9, 1.0), (86400.0, 1e-5)])
def test_a_short_slice_is_solved(durations):
    found = simulate(pair(*durations))
    assert found.status.ok
    assert found["a"][-1] + found["b"][-1] == pytest.approx(1.0)
