"""All rules, one line each: name, module below `nixlint.rules`, class.

The modules are imported when a rule is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from nixlint.rules.base import Rule

RULES: Final[tuple[tuple[str, str, str], ...]] = (
    # inputs
    ("duplicate-flake-input", "inputs.duplicate_flake_input", "DuplicateFlakeInput"),
    ("flake-dead-override", "inputs.flake_dead_override", "FlakeDeadOverride"),
    ("flake-floating-ref", "inputs.flake_floating_ref", "FlakeFloatingRef"),
    ("flake-follows-cycle", "inputs.flake_follows_cycle", "FlakeFollowsCycle"),
    (
        "flake-follows-nonexistent-input",
        "inputs.flake_follows_nonexistent_input",
        "FlakeFollowsNonexistentInput",
    ),
    ("flake-indirect-input", "inputs.flake_indirect_input", "FlakeIndirectInput"),
    ("flake-input-not-upstream", "inputs.flake_input_not_upstream", "FlakeInputNotUpstream"),
    ("flake-input-outdated", "inputs.flake_input_outdated", "FlakeInputOutdated"),
    ("flake-input-policy", "inputs.flake_input_policy", "FlakeInputPolicy"),
    (
        "flake-input-unsupported-ref",
        "inputs.flake_input_unsupported_ref",
        "FlakeInputUnsupportedRef",
    ),
    ("flake-insecure-input", "inputs.flake_insecure_input", "FlakeInsecureInput"),
    ("flake-local-input", "inputs.flake_local_input", "FlakeLocalInput"),
    ("flake-lock-broken", "inputs.flake_lock_broken", "FlakeLockBroken"),
    ("flake-lock-out-of-sync", "inputs.flake_lock_out_of_sync", "FlakeLockOutOfSync"),
    (
        "flake-lock-unreachable-node",
        "inputs.flake_lock_unreachable_node",
        "FlakeLockUnreachableNode",
    ),
    ("flake-missing-follows", "inputs.flake_missing_follows", "FlakeMissingFollows"),
    ("flake-missing-lock", "inputs.flake_missing_lock", "FlakeMissingLock"),
    ("flake-release-mismatch", "inputs.flake_release_mismatch", "FlakeReleaseMismatch"),
    ("flake-superseded-input", "inputs.flake_superseded_input", "FlakeSupersededInput"),
    ("flake-unlocked-input", "inputs.flake_unlocked_input", "FlakeUnlockedInput"),
    ("missing-path", "inputs.missing_path", "MissingPath"),
    ("path-not-tracked-by-git", "inputs.path_not_tracked_by_git", "PathNotTrackedByGit"),
    ("pin-file-broken", "inputs.pin_file_broken", "PinFileBroken"),
    ("unpinned-source", "inputs.unpinned_source", "UnpinnedSource"),
    ("unused-flake-input", "inputs.unused_flake_input", "UnusedFlakeInput"),
    # modules
    (
        "default-contradicts-type",
        "modules.default_contradicts_type",
        "DefaultContradictsType",
    ),
    ("disabled-module", "modules.disabled_module", "DisabledModule"),
    ("duplicate-import", "modules.duplicate_import", "DuplicateImport"),
    (
        "duplicate-option-declaration",
        "modules.duplicate_option_declaration",
        "DuplicateOptionDeclaration",
    ),
    ("enable-never-set", "modules.enable_never_set", "EnableNeverSet"),
    ("enable-option-text", "modules.enable_option_text", "EnableOptionText"),
    (
        "exported-module-never-imported",
        "modules.exported_module_never_imported",
        "ExportedModuleNeverImported",
    ),
    ("import-cycle", "modules.import_cycle", "ImportCycle"),
    ("imports-depend-on-config", "modules.imports_depend_on_config", "ImportsDependOnConfig"),
    (
        "invalid-option-declaration",
        "modules.invalid_option_declaration",
        "InvalidOptionDeclaration",
    ),
    ("missing-import", "modules.missing_import", "MissingImport"),
    (
        "missing-option-description",
        "modules.missing_option_description",
        "MissingOptionDescription",
    ),
    ("missing-option-type", "modules.missing_option_type", "MissingOptionType"),
    ("mixed-module-form", "modules.mixed_module_form", "MixedModuleForm"),
    ("mkif-literal", "modules.mkif_literal", "MkifLiteral"),
    ("module-argument-default", "modules.module_argument_default", "ModuleArgumentDefault"),
    ("moving-state-version", "modules.moving_state_version", "MovingStateVersion"),
    ("nested-priority", "modules.nested_priority", "NestedPriority"),
    ("option-conflict", "modules.option_conflict", "OptionConflict"),
    ("option-set-twice", "modules.option_set_twice", "OptionSetTwice"),
    ("option-type-mismatch", "modules.option_type_mismatch", "OptionTypeMismatch"),
    ("read-only-option", "modules.read_only_option", "ReadOnlyOption"),
    ("redundant-priority", "modules.redundant_priority", "RedundantPriority"),
    ("removed-option", "modules.removed_option", "RemovedOption"),
    ("renamed-option", "modules.renamed_option", "RenamedOption"),
    ("secret-in-store", "modules.secret_in_store", "SecretInStore"),
    ("shadowed-definition", "modules.shadowed_definition", "ShadowedDefinition"),
    ("state-version", "modules.state_version", "StateVersion"),
    ("undeclared-option", "modules.undeclared_option", "UndeclaredOption"),
    ("unguarded-module-config", "modules.unguarded_module_config", "UnguardedModuleConfig"),
    ("unknown-module-argument", "modules.unknown_module_argument", "UnknownModuleArgument"),
    ("unused-file", "modules.unused_file", "UnusedFile"),
    ("unused-module", "modules.unused_module", "UnusedModule"),
    ("unused-option", "modules.unused_option", "UnusedOption"),
    ("update-drops-nested-key", "modules.update_drops_nested_key", "UpdateDropsNestedKey"),
    ("update-on-mkif", "modules.update_on_mkif", "UpdateOnMkif"),
    # flake
    ("deprecated-flake-output", "flake.deprecated_flake_output", "DeprecatedFlakeOutput"),
    ("flake-input-ref-and-follows", "flake.flake_input_ref_and_follows", "FlakeInputRefAndFollows"),
    (
        "flake-invalid-input-attribute",
        "flake.flake_invalid_input_attribute",
        "FlakeInvalidInputAttribute",
    ),
    ("flake-invalid-nix-config", "flake.flake_invalid_nix_config", "FlakeInvalidNixConfig"),
    ("flake-missing-outputs", "flake.flake_missing_outputs", "FlakeMissingOutputs"),
    ("flake-non-literal-metadata", "flake.flake_non_literal_metadata", "FlakeNonLiteralMetadata"),
    ("flake-not-attrset", "flake.flake_not_attrset", "FlakeNotAttrset"),
    (
        "flake-output-under-each-system",
        "flake.flake_output_under_each_system",
        "FlakeOutputUnderEachSystem",
    ),
    (
        "flake-outputs-missing-argument",
        "flake.flake_outputs_missing_argument",
        "FlakeOutputsMissingArgument",
    ),
    (
        "flake-unsupported-attribute",
        "flake.flake_unsupported_attribute",
        "FlakeUnsupportedAttribute",
    ),
    ("implicit-flake-input", "flake.implicit_flake_input", "ImplicitFlakeInput"),
    ("invalid-flake-app", "flake.invalid_flake_app", "InvalidFlakeApp"),
    ("invalid-flake-output", "flake.invalid_flake_output", "InvalidFlakeOutput"),
    ("invalid-flake-overlay", "flake.invalid_flake_overlay", "InvalidFlakeOverlay"),
    ("invalid-flake-reference", "flake.invalid_flake_reference", "InvalidFlakeReference"),
    ("invalid-flake-system", "flake.invalid_flake_system", "InvalidFlakeSystem"),
    ("invalid-flake-template", "flake.invalid_flake_template", "InvalidFlakeTemplate"),
    ("undeclared-flake-input", "flake.undeclared_flake_input", "UndeclaredFlakeInput"),
    ("unknown-flake-output", "flake.unknown_flake_output", "UnknownFlakeOutput"),
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
    # sources
    ("impure-in-flake", "sources.impure_in_flake", "ImpureInFlake"),
    ("insecure-fetch-url", "sources.insecure_fetch_url", "InsecureFetchUrl"),
    ("unpinned-fetcher", "sources.unpinned_fetcher", "UnpinnedFetcher"),
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
        "duplicate-flake-input",
        "enable-never-set",
        "experimental-pipe-operator",
        "exported-module-never-imported",
        "flake-input-not-upstream",
        "flake-input-unsupported-ref",
        "flake-superseded-input",
        "let-only-for-rec-inherit",
        "missing-option-description",
        "moving-state-version",
        "secret-in-store",
        "shadowed-builtin",
        "shadowed-definition",
        "unguarded-module-config",
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

PROJECT: Final[frozenset[str]] = frozenset(
    [
        "moving-state-version",
        "state-version",
        "unused-option",
        "enable-never-set",
        "module-argument-default",
        "unknown-module-argument",
        "disabled-module",
        "exported-module-never-imported",
        "import-cycle",
        "imports-depend-on-config",
        "missing-import",
        "unused-file",
        "unused-module",
        "duplicate-flake-input",
        "flake-dead-override",
        "flake-floating-ref",
        "flake-follows-cycle",
        "flake-follows-nonexistent-input",
        "flake-indirect-input",
        "flake-input-not-upstream",
        "flake-input-outdated",
        "flake-input-policy",
        "flake-input-unsupported-ref",
        "flake-insecure-input",
        "flake-local-input",
        "flake-lock-broken",
        "flake-lock-out-of-sync",
        "flake-lock-unreachable-node",
        "flake-missing-follows",
        "flake-missing-lock",
        "flake-release-mismatch",
        "flake-superseded-input",
        "flake-unlocked-input",
        "invalid-flake-output",
        "pin-file-broken",
        "unpinned-source",
        "duplicate-option-declaration",
        "invalid-option-declaration",
        "mixed-module-form",
        "nested-priority",
        "renamed-option",
        "removed-option",
        "redundant-priority",
        "shadowed-definition",
        "option-set-twice",
        "option-conflict",
        "option-type-mismatch",
        "read-only-option",
        "undeclared-option",
        "unused-flake-input",
    ]
)
"""Rules about a project as a whole; see `project_base.py`."""

_LOADED: Final[dict[str, Rule]] = {}


def rule_names() -> list[str]:
    """The names of all rules in the order of the registry."""
    return [name for name, _, _ in RULES]


def rule_names_of(names: frozenset[str]) -> list[str]:
    """Those of `names` that are rules, in the order of the registry."""
    return [name for name, _, _ in RULES if name in names]


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
