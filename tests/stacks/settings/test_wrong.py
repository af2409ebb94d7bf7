"""Wrong settings: each named by its key, with the value received and what is allowed; all of them at once."""

import pytest

from stacks.settings import InvalidSettings

L4 = "[gpu_pools.l4]\n"
CPU = "[task_pools.cpu]\n"
ENDPOINT = "access.users = ['user:a@x.com']\n[endpoint]\nenabled = true\n"
POOL = "principal://iam.googleapis.com/locations/global/workforcePools/acme/subject/a"
LARGE = "[network]\nnodes_cidr = '10.16.0.0/16'\npods_cidr = '10.32.0.0/11'"
PARTS = "subnetwork = 'a'\npods_range = 'b'\nservices_range = 'c'\n"

# The settings, the key, a part of what was received, a part of what is allowed.
WRONG = [
    # What is required, and what goes into names.
    ("org_prefix = ''", "org_prefix", "''", "a letter first"),
    ("org_prefix = 'Acme'", "org_prefix", "'Acme'", "a-z, 0-9 and -"),
    ("org_prefix = '1st'", "org_prefix", "'1st'", "a letter first"),
    ("org_prefix = 'acme-'", "org_prefix", "'acme-'", "no - last"),
    ("org_prefix = 'g00gler'", "org_prefix", "'g00gler'", "without google"),
    ("org_prefix = 7", "org_prefix", "7", "a text in quotes"),
    ("project = 'My Project'", "project", "'My Project'", "6 to 30"),
    ("project = 'short'", "project", "'short'", "6 to 30"),
    ("project = '123456789012'", "project", "'123456789012'", "not its name or number"),
    ("project = 'a-project-with-a-name-that-is-too-long'", "project", "38 characters", "at most 30"),
    ("project = 'my-google-project'", "project", "'my-google-project'", "without google"),
    ("environment = 'Dev'", "environment", "'Dev'", "a-z, 0-9 and -"),
    ("environment = 'x-hub'", "environment", "'x-hub'", "no -hub, -all or -logs"),
    ("environment = 'x-logs'", "environment", "'x-logs'", "no -hub, -all or -logs"),
    ("[storage]\nusage_logs_days = 3651", "storage.usage_logs_days", "3651", "from 0 to 3650"),
    ("environment = 'metaflow-2'", "environment", "'metaflow-2'", "no metaflow in it"),
    ("environment = 'a-long-environment'", "environment", "'a-long-environment'", "at most 17 characters"),
    (
        "org_prefix = 'a-rather-long-organisation'",
        "org_prefix",
        "'a-rather-long-organisation'",
        "at most 26 characters",
    ),
    # Where.
    ("region = 'us-west1-a'", "region", "'us-west1-a'", "a region, such as us-west1"),
    ("region = 'Oregon'", "region", "'Oregon'", "a region, such as us-west1"),
    ("region = 'us-wst1'", "region", "'us-wst1' is not a region", "us-west1, "),
    ("region = 'europe-west5'", "region", "'europe-west5' is not a region", "europe-west"),
    ("region = 'us-central1'\nzones = ['us-central1-q']", "zones", "'us-central1-q'", "us-central1-a, us-central1-b"),
    ("new_zones = ['us-west9']", "new_zones", "'us-west9'", "such as us-central1-a"),
    (f"{CPU}zones = ['us-west1-q']", "task_pools.cpu.zones", "'us-west1-q' is not a zone", "us-west1-a, us-west1-b"),
    (f"{L4}zones = ['us-west1-q']", "gpu_pools.l4.zones", "'us-west1-q' is not a zone", "us-west1-a, us-west1-b"),
    ("[storage]\nlocation = 'us-wst1'", "storage.location", "'us-wst1' is not a region", "us-west1"),
    ("zones = ['us-east1-b']", "zones", "'us-east1-b'", "zones of us-west1"),
    ("zones = ['a']", "zones", "'a'", "such as us-central1-a"),
    ("zones = []", "zones", "no zone", "one zone or more"),
    ("zones = ['us-west1-a', 'us-west1-a']", "zones", "'us-west1-a'", "each zone once"),
    ("zones = 'us-west1-a'", "zones", "'us-west1-a'", "a list in [ ]"),
    ("zones = [1]", "zones[0]", "1", "a text in quotes"),
    # Labels.
    ("labels = { Team = 'ml' }", "labels.Team", "'Team'", "1 to 63 of a-z"),
    ("labels = { team = 'ML' }", "labels.team", "'ML'", "up to 63 of a-z"),
    ("labels = { goog-team = 'ml' }", "labels.goog-team", "'goog-team'", "starts otherwise"),
    ("labels = { team = 1 }", "labels.team", "1", "a text in quotes"),
    ("labels = ['ml']", "labels", '["ml"]', "a table of keys and values"),
    ("labels = {" + ", ".join(f"k{i} = ''" for i in range(49)) + "}", "labels", "49 labels", "at most 48"),
    ("deletion_protection = 'perhaps'", "deletion_protection", "'perhaps'", "true or false"),
    # Backend.
    (
        "impersonate_service_account = 'ada@example.com'",
        "impersonate_service_account",
        "'ada@example.com'",
        "the address of a service account",
    ),
    ("backend = 'gcs'", "backend", "'gcs'", "a table of keys and values"),
    ("[backend]\ntype = 's3'", "backend.type", "'s3'", "local, gcs"),
    ("[backend]\nbucket = 'x-state'", "backend.bucket", "'x-state'", "belongs to type 'gcs'"),
    ("[backend]\nprefix = 'x'", "backend.prefix", "'x'", "belongs to type 'gcs'"),
    ("[backend]\ndirectory = ' '", "backend.directory", "' '", "a path"),
    ("[backend]\ntype = 'gcs'", "backend.bucket", "none is given", "a bucket that exists"),
    ("[backend]\ntype = 'gcs'\nbucket = 'gs://x'", "backend.bucket", "'gs://x'", "3 to 63 of a-z"),
    ("[backend]\ntype = 'gcs'\nbucket = 'x-y'\nprefix = '/x'", "backend.prefix", "'/x'", "parted by single /"),
    ("[backend]\ntype = 'gcs'\nbucket = 'x-y'\ndirectory = 'd'", "backend.directory", "'d'", "belongs to type 'local'"),
    # Network.
    ("[network]\nnodes_cidr = '10.0.0.0/40'", "network.nodes_cidr", "'10.0.0.0/40'", "CIDR notation"),
    ("[network]\nnodes_cidr = '10.0.0.1/20'", "network.nodes_cidr", "'10.0.0.1/20'", "CIDR notation"),
    ("[network]\nnodes_cidr = '8.8.8.0/24'", "network.nodes_cidr", "'8.8.8.0/24'", "192.168.0.0/16"),
    ("[network]\nnodes_cidr = '10.0.0.0/29'", "network.nodes_cidr", "'10.0.0.0/29'", "/26 or larger"),
    ("[network]\npods_cidr = '10.4.0.0/20'", "network.pods_cidr", "'10.4.0.0/20'", "/18 or larger"),
    ("[network]\npods_cidr = '10.0.0.0/14'", "network.pods_cidr", "'10.0.0.0/14'", "without a common address"),
    ("[network]\nservices_cidr = '10.8.0.0/28'", "network.services_cidr", "'10.8.0.0/28'", "to /27"),
    ("[network]\nflow_logs = 'sometimes'", "network.flow_logs", "'sometimes'", "true or false"),
    (f"[network.existing]\n{PARTS}", "network.existing.network", "is missing", "a text in quotes"),
    (f"[network.existing]\nnetwork = 'X'\n{PARTS}", "network.existing.network", "'X'", "a letter first"),
    (
        f"[network]\nnodes_cidr = '10.0.0.0/20'\n[network.existing]\nnetwork = 'x'\n{PARTS}",
        "network.nodes_cidr",
        "'10.0.0.0/20'",
        "either network.existing or the ranges",
    ),
    # Cluster.
    (
        "[cluster]\nrelease_channel = 'stable'",
        "cluster.release_channel",
        "'stable'",
        "RAPID, REGULAR, STABLE, EXTENDED",
    ),
    ("[cluster.authorized_networks]\nx = '203.0.113.7'", "cluster.authorized_networks.x", "'203.0.113.7'", "CIDR"),
    ("[cluster.authorized_networks]\nx = '0.0.0.0/0'", "cluster.authorized_networks.x", "'0.0.0.0/0'", "your offices"),
    ("[cluster]\nsecurity_group = 'ml@x.com'", "cluster.security_group", "'ml@x.com'", "gke-security-groups@"),
    ("[access]\nusers = ['group:ml@x.com']", "cluster.security_group", "group:ml@x.com", "gke-security-groups@"),
    (
        "[cluster.maintenance]\nduration_hours = 5",
        "cluster.maintenance.days",
        "40 hours in 32 days",
        "48 hours or more",
    ),
    ("[cluster.maintenance]\nduration_hours = 3", "cluster.maintenance.duration_hours", "3", "from 4 to 24"),
    ("[cluster.maintenance]\nstart_hour_utc = 24", "cluster.maintenance.start_hour_utc", "24", "from 0 to 23"),
    ("[cluster.maintenance]\ndays = ['SUN']", "cluster.maintenance.days[0]", "'SUN'", "MO, TU, WE"),
    ("[cluster.maintenance]\ndays = ['SU', 'SU']", "cluster.maintenance.days[1]", "'SU'", "each day once"),
    ("[cluster.system_pool]\nmin_nodes = 0", "cluster.system_pool.min_nodes", "0", "1 or more"),
    ("[cluster.system_pool]\nmin_nodes = 4", "cluster.system_pool.min_nodes", "4", "0 to 3"),
    ("[cluster.system_pool]\ndisk_size_gb = 5", "cluster.system_pool.disk_size_gb", "5", "from 10 to 65536"),
    ("[cluster.system_pool]\nmachine_type = 'g2-standard-4'", "cluster.system_pool.machine_type", "nvidia-l4", "e2-"),
    ("[cluster.auto_provisioning]\ncpus = 0", "cluster.auto_provisioning.cpus", "0", "from 1 to 100000"),
    # Pools of tasks.
    ("task_pools = 3", "task_pools", "3", "a table of keys and values"),
    ("[task_pools]\ncpu = 3", "task_pools.cpu", "3", "a table of keys and values"),
    ("[task_pools.Big]", "task_pools.Big", "'Big'", "a letter first"),
    (f"[task_pools.{'x' * 41}]", f"task_pools.{'x' * 41}", "41 characters", "at most 40"),
    ("[task_pools.system]", "task_pools.system", "'system'", "another name"),
    ("[task_pools.x]\n[gpu_pools.x]", "gpu_pools.x", "'x'", "a name of its own"),
    (f"{CPU}machine_type = 'a2-highgpu-1g'", "task_pools.cpu.machine_type", "'a2-highgpu-1g'", "without GPUs"),
    (f"{CPU}machine_type = 'big'", "task_pools.cpu.machine_type", "'big'", "such as e2-standard-4"),
    (f"{CPU}min_nodes = -1", "task_pools.cpu.min_nodes", "-1", "0 or more"),
    (f"{CPU}min_nodes = 11", "task_pools.cpu.min_nodes", "11", "0 to 10"),
    (f"{CPU}max_nodes = true", "task_pools.cpu.max_nodes", "true", "a whole number, 1 or more"),
    (f"{CPU}max_nodes = 1.5", "task_pools.cpu.max_nodes", "1.5", "a whole number, 1 or more"),
    (f"{CPU}max_nodes = 5000\n{LARGE}", "task_pools.cpu.max_nodes", "5000", "1 to 3000"),
    (f"{CPU}disk_type = 'ssd'", "task_pools.cpu.disk_type", "'ssd'", "pd-standard, pd-balanced"),
    (f"{CPU}machine_type = 'n4-standard-4'\ndisk_type = 'pd-ssd'", "task_pools.cpu.disk_type", "'pd-ssd'", "hyperdisk"),
    (
        f"{CPU}disk_type = 'hyperdisk-balanced'",
        "task_pools.cpu.disk_type",
        "e2-standard-8 takes no boot disk of the type 'hyperdisk-balanced'",
        "pd-balanced, pd-ssd, pd-standard",
    ),
    (
        "[cluster.system_pool]\nmachine_type = 't2a-standard-2'",
        "cluster.system_pool.machine_type",
        "'t2a-standard-2' has an Arm processor",
        "x86",
    ),
    (
        "[cluster.system_pool]\nmachine_type = 'c4a-standard-2'",
        "cluster.system_pool.machine_type",
        "'c4a-standard-2' has an Arm processor",
        "x86",
    ),
    (f"{CPU}zones = ['us-east1-b']", "task_pools.cpu.zones", "'us-east1-b'", "zones of us-west1"),
    (f"{CPU}zones = []", "task_pools.cpu.zones", "no zone", "one zone or more"),
    (f"{CPU}labels = {{ 'a b' = 'x' }}", "task_pools.cpu.labels.a b", "'a b'", "domain/name"),
    (f"{CPU}taints = [{{ value = 'x' }}]", "task_pools.cpu.taints[0].key", "is missing", "a text in quotes"),
    (f"{CPU}taints = ['x']", "task_pools.cpu.taints[0]", "'x'", "a table of keys and values"),
    (
        f"{CPU}taints = [{{ key = 'x', effect = 'NoSchedule' }}]",
        "task_pools.cpu.taints[0].effect",
        "'NoSchedule'",
        "NO_SCHEDULE, PREFER_NO_SCHEDULE",
    ),
    (
        f"{CPU}taints = [{{ key = 'nvidia.com/gpu' }}]",
        "task_pools.cpu.taints[0].key",
        "'nvidia.com/gpu'",
        "keys outside kubernetes.io",
    ),
    # Pools of GPUs.
    (f"{CPU}machine_type = 'e2-standard-8'\nvcpus = 4", "task_pools.cpu.vcpus", "e2-standard-8 has 8, not 4", "8"),
    (f"{CPU}machine_type = 'c2d-standard-56'\nmemory_gb = 1", "task_pools.cpu.memory_gb", "has 224, not 1", "224"),
    # Newer than this release: what auto-provisioning counts must be said.
    (f"{CPU}machine_type = 'z9-standard-4'", "task_pools.cpu.memory_gb", "'z9-standard-4'", "GB of memory of one node"),
    (f"{CPU}machine_type = 'z9-4-x'\nmemory_gb = 8", "task_pools.cpu.vcpus", "'z9-4-x'", "the vCPUs of one node"),
    (
        f"{L4}machine_type = 'a4x-highgpu-4g'\nvcpus = 140\nmemory_gb = 884",
        "gpu_pools.l4.machine_type",
        "'a4x-highgpu-4g'",
        "g2-standard-4",
    ),
    (f"{L4}gpu_quota_metric = 'NVIDIA_T4_GPUS'", "gpu_pools.l4.gpu_quota_metric", "NVIDIA_L4_GPUS", "NVIDIA_L4_GPUS"),
    (
        f"{L4}machine_type = 'g4-standard-48'\ngpu_quota_metric = 'PREEMPTIBLE_X'",
        "gpu_pools.l4.gpu_quota_metric",
        "'PREEMPTIBLE_X'",
        "without PREEMPTIBLE_",
    ),
    (f"{L4}machine_type = 'n2-standard-4'", "gpu_pools.l4.machine_type", "'n2-standard-4'", "g2-standard-4"),
    (f"{L4}machine_type = 'g2-standard-5'", "gpu_pools.l4.machine_type", "'g2-standard-5'", "g2-standard-4"),
    (f"{L4}machine_type = 'n1-standard-8'", "gpu_pools.l4.gpu_type", "n1-standard-8", "nvidia-tesla-t4"),
    (
        f"{L4}machine_type = 'n1-standard-8'\ngpu_type = 'nvidia-l4'",
        "gpu_pools.l4.gpu_type",
        "'nvidia-l4'",
        "nvidia-tesla-t4",
    ),
    (
        f"{L4}machine_type = 'n1-standard-8'\ngpu_type = 'nvidia-tesla-t4'\ngpu_count = 3",
        "gpu_pools.l4.gpu_count",
        "3",
        "1, 2, 4",
    ),
    (f"{L4}gpu_type = 'nvidia-tesla-t4'", "gpu_pools.l4.gpu_type", "'nvidia-tesla-t4'", "nvidia-l4"),
    (f"{L4}gpu_count = 2", "gpu_pools.l4.gpu_count", "2", "follows from machine_type"),
    (f"{L4}driver_version = 'NEWEST'", "gpu_pools.l4.driver_version", "'NEWEST'", "DEFAULT, LATEST"),
    (f"{L4}spot = true\nflex_start = true", "gpu_pools.l4.flex_start", "spot and flex_start", "one of them"),
    (f"{L4}flex_start = true\nmin_nodes = 1", "gpu_pools.l4.min_nodes", "1", "0"),
    (f"{L4}max_run_duration_seconds = 600", "gpu_pools.l4.max_run_duration_seconds", "600", "together with flex_start"),
    (
        f"{L4}flex_start = true\nmax_run_duration_seconds = 60",
        "gpu_pools.l4.max_run_duration_seconds",
        "60",
        "from 600 to 604800",
    ),
    (
        f"{L4}flex_start = true\nreservation = {{ names = ['x'] }}",
        "gpu_pools.l4.reservation",
        "flex_start",
        "on demand",
    ),
    (f"{L4}reservation = {{}}", "gpu_pools.l4.reservation.names", "none is named", "the name of a reservation"),
    (f"{L4}sharing = {{ max_clients = 49 }}", "gpu_pools.l4.sharing.max_clients", "49", "from 2 to 48"),
    (f"{L4}sharing = {{ strategy = 'MIG' }}", "gpu_pools.l4.sharing.strategy", "'MIG'", "TIME_SHARING, MPS"),
    (f"{L4}partition_size = '1g.5gb'", "gpu_pools.l4.partition_size", "nvidia-l4", "nvidia-tesla-a100"),
    (
        f"{L4}machine_type = 'a2-highgpu-1g'\npartition_size = '9g.5gb'",
        "gpu_pools.l4.partition_size",
        "'9g.5gb'",
        "1g.5gb",
    ),
    (f"{L4}disk_size_gb = 'large'", "gpu_pools.l4.disk_size_gb", "'large'", "from 10 to 65536"),
    (f"{L4}zones = ['us-east1-b']", "gpu_pools.l4.zones", "'us-east1-b'", "zones of us-west1"),
    (f"{L4}secondary_boot_disks = ['x']", "gpu_pools.l4.secondary_boot_disks[0]", "'x'", "a table of keys and values"),
    # Data and images.
    ("[database]\ntier = 'db-n1-standard-1'", "database.tier", "'db-n1-standard-1'", "db-custom-<vCPUs>"),
    ("[database]\ntier = 'db-custom-3-7680'", "database.tier", "3 vCPUs", "an even number up to 96"),
    ("[database]\ntier = 'db-custom-2-2048'", "database.tier", "2048 MB", "3840 to 13312 MB"),
    ("[database]\ntier = 'db-custom-2-7777'", "database.tier", "7777 MB", "a multiple of 256"),
    ("[database]\ndisk_size_gb = 1", "database.disk_size_gb", "1", "from 10 to 65536"),
    ("[database]\nbackups_retained = 0", "database.backups_retained", "0", "from 1 to 365"),
    ("[database]\nbackups_retained = 3", "database.backups_retained", "3", "7 or more"),
    ("[database]\npoint_in_time_recovery_days = 8", "database.point_in_time_recovery_days", "8", "from 1 to 7"),
    ("[database]\nmaintenance_day = 0", "database.maintenance_day", "0", "from 1 to 7"),
    ("[database]\nmaintenance_hour = 24", "database.maintenance_hour", "24", "from 0 to 23"),
    ("[storage]\nlocation = 'us west'", "storage.location", "'us west'", "such as us-west1, NAM4 or US"),
    ("[storage]\nsoft_delete_days = 3", "storage.soft_delete_days", "3", "0 (off), or 7 to 90"),
    ("[storage]\nsoft_delete_days = 91", "storage.soft_delete_days", "91", "from 0 to 90"),
    ("[storage]\nnoncurrent_days = 0", "storage.noncurrent_days", "0", "from 1 to 3650"),
    ("[registry]\nkeep_versions = 0", "registry.keep_versions", "0", "from 1 to 10000"),
    ("[registry]\nuntagged_days = 'never'", "registry.untagged_days", "'never'", "from 1 to 3650"),
    ("[images]\ntask = 'python'", "images.task", "'python'", "a tag other than latest"),
    ("[images]\nmetadata_service = 'x:latest'", "images.metadata_service", "'x:latest'", "a tag other than latest"),
    ("[metadata_service]\nreplicas = 6", "metadata_service.replicas", "6", "from 1 to 5"),
    # Connections: what the services may open against what the tier accepts.
    ("[database]\ntier = 'db-f1-micro'", "database.tier", "accepts 25 connections", "db-custom-1-3840 and larger"),
    (
        "[database]\ntier = 'db-g1-small'\n[metadata_service]\nreplicas = 2",
        "database.tier",
        "may open 66",
        "a tier that accepts 66",
    ),
    # Jobs, Argo, JobSet.
    ("[jobs]\nnamespace = 'Jobs'", "jobs.namespace", "'Jobs'", "up to 63 of a-z"),
    ("[jobs]\nnamespace = 'kube-system'", "jobs.namespace", "'kube-system'", "none that starts with kube-"),
    ("[jobs]\nnamespace = 'metaflow'", "jobs.namespace", "'metaflow'", "none of default, metaflow"),
    ("[jobs]\ntotal_cpus = 1", "jobs.total_cpus", "1", "2 or more"),
    ("[jobs]\ntotal_memory_gb = 4", "jobs.total_memory_gb", "4 is below what one task asks for", "5 or more"),
    ("[jobs]\ntotal_pods = 0", "jobs.total_pods", "0", "1 or more"),
    ("[jobs]\ntask_memory_gb = 1", "jobs.task_memory_gb", "1", "4 or more"),
    ("[jobs]\nsecrets = ['projects/other/secrets/token']", "jobs.secrets[0]", "projects/other", "own project"),
    ("[jobs]\nsecrets = ['a', 'a']", "jobs.secrets[1]", "'a'", "each secret once"),
    ("[argo]\nworkflows_chart = '1.0.18'", "argo.workflows_chart", "'1.0.18'", "0.47.5"),
    ("[argo]\nevents_chart = 'latest'", "argo.events_chart", "'latest'", "2.4.22"),
    ("[argo]\nkeep_succeeded_seconds = -1", "argo.keep_succeeded_seconds", "-1", "from 0 to 31536000"),
    ("[argo]\nkeep_failed_seconds = 40000000", "argo.keep_failed_seconds", "40000000", "from 0 to 31536000"),
    ("[argo]\nkeep_failed_seconds = -60", "argo.keep_failed_seconds", "-60", "from 0 to 31536000"),
    ("[jobset]\nchart = 'main'", "jobset.chart", "'main'", "0.11.1"),
    # People.
    (
        "[access]\nusers = ['principalSet://iam.googleapis.com/locations/global/workforcePools/acme/*']",
        "access.users[0]",
        "Kubernetes RBAC does not know it",
        "subject/SUBJECT",
    ),
    # The endpoint.
    ("[endpoint]\nenabled = true", "endpoint.enabled", "access names nobody", "one member or more"),
    (f"{ENDPOINT}domain = 'https://ml.x.com'", "endpoint.domain", "'https://ml.x.com'", "no https://"),
    (f"{ENDPOINT}domain = 'metaflow'", "endpoint.domain", "'metaflow'", "such as metaflow.example.com"),
    (f"{ENDPOINT}dns_zone = 'x'", "endpoint.dns_zone", "without a domain", "a zone together with a domain"),
    (
        f"{ENDPOINT}oauth_client_id = '1-a.apps.googleusercontent.com'",
        "endpoint.oauth_client_secret",
        "none",
        "a secret",
    ),
    (f"{ENDPOINT}requests_per_minute = 5", "endpoint.requests_per_minute", "5", "60 to 100000"),
    ("[access]\nviewers = ['user:a@x.com']", "access.viewers", "no endpoint", "endpoint.enabled = true"),
    (
        f"access.viewers = ['user:A@x.com']\n{ENDPOINT}",
        "access.viewers[0]",
        "a user or an admin, too",
        "one of the lists",
    ),
    (f"access.viewers = ['{POOL}']\n{ENDPOINT}", "access.viewers[0]", "a federated identity", "user:<address>"),
    ("[access]\nusers = ['allUsers']", "access.users[0]", "'allUsers'", "user:<address>"),
    ("[access]\nadmins = ['ada@x.com']", "access.admins[0]", "'ada@x.com'", "user:<address>"),
    ("[access]\nadmins = ['domain:x.com']", "access.admins[0]", "'domain:x.com'", "user:<address>"),
    ("[access]\nusers = ['user:a@x.com', 'user:a@x.com']", "access.users[1]", "'user:a@x.com'", "each member once"),
    (
        "[access]\nusers = ['user:a@x.com']\nadmins = ['user:A@x.com']",
        "access.users[0]",
        "another spelling of the admin 'user:A@x.com'",
        "one of the",
    ),
    ("[access]\nusers = ['user:a@x.com']\nadmins = ['user:a@x.com']", "access.users[0]", "is an admin, too", "one of"),
    # What Metaflow's client is told.
    ("[client_profile]\nMETAFLOW_CPUS = '2'", "client_profile.METAFLOW_CPUS", "no supported client", "METAFLOW_"),
    ("[client_profile]\nMETAFLOW_UI_URL = 'x'", "client_profile.METAFLOW_UI_URL", "by the platform", "does not set"),
    ("[client_profile]\nMETAFLOW_KUBERNETES_CPU = 2", "client_profile.METAFLOW_KUBERNETES_CPU", "2", "in quotes"),
    ("[jobs]\nusers_read_secrets = 'maybe'", "jobs.users_read_secrets", "'maybe'", "true or false"),
    # What Terraform would evaluate.
    ("project = '${var.project}'", "project", "'${var.project}'", "plain text"),
    ("labels = { team = '%{ if true }' }", "labels.team", "'%{ if true }'", "plain text"),
    ("labels = { '${x}' = 'y' }", "labels.${x}", "'${x}'", "plain text"),
    (f"{L4}driver_version = '${{x}}'", "gpu_pools.l4.driver_version", "'${x}'", "plain text"),
    # Unknown keys.
    ("projekt = 'x'", "projekt", "'x'", "org_prefix, project"),
    ("[databse]\ntier = 'x'", "databse", '{"tier": "x"}', "database"),
    (
        "[cluster.maintenance]\nday = ['SU']",
        "cluster.maintenance.day",
        '["SU"]',
        "start_hour_utc, duration_hours, days",
    ),
    (f"{CPU}taints = [{{ key = 'x', efect = 'y' }}]", "task_pools.cpu.taints[0].efect", "'y'", "key, value, effect"),
    (f"{L4}accelerator = 'x'", "gpu_pools.l4.accelerator", "'x'", "gpu_type"),
]


@pytest.mark.parametrize(("text", "key", "received", "allowed"), WRONG, ids=[case[0][:60] for case in WRONG])
def test_a_wrong_setting_is_the_only_problem_and_is_explained(load, text, key, received, allowed):
    with pytest.raises(InvalidSettings) as error:
        load(text)
    (problem,) = error.value.problems
    assert problem.where == key
    assert received in problem.wrong
    assert allowed in problem.allowed
    assert problem.fix
    assert str(problem) in str(error.value)


def test_everything_wrong_is_said_at_once(load):
    cases = ["org_prefix = 5", "environment = 'Dev'", "region = 'Oregon'", "zonez = []", "[backend]\nbucket = 'x'"]
    cases += ["[network]\nnodes_cidr = '1.1.1.0/24'\nflow_logs = 2", "[cluster]\nrelease_channel = 'x'"]
    cases += [f"{L4}gpu_count = 'x'\nmachine_type = 'g3-standard-4'\npartition = 1", "[gpu_pools.system]\nspot = 'x'"]
    cases += ["[database]\ntier = 'x'", "[access]\nadmins = ['x']\nusers = [1, 'allUsers']"]
    with pytest.raises(InvalidSettings) as error:
        load("\n".join(cases))
    assert sorted(problem.where for problem in error.value.problems) == sorted(
        [
            *["org_prefix", "environment", "region", "zonez", "backend.bucket", "network.nodes_cidr"],
            *["network.flow_logs", "cluster.release_channel", "gpu_pools.l4.gpu_count", "gpu_pools.l4.machine_type"],
            *["gpu_pools.l4.partition", "gpu_pools.system", "gpu_pools.system.spot", "database.tier"],
            *["access.admins[0]", "access.users[0]", "access.users[1]"],
        ]
    )
    assert str(error.value).startswith("17 problems in the settings (settings.toml)\n\n")


def test_wrong_zones_are_said_once_and_not_for_each_pool(load):
    with pytest.raises(InvalidSettings) as error:
        load("zones = ['us-east1-b']\n[gpu_pools.a]\n[gpu_pools.b]\n[task_pools.c]")
    assert [problem.where for problem in error.value.problems] == ["zones"]


def test_a_fix_can_be_followed(load):
    for text, fix in [
        ("region = 'us-west1-a'", 'set region = "us-west1"'),
        ("region = 'us-wst1'", 'set region = "us-west1"; if Google has opened it since, add its zones to new_zones'),
        ("[cluster]\nrelease_channel = 'stable'", 'did you mean "STABLE"?'),
        ("[database]\ntier = 'db-custom-2-7700'", 'set tier to "db-custom-2-7936"'),
        ("[access]\nusers = ['ada@x.com']", 'write "user:ada@x.com"'),
        ("users = []", "did you mean access.users?"),
        ("[cluster.maintenance]\nday = ['SU']", "did you mean cluster.maintenance.days?"),
    ]:
        with pytest.raises(InvalidSettings) as error:
            load(text)
        assert error.value.problems[0].fix == fix
