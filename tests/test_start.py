"""What is made at the start stays for as long as the service runs: nobody looks through it for garbage."""

import subprocess
import sys
from pathlib import Path

from melody_app.config import HOUSE

MANY = 100_000
"""Far fewer objects than the start makes, and far more than anything else."""


def test_what_the_start_makes_is_left_alone_and_garbage_is_collected_again(tmp_path: Path) -> None:
    asked = "import gc, wsgi; print(gc.isenabled(), gc.get_freeze_count())"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=HOUSE, env={"MELODY_INSTANCE_PATH": str(tmp_path)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    is_enabled, frozen = done.stdout.split()
    assert is_enabled == "True"
    assert int(frozen) > MANY
