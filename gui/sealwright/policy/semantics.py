"""What the reference leaves open and we decided; one switch each (spec policy-language, 21).

Here stands what the evaluation decides. What a policy may look like is decided before it: the byte
order mark, comments and names in `lexer`, escapes and integers in `literals`, letter case where a
word is read (`piece`, `rules`, `expressions`), known versions and the order of sections in
`checks`, what else is refused in `rule_checks`; how much of everything is read, in `limits`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Semantics(NamedTuple):
    """Every decision as it is; turn a switch to see what the other reading would give.

    An outcome names the switches that it hung on, and so does a failure: each that, turned alone,
    would give another decision, other claims or another failure (`evaluation.hindsight`).

    No switch, as no evaluation can tell it: that claims of configurationrules are reported as
    `configuration` (23.2) is only where a result stands; an unavailable baseline (10) is met where
    evidence is verified; what is refused before an evaluation has begun, as a property assigned
    twice (23.7), has no result.

    Args:
        deny_wins: one deny defeats every permit; otherwise the first verdict counts (8).
        every_rule_runs: authorization goes on after a verdict (8).
        strings_match_case: `"A"` is not `"a"` (5, 18).
        types_are_strict: values of different types are unequal; otherwise such a test, `!=` too,
            is never satisfied (5).
        strings_have_no_order: `<` and the like are never satisfied by two strings, otherwise their
            characters decide (5).
        equal_to_any: `==` with a set holds for one equal member, otherwise for all (5).
        different_from_all: `!=` with a set needs all members to differ, otherwise one (5).
        order_with_any: `<` and the like with a set hold for one member, otherwise for all (5).
        references_look_left: only names of conditions further left are known, otherwise all of the
            rule, and a condition is tried after those that it refers to (5).
        rules_stop_early: a rule is given up at the first condition that does not hold, and a claim
            at the first test that it fails; otherwise every function in a condition is called, and
            one that fails, fails the request (23.1).
        bindings_stay_whole: conditions further right do not narrow what a name stands for,
            otherwise it keeps the claims for which there is one that refers to them and agrees (6);
            a rule fires once in either case, as functions are documented over whole sets.
        issue_may_authorize: `issue` in authorizationrules acts as `add`, otherwise fails (7).
        copies_once: `claim=` adds nothing that is there already (7, 23.3).
        copies_see_each_other: of equal claims that one `claim=` copies the first is added,
            otherwise only what was there before the rule counts (23.3).
        copies_become_ours: a claim that `claim=` copies is issued by AttestationPolicy, otherwise
            its issuer stays (7).
        references_multiply: `value=` with several members of a named claim makes as many claims,
            otherwise one of the first (7).
        type_is_one_member: `type=` fails on several equal strings, otherwise these are one (7,
            23.4).
        empty_type_fails: `type=` fails on the empty string, otherwise that is the type (23.4).
        value_types_bind: `valueType=` at odds with a value fails, otherwise is ignored (23.7).
        nothing_fails: a scalar parameter fails on an empty set, otherwise its function gives one
            (23.6).
        empty_sets_pass: a set parameter takes an empty set, otherwise its function fails (23.6).
        mixed_set_fails: a scalar parameter refuses different members, or takes the first (9).
        equal_members_are_one: a scalar parameter takes a set of equal members, otherwise fails (9).
        operands_match_type: a function fails on a value of the wrong type, otherwise it takes the
            text of a value, and the texts `true` and `false` as booleans (9).
        members_match_type: `IsSubsetOf` and `ContainsOnlyValue` compare type and value, otherwise
            the texts of the values (9).
        empty_is_subset: `IsSubsetOf` holds for an empty first set (9).
        skips_null_members: `JsonToClaimValue` drops null from arrays, otherwise fails (9).
        empty_arrays_pass: `JsonToClaimValue` makes an empty set of `[]`, otherwise fails (9).
        whole_fractions_fail: `JsonToClaimValue` fails on `1.0`, otherwise that is an integer (9).
        integers_fit: `JsonToClaimValue` fails on an integer beyond 64 bits, otherwise takes it (9).
        strings_keep_quotes: a string that `JmesPath` finds stays JSON text, otherwise it loses its
            quotes (9).
        only_strings_have_case: `equals_ignore_case` in a query fails on anything but two strings,
            otherwise it is false (23.9).
        json_is_compact: `JmesPath` writes without blanks, otherwise one stands after `,` and `:`
            (9).
        json_keeps_order: `JmesPath` writes members in the order of the source, otherwise by name
            (9).
        json_is_unescaped: `JmesPath` writes other letters than ASCII as they are, otherwise
            escaped (9).
        numbers_are_shortest: `JmesPath` writes a fraction in the fewest digits that read back,
            otherwise in seventeen (23.9).
        last_key_wins: the last of repeated keys of JSON, otherwise the first (23.9).
        bare_words_are_fields: `true`, `false` and `null` without quotes name fields in a query,
            otherwise they are these values (23.9).
        case_folds_simply: `equals_ignore_case` lowers each character by itself, otherwise `ß`
            equals `SS` and the like (23.9).
        last_setting_wins: the last of a repeated configuration property, otherwise the first (10).
        wrong_settings_fail: a known property fails on a value of the wrong type or a mask out of
            range, otherwise it is ignored (10, 23.8); written out, such a value is refused before.
        idle_settings_are_ignored: a property that is unknown or of another attestation type does
            nothing, otherwise it fails (10, 11, 23.8).
        validity_is_clamped: a `report_validity_in_minutes` out of range becomes the nearest one
            allowed, otherwise it is ignored (11).
        read_only_fails: issuing a read-only value fails, otherwise the claim is left out (4).
        read_only_types: claims of the service that are read-only; other reading: none (4, 23.5).
        read_only_is_of_service: only the service's claims of these types are, otherwise all (23.5).
        read_only_follows: a claim that a rule makes of a read-only value is read-only too,
            otherwise only the value itself cannot be issued (23.5).
        read_only_spares_types: a value does not become read-only by `type=`, otherwise it does
            (23.5).
        repeats_stay: equal claims may stand beside each other in the incoming set, otherwise each
            stands there once (4).
        configuration_is_blind: configurationrules see none of the incoming claims (8), otherwise
            all, where the evidence has been judged already.
        configuration_is_apart: claims of configurationrules are gone afterwards, otherwise they
            stand before all others (23.2).
        service_comes_first: claims of the service stand before those of the client, otherwise they
            stay as they came (8).
        service_wins: a policy claim does not replace a claim of the service in the token (12).
        repeats_collapse: equal values of one type become one in the token (12).
        arrays_mix_types: an array of the token holds values of different types, otherwise their
            texts (12).
    """

    deny_wins: bool = True
    every_rule_runs: bool = True
    strings_match_case: bool = True
    types_are_strict: bool = True
    strings_have_no_order: bool = True
    equal_to_any: bool = True
    different_from_all: bool = True
    order_with_any: bool = True
    references_look_left: bool = True
    rules_stop_early: bool = True
    bindings_stay_whole: bool = True
    issue_may_authorize: bool = True
    copies_once: bool = True
    copies_see_each_other: bool = True
    copies_become_ours: bool = True
    references_multiply: bool = True
    type_is_one_member: bool = True
    empty_type_fails: bool = True
    value_types_bind: bool = True
    nothing_fails: bool = True
    empty_sets_pass: bool = True
    mixed_set_fails: bool = True
    equal_members_are_one: bool = True
    operands_match_type: bool = True
    members_match_type: bool = True
    empty_is_subset: bool = True
    skips_null_members: bool = True
    empty_arrays_pass: bool = True
    whole_fractions_fail: bool = True
    integers_fit: bool = True
    strings_keep_quotes: bool = True
    only_strings_have_case: bool = True
    json_is_compact: bool = True
    json_keeps_order: bool = True
    json_is_unescaped: bool = True
    numbers_are_shortest: bool = True
    last_key_wins: bool = True
    bare_words_are_fields: bool = True
    case_folds_simply: bool = True
    last_setting_wins: bool = True
    wrong_settings_fail: bool = True
    idle_settings_are_ignored: bool = True
    validity_is_clamped: bool = True
    read_only_fails: bool = True
    read_only_types: tuple[str, ...] = ("pcrs",)
    read_only_is_of_service: bool = True
    read_only_follows: bool = True
    read_only_spares_types: bool = True
    repeats_stay: bool = True
    configuration_is_blind: bool = True
    configuration_is_apart: bool = True
    service_comes_first: bool = True
    service_wins: bool = True
    repeats_collapse: bool = True
    arrays_mix_types: bool = True


OUR_SEMANTICS: Final = Semantics()
SWITCHES: Final = Semantics._fields


def turned(semantics: Semantics, switch: str) -> Semantics:
    """The same with the other reading of one switch."""
    other: Any = not getattr(semantics, switch)
    if switch == "read_only_types":
        other = OUR_SEMANTICS.read_only_types if other else ()
    return semantics._replace(**{switch: other})
