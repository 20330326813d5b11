"""New leads whose number is a known customer's: told, not stopped."""

import pandas as pd

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.case import Case
from sheetcrm.intake.keys import customer_keys
from sheetcrm.values.masking import mask_contact

KNOWN_CUSTOMER = "IMP-13"


def account_phones(case: Case, created: pd.Index) -> list[Finding]:
    """IMP-13: a new lead with the number of a customer in 客户档案."""
    accounts = case.book.tables.get("account")
    if case.incoming.kind != "lead" or accounts is None or accounts.data.empty:
        return []
    theirs = customer_keys(accounts.data, accounts.spec.id_column)["phone"].dropna()
    theirs = theirs[~theirs.duplicated()]
    rows = pd.Series(theirs.index, index=theirs.to_numpy())
    hits = case.keys.loc[created, "phone"].map(rows).dropna().astype("int64")
    table, result = case.incoming.table, []
    for row, other in hits.items():
        heading = table.by_key["phone"].text
        place = Place(
            table.file, table.sheet, table.cell(int(str(row)), "phone"), int(str(row)), heading
        )
        company = accounts.data.at[other, "company"] if "company" in accounts.data else ""
        where = accounts.source.spot(int(other), "phone").text
        name = company if isinstance(company, str) else ""
        result.append(
            finding(
                KNOWN_CUSTOMER,
                place,
                mask_contact(str(case.rows.data.at[row, "phone"])),
                customer=name,
                other=where,
            )
        )
    return result
