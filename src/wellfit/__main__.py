"""``python -m wellfit`` is the command line."""

import sys

from wellfit.cli.main import main

sys.exit(main())
