"""What rows of customers are known by: id, phone, masked phone, company and contact."""

import re

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import distinct, folded
from sheetcrm.values.phones import phone_key

# The tables whose rows are customers, or chances with one.
CUSTOMERS = ("lead", "account")
# What tells the rows of the other tables apart, and whether no two rows may share it. `subject` is
# the lead or the customer a row belongs to.
NATURAL_KEYS: dict[str, tuple[tuple[str, ...], bool]] = {
    "follow_up": (("subject", "followed_on", "content"), False),
    "stage_progress": (("subject", "stage", "entered_stage_on"), True),
    "request": (("subject", "content", "requested_on"), False),
    "status_change": (("subject", "changed_at", "to_status"), False),
    "contract": (("subject", "amount", "signed_on"), False),
    "target": (("month", "owner", "team", "stage"), True),
    "competitor": (("competitor", "event", "company", "happened_on"), False),
    "price": (("product", "edition", "scope", "valid_from"), True),
}
# Where 备注 keeps the id a row had in the sheet it came from.
ORIGIN = "原编号："
_ORIGIN = ORIGIN + r"([^\s，。；,;]+)"
_MASK = re.compile(r"(\d{3})[*＊xX]{3,}(\d{4})")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_RUNNING = r"\d{1,5}(?:\.0)?"


def customer_keys(data: pd.DataFrame, id_column: str, *, masks: bool = True) -> pd.DataFrame:
    """Return what the rows of a table of customers are known by, missing where they have it not.

    Columns: `id`, `origin` (the id in an earlier sheet, from 备注), `phone` (its digits, an
    address, a WeChat id), `mask` ("138|8000" of a masked or a full number), `masked` (bool: the
    number is masked), `company` as written, `contact`, `day` (datetime64: acquired).

    Args:
        data: The rows.
        id_column: Where their ids are.
        masks: Whether `mask` is needed even where no number is masked.
    """
    phones = text_column(data, "phone")
    texts = distinct(phones)
    keys = {text: _key(text) for text in texts}
    masked = phones.isin([text for text, key in keys.items() if not key and _mask(text)])
    mask = pd.Series(index=data.index, dtype="str")
    if masks or masked.any():
        mask = phones.map({text: _mask(text) for text in texts}).astype("str")
    is_key = all(text is key for text, key in keys.items())
    phone = phones if is_key else phones.map(keys).astype("str")
    return pd.DataFrame(
        {
            "id": folded(text_column(data, id_column)),
            "origin": _origin(text_column(data, "note")),
            "phone": phone.where(phone != ""),
            "mask": mask.where(mask != ""),
            "masked": masked,
            "company": text_column(data, "company"),
            "contact": folded(text_column(data, "contact")),
            "day": day_column(data, "acquired_on"),
        },
        index=data.index,
    )


def _origin(notes: pd.Series) -> pd.Series:
    if notes.isna().all():
        return notes
    return folded(notes.str.extract(_ORIGIN, expand=False))


def text_column(data: pd.DataFrame, key: str) -> pd.Series:
    """Return a column of texts, all missing where there is none."""
    if key in data:
        return data[key].astype("str") if data[key].dtype != "str" else data[key]
    return pd.Series(index=data.index, dtype="str")


def day_texts(days: pd.Series, form: str) -> pd.Series:
    """Return a column of days and times as texts, each distinct one written once."""
    codes, found = pd.factorize(days)
    texts = pd.Series(found).dt.strftime(form).to_numpy(dtype=object)
    return pd.Series(np.append(texts, np.nan)[codes], index=days.index, dtype="str")


def day_column(data: pd.DataFrame, key: str) -> pd.Series:
    """Return a column of days, all missing where there is none."""
    if key in data and pd.api.types.is_datetime64_any_dtype(data[key]):
        return pd.Series(data[key].dt.normalize())
    return pd.Series(index=data.index, dtype="datetime64[us]")


def running_numbers(ids: pd.Series) -> bool:
    """Say whether a column under 编号 only counts the rows: 1, 2, 3."""
    known = ids.dropna()
    return len(known) > 0 and bool(known.str.fullmatch(_RUNNING).all())


def _key(text: str) -> str:
    if text.isdigit() and len(text) == 11:
        return text
    return "" if _MASK.fullmatch(text) else phone_key(text)


def _mask(text: str) -> str:
    if text.isdecimal():
        return f"{text[:3]}|{text[-4:]}" if _MOBILE.fullmatch(text) else ""
    if match := _MASK.fullmatch(text):
        return f"{match[1]}|{match[2]}"
    return f"{text[:3]}|{text[-4:]}" if _MOBILE.fullmatch(text) else ""
