"""What holds for every test."""

import signal

# A shell starts what runs in the background deaf to Ctrl-C, and whatever that starts inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)
