"""Make the samples anew: `python samples/make.py`. Every run gives the same bytes."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

from stories import foreign, leads, messy, team
from stories.generated import write_generated

UNTIL = date(2026, 6, 30)
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Write all stories into the folders beside this file."""
    for name in ("team", "messy", "foreign", "leads"):
        (HERE / name).mkdir(exist_ok=True)
    leads.write(HERE / "leads")
    team.write(HERE / "team", UNTIL)
    foreign.write(HERE / "foreign" / "华东区客户台账.xlsx", UNTIL)
    records, planted = messy.records(team.FLOW, UNTIL)
    write_generated(
        HERE / "messy" / "线索跟踪-待整理.xlsx", team.TABLES, records, [messy.OWNER.name]
    )
    listed = [asdict(defect) for defect in planted]
    text = json.dumps(listed, ensure_ascii=False, indent=1)
    (HERE / "messy" / "planted.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
