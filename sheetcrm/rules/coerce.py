"""What Excel makes of a value where it needs a number, a text or a logical."""

import numpy as np

from sheetcrm.rules.texts import number_text
from sheetcrm.rules.vector import (
    ERROR,
    LOGICAL,
    NUMBER,
    TEXT,
    VALUE,
    Array,
    Vector,
    Words,
    textual,
)


def numbers(vector: Vector, *, logicals_fail: bool = False) -> tuple[Array, Array]:
    """Return numbers and error codes: an empty cell is 0, a text the number it spells."""
    values, errors = vector.figures, vector.errors
    if vector.has(TEXT):
        spelled = vector.words.numbers[vector.code]
        text = vector.kind == TEXT
        values = np.where(text & ~np.isnan(spelled), spelled, values)
        errors = np.where(text & np.isnan(spelled), VALUE, errors)
    if logicals_fail:
        errors = np.where(vector.kind == LOGICAL, VALUE, errors)
    return values, errors


def texts(vector: Vector) -> Vector:
    """Return all values as texts: numbers as `&` writes them, empty cells as ""; errors stay."""
    if (vector.kind == TEXT).all():
        return vector
    base = len(vector.words.texts)
    extra: list[str] = [""]
    code = np.where(vector.kind == TEXT, vector.code, base)
    plain = vector.kind == NUMBER
    if plain.any():
        distinct, place = np.unique(vector.number[plain], return_inverse=True)
        code[plain] = base + len(extra) + place
        extra += [number_text(float(n)) for n in distinct]
    truth = vector.kind == LOGICAL
    if truth.any():
        code[truth] = base + len(extra) + (vector.number[truth] > 0)
        extra += ["FALSE", "TRUE"]
    words = np.concatenate([vector.words.texts, np.array(extra, dtype=object)])
    errors = vector.errors if vector.has(ERROR) else None
    return textual(code, Words(words), errors, vector.axis)


def truths(vector: Vector) -> tuple[Array, Array]:
    """Return logicals and error codes: 0 and empty are FALSE, the texts TRUE and FALSE count."""
    held, errors = vector.figures != 0, vector.errors
    if vector.has(TEXT):
        text = vector.kind == TEXT
        spelled = vector.words.folded[vector.code]
        true, false = spelled == "true", spelled == "false"
        held = np.where(text, true, held)
        errors = np.where(text & ~true & ~false, VALUE, errors)
    return held, errors
