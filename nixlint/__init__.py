"""nixlint: a parser, static analyzer and language server for Nix."""

__version__ = "0.1.0"
