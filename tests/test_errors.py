"""How errors say themselves."""

from __future__ import annotations

from riverstage.errors import CheckFailed, Diagnostic, Place


def test_a_failed_check_says_its_findings_below_what_state_the_data_is_in() -> None:
    found = [
        Diagnostic("RS-4005", "error", "The flow has no stages.", Place(flow="f"), "Add a source."),
        Diagnostic("RS-4003", "warning", "Two stages have the label 'a'."),
    ]
    error = CheckFailed(found, place=Place(flow="f"))
    assert str(error).splitlines() == [
        "The flow cannot run: 1 error. (flow 'f') Nothing was read or written. [RS-4000]",
        "  error RS-4005 at flow 'f': The flow has no stages. Add a source.",
    ]
    assert error.message == "The flow cannot run: 1 error."
    assert error.diagnostics == tuple(found)
