"""Set-up that every test shares."""

from __future__ import annotations

import os

# Without a display and without this, Qt aborts the whole process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
