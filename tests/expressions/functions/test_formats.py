"""Format strings of dates, times and timestamps."""

from datetime import date, datetime, time

import pytest

from riverstage.errors import ExpressionError
from riverstage.expressions.functions._formats import compile_format, read_date, read_time, read_timestamp, write
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions.date_conversion import packed_format
from riverstage.expressions.functions.date_time import FUNCTIONS, run_started

MOMENT = datetime(2006, 8, 1, 15, 4, 5, 123456)


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%dd/%mm/%yyyy %hh:%nn:%ss", "01/08/2006 15:04:05"),
        ("%d.%m.%yy", "1.8.06"),
        ("%(dd,s)-%(mm,s)-%yyyy", " 1- 8-2006"),
        ("%ddd|%(ddd,v)|%(ddd,s)", "213|213|213"),
        ("%mmm %mmmm %(mmm,u) %(mmmm,w) %(mmm,t)", "Aug August AUG august Aug"),
        ("%(mmmm,-3)|%(mmmm,-8)|%(mmmm,+8)", "Aug|August  |  August"),
        ("%eee %eeee %e %E", "Tue Tuesday 3 2"),
        ("%yyyy-W%WW", "2006-W31"),
        ("%HH:%nn %aa / %H %(aa,u)", "03:04 pm / 3 PM"),
        ("%ss.3 %ss.6 %(ss.2,c) %SSS %SSSSSS", "05.123 05.123456 05,12 123 123456"),
        ("100%% \\%d\\\\ \\n\\t", "100% %d\\ \n\t"),
        ("%(L,'en_US')%mmm", "Aug"),
    ],
)
def test_writing(format_, text):
    assert compile_format(format_, "timestamp").write(MOMENT) == text


@pytest.mark.parametrize(
    ("format_", "text", "value"),
    [
        ("%dd/%mm/%yyyy", "27/05/2008", date(2008, 5, 27)),
        ("%d/%m/%yyyy", "7/5/2008", date(2008, 5, 7)),
        ("%(d,s)/%(m,s)/%yyyy", " 7/ 5/2008", date(2008, 5, 7)),
        ("%yy%mm%dd", "580818", date(1958, 8, 18)),
        ("%2000yy%mm%dd", "580818", date(2058, 8, 18)),
        ("%1938yy-%ddd", "37-060", date(2037, 3, 1)),
        ("%eeee %d %mmmm %yyyy", "friday 1 JANUARY 0001", date(1, 1, 1)),
        ("%yyyy-W%WW-%E", "2009-W53-7", date(2010, 1, 3)),
        ("%(mmmm,-4)%dd%yyyy", "Augu012006", date(2006, 8, 1)),
    ],
)
def test_reading_dates(format_, text, value):
    assert read_date(text, format_) == value


@pytest.mark.parametrize(
    ("format_", "text", "value"),
    [
        ("%hh%nn%ss", "235959", time(23, 59, 59)),
        ("%h:%n:%s.3", "1:2:3.5", time(1, 2, 3, 500000)),
        ("%HH:%nn %aa", "12:30 AM", time(0, 30)),
        ("%HH:%nn %aa", "12:30 pm", time(12, 30)),
        ("%hh %aa", "15 pm", time(15)),
        ("%hh:%nn:%ss:%SSS", "01:02:03:004", time(1, 2, 3, 4000)),
        ("%hh-%(SSSSSS,v)", "01-4", time(1, 0, 0, 4)),
        (None, "01:02:03", time(1, 2, 3)),
        (None, "01:02:03.25", time(1, 2, 3, 250000)),
    ],
)
def test_reading_times(format_, text, value):
    assert read_time(text, format_) == value


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%dd/%mm/%yyyy", "7/05/2008"),
        ("%dd/%mm/%yyyy", " 7/05/2008"),
        ("%dd/%mm/%yyyy", "27/05/2008 "),
        ("%dd/%mm/%yyyy", "27/05/2008\n"),
        ("%dd/%mm/%yyyy", "30/02/2008"),
        ("%dd/%mm/%yyyy", "01/01/0000"),
        ("%dd/%mm/%yyyy", "२७/05/2008"),
        ("%yyyy-%ddd", "2007-366"),
        ("%yyyy-%ddd", "2007-000"),
        ("%mm", "05"),
        ("%q", "05"),
        (None, "2008-5-27"),
    ],
)
def test_what_cannot_be_read_fails_the_row(format_, text):
    with pytest.raises(ConversionFailed):
        read_date(text, format_)


@pytest.mark.parametrize("text", ["24:00:00", "13:60:00", "13:00:60", "1:02:03", "01:02:03.1234567", "13:00 am"])
def test_there_is_no_such_time(text):
    with pytest.raises(ConversionFailed):
        read_time(text, "%hh:%nn %aa" if "am" in text else None)


def test_default_formats():
    assert read_timestamp("2006-08-01 15:04:05.123456") == MOMENT
    assert write(MOMENT) == "2006-08-01 15:04:05"
    assert write(MOMENT.date()) == "2006-08-01"
    assert write(MOMENT.time()) == "15:04:05"


@pytest.mark.parametrize(
    ("format_", "kind", "said"),
    [
        ("%q", "date", "unknown tag"),
        ("%(mm", "date", "without its"),
        ("%(mmx)", "date", "unknown tag"),
        ("%(mm,x)", "date", "the option 'x'"),
        ("%1950mm", "date", "unknown tag"),
        ("%hh", "date", "is a date's"),
        ("%nn", "date", "Write %mm for months"),
        ("%mm", "time", "Write %nn for minutes"),
        ("%ss.7", "time", "at most 6 digits"),
        ("%(L,'de')%mmm", "date", "in 'de'"),
    ],
)
def test_broken_formats_say_what_is_wrong(format_, kind, said):
    with pytest.raises(ExpressionError, match=said) as caught:
        compile_format(format_, kind)
    assert caught.value.code == "RS-3061"


@pytest.mark.parametrize(
    ("format_", "kind", "said"),
    [
        ("%dd%mm", "date", "not say a whole date"),
        ("%nn:%ss", "time", "the hour"),
        ("%dd%dd%mm%yyyy", "date", "the day twice"),
        ("%hh%ss.3%SSS", "time", "fraction of the second twice"),
    ],
)
def test_formats_that_cannot_read_say_why(format_, kind, said):
    with pytest.raises(ExpressionError, match=said):
        compile_format(format_, kind).check_readable()


@pytest.mark.parametrize("format_", ["%yyyy-%mm", "%d%mm%yyyy", "%(dd,s)%mm%yyyy", "%mmm"])
def test_decimals_hold_digits_only(format_):
    with pytest.raises(ExpressionError) as caught:
        packed_format(format_, "date")
    assert caught.value.code == "RS-3062"


def test_the_clock_functions_give_the_start_of_the_run():
    clock = {function.name: function.python for function in FUNCTIONS if not function.deterministic}
    with run_started(datetime(2008, 6, 2, 16, 21, 48, 7)):
        assert {name: python() for name, python in clock.items()} == {
            "CurrentDate": date(2008, 6, 2),
            "CurrentTime": time(16, 21, 48),
            "CurrentTimeMS": time(16, 21, 48, 7),
            "CurrentTimestamp": datetime(2008, 6, 2, 16, 21, 48),
            "CurrentTimestampMS": datetime(2008, 6, 2, 16, 21, 48, 7),
            "TimeDate": "16:21:48 02 Jun 2008",
        }
