"""Set-up that every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Without a display and without this, Qt aborts the whole process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples at every run, whatever the machine is busy with, also where nothing says that
# this is CI; `--hypothesis-profile default` looks for new ones.
settings.load_profile("suite")
