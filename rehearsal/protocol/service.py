"""The calls of the plugin protocol, answered by a `Provider`."""

import json
import traceback
from collections.abc import Callable
from typing import Any

from tf.gen import tfplugin_pb2 as pb

from rehearsal.protocol import upgrade
from rehearsal.protocol.encode import capabilities
from rehearsal.protocol.errors import Path, Problem, Refused
from rehearsal.protocol.plan import plan, replacements
from rehearsal.protocol.provider import Provider
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.validate import validate
from rehearsal.protocol.values import UNKNOWN, Value, decode, encode, known


class Service:
    """One provider process's answers."""

    def __init__(self, provider: Provider, schema_response: Callable[[], bytes]) -> None:
        self.provider = provider
        self.schema_response = schema_response

    def _schema(self, kind: str, type_: str) -> Schema:
        schema = self.provider.schema(kind, type_)
        if schema is None:
            raise Refused(f'The provider does not support {kind} type "{type_}".')
        return schema

    def metadata(self, request: Any) -> Any:
        return pb.GetMetadata.Response(server_capabilities=capabilities())

    def validate_provider(self, request: Any) -> Any:
        schema = self.provider.schema("provider", "provider")
        problems = validate(schema, decode(request.config.msgpack)) if schema else []
        return pb.ValidateProviderConfig.Response(diagnostics=_diagnostics(problems))

    def configure(self, request: Any) -> Any:
        self.provider.configure(decode(request.config.msgpack))
        return pb.ConfigureProvider.Response()

    def validate_resource(self, request: Any) -> Any:
        schema, config = self._schema("resource", request.type_name), decode(request.config.msgpack)
        problems = validate(schema, config) + self.provider.validate(request.type_name, config)
        return pb.ValidateResourceConfig.Response(diagnostics=_diagnostics(problems))

    def validate_data(self, request: Any) -> Any:
        problems = validate(self._schema("data", request.type_name), decode(request.config.msgpack))
        return pb.ValidateDataResourceConfig.Response(diagnostics=_diagnostics(problems))

    def upgrade(self, request: Any) -> Any:
        schema = self._schema("resource", request.type_name)
        return pb.UpgradeResourceState.Response(
            upgraded_state=_dynamic(upgrade.conform(schema.block, json.loads(request.raw_state.json)))
        )

    def read(self, request: Any) -> Any:
        schema = self._schema("resource", request.type_name)
        state = self.provider.read(schema, decode(request.current_state.msgpack))
        return pb.ReadResource.Response(new_state=_dynamic(state), private=request.private)

    def plan(self, request: Any) -> Any:
        schema = self._schema("resource", request.type_name)
        config, prior = decode(request.config.msgpack), decode(request.prior_state.msgpack)
        if decode(request.proposed_new_state.msgpack) is None:
            return pb.PlanResourceChange.Response(planned_state=_dynamic(None), planned_private=request.prior_private)
        planned = plan(schema, config, prior)
        planned.update(self.provider.plan(schema, planned, config, prior))
        return pb.PlanResourceChange.Response(
            planned_state=_dynamic(planned),
            requires_replace=[_path(path) for path in replacements(schema, prior, planned)],
            planned_private=request.prior_private,
            legacy_type_system=self.provider.legacy,
        )

    def apply(self, request: Any) -> Any:
        schema = self._schema("resource", request.type_name)
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        config = decode(request.config.msgpack)
        try:
            if planned is None:
                self.provider.delete(schema, prior)
                state = None
            elif prior is None:
                state = self.provider.create(schema, planned, config)
            else:
                state = self.provider.update(schema, prior, planned, config)
        except Refused as refused:
            # Of an object that could not be changed or deleted, the state from before stays true.
            state, problems = refused.state if refused.state is not None else prior, [refused.problem]
        else:
            problems = [] if state is None else _inconsistent(planned, state, ())
        return pb.ApplyResourceChange.Response(
            new_state=_dynamic(state),
            diagnostics=_diagnostics(problems),
            private=request.planned_private,
            legacy_type_system=self.provider.legacy,
        )

    def import_(self, request: Any) -> Any:
        schema = self._schema("resource", request.type_name)
        imported = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=_dynamic(self.provider.find(schema, request.id))
        )
        return pb.ImportResourceState.Response(imported_resources=[imported])

    def move(self, request: Any) -> Any:
        raise Refused(f"{request.source_type_name} cannot be moved to {request.target_type_name}")

    def data(self, request: Any) -> Any:
        state = self.provider.data(self._schema("data", request.type_name), decode(request.config.msgpack))
        return pb.ReadDataSource.Response(state=_dynamic(state))

    def functions(self, request: Any) -> Any:
        return pb.GetFunctions.Response()

    def call(self, request: Any) -> Any:
        try:
            result = self.provider.call(request.name, [decode(argument.msgpack) for argument in request.arguments])
        except Refused as refused:
            return pb.CallFunction.Response(error=pb.FunctionError(text=refused.problem.summary))
        return pb.CallFunction.Response(result=_dynamic(result))

    def stop(self, request: Any) -> Any:
        return pb.StopProvider.Response()


def _answering(method: Callable[[Service, Any], Any], response: Any) -> Callable[[Service, Any], Any]:
    """What goes wrong in a call becomes a diagnostic: Terraform shows nothing of a gRPC error but its code."""

    def answer(service: Service, request: Any) -> Any:
        try:
            return method(service, request)
        except Refused as refused:
            return response(diagnostics=_diagnostics([refused.problem]))
        except Exception as error:  # noqa: BLE001 - a bug of ours must be readable in Terraform
            problem = Problem(summary=f"The rehearsal itself failed: {error!r}", detail=traceback.format_exc())
            return response(diagnostics=_diagnostics([problem]))

    return answer


METHODS: dict[str, Callable[[Service, Any], Any]] = {
    name: _answering(method, getattr(pb, name).Response)
    for name, method in {
        "GetMetadata": Service.metadata,
        "ValidateProviderConfig": Service.validate_provider,
        "ConfigureProvider": Service.configure,
        "ValidateResourceConfig": Service.validate_resource,
        "ValidateDataResourceConfig": Service.validate_data,
        "UpgradeResourceState": Service.upgrade,
        "ReadResource": Service.read,
        "PlanResourceChange": Service.plan,
        "ApplyResourceChange": Service.apply,
        "ImportResourceState": Service.import_,
        "MoveResourceState": Service.move,
        "ReadDataSource": Service.data,
    }.items()
} | {"GetFunctions": Service.functions, "CallFunction": Service.call, "StopProvider": Service.stop}


def _dynamic(value: Value) -> Any:
    return pb.DynamicValue(msgpack=encode(value))


def _path(path: Path) -> Any:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in path
        ]
    )


def _diagnostics(problems: list[Problem]) -> list[Any]:
    return [
        pb.Diagnostic(
            severity=pb.Diagnostic.WARNING if problem.warning else pb.Diagnostic.ERROR,
            summary=problem.summary,
            detail=problem.detail,
            attribute=_path(problem.path) if problem.path else None,
        )
        for problem in problems
    ]


def _inconsistent(planned: Value, state: Value, path: Path) -> list[Problem]:
    """Terraform only logs it when a provider on the old SDK breaks its promise; we must not break ours."""
    if planned is UNKNOWN:
        return [] if known(state) else [_broken(path, "is still unknown after apply")]
    if isinstance(planned, dict) and isinstance(state, dict):
        if planned.keys() != state.keys():
            return [_broken(path, "has other keys than planned")]
        return [problem for key, value in planned.items() for problem in _inconsistent(value, state[key], (*path, key))]
    if isinstance(planned, list) and isinstance(state, list) and len(planned) == len(state):
        pairs = enumerate(zip(planned, state, strict=True))
        return [problem for index, (a, b) in pairs for problem in _inconsistent(a, b, (*path, index))]
    return [] if planned == state else [_broken(path, f"was planned as {planned!r} and is {state!r}")]


def _broken(path: Path, what: str) -> Problem:
    return Problem(summary=f"The rehearsal itself failed: {'.'.join(map(str, path))} {what}", path=path)
