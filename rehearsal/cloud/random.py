"""The random provider. It has no cloud: what it makes lives in Terraform's state alone."""

import base64
import random
import string
import uuid

from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Schema

_RANDOM = random.SystemRandom()
_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_ADJECTIVES = ("able", "bold", "calm", "deep", "eager", "fair", "glad", "keen")
_ANIMALS = ("ant", "bear", "crab", "dove", "eel", "fox", "gnu", "hare")


def text(state: State) -> State:
    """Letters and digits as asked for; each minimum is drawn first, then the rest, then all is shuffled."""
    sets = {
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "numeric": string.digits,
        "special": state.get("override_special") or _SPECIAL,
    }
    drawn = [_RANDOM.choice(chars) for name, chars in sets.items() for _ in range(int(state.get(f"min_{name}") or 0))]
    allowed = "".join(chars for name, chars in sets.items() if state.get(name))
    drawn += [_RANDOM.choice(allowed) for _ in range(int(state["length"]) - len(drawn))]
    _RANDOM.shuffle(drawn)
    result = "".join(drawn)
    bcrypt = "$2a$10$" + "".join(_RANDOM.choice("./" + string.ascii_letters + string.digits) for _ in range(53))
    return {"result": result, "id": "none" if "bcrypt_hash" in state else result, "bcrypt_hash": bcrypt}


def id_(state: State) -> State:
    if state["byte_length"] < 0:
        # Nothing checks the length before; with a negative one the provider ends in a panic (resource_id.go, Create).
        raise Refused(
            "Plugin did not respond",
            "The plugin encountered an error, and failed to respond to the plugin.(*GRPCProvider).ApplyResourceChange "
            "call: panic: runtime error: makeslice: len out of range",
        )
    return _encoded(_RANDOM.randbytes(int(state["byte_length"])), state.get("prefix") or "")


def _encoded(data: bytes, prefix: str) -> State:
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return {
        "id": url,
        "b64_url": prefix + url,
        "b64_std": prefix + base64.b64encode(data).decode(),
        "hex": prefix + data.hex(),
        "dec": prefix + str(int.from_bytes(data, "big")),
    }


def integer(state: State) -> State:
    # A seed asks for the same number again.
    source = random.Random(state["seed"]) if state.get("seed") else _RANDOM  # noqa: S311 - as asked
    result = source.randint(state["min"], state["max"])
    return {"result": result, "id": str(result)}


def pet(state: State) -> State:
    words = [_RANDOM.choice(_ADJECTIVES) for _ in range(int(state["length"]) - 1)] + [_RANDOM.choice(_ANIMALS)]
    prefix = [str(state["prefix"])] if state.get("prefix") else []
    return {"id": str(state["separator"]).join(prefix + words)}


def shuffle(state: State) -> State:
    items = list(state["input"])
    _RANDOM.shuffle(items)
    count = state.get("result_count")
    return {"result": items if count is None else items[: int(count)], "id": "-"}


def uuid_(state: State) -> State:
    made = str(uuid.uuid4())
    return {"result": made, "id": made}


def octets(state: State) -> State:
    data = _RANDOM.randbytes(int(state["length"]))
    return {"base64": base64.b64encode(data).decode(), "hex": data.hex()}


MAKE = {
    "random_password": text,
    "random_string": text,
    "random_id": id_,
    "random_integer": integer,
    "random_pet": pet,
    "random_shuffle": shuffle,
    "random_uuid": uuid_,
    "random_bytes": octets,
}


class Random(Provider):
    """Makes random values."""

    name, legacy = "random", False

    def configure(self, config: State) -> None:
        pass

    def validate(self, type_: str, config: State) -> list[Problem]:
        minimums = [config.get(f"min_{name}") for name in ("lower", "upper", "numeric", "special")]
        needed, length = sum(each for each in minimums if isinstance(each, int)), config.get("length")
        if isinstance(length, int) and needed > length:
            return [
                Problem(
                    summary=f"Attribute length value must be at least sum of the minimums {needed}, got: {length}",
                    path=("length",),
                )
            ]
        if (
            "numeric" in config
            and all(config.get(name) is False for name in ("special", "upper", "lower"))
            and False in (config["numeric"], config["number"])
        ):
            return [
                Problem(
                    summary="At least one attribute out of [special,upper,lower,numeric] must be specified as true",
                    path=("numeric",),
                )
            ]
        return []

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """`number` is the old name of `numeric`: one follows the other."""
        if "numeric" not in planned:
            return {}
        given = config["numeric"] if config["numeric"] is not None else config["number"]
        value = True if given is None else given
        return {"numeric": value, "number": value}

    def create(self, schema: Schema, planned: State, config: State) -> State:
        return fill(schema, planned, MAKE[schema.name](planned))

    def read(self, schema: Schema, state: State) -> State | None:
        return state

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        return planned

    def delete(self, schema: Schema, state: State) -> None:
        pass

    def find(self, schema: Schema, id_: str) -> State:
        """Finds a password, a string or a UUID by itself, a random_id by its prefix, a comma and its base64."""
        facts: State = {"id": id_, "result": id_}
        defaults = {name.split(".")[0]: each.get("default") for name, each in schema.constraints.items()}
        if schema.name == "random_id":
            prefix, _, encoded = id_.rpartition(",")
            data = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            facts = {**_encoded(data, prefix), "prefix": prefix or None, "byte_length": len(data)}
        elif schema.name in ("random_password", "random_string"):
            facts = {**facts, "length": len(id_), "numeric": True, "number": True, "bcrypt_hash": ""}
            facts["id"] = "none" if schema.name == "random_password" else id_
        elif schema.name != "random_uuid":
            raise Refused(f"{schema.name} cannot be imported")
        return {name: facts.get(name, defaults.get(name)) for name in schema.block.attributes}
