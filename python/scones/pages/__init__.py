"""HTML pages with one style, each a single file that needs no network."""
