"""Other libraries: QuTiP, The Walrus, dynamiqs, xarray, pandas."""
