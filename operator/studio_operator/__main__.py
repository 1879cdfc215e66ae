"""`python -m studio_operator`."""

from studio_operator.cli import main

if __name__ == "__main__":
    main(prog_name="studio-operator")
