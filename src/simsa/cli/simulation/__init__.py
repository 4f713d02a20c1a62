"""Where the runs of a design study are computed: processes of this machine, or a Dask cluster."""
