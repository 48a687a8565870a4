"""What can be wrong with a Modelfile: in Ollama's words, and in ours with a way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.errors import gettext_noop


class Fault(StrEnum):
    """Each has its sentence below; the last ones are only worth a warning."""

    NO_FROM = "no_from"
    NO_INSTRUCTION = "no_instruction"
    NO_ROLE = "no_role"
    BROKEN_NAME = "broken_name"
    UNFINISHED = "unfinished"
    UNCLOSED = "unclosed"
    UNKNOWN_PARAMETER = "unknown_parameter"
    NOT_WHOLE = "not_whole"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_SWITCH = "not_a_switch"
    NO_VERSION = "no_version"
    NO_MODEL = "no_model"
    FILE_ELSEWHERE = "file_elsewhere"
    DEPRECATED = "deprecated"
    REPLACED = "replaced"
    EMPTY_STOP = "empty_stop"
    UNUSUAL = "unusual"
    LOOKS_LIKE_A_FILE = "looks_like_a_file"
    OPEN_ACTION = "open_action"
    NO_TEXT = "no_text"


SENTENCES: Mapping[Fault, str] = {
    Fault.NO_FROM: gettext_noop(
        "Nothing says which model to begin with. Add a line such as “FROM llama3.2”."
    ),
    Fault.NO_INSTRUCTION: gettext_noop(
        "“%(word)s” is no instruction with a value. Begin the line with FROM, SYSTEM, "
        "PARAMETER, MESSAGE, TEMPLATE, LICENSE, ADAPTER, DRAFT, RENDERER, PARSER or "
        "REQUIRES and a blank, or with # for a comment."
    ),
    Fault.NO_ROLE: gettext_noop(
        "This does not say who speaks. Write system, user or assistant after "
        "MESSAGE, in small letters, with exactly one blank between."
    ),
    Fault.BROKEN_NAME: gettext_noop(
        "After “%(word)s”, a blank and a value were expected. A parameter's name has "
        "only letters, digits and underscores, a role only letters."
    ),
    Fault.UNFINISHED: gettext_noop(
        "The file ends in the middle of this instruction. Write its value, or remove it."
    ),
    Fault.UNCLOSED: gettext_noop(
        "This value begins with quotation marks, and no line after it ends with the "
        "same. Close them at the end of a line."
    ),
    Fault.UNKNOWN_PARAMETER: gettext_noop(
        "There is no parameter “%(name)s”. Names are in small letters, with exactly one "
        "blank between PARAMETER and the name."
    ),
    Fault.NOT_WHOLE: gettext_noop(
        "%(name)s wants a whole number, such as 5, and not “%(given)s”."
    ),
    Fault.TOO_LONG: gettext_noop(
        "“%(given)s” is too far from 0 for %(name)s. Write a whole number from "
        "-9223372036854775808 to 9223372036854775807."
    ),
    Fault.NOT_A_NUMBER: gettext_noop(
        "%(name)s wants one number, such as 0.7, and not “%(given)s”."
    ),
    Fault.NOT_A_SWITCH: gettext_noop(
        "%(name)s wants true or false, and not “%(given)s”."
    ),
    Fault.NO_VERSION: gettext_noop(
        "“%(given)s” is no version of Ollama. Write one such as 0.14.0."
    ),
    Fault.NO_MODEL: gettext_noop(
        "This FROM names no model. Write one such as “FROM llama3.2”."
    ),
    Fault.FILE_ELSEWHERE: gettext_noop(
        "“%(given)s” would be a file beside this text, and Paddock has none there. Make "
        "the model with Ollama's own command line where the file is, then name it in FROM."
    ),
    Fault.DEPRECATED: gettext_noop(
        "%(name)s is no longer known to model servers, and is left out."
    ),
    Fault.REPLACED: gettext_noop(
        "Line %(by)s says the same thing again: only the last one counts."
    ),
    Fault.EMPTY_STOP: gettext_noop(
        "An empty stop text would end every reply at once; it is left out."
    ),
    Fault.UNUSUAL: gettext_noop(
        "%(given)s is an unusual value for %(name)s, and may not do what you expect."
    ),
    Fault.LOOKS_LIKE_A_FILE: gettext_noop(
        "“%(given)s” looks like a file. Name a model that a server lists instead."
    ),
    Fault.OPEN_ACTION: gettext_noop(
        "Something in this template begins with {{ and never ends: Ollama would make no "
        "model of it. Write }} where it ends."
    ),
    Fault.NO_TEXT: gettext_noop(
        "“�” stands for bytes that are not UTF-8. Write here what they should say, or "
        "save the file as UTF-8 and import it again."
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong at a place; `message` is what Ollama would say, where it would.

    Its own line numbers count CR and LF each; `line` and `column` are what an editor
    shows. For people there is `sentence`, a message id that `facts` fill.
    """

    line: int
    column: int
    message: str
    fault: Fault
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.fault]


def remark(line: int, column: int, fault: Fault, **facts: str | int) -> Trouble:
    """What only we say: the message is our own sentence in English."""
    return Trouble(line, column, SENTENCES[fault] % facts, fault, facts)
