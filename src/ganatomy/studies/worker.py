"""The process of one job: `python -m ganatomy.studies.worker`, the job as a line of JSON on its standard input.

It ends with 0; or with 1 and {"fault": ..., "kind": ...} as the last line of its standard output; or, interrupted, as commands do.
When the process that started the job is gone, even killed, its end of the pipe closes, and this one stops at a checkpoint.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading


def main() -> int:
    job_line = sys.stdin.readline()
    threading.Thread(target=_stop_when_alone, daemon=True).start()
    from ganatomy.errors import GanatomyError, Interrupted
    from ganatomy.studies.failure import Failure
    from ganatomy.studies.jobs import Job, run

    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ganatomy").setLevel(logging.INFO)
    try:
        run(Job.of_json(job_line))
    except Interrupted as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except GanatomyError as error:
        print(f"error: {error}", file=sys.stderr)
        print(json.dumps(Failure.of(error).tree))
        return 1
    return 0


def _stop_when_alone() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
