"""The Activity panel: every change and every refusal."""
