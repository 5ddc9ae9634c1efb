"""Downloads with mirrors: a file arrives whole and with the right SHA-256, or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ganatomy.data.cache import cache_error
from ganatomy.errors import GanatomyError

CONNECT_SECONDS = 3.0  # each address of a mirror; some have eight, so more would make minutes of no network
READ_SECONDS = 20.0  # without one byte; a slow line that still delivers is not cut


def download(name: str, sha256: str, folder: Path, mirrors: Sequence[str]) -> Path:
    """Brings one file into a folder, from the first mirror that has it.

    Args:
        name: the file's name below each mirror and in the folder.
        sha256: of the file as served, 64 hexadecimal digits.
        folder: made if need be; written to under a temporary name that is renamed once the content is right.
        mirrors: addresses of folders, tried in order.

    Raises:
        GanatomyError: no mirror has the file (each one's reason, and what to do), or the folder cannot be written.
    """
    import pooch
    from requests import RequestException

    # pooch logs each download on stderr by itself; here one line a mirror is logged, in this package's words.
    pooch.get_logger().setLevel("WARNING")
    on_terminal = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    downloader = pooch.HTTPDownloader(
        progressbar=on_terminal,
        chunk_size=1 << 16,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        # A server that takes .gz for a transfer encoding would have it unpacked on the way, and the hash would differ.
        headers={"Accept-Encoding": "identity"},
    )
    reasons: list[str] = []
    for mirror in mirrors:
        url = f"{mirror.rstrip('/')}/{name}"
        print(f"downloading {url}", file=sys.stderr, flush=True)
        try:
            pooch.retrieve(url, f"sha256:{sha256}", fname=name, path=folder, downloader=downloader)
        except RequestException as error:  # before OSError, which it is a kind of
            reasons.append(f"{url}: {_reason(error)}")
        except ValueError:  # pooch's, for a wrong hash: it has thrown the content away
            reasons.append(f"{url}: its content is not the original file's (SHA-256 is not {sha256[:12]}...)")
        except OSError as error:
            raise cache_error(folder, error) from error
        else:
            return folder / name
        print(f"  no: {reasons[-1].removeprefix(f'{url}: ')}", file=sys.stderr, flush=True)
    tried = "\n".join(f"    {reason}" for reason in reasons)
    raise GanatomyError(
        f"could not download {name}; mirrors tried:\n{tried}\n"
        f"  without a network: put the files by hand into {folder}\n"
        "  (or below a folder of your own that data.dir or GANATOMY_DATA names),\n"
        "  or use data=digits, which needs no download"
    )


def _reason(error: Exception) -> str:
    """What went wrong, in a line: requests wraps the cause in several layers of its own."""
    from requests import HTTPError, Timeout

    if isinstance(error, HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, Timeout):
        return f"no answer ({CONNECT_SECONDS:g} s to connect, {READ_SECONDS:g} s between bytes)"
    cause: BaseException = error
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    return f"{type(error).__name__}: {str(cause)[:200]}"
