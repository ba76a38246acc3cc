"""`python -m cxkit`."""

from cxkit.cli import main

main()
