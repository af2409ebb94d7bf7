"""No secret stands in the synthesized JSON, and none leaves by an output."""

import re

STACKS = ("apis", "infra", "services")
ONLY_A_REFERENCE = re.compile(r"\$\{[^{}]+\}")
LOOKS_LIKE_A_SECRET = re.compile(
    r"-----BEGIN"
    r"|\bya29\."  # Google's access tokens
    r"|\bAIza[\w-]{30}"  # Google's API keys
    r"|\beyJ[\w-]{10,}\.[\w-]+"  # JSON web tokens
    r"|\bgh[pousr]_\w{30}"
    r"|\bprivate_key"
    r"|(?<![\w/+])[A-Za-z0-9+/]{40,}={0,2}(?![\w/+])"  # anything long and random
)
# Marked by the provider for whatever it may hold; here it is the profile, which is an output, too.
NO_SECRET = {
    "services: google_storage_bucket_object client-profile/object.content",
    "services: google_storage_bucket_object platform-description/object.content",
}
PUBLIC = re.compile(r"@sha256:[0-9a-f]{64}")


def literals(value):
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from literals(each)
    elif value is not None and not ONLY_A_REFERENCE.fullmatch(str(value)):
        yield value


def sensitive(block, config, where=""):
    """(attribute, value) of what the provider marks as sensitive and the configuration gives."""
    for key, value in config.items():
        if block.get("attributes", {}).get(key, {}).get("sensitive"):
            yield f"{where}.{key}", value
        elif key in block.get("block_types", {}):
            for each in value if isinstance(value, list) else [value]:
                yield from sensitive(block["block_types"][key]["block"], each, f"{where}.{key}")


def test_what_a_provider_calls_sensitive_is_given_by_reference(platform, schemas):
    """Known defect 8 of the templates: the database's password is `metaflow`."""
    given = [
        (f"{each.where}{key}", value)
        for each in platform.elements
        if (each.kind, each.type) in schemas
        for key, value in sensitive(schemas[each.kind, each.type], each.attributes)
    ]
    assert [where for where, value in given if list(literals(value)) and where not in NO_SECRET] == []
    assert {where.partition(": ")[2] for where, _ in given} >= {
        "google_sql_user database/user.password",
        "google_secret_manager_secret_version database/secret-version.secret_data",
        "kubernetes_secret_v1 metadata-service/database/secret.data",
        "kubernetes_secret_v1 ui/database/secret.data",
    }


def test_nothing_looks_like_a_password_a_key_or_a_token(platform):
    texts = {**platform.texts, "platform.json": (platform.folder / "platform.json").read_text("utf-8")}
    found = {
        name: match[0] for name, text in texts.items() if (match := LOOKS_LIKE_A_SECRET.search(PUBLIC.sub("", text)))
    }
    assert found == {}


def test_the_providers_credentials_come_from_whoever_runs_terraform(platform):
    for stack in STACKS:
        for providers in platform.stacks[stack]["provider"].values():
            for provider in providers:
                assert not {"credentials", "access_token", "password", "client_key", "config_path"} & provider.keys()
    providers = platform.stacks["services"]["provider"]
    for cluster in (*providers["kubernetes"], *(each["kubernetes"] for each in providers["helm"])):
        assert cluster.keys() == {"host", "token"}
        assert cluster["token"] == "${data.google_client_config.caller.access_token}"


def test_an_output_that_shows_something_sensitive_is_marked(platform, schemas):
    """Terraform would refuse it otherwise, at plan time."""
    for stack in STACKS:
        for name, output in platform.stacks[stack].get("output", {}).items():
            shown = re.findall(r"\$\{(\w+)\.[\w-]+\.(\w+)", output["value"])
            hidden = [
                attribute
                for type_, attribute in shown
                if schemas.get(("resource", type_), {}).get("attributes", {}).get(attribute, {}).get("sensitive")
            ]
            assert not hidden or output.get("sensitive"), f"{stack}: {name} shows {hidden}"


def test_only_a_hash_of_the_password_is_declared_not_to_be_secret(platform):
    for stack in STACKS:
        for expression in re.findall(r"nonsensitive\((.{0,12})", platform.texts[stack]):
            assert expression.startswith("sha256(")
