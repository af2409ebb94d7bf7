"""VPC, subnet, ranges and the way out."""
