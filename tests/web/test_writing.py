"""What is written into a page is escaped as Jinja itself would do it."""

import enum

import flask
import pytest
from flask.templating import Environment
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from directory.web.support.markup import PageEnvironment, written


class Word(enum.StrEnum):
    WICKED = "<b>"


class Safe:
    def __html__(self):
        return "<i>safe</i>"


TEXTS = st.text() | st.text(alphabet="ab<>&'\"{}%")
VALUES = st.one_of(
    TEXTS, TEXTS.map(Markup), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(TEXTS),
    st.sampled_from([Word.WICKED, Safe()]),
)  # fmt: skip


@given(VALUES)
def test_a_value_is_written_with_the_letters_of_escape(value):
    assert str(written(value)) == str(escape(value))


@pytest.fixture(scope="module")
def environments():
    app = flask.Flask(__name__)
    return PageEnvironment(app, autoescape=True), Environment(app, autoescape=True)


PAGE = """{% macro card(name) %}<p title="{{ name }}">{{ name|upper }}{{ caller() if caller else "" }}</p>{% endmacro %}
{% set kept %}<b>{{ value }}</b>{% endset %}{{ card(value) }}{{ kept }}{{ value ~ "<" }}{{ missing }}{{ 1 < 2 }}
{% call card(value) %}<i>{{ value|safe if value == 1 else value }}</i>{% endcall %}{{ [value]|join("<br>"|safe) }}
{% autoescape false %}{{ value }}{% endautoescape %}"""


@given(VALUES)
def test_a_page_is_the_same_as_jinja_would_write_it(environments, value):
    ours, theirs = (environment.from_string(PAGE).render(value=value) for environment in environments)
    assert ours == theirs


def test_pages_are_compiled_so(environments):
    compiled, as_jinja_does = (environment.compile("{{ value }}", raw=True) for environment in environments)
    assert "environment.written(" in compiled
    assert "escape(" in as_jinja_does
