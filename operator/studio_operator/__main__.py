"""`python -m studio_operator`."""

import sys

from studio_operator.cli import main

if __name__ == "__main__":
    sys.exit(main())
