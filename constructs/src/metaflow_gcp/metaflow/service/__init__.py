"""What every service of Metaflow's is made of."""
