"""Settings -> three stacks -> Terraform's JSON. The CDKTF CLI runs this (cdktf.json)."""

import sys

from metaflow_gcp import InvalidProperties, WrongCdk  # first: it makes the provider bindings lazy before Node starts
from stacks.bundled_node import use_bundled_node
from stacks.settings import InvalidSettings, Settings, load_settings


def synthesize(settings: Settings) -> None:
    use_bundled_node()
    from stacks.app import synth  # noqa: PLC0415 - starts Node, which wrong settings must not wait for

    synth(settings)


def main() -> None:
    try:
        synthesize(load_settings())
    except (InvalidSettings, InvalidProperties, WrongCdk) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
