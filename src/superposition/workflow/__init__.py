"""What Snakemake needs: which files there are, what decides them, which commands make them."""
