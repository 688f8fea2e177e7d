import base64
import hashlib
import re

import pytest

from designer.app import create_app
from designer.config import Config
from designer.security import BODY_LIMIT, valid_hash, valid_id

HOST = {"Host": "127.0.0.1:8050"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/_dash-layout", "/assets/bridge.js"])
def test_foreign_host_is_refused(client, host, path):
    response = client.get(path, headers={"Host": host}, base_url=None)
    assert response.status_code in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "[::1]:8050"])
def test_own_names_are_answered(client, host):
    assert client.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null"])
def test_foreign_origin_is_refused(client, rc, origin):
    headers = {**HOST, "Origin": origin}
    response = client.post("/api/circuits", json={"circuit": rc}, headers=headers)
    assert response.status_code == 403
    assert "another site" in response.json["error"]["message"]
    assert client.get("/api/circuits", headers=HOST).json == []


def test_foreign_referer_may_not_write(client, rc):
    headers = {**HOST, "Referer": "http://evil.example/page"}
    response = client.post("/api/circuits", json={"circuit": rc}, headers=headers)
    assert response.status_code == 403


def test_own_origin_may_write(client, rc):
    headers = {**HOST, "Origin": "http://127.0.0.1:8050"}
    response = client.post("/api/circuits", json={"circuit": rc}, headers=headers)
    assert response.status_code == 201


def test_oversize_body_gets_a_sentence_before_it_is_read(client):
    size = {"CONTENT_LENGTH": str(BODY_LIMIT + 1)}
    response = client.post("/api/import", environ_overrides=size, data=b"short")
    assert response.status_code == 413
    assert "at most 64 MB" in response.json["error"]["message"]


def test_headers_and_policy_cover_the_inline_scripts(client):
    response = client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", response.text, re.DOTALL)
    scripts = [script for script in inline if not script.lstrip().startswith("{")]
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_no_address_of_another_site_on_the_page(client):
    page = client.get("/").text
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


@pytest.fixture
def guarded(tmp_path):
    config = Config(home=tmp_path, host="192.0.2.7", token="secret-token")
    client = create_app(config).server.test_client()
    client.environ_base["HTTP_HOST"] = "192.0.2.7:8050"
    return client


def test_other_binds_ask_for_the_token(guarded):
    assert guarded.get("/").status_code == 401
    assert guarded.get("/?token=wrong").status_code == 401
    assert guarded.get("/?token=secret-token").status_code == 302
    assert guarded.get("/api/health").status_code == 200


def test_token_cookie_is_not_readable_by_scripts(guarded):
    cookie = guarded.get("/?token=secret-token").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("id", ["../x", "a/b", "", ".hidden", "a" * 81, "a\n", "a b", "é"])
def test_ids_that_could_leave_their_folder_are_refused(id):
    assert not valid_id(id)
    assert not valid_hash(id)


def test_ids_of_circuits_are_checked_by_the_routes(client):
    assert client.get("/api/circuits/..%2Fsecret").status_code == 404
    assert client.get("/api/sim/..%2F..%2Fetc.bin").status_code == 404
    assert client.get("/api/runs/..%2Fx").status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("path", "mode", "aim"),
    [
        ("/api/health", "no-cors", "script"),
        ("/api/circuits", "navigate", "document"),
        ("/", "no-cors", "image"),
        ("/", "navigate", "iframe"),
        ("/_dash-layout", "navigate", "document"),
    ],
)
def test_what_another_site_caused_is_refused(client, site, path, mode, aim):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": aim}
    assert client.get(path, headers=headers).status_code == 403


def test_a_link_from_another_site_opens_the_page(client):
    headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/", headers={**headers, "Sec-Fetch-Site": "cross-site"}).status_code == 200
    form = client.post("/", headers={**headers, "Sec-Fetch-Site": "cross-site"})
    assert form.status_code == 403


@pytest.mark.parametrize(
    "target", ["http://evil.example/", "http://127.0.0.1@evil.example/", "//evil.example/", "http:"]
)
def test_a_request_line_with_another_name_is_refused(client, target):
    answer = client.get("/api/health", environ_overrides={"REQUEST_URI": target})
    assert answer.status_code == 403
    own = {"REQUEST_URI": "http://127.0.0.1:8050/api/health"}
    assert client.get("/api/health", environ_overrides=own).status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "//", "http://127.0.0.1:8050@evil.example"])
def test_a_broken_origin_is_refused(client, rc, origin):
    answer = client.post("/api/circuits", json={"circuit": rc}, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_reload-hash",
        "/static/app.py",
        "/_dash-component-suites/../x",
        "/_dash-component-suites/dash/../../../x.py",
        "/_dash-component-suites/dash/..%2f..%2fx",
        "/_dash-component-suites/nope/x.js",
        "/_dash-component-suites/dash/deps/nope.js",
    ],
)
def test_ways_for_developers_and_ways_out_lead_nowhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"output": "x"}, {"output": ["x"]}, {"output": {}, "inputs": 3},
        {"output": "nothing.data", "inputs": [], "changedPropIds": [3]},
    ],
)  # fmt: skip
def test_callbacks_that_are_none_are_refused(client, body):
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 400
    assert "reload" in answer.json["error"]["message"]


def test_no_callback_answers_a_traceback_to_wrong_values(app, client, config):
    """Every callback of the page, with values that no page would send."""
    tried = passed = 0
    for output, callback in app.callback_map.items():
        if "callback" not in callback:  # it runs in the browser
            continue
        names = [part.rpartition(".") for part in output.strip(".").split("...")]
        outputs = [{"id": id, "property": name} for id, _, name in names]
        for value in (None, 7, "x" * 100, ["x"], {"circuit": 3}):
            body = {
                "output": output,
                "outputs": outputs if output.startswith("..") else outputs[0],
                "inputs": [{**entry, "value": value} for entry in callback["inputs"]],
                "state": [{**entry, "value": value} for entry in callback["state"]],
                "changedPropIds": [f"{e['id']}.{e['property']}" for e in callback["inputs"][:1]],
            }
            answer = client.post("/_dash-update-component", json=body)
            assert answer.status_code < 500, (output, value)
            tried += 1
            passed += answer.status_code != 400
    assert tried > 20
    # Most are refused at the door; those that no check of types can tell reach their callback.
    assert passed
    assert not list(config.home.glob("runs/*/spec.json"))


def test_a_machine_answers_to_its_own_addresses(tmp_path):
    from designer import addresses

    config = Config(home=tmp_path, host="0.0.0.0", token="secret-token")
    client = create_app(config).server.test_client()
    for host in ["127.0.0.1", *addresses.reachable()]:
        name = f"[{host}]" if ":" in host else host
        assert client.get("/", headers={"Host": f"{name}:8050"}).status_code == 401, host
    for host in ["192.0.2.77", "[2001:db8::7]", "0.0.0.0", "evil.example", "8.8.8.8"]:
        assert client.get("/", headers={"Host": f"{host}:8050"}).status_code == 403, host
