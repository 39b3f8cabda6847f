"""Two parts of a flow: its parameters, and what it says about itself as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from riverstage.catalogue import MASK
from riverstage.errors import Place, UsageError
from riverstage.flow import _settings, parameters
from riverstage.flow._errors import did_you_mean
from riverstage.flow.enums import CompileMode, MaterializationPolicy

if TYPE_CHECKING:
    from riverstage.document import Document
    from riverstage.flow.parameters import Parameters, ParameterSetReference

__all__ = ["ParameterPart", "SettingsPart"]


class ParameterPart:
    """The parameters of a flow."""

    __slots__ = ()

    _document: Document
    _value_sets: dict[str, str]
    _job_parameters: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """The flow's name."""
        raise NotImplementedError

    @property
    def local_parameters(self) -> Parameters:
        """The flow's own parameters."""
        document = self._document
        names = [str(entry.get("name")) for entry in parameters.local_entries(document)]
        return parameters.Parameters(parameters.Parameter(document, name) for name in names)

    def add_local_parameter(
        self,
        parameter_type: str,
        name: str,
        description: str = "",
        prompt: str = "",
        value: Any = "",
        valid_values: list[Any] | None = None,
    ) -> Self:
        """Add a parameter; properties take its value where they say ``#name#``.

        Args:
            parameter_type: ``string``, ``integer``, ``float``, ``date``, ``time``, ``timestamp``, ``list``, ``path``,
                ``email``, ``multilinestring`` or ``encrypted``.
            name: Its name.
            description: What it is for.
            prompt: What a person is asked for.
            value: Its value where a run gives it no other.
            valid_values: The values it can have, for a ``list``.

        Returns:
            The flow.

        Raises:
            ParameterError: Name, type or value cannot be one, or the name is taken.
        """
        parameters.add_local(self._document, parameter_type, name, description, prompt, value, valid_values)
        return self

    def remove_local_parameter(self, name: str) -> Self:
        """Remove a parameter.

        Raises:
            NotFoundError: There is none of that name.
        """
        parameters.remove_local(self._document, name)
        return self

    @property
    def parameter_sets(self) -> list[ParameterSetReference]:
        """The parameter sets of the project that the flow uses."""
        project = getattr(getattr(self, "_origin", None), "project", None)
        return parameters.set_references(self._document, None if project is None else project.parameter_sets)

    def use_projdef_parameter(self, parameter: object) -> Self:
        """Refuse a parameter whose value is a default of the project: only a service keeps those.

        Raises:
            UsageError: Always; the message says what to use here.
        """
        name = getattr(parameter, "name", parameter)
        raise UsageError(
            f"The parameter {name!r} is to have a default of the project, which only a service keeps.",
            code="RS-2012",
            place=Place(flow=self.name),
            mend="Use a parameter set of the project: 'flow.use_parameter_set(name)'.",
        )

    def use_parameter_set(self, parameter_set: object) -> Self:
        """Use a parameter set; properties take its values where they say ``#set.name#``.

        Args:
            parameter_set: The set, or its name.

        Returns:
            The flow.
        """
        parameters.use_set(self._document, parameter_set)
        return self

    @property
    def value_set_selected(self) -> dict[str, str]:
        """The value set of each parameter set that jobs of this flow start with."""
        return dict(self._value_sets)

    @property
    def job_parameters(self) -> list[dict[str, Any]]:
        """The values that jobs of this flow start with."""
        return [dict(entry) for entry in self._job_parameters]

    def _shown_job_parameters(self) -> list[dict[str, Any]]:
        """Return them for a screen: no value of an encrypted parameter, nor of a set, whose types stand elsewhere."""
        shown = {one.name for one in self.local_parameters if str(one.param_type).lower() != "encrypted"}
        return [entry if entry["name"] in shown else {**entry, "value": MASK} for entry in self._job_parameters]

    def set_runtime_value_set(self, parameter_set_name: str, value_set_name: str) -> Self:
        """Let jobs that are made from here start with a value set of a parameter set."""
        self._require_set(parameter_set_name)
        self._value_sets[parameter_set_name] = value_set_name
        return self

    def set_runtime_parameter_value(self, parameter_set_name: str, parameter_name: str, value: Any) -> Self:
        """Let jobs that are made from here start with a value of a parameter of a set."""
        self._require_set(parameter_set_name)
        return self._set_job_parameter(f"{parameter_set_name}.{parameter_name}", value)

    def set_runtime_local_parameter(self, local_parameter_name: str, value: Any) -> Self:
        """Let jobs that are made from here start with a value of one of the flow's own parameters."""
        self.local_parameters.get(local_parameter_name)
        return self._set_job_parameter(local_parameter_name, value)

    def _set_job_parameter(self, name: str, value: Any) -> Self:
        kept = [entry for entry in self._job_parameters if entry["name"] != name]
        object.__setattr__(self, "_job_parameters", [*kept, {"name": name, "value": value}])
        return self

    def _require_set(self, name: str) -> None:
        known = [one.name for one in self.parameter_sets]
        if name not in known:
            message = f"The flow does not use a parameter set '{name}'."
            raise UsageError(message, code="RS-2009", place=Place(flow=self.name), mend=did_you_mean(name, known))


class SettingsPart:
    """What a flow says about itself as a whole."""

    __slots__ = ()

    _document: Document

    @property
    def rcp(self) -> bool:
        """Whether columns that no link names are carried along; a stage can say otherwise."""
        return _settings.flag(self._document, "enableRCP", default=False)

    @rcp.setter
    def rcp(self, wanted: bool) -> None:
        _settings.set_flag(self._document, "enableRCP", wanted)

    @property
    def acp(self) -> bool:
        """Whether a change of a link's columns is carried on to the links behind it."""
        return _settings.flag(self._document, "globalAcp", default=True)

    @acp.setter
    def acp(self, wanted: bool) -> None:
        _settings.set_flag(self._document, "globalAcp", wanted)

    def use_runtime_column_propagation(self, rcp: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Carry columns that no link names along, or not."""
        self.rcp = rcp
        return self

    def use_auto_column_propagation(self, acp: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Carry a change of a link's columns on to the links behind it, or not."""
        self.acp = acp
        return self

    @property
    def compile_mode(self) -> CompileMode:
        """Where the work is done: ``ETL`` on the engine, ``TETL`` partly, ``ELT`` wholly in the database."""
        said = str(_settings.properties(self._document).get("runMode") or "ETL")
        return CompileMode(said) if said in CompileMode.__members__ else CompileMode.ETL

    @compile_mode.setter
    def compile_mode(self, mode: CompileMode | str) -> None:
        _settings.set_run_mode(self._document, mode)

    @property
    def elt_materialization_policy(self) -> MaterializationPolicy | None:
        """What becomes of links when the flow is compiled to SQL; None where nobody said."""
        return _settings.policy(self._document)

    @elt_materialization_policy.setter
    def elt_materialization_policy(self, policy: MaterializationPolicy | str | None) -> None:
        _settings.set_policy(self._document, policy)

    @property
    def enable_flight_service(self) -> bool:
        """Whether connectors that can read through the flight service do."""
        return _settings.flag(self._document, "enableflightToggle", default=False)

    @enable_flight_service.setter
    def enable_flight_service(self, wanted: bool) -> None:
        _settings.set_flag(self._document, "enableflightToggle", wanted)

    @property
    def configuration(self) -> _settings.BatchFlowConfiguration:
        """How jobs of the flow run by default."""
        return _settings.BatchFlowConfiguration(self._document)
