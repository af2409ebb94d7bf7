import json

from metaflow_gcp import Forward, PlatformDescription, PlatformDescriptionProps


def test_it_lies_beside_the_profile_and_says_where_everything_is(synthesize):
    values = {
        "bucket": "storage-acme",
        "project": "acme-metaflow",
        "environment": "default",
        "cluster_name": "gke-metaflow-default",
        "cluster_location": "us-west1",
        "cluster_dns_endpoint": "gke-1.us-west1.gke.goog",
        "images": "us-west1-docker.pkg.dev/acme-metaflow/images",
        "services_namespace": "metaflow",
        "jobs_namespace": "metaflow-jobs",
    }
    forward = {"name": "metaflow-ui", "namespace": "metaflow", "service": "metaflow-ui", "port": 8083}
    props = PlatformDescriptionProps(**values, forwards=(Forward(**forward),))
    stack = synthesize(lambda scope: PlatformDescription(scope, "description", props))
    [made] = stack["google_storage_bucket_object"].values()
    assert (made["bucket"], made["name"]) == ("storage-acme", "metaflow-gcp/description.json")
    assert json.loads(made["content"]) == {"kind": "PlatformDescription", "version": 1, **values, "forwards": [forward]}
