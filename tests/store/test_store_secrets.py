"""Secrets: encrypted, found by token, shown nowhere."""

import pytest
from cryptography.fernet import Fernet

from riverstage.errors import NotFoundError, StoreError
from riverstage.store import FolderBackend, SecretStore
from riverstage.store.secrets import environment_name

CANARY = "canary-7f3a-hunter2"


@pytest.fixture
def environ():
    return {}


@pytest.fixture
def store(tmp_path, environ):
    backend = FolderBackend(tmp_path)
    return SecretStore(backend.state_folder, backend, environ)


def test_a_secret_comes_back_by_its_token(store):
    store.set({"Orders/PG/password": CANARY}, owner="id")
    assert store.resolve("secret:Orders/PG/password") == CANARY
    assert store.names() == ["Orders/PG/password"]
    assert store.owner("Orders/PG/password") == "id"
    assert store.owner("other") is None


def test_other_text_is_no_token(store):
    assert store.resolve("plain") == "plain"
    assert store.resolve("secret:") == "secret:"


def test_the_secret_is_in_no_file(store, tmp_path):
    store.set({"a": CANARY})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"secrets", "key"}
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_the_key_and_the_store_are_for_the_owner_alone(store, tmp_path):
    store.set({"a": CANARY})
    for name in ("key", "secrets"):
        assert (tmp_path / ".riverstage" / name).stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_refused(store, tmp_path):
    store.set({"a": CANARY})
    (tmp_path / ".riverstage" / "key").chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600") as refused:
        store.resolve("secret:a")
    assert refused.value.code == "RS-7014"


def test_the_environment_comes_first_then_a_mounted_file(store, environ, tmp_path):
    store.set({"Orders/PG_src/password": "stored"})
    token = "secret:Orders/PG_src/password"
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "ORDERS_PG_SRC_PASSWORD").write_text("from a file\n")
    assert store.resolve(token) == "stored"
    environ["RIVERSTAGE_SECRETS_DIR"] = str(mounted)
    assert store.resolve(token) == "from a file"
    environ["RIVERSTAGE_SECRET_ORDERS_PG_SRC_PASSWORD"] = "from the environment"
    assert store.resolve(token) == "from the environment"


def test_names_in_the_environment():
    assert environment_name("connection/My pg-1/password") == "CONNECTION_MY_PG_1_PASSWORD"


def test_a_secret_that_nobody_knows_says_where_to_put_it(store):
    with pytest.raises(NotFoundError, match="RIVERSTAGE_SECRET_A_B") as refused:
        store.resolve("secret:a/b")
    assert refused.value.code == "RS-7015"


def test_the_key_may_come_from_the_environment(store, environ, tmp_path):
    environ["RIVERSTAGE_KEY"] = Fernet.generate_key().decode()
    store.set({"a": CANARY})
    assert not (tmp_path / ".riverstage" / "key").exists()
    assert store.resolve("secret:a") == CANARY
    environ["RIVERSTAGE_KEY"] = Fernet.generate_key().decode()
    with pytest.raises(StoreError, match="key is another") as refused:
        store.resolve("secret:a")
    assert CANARY not in str(refused.value)
    del environ["RIVERSTAGE_KEY"]
    with pytest.raises(StoreError, match="key for the project's secrets is missing"):
        store.set({"b": "x"})


def test_what_is_no_key(store, environ):
    environ["RIVERSTAGE_KEY"] = "short"
    with pytest.raises(StoreError, match="generate_key"):
        store.set({"a": CANARY})


def test_secrets_can_be_forgotten_and_put_back(store):
    before = store.snapshot()
    assert before is None
    store.set({"a": "1", "b": "2"})
    with_both = store.snapshot()
    store.delete("a", "none")
    assert store.names() == ["b"]
    store.restore(with_both)
    assert store.names() == ["a", "b"]
    store.restore(before)
    assert store.names() == []


def test_nothing_shows_a_secret(store):
    store.set({"a": CANARY})
    assert CANARY not in repr(store)
    assert CANARY not in repr(store._read())
