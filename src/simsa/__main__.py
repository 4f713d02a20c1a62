"""`python -m simsa`: the same as `simsa`, where the command is not on the path."""

from simsa.cli import main

if __name__ == "__main__":
    main(prog_name="simsa")
