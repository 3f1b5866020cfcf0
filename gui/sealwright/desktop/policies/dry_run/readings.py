"""Words for what a dry run hangs on where the language is not documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterable


def readings_words(choices: Iterable[str]) -> str:
    """One line about the choices that mattered; empty when nothing hung on one."""
    words = "; ".join(reading_words(choice) for choice in choices)
    return tr("Not documented, read as: {0}.").format(words) if words else ""


def reading_words(choice: str) -> str:
    """One choice by its name in `sealwright.policy.semantics`."""
    return {
        "deny_wins": tr("one deny defeats every permit"),
        "every_rule_runs": tr("all rules of a section run"),
        "strings_match_case": tr("strings are compared with their case"),
        "types_are_strict": tr("values of different types are never equal"),
        "strings_have_no_order": tr("strings have no order"),
        "equal_to_any": tr("one equal value of a set is enough for =="),
        "different_from_all": tr("!= wants a value that differs from all of a set"),
        "order_with_any": tr("one value of a set is enough for < and the like"),
        "references_look_left": tr("names are known from conditions further left"),
        "rules_stop_early": tr("a rule stops at the first condition that fails"),
        "bindings_stay_whole": tr("a name keeps its claims, whatever conditions follow"),
        "issue_may_authorize": tr("issue in authorizationrules acts as add"),
        "copies_once": tr("a claim that is there is not copied again"),
        "copies_see_each_other": tr("of equal claims one copy is made"),
        "copies_become_ours": tr("a copied claim is issued by the policy"),
        "references_multiply": tr("every value of a named claim makes a claim"),
        "type_is_one_member": tr("type= takes one string, not equal ones"),
        "empty_type_fails": tr("type= fails on an empty text"),
        "value_types_bind": tr("valueType= must be the type of the value"),
        "nothing_fails": tr("a function of one value fails on none"),
        "empty_sets_pass": tr("a function that compares sets takes an empty one"),
        "mixed_set_fails": tr("a function of one value fails on different ones"),
        "equal_members_are_one": tr("equal values count as one"),
        "operands_match_type": tr("a function fails on a value of the wrong type"),
        "members_match_type": tr("a function that compares sets tells 1 from the text 1"),
        "empty_is_subset": tr("nothing is a subset of everything"),
        "skips_null_members": tr("null in an array is left out"),
        "empty_arrays_pass": tr("an empty array gives no value"),
        "whole_fractions_fail": tr("1.0 is no integer"),
        "integers_fit": tr("an integer beyond 64 bits fails"),
        "strings_keep_quotes": tr("JmesPath leaves a text in its quotes"),
        "only_strings_have_case": tr("equals_ignore_case fails on what is no text"),
        "json_is_compact": tr("JmesPath writes JSON without blanks"),
        "json_keeps_order": tr("JmesPath keeps the order of members"),
        "json_is_unescaped": tr("JmesPath writes letters as they are"),
        "numbers_are_shortest": tr("JmesPath writes the shortest number"),
        "last_key_wins": tr("the last of repeated JSON keys holds"),
        "bare_words_are_fields": tr("true without quotes is a field of a query"),
        "case_folds_simply": tr("equals_ignore_case lowers letter by letter"),
        "last_setting_wins": tr("the last of a repeated setting holds"),
        "wrong_settings_fail": tr("a property fails on a value that it does not take"),
        "idle_settings_are_ignored": tr("a property without effect is ignored"),
        "validity_is_clamped": tr("a life time out of range becomes the nearest allowed"),
        "read_only_fails": tr("a read-only value cannot be issued"),
        "read_only_types": tr("pcrs is read-only"),
        "read_only_is_of_service": tr("only the service has read-only claims"),
        "read_only_follows": tr("what is made of a read-only value is read-only"),
        "read_only_spares_types": tr("a type made of a read-only value is free"),
        "repeats_stay": tr("equal incoming claims are kept"),
        "configuration_is_blind": tr("configurationrules see no incoming claims"),
        "configuration_is_apart": tr("other rules do not see the claims of configurationrules"),
        "service_comes_first": tr("claims of the service stand before those of the client"),
        "service_wins": tr("claims of the service are not replaced"),
        "repeats_collapse": tr("equal values stand once in the token"),
        "arrays_mix_types": tr("an array of the token may mix types"),
    }[choice]
