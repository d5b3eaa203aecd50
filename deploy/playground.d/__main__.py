import sys

import cli

sys.exit(cli.main(sys.argv[1:]))
