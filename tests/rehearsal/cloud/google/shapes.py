"""What several tests create."""

POOL = {"name": "gpus", "cluster": "main", "location": "us-west1", "node_locations": ["us-west1-a"]}
SQL = {"name": "db", "database_version": "POSTGRES_16", "deletion_protection": False}


def gpu(type_="nvidia-l4", count=1, machine="g2-standard-12", **config):
    return {"machine_type": machine, "guest_accelerator": [{"type": type_, "count": count}], **config}


def settings(**given):
    return {"tier": "db-custom-2-8192", "edition": "ENTERPRISE", **given}
