import pytest

from metaflow_gcp.google.project_apis import ProjectApis, ProjectApisProps


def test_minimal(synthesize, holds):
    stack = synthesize(
        lambda scope: ProjectApis(
            scope, "apis", ProjectApisProps(project="some-project", apis=["storage.googleapis.com"])
        )
    )
    holds(
        stack.resources,
        {"google_project_service": {"apis/storage": {"project": "some-project", "service": "storage.googleapis.com"}}},
    )


def test_maximal_one_resource_for_each_api_whatever_order_and_repetition(synthesize):
    apis = ["storage.googleapis.com", "compute.googleapis.com", "storage.googleapis.com"]
    stack = synthesize(
        lambda scope: ProjectApis(scope, "apis", ProjectApisProps(project="some-project", apis=iter(apis)))
    )
    assert list(stack["google_project_service"]) == ["apis/compute", "apis/storage"]


def test_destroying_leaves_apis_enabled_for_others_may_use_them(synthesize):
    stack = synthesize(
        lambda scope: ProjectApis(
            scope, "apis", ProjectApisProps(project="some-project", apis=["storage.googleapis.com"])
        )
    )
    assert stack.only("google_project_service")["disable_on_destroy"] is False


def test_a_further_api_leaves_the_resources_of_the_others_alone(synthesize):
    def with_apis(*apis):
        props = ProjectApisProps(project="some-project", apis=apis)
        return synthesize(lambda scope: ProjectApis(scope, "apis", props))["google_project_service"]

    fewer, more = with_apis("b.googleapis.com"), with_apis("a.googleapis.com", "b.googleapis.com")
    assert fewer.items() < more.items()


def test_enabling_apis_takes_the_api_that_enables():
    assert ProjectApis.requirements.apis == {"serviceusage.googleapis.com"}


@pytest.mark.parametrize("api", ["storage", "storage.googleapis.com/", "Storage.googleapis.com", ""])
def test_what_is_no_api_is_refused(api, refused):
    refused(lambda: ProjectApisProps(project="some-project", apis=[api]), "apis", "ends in .googleapis.com")
