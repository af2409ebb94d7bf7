import pytest

from metaflow_gcp.google.network.network import ExistingNetwork, ExistingNetworkProps

PROPS = {
    "project": "host-project",
    "region": "us-west1",
    "network": "shared",
    "subnetwork": "metaflow",
    "pods_range": "gke-pods",
    "services_range": "gke-services",
}


@pytest.fixture
def adopted(synthesize):
    made = []
    stack = synthesize(lambda scope: made.append(ExistingNetwork(scope, "network", ExistingNetworkProps(**PROPS))))
    return stack, made[0]


def test_it_makes_nothing_and_reads_the_subnet(adopted, holds):
    stack, _ = adopted
    assert stack.resources == {}
    holds(
        stack.data,
        {
            "google_compute_subnetwork": {
                "network/subnetwork": {"project": "host-project", "region": "us-west1", "name": "metaflow"}
            }
        },
    )


def test_it_hands_on_the_names_of_the_ranges_as_given(adopted):
    _, network = adopted
    assert (network.pods_range, network.services_range) == ("gke-pods", "gke-services")


@pytest.mark.parametrize("range_", ["gke-pods", "gke-services"])
def test_the_plan_fails_when_the_subnet_lacks_a_range(adopted, range_):
    [condition] = [each for each in postconditions(adopted) if range_ in each["condition"]]
    assert condition == {
        "condition": f'${{contains(self.secondary_ip_range[*].range_name, "{range_}")}}',
        "error_message": f"Subnet metaflow has no secondary range {range_}.",
    }


def test_the_plan_fails_when_the_subnet_is_another_network_s(adopted):
    [condition] = [each for each in postconditions(adopted) if "self.network" in each["condition"]]
    assert condition["condition"] == '${endswith(self.network, "/shared")}'
    assert condition["error_message"] == "Subnet metaflow is not in the network shared."


def test_the_plan_fails_when_private_nodes_could_not_reach_google_s_apis(adopted):
    [condition] = [each for each in postconditions(adopted) if "private_ip_google_access" in each["condition"]]
    assert condition["condition"] == "${self.private_ip_google_access}"
    assert "private_ip_google_access" in condition["error_message"]


def postconditions(adopted):
    stack, _ = adopted
    [subnetwork] = stack.data["google_compute_subnetwork"].values()
    return subnetwork["lifecycle"]["postcondition"]
