"""Google Cloud's services, one construct each."""
