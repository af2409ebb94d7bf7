"""Where settings come from, and what is said when a source cannot be read."""

import errno
from pathlib import Path

import pytest

from stacks.settings import InvalidSettings, load_settings
from stacks.settings.loading import sources


def test_the_environment_alone_is_enough(monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_ORG_PREFIX", "acme")
    monkeypatch.setenv("METAFLOW_GCP_PROJECT", "acme-metaflow")
    assert load_settings().naming.bucket == "storage-acme-acme-metaflow-metaflow-default"


def test_nothing_at_all_says_what_is_required(project_folder):
    with pytest.raises(InvalidSettings) as error:
        load_settings()
    text = str(error.value)
    assert text.startswith("2 problems in the settings (no settings.toml)")
    assert "org_prefix: is missing" in text
    assert "fix: add project to settings.toml, or set METAFLOW_GCP_PROJECT" in text
    assert list(project_folder.iterdir()) == []


def test_the_environment_wins_over_the_file(load, monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_ENVIRONMENT", "staging")
    monkeypatch.setenv("METAFLOW_GCP_DELETION_PROTECTION", "false")
    settings = load('environment = "dev"')
    assert settings.environment == "staging"
    assert settings.deletion_protection is False


def test_tables_are_merged_key_by_key(load, monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_GPU_POOLS__L4__MAX_NODES", "2")
    monkeypatch.setenv("METAFLOW_GCP_CLUSTER__MAINTENANCE__DURATION_HOURS", "12")
    monkeypatch.setenv("METAFLOW_GCP_LABELS", '{"owner": "ada"}')
    settings = load(
        """
        labels = { team = "ml" }
        [gpu_pools.l4]
        machine_type = "g2-standard-24"
        max_nodes = 9
        [cluster.maintenance]
        days = ["SU"]
        """
    )
    assert settings.gpu_pools["l4"].machine_type == "g2-standard-24"
    assert settings.gpu_pools["l4"].max_nodes == 2
    assert settings.cluster.maintenance.days == ("SU",)
    assert settings.labels == {"team": "ml", "owner": "ada"}


def test_lists_and_tables_are_json_and_single_keys_go_into_them(load, monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_ZONES", '["us-west1-b"]')
    monkeypatch.setenv("METAFLOW_GCP_TASK_POOLS__BIG__SPOT", "true")
    monkeypatch.setenv("METAFLOW_GCP_TASK_POOLS__BIG", '{"machine_type": "n2-standard-32", "spot": false}')
    monkeypatch.setenv("METAFLOW_GCP_TASK_POOLS__BIG__TAINTS", '[{"key": "dedicated"}]')
    settings = load("")
    assert settings.zones == ("us-west1-b",)
    assert settings.task_pools["big"].machine_type == "n2-standard-32"
    assert settings.task_pools["big"].spot is True
    assert settings.task_pools["big"].taints[0].key == "dedicated"


def test_other_variables_of_that_prefix_are_no_settings(load, monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_CDK", "cdktf")
    monkeypatch.setenv("METAFLOW_GCP_EAGER_BINDINGS", "1")
    monkeypatch.setenv("METAFLOW_GCP_SECRET_MANAGER_PREFIX", "projects/1/secrets/")  # Metaflow's
    monkeypatch.setenv("METAFLOW_DEFAULT_DATASTORE", "gs")
    load("")


def test_an_empty_name_of_a_file_is_none(load, monkeypatch):
    monkeypatch.setenv(sources.FILE_VARIABLE, "")
    assert load('environment = "dev"').environment == "dev"


def test_a_byte_order_mark_is_passed_over(project_folder):
    (project_folder / "settings.toml").write_bytes(b'\xef\xbb\xbforg_prefix = "acme"\nproject = "acme-metaflow"\n')
    assert load_settings().org_prefix == "acme"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (None, "does not exist"),
        ("directory", "is a directory"),
        (b'org_prefix = "acme"\nproject = acme\n', "is not TOML: Invalid value (at line 2, column 11)"),
        (b'org_prefix = "a"\norg_prefix = "b"\n', "is not TOML: Cannot overwrite a value (at line 2, column 17)"),
        (b'org_prefix = "\xff"\n', "is not UTF-8: byte 15 is 0xff"),
        (b"a = " + b"[" * 10000, "nests tables too deeply"),
        (b"a = " + b"9" * 5000, "is not TOML: Exceeds the limit"),
    ],
    ids=["missing", "directory", "value", "twice", "latin-1", "deep", "huge"],
)
def test_a_file_that_cannot_be_read_is_said_with_its_name(tmp_path, monkeypatch, content, wrong):
    file = tmp_path / "named.toml"
    if content == "directory":
        file.mkdir()
    elif content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(sources.FILE_VARIABLE, str(file))
    with pytest.raises(InvalidSettings) as error:
        load_settings()
    (problem,) = error.value.problems
    assert problem.where == "METAFLOW_GCP_SETTINGS"
    assert str(file) in problem.wrong
    assert wrong in problem.wrong
    assert problem.fix


def test_a_file_without_permission_is_said(monkeypatch):
    def refuse(_path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InvalidSettings, match="cannot be read: Permission denied"):
        load_settings()


def test_the_variable_of_a_wrong_value_is_named(load, monkeypatch):
    monkeypatch.setenv("METAFLOW_GCP_DATABASE__TIER", "huge")
    monkeypatch.setenv("METAFLOW_GCP_ZONES", "us-west1-a")
    with pytest.raises(InvalidSettings) as error:
        load("")
    text = str(error.value)
    assert "(settings.toml; 2 variables METAFLOW_GCP_* in the environment)" in text
    assert "database.tier: 'huge' is not a tier of edition ENTERPRISE (from METAFLOW_GCP_DATABASE__TIER)" in text
    assert "zones: 'us-west1-a' is not a list (from METAFLOW_GCP_ZONES)" in text
    assert "fix: write it as JSON in METAFLOW_GCP_ZONES" in text


@pytest.mark.parametrize(
    ("variable", "key", "meant"),
    [
        ("METAFLOW_GCP_PROJEKT", "projekt", "did you mean project?"),
        ("METAFLOW_GCP_BACKND__DIRECTORY", "backnd", "did you mean backend?"),
        ("METAFLOW_GCP_BACKEND__DIRECTRY", "backend.directry", "did you mean backend.directory?"),
        ("METAFLOW_GCP_GPU_POOLS__L4__MAX_NODE", "gpu_pools.l4.max_node", "did you mean gpu_pools.l4.max_nodes?"),
        ("METAFLOW_GCP_TIER", "tier", "did you mean database.tier?"),
        ("METAFLOW_GCP_XYZ", "xyz", "remove it"),
    ],
)
def test_a_variable_that_is_no_key_is_told_the_near_one(load, monkeypatch, variable, key, meant):
    monkeypatch.setenv(variable, "1")
    with pytest.raises(InvalidSettings) as error:
        load("")
    (problem,) = error.value.problems
    assert problem.where == key
    assert problem.fix == meant
    assert variable in problem.wrong
