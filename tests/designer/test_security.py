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
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("id", ["../x", "a/b", "", ".hidden", "a" * 81, "a\n", "a b", "é"])
def test_ids_that_could_leave_their_folder_are_refused(id):
    assert not valid_id(id)
    assert not valid_hash(id)


def test_ids_of_circuits_are_checked_by_the_routes(client):
    assert client.get("/api/circuits/..%2Fsecret").status_code == 404
    assert client.get("/api/sim/..%2F..%2Fetc.bin").status_code == 404
    assert client.get("/api/runs/..%2Fx").status_code == 404
