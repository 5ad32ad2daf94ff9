"""`python -m huying` is the command `huying`."""

import sys

from huying.config.command_line import main

sys.exit(main())
