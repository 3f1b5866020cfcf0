"""Reads YAML that a person wrote, and says where it stops being YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import UsageError

if TYPE_CHECKING:
    from yaml import MarkedYAMLError


def read_yaml(data: bytes, name: str) -> object:
    """What a YAML file holds; `name` is how its reader calls it. Blocking.

    Raises:
        UsageError: it is not YAML; says the line and column, counted from 1.
    """
    import yaml  # noqa: PLC0415 - only when a file is read

    try:
        found: object = yaml.safe_load(data)
    except yaml.MarkedYAMLError as error:
        raise UsageError(f"{name} is not YAML: {_where(error)}.") from error
    except yaml.reader.ReaderError as error:
        reason = f"byte {error.position + 1} cannot stand in it"
        raise UsageError(f"{name} is not YAML: {reason}.", hint="Save it as UTF-8.") from error
    except RecursionError as error:
        raise UsageError(f"{name} is not YAML: it is nested too deeply.") from error
    except (yaml.YAMLError, ValueError) as error:
        # Such as a date that no calendar has.
        raise UsageError(f"{name} is not YAML: {error}.") from error
    return found


def _where(error: MarkedYAMLError) -> str:
    reason = (error.problem or error.context or "it cannot be read").replace(
        "'<stream end>'", "the end of the file"
    )
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return reason
    words = f"line {mark.line + 1}, column {mark.column + 1}: {reason}"
    if error.context and error.context_mark and error.context_mark.line != mark.line:
        words += f" ({error.context} of line {error.context_mark.line + 1})"
    return words
