"""Types without a module of their API, because there is little to say of them, and data sources that read no object.

Once there is more to say of one, it gets a module of its API (see `kinds/__init__.py`).
"""

from rehearsal.cloud import invent
from rehearsal.cloud.gke import TOKEN
from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.kinds.secretmanager import asked_version
from rehearsal.cloud.google.references import NEEDS, USES
from rehearsal.cloud.model import Cloud


def client_config(cloud: Cloud, state: State) -> State:
    return {"access_token": f"{TOKEN}-{invent.digest('token', length=24)}", "id": "projects/{project}".format(**state)}


def netblocks(cloud: Cloud, state: State) -> State:
    ranges = {
        "restricted-googleapis": ["199.36.153.4/30"],
        "private-googleapis": ["199.36.153.8/30"],
        "iap-forwarders": ["35.235.240.0/20"],
        "health-checkers": ["35.191.0.0/16", "130.211.0.0/22"],
    }.get(state.get("range_type") or "", ["34.64.0.0/10", "35.184.0.0/13"])
    return {"cidr_blocks": ranges, "cidr_blocks_ipv4": ranges, "cidr_blocks_ipv6": []}


KINDS = [
    Kind(type="google_client_config", data=client_config, asks_google=False),
    Kind(type="google_netblock_ip_ranges", data=netblocks, asks_google=False),
    Kind(type="google_secret_manager_secret_version_access", data=asked_version),
    Kind(type="google_bigquery_table", path="projects/{{project}}/datasets/{{dataset_id}}/tables/{{table_id}}"),
    Kind(type="google_pubsub_topic"),
    Kind(type="google_pubsub_subscription", references={"topic": ("google_pubsub_topic", NEEDS)}),
    Kind(type="google_dns_record_set", references={"managed_zone": ("google_dns_managed_zone", USES)}),
    Kind(type="google_kms_crypto_key", references={"key_ring": ("google_kms_key_ring", USES)}),
    Kind(
        type="google_cloudfunctions2_function",
        references={"service_config.service_account_email": ("google_service_account", NEEDS)},
    ),
    Kind(
        type="google_cloud_run_v2_service", references={"template.service_account": ("google_service_account", NEEDS)}
    ),
    *(
        Kind(type=type_, attributed=False)
        for type_ in ("google_dataplex_datascan", "google_dataplex_task", "google_dataproc_cluster")
    ),
]
