"""What the product promises, measured: `make bench`, `make bench-NAME`. See `bench.__main__`."""
