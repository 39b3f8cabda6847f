"""From a document to a plan: resolve, bind and check, plan."""

from riverstage.compiler.bind import Binding, bind, check_binding
from riverstage.compiler.parameters import Assets, NoAssets
from riverstage.compiler.planning import make_plan

__all__ = ["Assets", "Binding", "NoAssets", "bind", "check_binding", "make_plan"]
