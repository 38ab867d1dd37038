"""One module for each verb. `python -m scones <verb>` imports it and calls its `main(argv)`."""
