"""Two users, strangers, large files, and a server that dies in the middle of an edit."""

import http.client
import json
import signal
from contextlib import closing

import pytest

from tests.e2e.conftest import OFFLINE, REFUSED, Studio
from tests.e2e.workspace import PATIENCE_S, Workspace

pytestmark = pytest.mark.e2e


def ask(studio: Studio, method: str, path: str, headers: dict[str, str], body: bytes = b""):
    """A request as any program could make it; status and JSON answer."""
    line = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=PATIENCE_S)
    with closing(line) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()


def test_two_users_do_not_meet(shared_studio, open_studio):
    first: Workspace = open_studio(shared_studio, alone=True)
    second: Workspace = open_studio(shared_studio, alone=True)
    first.open_example("RC pair")
    second.open_example("RC pair")
    assert first.page.url != second.page.url
    first.mode("build")
    second.mode("build")
    one = first.add_node(200, 120)
    first.select(one)
    first.press("Delete")
    first.add_node(200, 120)
    first.add_node(200, 330)
    second.select(second.debug("doc().nodes[0].id"))
    second.press("Delete")
    first.saved()
    second.saved()
    assert first.debug("doc().nodes.length") == 4
    assert second.debug("doc().nodes.length") == 1
    for user in (first, second):
        before = user.debug("hash()")
        user.page.reload()
        user.until("window.kd?.debug.doc()")
        assert user.debug("hash()") == before


def test_one_circuit_in_two_windows_asks_which_to_keep(shared_studio, open_studio):
    first: Workspace = open_studio(shared_studio, alone=True, allow=(REFUSED,))
    first.open_example("RC pair")
    first.mode("build")
    address = first.page.url.removeprefix(shared_studio.url)
    second: Workspace = open_studio(shared_studio, address, alone=True, allow=(REFUSED,))
    second.until("kd.debug.doc() && kd.debug.viewport()")
    first.add_node(200, 120)
    first.saved()
    second.select("b")
    second.press("Delete")
    dialog = second.page.locator("dialog[open]")
    dialog.get_by_role("button", name="Mine", exact=True).click()
    second.saved()
    assert second.debug("doc().nodes.map((node) => node.id)") == ["a"]
    first.page.reload()
    first.until("window.kd?.debug.doc()?.nodes.length === 1")


def test_strangers_are_refused(shared_studio):
    own = {"Content-Type": "application/json"}
    body = json.dumps({"circuit": {"format": "kirchhoff-circuit/1"}}).encode()
    own["Content-Length"] = str(len(body))
    for stranger in (
        {"Host": "evil.example"},
        {"Host": f"127.0.0.1.evil.example:{shared_studio.port}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Referer": "http://evil.example/page"},
    ):
        status, text = ask(shared_studio, "POST", "/api/circuits", {**own, **stranger}, body)
        assert status == 403, stranger
        assert json.loads(text)["error"]["message"].endswith(".")
    status, _ = ask(shared_studio, "GET", "/", {"Host": "evil.example"})
    assert status == 403
    for path in ("/api/circuits/..%2f..%2fetc%2fpasswd", "/api/runs/..%2f..", "/api/sim/../x.bin"):
        status, text = ask(shared_studio, "GET", path, {})
        assert status in (400, 404)
        assert "root:" not in text


def test_a_file_too_large_is_refused_in_words(shared_studio, open_studio, tmp_path):
    studio: Workspace = open_studio(shared_studio)
    studio.open_example("RC pair")
    before = studio.debug("hash()")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    studio.open_file(large)
    assert studio.toast() == "large.json has 100 MB; files up to 64 MB can be opened."
    assert studio.debug("hash()") == before
    body = bytes(70_000_000)
    status, text = ask(
        shared_studio, "POST", "/api/import", {"Content-Length": str(len(body))}, body
    )
    assert status == 413
    assert "at most 64 MB" in json.loads(text)["error"]["message"]


def test_server_dies_in_the_middle_of_an_edit(studio, open_studio):
    page: Workspace = open_studio(studio, alone=True, allow=OFFLINE)
    page.open_example("RC pair")
    page.mode("build")
    page.add_node(200, 120)
    page.saved()
    studio.stop(signal.SIGKILL)

    page.add_node(200, 330)
    page.until("kd.debug.saved === 'offline'")
    assert "Go on editing" in page.text("#banner")
    page.connect("a", page.debug("doc().nodes.at(-1).id"))
    page.press("Control+z", "Control+Shift+z")
    edited = page.debug("hash()")
    assert page.debug("doc().nodes.length") == 4
    # Even closing the tab loses nothing.
    assert page.page.evaluate("() => Object.keys(localStorage).join()").count("kd-draft") == 1

    studio.start()
    page.saved()
    page.until("document.getElementById('banner').dataset.open !== 'true'")
    assert page.debug("hash()") == edited
    (stored,) = (studio.home / "circuits").glob("*.json")
    assert json.loads(stored.read_text(encoding="utf-8")) == page.document()
    # The picture comes back by itself or by one key.
    page.page.locator("#board").focus()
    page.press("r")
    page.fresh()
    assert page.debug("sim.N") == 4


def test_a_tab_closed_while_the_server_is_away_keeps_its_edits(studio, open_studio):
    page: Workspace = open_studio(studio, alone=True, allow=OFFLINE)
    page.open_example("RC pair")
    page.mode("build")
    page.saved()
    studio.stop(signal.SIGKILL)
    page.add_node(200, 330)
    page.until("kd.debug.saved === 'offline'")
    edited = page.debug("hash()")
    address = page.page.url
    page.page.goto("about:blank")
    studio.start()
    page.page.goto(address, wait_until="commit")
    page.until("window.kd?.debug.doc()?.nodes.length === 3")
    assert page.debug("hash()") == edited
    assert "restored" in page.toast()
    page.saved()
