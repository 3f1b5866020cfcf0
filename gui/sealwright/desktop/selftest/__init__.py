"""The main job in a real window, done by the program itself: `sealwright selftest --window`.

`script` says what a person would do, `spots` finds where, `rehearsal` does it.
"""
