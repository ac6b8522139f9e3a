"""nixlint's parser against the real Nix, and against Lark.

`python -m tests.oracles --help` lists what can be compared; each command prints what differs
and a count, and exits with 1 when something differs that is not explained.
"""
