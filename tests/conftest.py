"""What holds for every test."""

import os
import signal

# A shell starts what runs in the background deaf to Ctrl-C, and whatever that starts inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Several tests run at a time already: threads that wait for one another would only take their turns.
os.environ.setdefault("OMP_NUM_THREADS", "1")
