"""The steps behind `packaging/dev.py`: standard library only, Python 3.8 syntax."""
