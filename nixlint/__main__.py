"""`python -m nixlint` is the command `nixlint`."""

from nixlint.cli.main import main

if __name__ == "__main__":
    main()
