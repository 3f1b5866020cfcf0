"""The command line, one module a command group, or one folder where a group needs several.

`dispatch` finds the command with next to no imports; a command's module is loaded when it runs.
Source: spec cli.
"""
