"""Numbers of terminals, actions and nonterminals.

Made by `grammar/compile.py`; do not edit.
"""

from __future__ import annotations

from typing import Final

T_END: Final = 0
T_IF: Final = 1
T_THEN: Final = 2
T_ELSE: Final = 3
T_ASSERT: Final = 4
T_WITH: Final = 5
T_LET: Final = 6
T_IN: Final = 7
T_REC: Final = 8
T_INHERIT: Final = 9
T_OR: Final = 10
T_ID: Final = 11
T_INT: Final = 12
T_FLOAT: Final = 13
T_PATH: Final = 14
T_HPATH: Final = 15
T_SPATH: Final = 16
T_URI: Final = 17
T_DQUOTE: Final = 18
T_IND_OPEN: Final = 19
T_INTERPOLATE: Final = 20
T_LBRACE: Final = 21
T_RBRACE: Final = 22
T_LPAREN: Final = 23
T_RPAREN: Final = 24
T_LBRACKET: Final = 25
T_RBRACKET: Final = 26
T_DOT: Final = 27
T_COMMA: Final = 28
T_COLON: Final = 29
T_SEMICOLON: Final = 30
T_ASSIGN: Final = 31
T_AT: Final = 32
T_QUESTION: Final = 33
T_NOT: Final = 34
T_MINUS: Final = 35
T_ELLIPSIS: Final = 36
T_BINARY: Final = 37
T_PIPE_FROM: Final = 38
T_PIPE_INTO: Final = 39
T_STR: Final = 40
T_IND_STR: Final = 41
T_IND_CLOSE: Final = 42
T_PATH_STR: Final = 43
T_PATH_END: Final = 44
T_MISSING: Final = 45
T_INVALID: Final = 46
T_WS: Final = 60
T_COMMENT: Final = 61
T_BLOCK_COMMENT: Final = 62
T_SKIPPED: Final = 63
FIRST_TRIVIA: Final = 60

TERMINALS: Final = (
    "$END",
    "IF",
    "THEN",
    "ELSE",
    "ASSERT",
    "WITH",
    "LET",
    "IN",
    "REC",
    "INHERIT",
    "OR",
    "ID",
    "INT",
    "FLOAT",
    "PATH",
    "HPATH",
    "SPATH",
    "URI",
    "DQUOTE",
    "IND_OPEN",
    "INTERPOLATE",
    "LBRACE",
    "RBRACE",
    "LPAREN",
    "RPAREN",
    "LBRACKET",
    "RBRACKET",
    "DOT",
    "COMMA",
    "COLON",
    "SEMICOLON",
    "ASSIGN",
    "AT",
    "QUESTION",
    "NOT",
    "MINUS",
    "ELLIPSIS",
    "BINARY",
    "PIPE_FROM",
    "PIPE_INTO",
    "STR",
    "IND_STR",
    "IND_CLOSE",
    "PATH_STR",
    "PATH_END",
    "MISSING",
    "INVALID",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "WS",
    "COMMENT",
    "BLOCK_COMMENT",
    "SKIPPED",
)

MODE_DEFAULT: Final = 0
MODE_STRING: Final = 1
MODE_IND_STRING: Final = 2
MODE_IN_PATH: Final = 3
MODE_PLAIN: Final = 4
MODE_POP: Final = 9

A_PASS: Final = 0
A_START: Final = 1
A_LAMBDA_NAME: Final = 2
A_LAMBDA_FORMALS: Final = 3
A_LAMBDA_FORMALS_AT: Final = 4
A_LAMBDA_AT_FORMALS: Final = 5
A_ASSERT: Final = 6
A_WITH: Final = 7
A_LET_EMPTY: Final = 8
A_LET: Final = 9
A_IF: Final = 10
A_PIPE_FROM: Final = 11
A_PIPE_INTO: Final = 12
A_RESOLVE: Final = 13
A_ROW_FIRST: Final = 14
A_ROW_FIRST_HAS_ATTR: Final = 15
A_ROW_MORE: Final = 16
A_ROW_MORE_HAS_ATTR: Final = 17
A_NOT: Final = 18
A_NEGATE: Final = 19
A_CALL_FIRST: Final = 20
A_CALL_MORE: Final = 21
A_SELECT: Final = 22
A_SELECT_OR: Final = 23
A_CALL_OR: Final = 24
A_VAR: Final = 25
A_INT: Final = 26
A_FLOAT: Final = 27
A_SPATH: Final = 28
A_URI: Final = 29
A_MISSING: Final = 30
A_PAREN: Final = 31
A_LIST_EMPTY: Final = 32
A_LIST: Final = 33
A_ATTRS_EMPTY: Final = 34
A_ATTRS: Final = 35
A_REC_EMPTY: Final = 36
A_REC: Final = 37
A_LEGACY_LET_EMPTY: Final = 38
A_LEGACY_LET: Final = 39
A_FIRST: Final = 40
A_MORE: Final = 41
A_STRING_EMPTY: Final = 42
A_STRING: Final = 43
A_PART_TEXT: Final = 44
A_PART_FIRST: Final = 45
A_PART_MORE_TEXT: Final = 46
A_PART_MORE: Final = 47
A_IND_STRING_EMPTY: Final = 48
A_IND_STRING: Final = 49
A_PATH: Final = 50
A_PATH_PARTS: Final = 51
A_HPATH: Final = 52
A_HPATH_PARTS: Final = 53
A_PART_SECOND: Final = 54
A_INTERPOLATION: Final = 55
A_BINDING: Final = 56
A_INHERIT_EMPTY: Final = 57
A_INHERIT: Final = 58
A_INHERIT_FROM_EMPTY: Final = 59
A_INHERIT_FROM: Final = 60
A_ATTRPATH_FIRST: Final = 61
A_ATTRPATH_MORE: Final = 62
A_ATTR_IDENT: Final = 63
A_ATTR_MISSING: Final = 64
A_ATTR_STRING: Final = 65
A_ATTR_DYNAMIC: Final = 66
A_FORMALS_EMPTY: Final = 67
A_FORMALS_ANY: Final = 68
A_FORMALS_CLOSED: Final = 69
A_FORMALS_OPEN: Final = 70
A_FORMAL: Final = 71
A_FORMAL_DEFAULT: Final = 72

N_START: Final = 0
N_EXPR: Final = 1
N_PIPE: Final = 2
N_PIPE_FROM: Final = 3
N_PIPE_INTO: Final = 4
N_OP: Final = 5
N_ROW: Final = 6
N_PREFIXED: Final = 7
N_APP: Final = 8
N_CALL: Final = 9
N_SELECT: Final = 10
N_SIMPLE: Final = 11
N_ITEMS: Final = 12
N_STRING: Final = 13
N_STR_PARTS: Final = 14
N_IND_STRING: Final = 15
N_IND_PARTS: Final = 16
N_PATH: Final = 17
N_PATH_PARTS: Final = 18
N_INTERPOLATION: Final = 19
N_BINDS: Final = 20
N_BIND: Final = 21
N_ATTRS: Final = 22
N_ATTRPATH: Final = 23
N_ATTR: Final = 24
N_FORMALS: Final = 25
N_FORMAL_LIST: Final = 26
N_FORMAL: Final = 27
