import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest

from rehearsal.cloud.model import Cloud, Key, Use

NETWORK = Key("network", "acme", "vpc")
SUBNET = Key("subnet", "acme", "nodes")


def _write(path, start):
    cloud = Cloud(path)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda i: cloud.put(Key("k", "s", str(i)), {"i": i}, []), range(start, start + 25)))


def test_several_processes_and_threads_write_at_once(tmp_path):
    path = tmp_path / "cloud.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(path, start)) for start in (0, 25)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(each.state["i"] for each in Cloud(path).all()) == list(range(50))


def test_all_or_nothing(cloud):
    def half():
        with cloud.transaction():
            cloud.put(NETWORK, {})
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - ours
        half()
    assert cloud.get(NETWORK) is None


def test_parts_and_users(cloud):
    cloud.put(NETWORK, {})
    cloud.put(SUBNET, {}, [Use(target=NETWORK)])
    cloud.put(Key("rule", "acme", "r"), {}, [Use(target=NETWORK, part=True)])
    assert cloud.users(NETWORK, part=False) == [SUBNET]
    cloud.remove(NETWORK)
    assert [each.key for each in cloud.all()] == [SUBNET]


def test_references_are_replaced_when_given(cloud):
    cloud.put(SUBNET, {}, [Use(target=NETWORK)])
    cloud.put(SUBNET, {"a": 1})
    assert cloud.users(NETWORK, part=False) == [SUBNET]
    cloud.put(SUBNET, {}, [])
    assert cloud.users(NETWORK, part=False) == []


def test_it_outlives_its_process(cloud):
    cloud.put(NETWORK, {"a": 1})
    again = Cloud(cloud.path)
    assert again.get(NETWORK).state == {"a": 1}
    assert again.project("123456789012") == again.project("acme") == "acme"
