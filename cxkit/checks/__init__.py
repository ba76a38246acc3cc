"""What is wrong with a file: its structure, its columns, the parts they play."""
