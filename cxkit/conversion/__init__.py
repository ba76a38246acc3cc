"""From a source to files: what is kept, which types, how it is counted and written."""
