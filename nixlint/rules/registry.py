"""All rules, one line each: name, module below `nixlint.rules`, class.

The modules are imported when a rule is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from nixlint.rules.base import Rule

RULES: Final[tuple[tuple[str, str, str], ...]] = (
    # names
    ("builtin-needs-prefix", "names.builtin_needs_prefix", "BuiltinNeedsPrefix"),
    ("let-only-for-rec-inherit", "names.let_only_for_rec_inherit", "LetOnlyForRecInherit"),
    ("shadowed-builtin", "names.shadowed_builtin", "ShadowedBuiltin"),
    ("shadowed-internal-symbol", "names.shadowed_internal_symbol", "ShadowedInternalSymbol"),
    ("undefined-variable", "names.undefined_variable", "UndefinedVariable"),
    ("unknown-builtin", "names.unknown_builtin", "UnknownBuiltin"),
    ("unused-at-binding", "names.unused_at_binding", "UnusedAtBinding"),
    ("unused-formal", "names.unused_formal", "UnusedFormal"),
    (
        "unused-formal-with-at-binding",
        "names.unused_formal_with_at_binding",
        "UnusedFormalWithAtBinding",
    ),
    ("unused-lambda-argument", "names.unused_lambda_argument", "UnusedLambdaArgument"),
    ("unused-let-binding", "names.unused_let_binding", "UnusedLetBinding"),
    ("unused-let-inherit", "names.unused_let_inherit", "UnusedLetInherit"),
    ("unused-module-argument", "names.unused_module_argument", "UnusedModuleArgument"),
    ("unused-rec", "names.unused_rec", "UnusedRec"),
    ("unused-with", "names.unused_with", "UnusedWith"),
    ("used-underscore-binding", "names.used_underscore_binding", "UsedUnderscoreBinding"),
    ("useless-let-inherit", "names.useless_let_inherit", "UselessLetInherit"),
    # syntax
    ("byte-order-mark", "syntax.byte_order_mark", "ByteOrderMark"),
    ("carriage-return", "syntax.carriage_return", "CarriageReturn"),
    ("duplicate-attribute", "syntax.duplicate_attribute", "DuplicateAttribute"),
    ("duplicate-ellipsis", "syntax.duplicate_ellipsis", "DuplicateEllipsis"),
    ("duplicate-formal", "syntax.duplicate_formal", "DuplicateFormal"),
    ("dynamic-attr-in-inherit", "syntax.dynamic_attr_in_inherit", "DynamicAttrInInherit"),
    ("dynamic-attr-in-let", "syntax.dynamic_attr_in_let", "DynamicAttrInLet"),
    ("empty-formal", "syntax.empty_formal", "EmptyFormal"),
    ("expected-token", "syntax.expected_token", "ExpectedToken"),
    ("experimental-pipe-operator", "syntax.experimental_pipe_operator", "ExperimentalPipeOperator"),
    ("extra-dot-in-attrpath", "syntax.extra_dot_in_attrpath", "ExtraDotInAttrpath"),
    (
        "formal-duplicates-at-binding",
        "syntax.formal_duplicates_at_binding",
        "FormalDuplicatesAtBinding",
    ),
    ("formal-missing-comma", "syntax.formal_missing_comma", "FormalMissingComma"),
    ("invalid-number-literal", "syntax.invalid_number_literal", "InvalidNumberLiteral"),
    ("invalid-utf8", "syntax.invalid_utf8", "InvalidUtf8"),
    ("lambda-extra-at", "syntax.lambda_extra_at", "LambdaExtraAt"),
    ("legacy-let-missing-body", "syntax.legacy_let_missing_body", "LegacyLetMissingBody"),
    ("merge-into-rec-attrset", "syntax.merge_into_rec_attrset", "MergeIntoRecAttrset"),
    (
        "merge-rec-into-plain-attrset",
        "syntax.merge_rec_into_plain_attrset",
        "MergeRecIntoPlainAttrset",
    ),
    ("misplaced-ellipsis", "syntax.misplaced_ellipsis", "MisplacedEllipsis"),
    ("multiple-root-expressions", "syntax.multiple_root_expressions", "MultipleRootExpressions"),
    ("nesting-too-deep", "syntax.nesting_too_deep", "NestingTooDeep"),
    (
        "non-associative-operator-chain",
        "syntax.non_associative_operator_chain",
        "NonAssociativeOperatorChain",
    ),
    ("nul-byte", "syntax.nul_byte", "NulByte"),
    ("nul-byte-in-string", "syntax.nul_byte_in_string", "NulByteInString"),
    ("or-as-binary-operator", "syntax.or_as_binary_operator", "OrAsBinaryOperator"),
    ("path-duplicate-slashes", "syntax.path_duplicate_slashes", "PathDuplicateSlashes"),
    ("path-trailing-slash", "syntax.path_trailing_slash", "PathTrailingSlash"),
    ("rec-dynamic-attr", "syntax.rec_dynamic_attr", "RecDynamicAttr"),
    ("rec-overrides", "syntax.rec_overrides", "RecOverrides"),
    ("syntax-error", "syntax.syntax_error", "SyntaxError"),
    ("tokens-without-whitespace", "syntax.tokens_without_whitespace", "TokensWithoutWhitespace"),
    ("unexpected-token", "syntax.unexpected_token", "UnexpectedToken"),
    (
        "unparenthesized-list-element",
        "syntax.unparenthesized_list_element",
        "UnparenthesizedListElement",
    ),
    ("unterminated-comment", "syntax.unterminated_comment", "UnterminatedComment"),
    ("unterminated-string", "syntax.unterminated_string", "UnterminatedString"),
    ("malformed-suppression", "suppressions.malformed_suppression", "MalformedSuppression"),
    ("unknown-suppression", "suppressions.unknown_suppression", "UnknownSuppression"),
    ("unused-suppression", "suppressions.unused_suppression", "UnusedSuppression"),
)

# What a check need not load, so that it starts quickly. Both may lag behind: a rule that is
# missing here is merely loaded in vain. `tests/test_config.py` says what belongs in them.

OFF: Final[frozenset[str]] = frozenset(
    [
        "experimental-pipe-operator",
        "let-only-for-rec-inherit",
        "shadowed-builtin",
        "unused-formal-with-at-binding",
        "unused-lambda-argument",
        "unused-module-argument",
        "used-underscore-binding",
    ]
)
"""Rules that only run when asked for."""

ON_DEMAND: Final[frozenset[str]] = frozenset(
    [
        "byte-order-mark",
        "duplicate-attribute",
        "duplicate-ellipsis",
        "duplicate-formal",
        "dynamic-attr-in-inherit",
        "dynamic-attr-in-let",
        "empty-formal",
        "expected-token",
        "extra-dot-in-attrpath",
        "formal-duplicates-at-binding",
        "formal-missing-comma",
        "invalid-number-literal",
        "lambda-extra-at",
        "legacy-let-missing-body",
        "malformed-suppression",
        "merge-into-rec-attrset",
        "merge-rec-into-plain-attrset",
        "misplaced-ellipsis",
        "multiple-root-expressions",
        "nesting-too-deep",
        "non-associative-operator-chain",
        "nul-byte",
        "nul-byte-in-string",
        "path-duplicate-slashes",
        "path-trailing-slash",
        "rec-dynamic-attr",
        "rec-overrides",
        "syntax-error",
        "unexpected-token",
        "unknown-suppression",
        "unparenthesized-list-element",
        "unterminated-comment",
        "unterminated-string",
        "unused-suppression",
    ]
)
"""Rules that are on and look at nothing themselves: they explain what the parser, or the reader of
suppression comments, has found."""

_LOADED: Final[dict[str, Rule]] = {}


def rule_names() -> list[str]:
    """The names of all rules in the order of the registry."""
    return [name for name, _, _ in RULES]


def theme_of(name: str) -> str:
    """The theme of a rule: the folder its file lies in (`syntax`, `names`, …)."""
    for known, module, _ in RULES:
        if known == name:
            return module.split(".")[0]
    raise KeyError(name)


def load_rule(name: str) -> Rule:
    """The rule of that name (one instance per process); KeyError if there is none."""
    rule = _LOADED.get(name)
    if rule is None:
        for known, module, class_name in RULES:
            if known == name:
                rule = cast(Rule, getattr(import_module("nixlint.rules." + module), class_name)())
                _LOADED[name] = rule
                return rule
        raise KeyError(name)
    return rule
