"""The command `cxkit`, also as `python -m cxkit`."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process, and end the process.

    Collecting garbage would cost a small file more time than its analysis; it is off before
    anything else is imported.
    """
    gc.disable()
    from cxkit import cli

    cli.main()


if __name__ == "__main__":
    main()
