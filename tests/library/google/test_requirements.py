from metaflow_gcp.google.requirements import Quota, Requirements


def quota(metric, region, at_start, at_maximum):
    return Quota(metric=metric, region=region, at_start=at_start, at_maximum=at_maximum)


def test_adding_unites_apis_and_sums_quotas_of_one_metric_and_region():
    one = Requirements(apis=frozenset({"a", "b"}), quotas=(quota("CPUS", "us-west1", 2, 10),))
    other = Requirements(
        apis=frozenset({"b", "c"}),
        quotas=(quota("CPUS", "us-west1", 1, 5), quota("CPUS", "us-east1", 4, 4), quota("CPUS", None, 1, 1)),
    )
    both = one + other
    assert both.apis == {"a", "b", "c"}
    assert set(both.quotas) == {
        quota("CPUS", "us-west1", 3, 15),
        quota("CPUS", "us-east1", 4, 4),
        quota("CPUS", None, 1, 1),
    }


def test_one_that_names_a_metric_twice_is_summed_too():
    twice = Requirements(quotas=(quota("CPUS", None, 1, 2), quota("CPUS", None, 1, 2)))
    assert (twice + Requirements()).quotas == (quota("CPUS", None, 2, 4),)


def test_nothing_added_changes_nothing():
    some = Requirements(apis=frozenset({"a"}), quotas=(quota("CPUS", None, 1, 2),))
    assert sum([some, Requirements()], Requirements()) == some
