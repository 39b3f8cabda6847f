"""A project in a folder."""

import pytest

from riverstage.document import Document, blank_node
from riverstage.operations import Workspace


@pytest.fixture
def environ():
    return {}


@pytest.fixture
def workspace(tmp_path, environ):
    return Workspace(tmp_path, environ=environ)


@pytest.fixture
def project(workspace):
    return workspace.open(workspace.create_project("conf").value.project_id)


@pytest.fixture
def tree():
    """Return a maker of flow documents: Row Generator to Peek, and a PostgreSQL stage where a password is given."""

    def make(flow_id="flow-1", password=None, records=10):
        document = Document.new("any", flow_id=flow_id)
        main = document.primary_pipeline
        rows = document.add_node(main, blank_node("binding", "PxRowGenerator", label="Rows"))
        peek = document.add_node(main, blank_node("execution_node", "PxPeek", label="Peek"))
        document.add_link(main, rows, peek, name="Link_1")
        document.node(main, rows)["parameters"] = {"records": records}
        if password is not None:
            database = document.add_node(main, blank_node("binding", "postgresql", label="PG"))
            document.node(main, database)["connection"] = {"ref": "local", "properties": {"password": password}}
        return document.tree

    return make
