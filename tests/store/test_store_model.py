"""The folder against a model: whatever is done to it, by Riverstage or by others, it holds what it must."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from riverstage.errors import ConflictError, NotFoundError
from riverstage.store import ABSENT, FolderBackend, revision_of
from riverstage.store._names import fold

names = st.sampled_from(["a", "A", "b c", "B/C", "\u00e9", "e\u0301", "con", "x" * 200])
contents = st.binary(max_size=40)


class FolderModel(RuleBasedStateMachine):
    """A dict stands beside the folder; ``seen`` are revisions that somebody may still hold."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.backend = FolderBackend(self.folder)
        self.model = {}
        self.seen = {}

    def teardown(self):
        shutil.rmtree(self.folder)

    @rule(name=names, content=contents)
    def make(self, name, content):
        try:
            revision = self.backend.put("flow", name, content, if_revision=ABSENT)
        except ConflictError:
            assert name in self.model
        else:
            assert name not in self.model
            self.model[name] = content
            self.seen[name] = revision

    @rule(name=names, content=contents)
    def save(self, name, content):
        held = self.seen.get(name, revision_of(b"never"))
        is_current = name in self.model and revision_of(self.model[name]) == held
        try:
            self.seen[name] = self.backend.put("flow", name, content, if_revision=held)
        except ConflictError:
            assert not is_current
        else:
            assert is_current
            self.model[name] = content

    @rule(name=names, new_name=names)
    def rename(self, name, new_name):
        held = self.seen.get(name, revision_of(b"never"))
        try:
            self.backend.rename("flow", name, new_name, if_revision=held)
        except NotFoundError:
            assert name not in self.model
        except ConflictError:
            is_stale = revision_of(self.model[name]) != held
            assert is_stale or (new_name in self.model and new_name != name)
        else:
            self.model[new_name] = self.model.pop(name)
            self.seen[new_name] = held

    @rule(name=names)
    def delete(self, name):
        held = self.seen.get(name, revision_of(b"never"))
        try:
            self.backend.delete("flow", name, if_revision=held)
        except NotFoundError:
            assert name not in self.model
        except ConflictError:
            assert revision_of(self.model[name]) != held
        else:
            del self.model[name]

    @precondition(lambda self: self.model)
    @rule(data=st.data(), content=contents)
    def edit_outside(self, data, content):
        name = data.draw(st.sampled_from(sorted(self.model)))
        Path(self.backend.get("flow", name).file).write_bytes(content)
        self.model[name] = content

    @rule()
    def leave_litter(self):
        (self.folder / "flows").mkdir(exist_ok=True)
        (self.folder / "flows" / ".riverstage-00ff.tmp").write_bytes(b"half")

    @rule()
    def another_process(self):
        self.backend = FolderBackend(self.folder)

    @invariant()
    def the_folder_is_the_model(self):
        assert {asset.name: asset.content for asset in self.backend.list("flow")} == self.model
        for name, content in self.model.items():
            assert self.backend.history("flow", name)[0].revision == revision_of(content)

    @invariant()
    def no_two_files_look_alike(self):
        folder = self.folder / "flows"
        files = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.exists() else []
        assert len({fold(name) for name in files}) == len(files) == len(self.model)


TestFolderModel = FolderModel.TestCase
TestFolderModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
