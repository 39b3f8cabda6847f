"""Where assets and run records live: the :class:`Backend` protocol, folders of files, secrets."""

from riverstage.store._backend import ABSENT, ANY, KINDS, Asset, AssetKind, Backend, Version, revision_of
from riverstage.store._extract import (
    TOKEN_PREFIX,
    Extraction,
    IsSecret,
    Spot,
    connection_spots,
    extract_secrets,
    flow_spots,
    is_token,
    parameter_set_spots,
    reveal_secrets,
    tokens_in,
)
from riverstage.store._files import write_file
from riverstage.store._project_file import (
    PROJECT_FILE,
    ProjectFile,
    owner_of,
    read_project,
    updated_at,
    write_project,
)
from riverstage.store._workspace import create_project_folder, delete_project_folder, find_project, project_folders
from riverstage.store.folder import FolderBackend
from riverstage.store.runs_db import RunRecords
from riverstage.store.secrets import SecretStore

__all__ = [
    "ABSENT",
    "ANY",
    "KINDS",
    "PROJECT_FILE",
    "TOKEN_PREFIX",
    "Asset",
    "AssetKind",
    "Backend",
    "Extraction",
    "FolderBackend",
    "IsSecret",
    "ProjectFile",
    "RunRecords",
    "SecretStore",
    "Spot",
    "Version",
    "connection_spots",
    "create_project_folder",
    "delete_project_folder",
    "extract_secrets",
    "find_project",
    "flow_spots",
    "is_token",
    "owner_of",
    "parameter_set_spots",
    "project_folders",
    "read_project",
    "reveal_secrets",
    "revision_of",
    "tokens_in",
    "updated_at",
    "write_file",
    "write_project",
]
