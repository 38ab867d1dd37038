"""The account outlasts its process: what services hold is on disk before a request is answered."""
