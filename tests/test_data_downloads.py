"""Downloads from servers on this machine that answer rightly, wrongly, in part and not at all."""

from __future__ import annotations

import hashlib
import http.server
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganatomy.data.downloads import download
from ganatomy.errors import GanatomyError

NAME = "images.gz"
CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Mirrors(http.server.BaseHTTPRequestHandler):
    """One server, a behaviour for each folder."""

    asked: list[str]

    def do_GET(self) -> None:
        behaviour = self.path.strip("/").split("/")[0]
        self.asked.append(behaviour)
        if behaviour == "absent":
            self.send_error(404)
            return
        content = b"<html>log in to the network</html>" if behaviour == "wrong" else CONTENT
        self.send_response(200)
        if behaviour != "cut-unannounced":
            self.send_header("Content-Length", str(len(content)))
        if behaviour == "gzip-encoded" and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if behaviour.startswith("cut"):
            content = content[: len(content) // 2]
        if behaviour == "stalls":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            time.sleep(30)
            return
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Mirrors.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirrors)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_a_good_download(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "new" / "raw"
    path = download(NAME, SHA256, folder, [f"{server}/good/"])
    assert path == folder / NAME
    assert path.read_bytes() == CONTENT
    assert list(folder.iterdir()) == [path]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [f"downloading {server}/good/{NAME}"]


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ("absent", "HTTP 404 Not Found"),
        ("wrong", "SHA-256"),
        ("cut", "IncompleteRead"),
        ("cut-unannounced", "SHA-256"),
    ],
)
def test_a_bad_mirror_is_passed_over(first, reason, server: str, tmp_path: Path, capsys):
    path = download(NAME, SHA256, tmp_path, [f"{server}/{first}", f"{server}/good"])
    assert path.read_bytes() == CONTENT
    assert Mirrors.asked == [first, "good"]
    assert list(tmp_path.iterdir()) == [path]
    assert reason in capsys.readouterr().err


def test_when_all_mirrors_fail_each_ones_reason_is_told_and_nothing_is_left(server: str, tmp_path: Path):
    mirrors = [f"{server}/absent/", f"{server}/wrong/", f"{server}/cut/", "http://127.0.0.1:9/refused/"]
    with pytest.raises(GanatomyError) as caught:
        download(NAME, SHA256, tmp_path, mirrors)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"could not download {NAME}; mirrors tried:"
    assert [line.split(": ")[0].strip() for line in lines[1:5]] == [f"{mirror}{NAME}" for mirror in mirrors]
    assert "HTTP 404" in lines[1]
    assert "its content is not" in lines[2]
    assert "IncompleteRead" in lines[3]
    assert "Connection refused" in lines[4]
    rest = "\n".join(lines[5:])
    assert str(tmp_path) in rest
    assert "data.dir" in rest
    assert "GANATOMY_DATA" in rest
    assert "data=digits" in rest
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_file_is_not_unpacked_on_the_way(server: str, tmp_path: Path):
    assert download(NAME, SHA256, tmp_path, [f"{server}/gzip-encoded"]).read_bytes() == CONTENT


def test_a_name_that_does_not_resolve_fails_soon(tmp_path: Path):
    started = time.monotonic()
    with pytest.raises(GanatomyError, match=r"nowhere\.invalid"):
        download(NAME, SHA256, tmp_path, ["http://nowhere.invalid/", "http://elsewhere.invalid/"])
    assert time.monotonic() - started < 30


def test_a_mirror_that_goes_silent_is_left(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ganatomy.data.downloads.READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes the connection, never answers
        mirrors = [f"http://127.0.0.1:{deaf.getsockname()[1]}/", f"{server}/stalls", f"{server}/good"]
        path = download(NAME, SHA256, tmp_path, mirrors)
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_named_and_no_mirror_is_blamed(server: str, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GanatomyError, match="XDG_CACHE_HOME") as caught:
        download(NAME, SHA256, tmp_path / "file" / "raw", [f"{server}/good"])
    assert str(tmp_path / "file") in str(caught.value)
    assert "mirrors" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_download_leaves_no_file_under_the_final_name(number, server: str, tmp_path: Path):
    # A program started in the background of a shell may have SIGINT ignored, and hands that on to this one.
    code = f"""
        import signal
        from pathlib import Path
        from ganatomy.data.downloads import download
        signal.signal(signal.SIGINT, signal.default_int_handler)
        download({NAME!r}, {SHA256!r}, Path({str(tmp_path)!r}), ["{server}/stalls"])
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not any(file.stat().st_size for file in tmp_path.iterdir()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=20) != 0
    assert not (tmp_path / NAME).exists()
    if number == signal.SIGINT:
        assert list(tmp_path.iterdir()) == []
    assert download(NAME, SHA256, tmp_path, [f"{server}/good"]).read_bytes() == CONTENT
