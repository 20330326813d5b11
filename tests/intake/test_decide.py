"""What becomes of incoming rows: against the book, against one another, and as people say."""

from dataclasses import replace

import pytest

from sheetcrm.intake.after import after
from sheetcrm.intake.counts import count
from sheetcrm.intake.decide import Answer, decide
from tests.intake.books import (
    LEADS,
    LOG,
    OPTIONS,
    actions,
    book,
    cells,
    incoming,
    settled_prints,
)

MINGHE = (
    "线索-2026-0601-001|官网表单|苏州明禾机械有限公司|许文清|13800130001|换软件|2026-06-01|"
    "2026-06-01|B|意向|林晓舟||2026-06-10|||"
)
YUNFAN = (
    "线索-2026-0602-001|官网表单|杭州云帆科技有限公司|周兰|13800130002|换软件|2026-06-02|"
    "2026-06-02|B|报价|周明|||||"
)
LOST = (
    "线索-2026-0301-001|官网表单|南京博雅贸易有限公司|何静|13800130003|换软件|2026-03-01|"
    "2026-03-01|C|流失|周明|||||"
)
BOOK = book(MINGHE, YUNFAN, LOST)
IDS = "线索编号|客户名称|联系人|联系方式"
SHORT = "客户名称|联系人|联系方式|来源渠道|初步需求|线索获取时间|线索状态"


def outcome(*lines: str, there=BOOK, options=OPTIONS) -> list[str]:
    return actions(decide(incoming("\n".join([SHORT, *lines])), there, options))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("合肥新安食品有限公司|陈默|13900130009||||", "create"),
        # The phone, however it is written.
        ("明禾机械|许文清|+86 138-0013-0001||||", "skip =2"),
        ("|老许|138 0013 0001||||", "skip =2"),
        # The company's structure and the contact.
        ("明禾机械（苏州）|许文清|||||", "skip =2"),
        # Another number of the same customer goes into the remarks.
        ("明禾机械（苏州）|许文清|13700137000||||", "update =2"),
        # A masked number confirms, with the company or with the name; alone it is nothing.
        ("苏州明禾机械有限公司||138****0001||||", "skip =2"),
        ("|许文清|138****0001||||", "skip? =2"),
        ("合肥新安食品有限公司|陈默|138****0001||||", "create"),
        # The same number at another company is a question.
        ("合肥新安食品有限公司|陈默|13800130001||||", "skip? =2"),
        # The company alone, or one like it, is another chance unless somebody says otherwise.
        ("苏州明禾机械有限公司|李强|13900130009||||", "create? =2"),
        ("明禾|李强|13900130009||||", "create? =2"),
        ("深圳明禾机械有限公司|李强|13900130009||||", "create"),
        # A customer who was lost or won may come again.
        ("南京博雅贸易有限公司|何静|13800130003|||2026-06-05|", "create? =4"),
        ("南京博雅贸易有限公司|何静|13800130003|||2026-03-01|", "skip =4"),
        ("南京博雅贸易有限公司|何静|13800130003||||流失", "skip =4"),
    ],
)
def test_decide__against_the_book(line, expected):
    assert outcome(line) == [expected]


WANG = "线索-2026-0601-003|百度|王伟|王伟|{}|换软件|2026-06-01|2026-06-01|C|线索|周明|||||"


@pytest.mark.parametrize(
    ("there", "phone", "expected"),
    [
        ("13800130001", "13700137000", "create? =2"),
        # Without a number it may be anybody of that name: nobody gets another's number.
        ("", "13700137000", "create? =2"),
        ("13800130001", "", "skip =2"),  # it says nothing that is not there
        ("13800130001", "137****7000", "create? =2"),
        ("13800130001", "138****0001", "skip =2"),
        ("13800130001", "13800130001", "skip =2"),
    ],
)
def test_decide__a_name_alone_is_not_the_same_person(there, phone, expected):
    line = f"王伟|王伟|{phone}||换软件|2026-06-01|"
    assert outcome(line, there=book(WANG.format(there))) == [expected]


def test_decide__several_matches_are_a_question():
    twin = MINGHE.replace("0601-001", "0601-002").replace("|意向|", "|报价|")
    assert outcome("明禾机械||13800130001||新需求||", there=book(MINGHE, twin)) == ["skip? =2"]
    same = "苏州明禾机械有限公司|许文清|13800130001||||"
    assert outcome(same, there=book(MINGHE, twin)) == ["skip =2"]
    assert outcome("|老许|13800130001||新需求||", there=book(MINGHE, twin)) == ["skip? =2"]


def test_decide__the_open_lead_of_a_number_wins():
    again = LOST.replace("0301-001", "0601-001").replace("|流失|", "|意向|")
    line = "南京博雅贸易有限公司|何静|13800130003||||报价"
    assert outcome(line, there=book(LOST, again)) == ["update =3"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["新安食品|陈默|13900130009||||", "新安食品|陈默|139 0013 0009||||"],
            ["create", "merge <2"],
        ),
        (["新安食品|陈默|||||", "合肥新安食品有限公司|陈默|||||"], ["create", "merge <2"]),
        (["新安食品|陈默|||||", "新安食品|李强|||||"], ["create", "create"]),
        # A number under two companies: the first is created, the other is a question.
        (
            ["新安食品|陈默|13900130009||||", "云帆科技|李强|13900130009||||"],
            ["create", "skip? <2"],
        ),
        # Two deals of one customer, one of them over.
        (
            ["新安食品|陈默|13900130009|||2026-01-05|成交", "新安食品|陈默|13900130009||||意向"],
            ["create", "create? <2"],
        ),
        # Both are the lead of row 2.
        (["明禾机械|许文清|||||", "|许总|13800130001||||"], ["skip =2", "merge =2 <2"]),
        # Individuals of one name are two people.
        (["陈默|陈默|13900130009||||", "陈默|陈默|13900130010||||"], ["create", "create"]),
    ],
)
def test_decide__within_the_batch(lines, expected):
    assert outcome(*lines) == expected


def test_decide__a_repeated_row_fills_the_first():
    made = decide(
        incoming(
            f"{SHORT}\n新安食品|陈默|13900130009||报价||\n新安食品|陈默|13900130009|展会推荐|换软件||"
        ),
        BOOK,
        OPTIONS,
    )
    assert len(made.new) == 1
    assert [made.new.at[2, key] for key in ("source", "initial_need")] == ["展会推荐", "报价"]
    assert cells(made.kept) == [(3, "initial_need", "报价", "换软件")]


def test_decide__own_ids_count_and_others_are_remembered():
    text = "线索编号|客户名称|联系人|联系方式|线索状态\n"
    rows = (
        "线索-2026-0601-001|明禾机械|许文清||报价\n"
        "线索-2026-0609-007|新安食品|陈默|13900130009|\n"
        "CRM-88|瑞通电子|冯丽|13900130010|\n"
        "CRM-89|瑞通电子|冯丽|13900130010|"
    )
    made = decide(incoming(text + rows), BOOK, OPTIONS)
    assert actions(made) == ["update =2", "create", "create", "merge? <4"]
    assert made.new["lead_id"].tolist() == ["线索-2026-0609-007", "线索-2026-0630-001"]
    assert made.new["note"].tolist()[1] == "原编号：CRM-88"
    # The next export of that system is known by its own numbers.
    later = after(BOOK, incoming(text + rows), made)
    assert actions(decide(incoming(text + "CRM-88|瑞通电子|方圆||意向"), later, OPTIONS)) == [
        "update =6"
    ]


def test_decide__running_numbers_are_no_ids():
    text = f"{IDS}\n1|新安食品|陈默|13900130009\n2|瑞通电子|冯丽|13900130010"
    made = decide(incoming(text), BOOK, OPTIONS)
    assert made.new["lead_id"].tolist() == ["线索-2026-0630-001", "线索-2026-0630-002"]
    assert "note" not in made.new


def test_decide__an_own_id_that_is_another_customer_is_a_question():
    text = f"{IDS}\n线索-2026-0601-001|合肥新安食品有限公司|陈默|13900130009"
    assert actions(decide(incoming(text), BOOK, OPTIONS)) == ["skip? =2"]


def test_decide__what_cannot_be_a_record_is_rejected():
    text = f"{SHORT}\n||13900130009|展会推荐|报价||\n新安食品|陈默|1390013||||\n#REF!|陈默|||||"
    made = decide(incoming(text), BOOK, OPTIONS)
    assert actions(made) == ["reject", "reject", "reject"]
    assert made.decisions["code"].tolist() == ["IMP-11", "FMT-05", "TYP-12"]
    assert [f.code for f in made.findings if f.row == 2] == ["IMP-11"]


def test_decide__incomplete_rows_are_created_and_unknown_words_kept():
    text = f"{SHORT}\n新安食品|||某论坛|||聊过\n|陈默|13900130009||||"
    made = decide(incoming(text), BOOK, OPTIONS)
    assert actions(made) == ["create", "create"]
    assert made.new["source"].tolist()[0] == "某论坛"
    assert made.new["status"].tolist() == ["聊过", "线索"]
    assert made.new["company"].tolist() == ["新安食品", "陈默"]


def test_decide__rows_imported_before_are_skipped():
    sheet = incoming(f"{SHORT}\n新安食品|陈默|13900130009||||\n瑞通电子|冯丽|13900130010||||")
    made = decide(sheet, BOOK, OPTIONS)
    again = decide(sheet, BOOK, replace(OPTIONS, imported=set(settled_prints(made))))
    assert actions(again) == ["skip", "skip"]
    assert set(again.decisions["reason"]) == {"已导入过"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer("create"), "create"),
        (Answer("update"), "update =2"),
        (Answer("merge"), "skip =2"),  # every cell is filled
        (Answer("skip"), "skip =2"),
        (Answer("update", "线索-2026-0602-001"), "update =3"),
        (Answer("update", "3"), "update =3"),
    ],
)
def test_decide__answers_take_the_place_of_the_default(answer, expected):
    sheet = incoming(f"{SHORT}\n合肥新安食品有限公司|陈默|13800130001|展会推荐|新需求||成交")
    mark = str(decide(sheet, BOOK, OPTIONS).decisions.at[2, "fingerprint"])
    made = decide(sheet, BOOK, replace(OPTIONS, answers={mark: answer}))
    assert actions(made) == [expected]


def test_decide__an_answer_that_names_no_row_is_told():
    sheet = incoming(f"{SHORT}\n合肥新安食品有限公司|陈默|13800130001||||")
    mark = str(decide(sheet, BOOK, OPTIONS).decisions.at[2, "fingerprint"])
    made = decide(sheet, BOOK, replace(OPTIONS, answers={mark: Answer("update", "线索-1")}))
    assert actions(made) == ["skip? =2"]
    assert [f.code for f in made.findings] == ["IMP-12"]


def test_decide__an_answer_splits_a_row_from_the_one_it_repeats():
    sheet = incoming(f"{SHORT}\n新安食品|陈默|13900130009||||\n新安食品|陈小默|13900130009||||")
    made = decide(sheet, BOOK, OPTIONS)
    assert actions(made) == ["create", "merge <2"]
    mark = str(made.decisions.at[3, "fingerprint"])
    made = decide(sheet, BOOK, replace(OPTIONS, answers={mark: Answer("create")}))
    assert actions(made) == ["create", "create"]
    assert len(made.new) == 2


def test_decide__a_known_customers_number_is_told_not_stopped():
    accounts = (
        "客户编号|客户名称|联系人|职位|联系方式\nCL2024001|瑞通电子有限公司|冯丽|采购|13900130010"
    )
    made = decide(
        incoming(f"{SHORT}\n瑞通电子|冯丽|13900130010||||"), book(MINGHE, account=accounts), OPTIONS
    )
    assert actions(made) == ["create"]
    assert [(f.code, f.value) for f in made.findings if f.code == "IMP-13"] == [
        ("IMP-13", "139****0010")
    ]


def log(*lines: str) -> str:
    return "\n".join([LOG, *lines])


TALK = (
    "GZ2026001|线索-2026-0601-001|苏州明禾机械有限公司|2026-06-05 10:30|林晓舟|电话|介绍了产品|"
    "要资料|发资料|意向|2026-06-08|2026-06-05 11:00"
)


def test_follow_ups__keep_author_and_time_and_find_their_lead():
    there = book(MINGHE, YUNFAN, follow_up=log(TALK))
    sheet = incoming(
        "客户名称|跟进时间|跟进人|跟进方式|跟进内容|客户反馈\n"
        "苏州明禾机械有限公司|2026-06-05 10:30|林晓舟|电话|介绍了产品|要资料\n"
        "云帆科技|2026-05-07 15:00|许宁|微信|问了预算|八万\n"
        "没有这家公司|2026-05-08 15:00|许宁|微信|打了招呼|没有回",
        "follow_up",
    )
    made = decide(sheet, there, OPTIONS)
    assert actions(made) == ["skip =2", "create", "create"]
    new = made.new
    assert new["follow_up_id"].tolist() == ["GZ2026002", "GZ2026003"]
    assert new["lead_id"].fillna("").tolist() == ["线索-2026-0602-001", ""]
    assert new["owner"].tolist() == ["许宁", "许宁"]
    assert [str(t) for t in new["followed_on"]] == ["2026-05-07 15:00:00", "2026-05-08 15:00:00"]
    assert [(f.code, f.row) for f in made.findings] == [("REF-01", 4)]
    assert actions(decide(sheet, after(there, sheet, made), OPTIONS)) == [
        "skip =2",
        "skip =3",
        "skip =4",
    ]


def test_follow_ups__the_same_words_on_another_day_are_another_talk():
    there = book(MINGHE, follow_up=log(TALK))
    other = TALK.replace("GZ2026001", "").replace("2026-06-05 10:30", "2026-06-06 10:30")
    assert actions(decide(incoming(log(other, other), "follow_up"), there, OPTIONS)) == [
        "create",
        "merge <2",
    ]


def test_follow_ups__a_number_given_twice_loses_no_talk():
    there = book(MINGHE, follow_up=log(TALK))
    one = TALK.replace("GZ2026001", "GZ2026005").replace("介绍了产品", "谈了价格")
    two = one.replace("谈了价格", "谈了合同")
    made = decide(incoming(log(one, two), "follow_up"), there, OPTIONS)
    assert actions(made) == ["create", "create"]
    assert made.new["follow_up_id"].tolist() == ["GZ2026005", "GZ2026006"]


def test_stage_rows__known_by_lead_stage_and_day():
    head = "线索编号|销售代表|客户名称|所属阶段|阶段进入时间|离开时间"
    row = "线索-2026-0601-001|林晓舟|苏州明禾机械有限公司|意向|2026-06-03"
    there = book(MINGHE, stage_progress=f"{head}\n{row}|")
    sheet = incoming(f"{head}\n{row}|2026-06-09\n{row.replace('意向', '商机')}|", "stage_progress")
    made = decide(sheet, there, OPTIONS)
    assert actions(made) == ["update =2", "create"]
    assert cells(made.changes) == [(2, "left_stage_on", "", "2026-06-09")]


def test_stages__become_rows_of_the_history():
    head = "线索编号|销售代表|客户名称|所属阶段|阶段进入时间|离开时间"
    row = "线索-2026-0601-001|林晓舟|苏州明禾机械有限公司|意向|2026-06-03|"
    there = book(MINGHE, stage_progress=f"{head}\n{row}")
    days = {
        2: {"意向": "2026-06-03", "报价": "2026-06-09"},
        3: {"意向": "2026-06-01", "成交": "2026-06-20"},
    }
    sheet = incoming(
        "客户名称|联系人|联系方式\n明禾机械|许文清|13800130001\n新安食品|陈默|13900130009",
        stages=days,
    )
    made = decide(sheet, there, OPTIONS)
    assert actions(made) == ["update =2", "create"]
    assert cells(made.changes) == [(2, "status", "意向", "报价")]
    stages = made.new_stages
    assert [
        (row, lead, stage, str(day.date()), "" if left != left else str(left.date()))
        for row, lead, stage, day, left in zip(
            stages.index,
            stages["lead_id"],
            stages["stage"],
            stages["entered_stage_on"],
            stages["left_stage_on"],
            strict=True,
        )
    ] == [
        (2, "线索-2026-0601-001", "报价", "2026-06-09", ""),
        (3, "线索-2026-0601-002", "意向", "2026-06-01", "2026-06-20"),
        (3, "线索-2026-0601-002", "成交", "2026-06-20", ""),
    ]
    assert made.new.loc[3, "status"] == "成交"
    again = decide(sheet, after(there, sheet, made), OPTIONS)
    assert actions(again) == ["skip =2", "skip =3"]
    assert again.new_stages.empty


def test_count__adds_up_to_what_was_read():
    sheet = incoming(
        f"{LEADS}\n{MINGHE}\n||新安食品|陈默|13900130009|||||||||||\n||||||报价||||||||||".replace(
            "|报价", "报价"
        )
    )
    made = decide(sheet, BOOK, OPTIONS)
    assert count(sheet, made).read == len(sheet.data) + len(sheet.blank)
