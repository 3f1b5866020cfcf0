"""The evidence viewer: structure, bytes, checks, certificates, TCB, event log, differences."""
