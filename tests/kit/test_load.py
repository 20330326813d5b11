"""The built-in kits hold what a sales team needs; a bad kit file says what is wrong where."""

import re
from pathlib import Path

import pytest

from sheetcrm.errors import KitProblem
from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.headings import vocabulary
from sheetcrm.kit.load import kit_names, load_kit, load_kit_file, load_pipelines
from sheetcrm.kit.mistakes import heading_clashes
from sheetcrm.kit.requirement import parse
from sheetcrm.values.amounts import parse_amount
from sheetcrm.values.dates import parse_date

KITS = kit_names()

# Every table with its columns; * always required, ? required in some case.
TABLES = {
    "线索跟踪": """
        线索编号* 来源渠道* 客户名称* 联系人* 联系方式* 初步需求* 线索获取时间* 录入时间*
        线索等级* 线索状态* 负责人* 客户痛点? 需求优先级? 决策人? 预算范围? 预计采购时间?
        预计成交金额? 实际成交金额? 成交时间? 流失原因? 流失阶段? 所属行业 区域 产品
        竞争对手 最后跟进时间 下次跟进时间 回款金额 备注""",
    "客户档案": """
        客户编号* 客户名称* 所属行业* 联系人* 职务* 联系方式* 客户来源* 初次接触时间*
        需求标签* 企业规模 客户等级 负责人 备注""",
    "跟进记录": """
        跟进记录ID* 线索编号? 客户编号? 客户名称 跟进时间* 跟进人* 跟进方式* 跟进内容*
        客户反馈* 下一步行动? 当前状态* 下次跟进时间? 记录时间* 客户需求/痛点 异议类型
        是否有效跟进 附件 备注""",
    "阶段进度": """
        线索编号 销售代表* 客户名称* 所属阶段* 阶段进入时间* 离开时间 预计成交时间?
        关键动作* 责任人* 当前风险 下一步 优先级""",
    "协作需求": """
        需求编号* 关联线索? 关联客户? 协作部门* 需求内容* 交付物* 提出人* 提出时间*
        要求完成时间* 优先级* 责任人* 状态* 实际完成时间? 响应时间 备注""",
    "状态变更": """
        线索编号? 客户编号? 客户名称 变更时间* 原状态* 新状态* 变更原因* 变更人*""",
    "合同": """
        合同编号* 线索编号? 客户名称? 采购版本* 合同金额* 合同期* 付款方式* 送审时间*
        法务完成时间 批准时间 签订时间 交付启动时间 责任人* 备注""",
    "业绩目标": """
        月份* 负责人? 团队? 目标阶段 阶段目标数 销售额目标 回款目标 转化率基线 转化率目标
        响应时效基线 响应时效目标 合同审批基线 合同审批目标 备注""",
    "竞争情报": """
        竞争对手* 客户/项目* 线索编号 事件* 日期* 金额 技术特点 应对方案 来源* 记录人""",
    "产品报价": """
        产品* 版本* 标准价* 计价单位* 最低折扣 包含内容 生效日期 备注""",
}


def test_standard__every_table_and_field():
    marks = {"": "", "always": "*"}
    found = {
        t.name: [f"{c.name}{marks.get(c.required, '?')}" for c in t.columns]
        for t in load_kit().tables
    }
    assert found == {name: text.split() for name, text in TABLES.items()}


def test_pipelines__stages_in_order():
    found = {p.name: " ".join(f"{s.name}:{s.phase}" for s in p.stages) for p in load_pipelines()}
    assert found == {
        "线索到成交": "线索:lead 意向:needs 商机:qualified 报价:proposal 成交:won 流失:lost",
        "六步转化": "线索录入:lead 需求分析:needs 方案呈现:proposal 商务谈判:negotiation "
        "成交签约:won 交付衔接:delivery 流失:lost",
        "客户状态": "潜在客户:lead 意向客户:qualified 高意向客户:negotiation "
        "成交客户:won 流失客户:lost",
        "销售流程": "线索获取:lead 初步沟通:contact 需求分析:needs 方案提交:proposal "
        "商务谈判:negotiation 合同签订:won 售后跟进:delivery 流失:lost",
        "销售机会": "线索获取:lead 需求分析:needs 方案设计:proposal 商务谈判:negotiation "
        "合同签订:won 交付实施:delivery 流失:lost",
    }


def test_six_steps__labels_say_whether_the_step_is_done():
    labels = {s.name: s.labels for s in load_kit("six_steps").pipeline.stages}
    assert labels["需求分析"] == ("需求分析-待跟进", "需求分析-已完成")
    assert labels["商务谈判"] == ("商务谈判-达成意向", "商务谈判-待签约")
    assert labels["线索录入"] == ("已录入-待跟进",)


def test_names__default_first_and_chinese_name_works():
    assert KITS[0] == "standard"
    assert set(KITS) == {
        "standard", "six_steps", "customer_states", "sales_flow", "opportunity",
    }  # fmt: skip
    assert load_kit("客户状态") is not None
    assert load_kit("客户状态").key == "customer_states"


def test_settings__differ_by_kit():
    assert load_kit().number("follow_up_record_hours") == 24
    assert load_kit("sales_flow").number("follow_up_record_hours") == 0.5
    assert load_kit().number("silent_days_manager") == 7
    assert load_kit().number("discount_floor") == 0.9


@pytest.mark.parametrize("name", KITS)
def test_kit__stages_say_what_people_need(name):
    for stage in load_kit(name).pipeline.stages:
        assert stage.role, stage.name
        assert stage.milestone, stage.name
        assert stage.deliverable, stage.name
        assert stage.kind != "open" or stage.cadence_days > 0, stage.name


@pytest.mark.parametrize("name", KITS)
def test_kit__no_heading_means_two_columns(name):
    for table in load_kit(name).tables:
        assert list(heading_clashes(table.columns)) == [], table.name


@pytest.mark.parametrize("name", KITS)
def test_kit__examples_are_what_the_columns_accept(name):
    kit = load_kit(name)
    for table in kit.tables:
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            assert column.help, where
            assert column.width > 0, where
            if not column.example:
                continue
            if column.pattern:
                assert re.fullmatch(column.pattern, column.example), where
            if column.type == "choice" and kit.choices(column):
                assert column.example in kit.choices(column), where
            if column.type in ("date", "datetime"):
                assert parse_date(column.example).value is not None, where
            if column.type == "amount":
                assert parse_amount(column.example).value is not None, where


@pytest.mark.parametrize("name", KITS)
def test_kit__rows_can_be_told_apart(name):
    """Signature columns are the table's own; ids, owners and stages are known where they exist."""
    for table in load_kit(name).tables:
        assert table.signature, table.name
        assert all(c.unique == (c.key == table.id_column) for c in table.columns), table.name
        staged = [c.key for c in table.columns if c.list == "stage"]
        if table.key != "target":
            assert bool(staged) == bool(table.stage_column), table.name


def test_rules__one_for_every_code_a_check_of_data_reports():
    rules = {rule.code for rule in load_kit().rules}
    assert {"REQ-01", "FMT-05", "DUP-01"} <= rules
    assert rules <= CATALOGUE.keys()
    assert not {code for code in rules if code[:3] in ("FIL", "SHT", "HDR", "KIT")}
    assert all("{" not in rule.message + rule.hint for rule in load_kit().rules)


def test_aliases__headings_people_use():
    lead = load_kit().by_key["lead"]
    owners = {alias: c.key for c in lead.columns for alias in (c.name, *c.aliases)}
    for word, key in {
        "责任人": "owner", "销售代表": "owner", "归属人": "owner", "当前阶段": "status",
        "意向分级": "grade", "手机": "phone", "联系电话": "phone", "最近跟进日期": "last_follow_up",
        "成交日期": "won_on", "所在城市": "region", "Lead Source": "source", "Stage": "status",
    }.items():  # fmt: skip
        assert owners[word] == key


# Headings of sheets as salespeople really keep them, by table and column key.
USUAL = {
    "lead": {
        "lead_id": "编号 商机编号 客户编号 线索号",
        "source": "客户来源 获客渠道 信息来源",
        "company": "客户全称 单位名称 公司名称 客户单位",
        "contact": "联系人姓名 姓名",
        "phone": "联系人电话 手机号码 微信号 客户电话 邮箱",
        "initial_need": "需求描述 客户需求 咨询内容 需求内容",
        "acquired_on": "创建时间 线索时间 登记日期 首次接触时间 咨询日期",
        "entered_on": "录入日期 录入时间",
        "grade": "意向度 意向等级 客户等级",
        "status": "商机阶段 跟进状态 所处阶段 客户状态 目前阶段",
        "owner": "跟单人 业务员 客户经理 销售经理 归属销售",
        "expected_amount": "预计签单金额 商机金额 预计合同金额",
        "amount": "签单金额 成交额 合同金额",
        "won_on": "成单日期 签约日期 签订日期",
        "lost_reason": "丢单原因 输单原因 未成交原因",
        "industry": "行业 客户行业",
        "region": "城市 省份 地区 所在区域",
        "product": "意向产品 产品名称",
        "last_follow_up": "最近跟进 最后跟进日期 上次联系时间",
        "next_follow_up": "下次跟进 下次联系日期 下次回访日期",
        "note": "备注说明 备注",
    },
    "follow_up": {
        "owner": "跟单人 业务员 客户经理 拜访人",
        "company": "客户公司 客户全称 单位名称",
        "followed_on": "拜访日期 回访时间 沟通时间",
        "content": "跟进情况 拜访内容 沟通内容 洽谈内容",
        "next_action": "跟进计划 后续安排 下一步计划",
        "status": "所处阶段 跟进状态 目前阶段",
    },
    "stage_progress": {"stage": "所处阶段 商机阶段", "owner": "跟单人 客户经理"},
    "status_change": {"from_status": "变更前", "to_status": "变更后", "changed_at": "变更日期"},
    "account": {"phone": "微信号 联系人电话", "owner": "跟单人", "company": "单位名称"},
}


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [(table, key, words) for table, keys in USUAL.items() for key, words in keys.items()],
)
def test_aliases__usual_headings(table, key, words):
    known = vocabulary(load_kit().by_key[table])
    found = {word: known.find(word) for word in words.split()}
    assert {word: match and match[0].key for word, match in found.items()} == dict.fromkeys(
        words.split(), key
    )


@pytest.mark.parametrize("table", [t.key for t in load_kit().tables])
def test_aliases__none_twice_in_one_table(table):
    assert list(heading_clashes(load_kit().by_key[table].columns)) == []
    for column in load_kit().by_key[table].columns:
        assert len({*column.aliases, column.name}) == len(column.aliases) + 1, column.name


# What a bad kit file says: the file's own text -> the words each sentence must hold.
PIPELINE = """
[pipeline]
key = "p"
name = "流程"
[[pipeline.stages]]
name = "线索"
kind = "open"
phase = "lead"
[[pipeline.stages]]
name = "成交"
kind = "won"
phase = "won"
[[pipeline.stages]]
name = "流失"
kind = "lost"
phase = "lost"
"""


def _columns(*lines: str) -> str:
    body = "\n".join(lines)
    return f'[[tables]]\nkey = "t"\nname = "设备"\n{body}\n{PIPELINE}'


def _column(key: str, name: str, *lines: str) -> str:
    return "\n".join(["[[tables.columns]]", f'key = "{key}"', f'name = "{name}"', *lines])


MISTAKES = [
    ('name = "x', ["第1行", "TOML"]),
    ('tables = ["nowhere"]', ["没有表“nowhere”"]),
    ('pipeline = "nowhere"\ntables = ["lead"]', ["没有流程“nowhere”"]),
    ('tables = ["lead"]\ncolour = 1', ["不认识的项“colour”"]),
    ('tables = ["lead"]\n[settings]\nno_such = 1', ["没有参数“no_such”"]),
    ('tables = ["lead"]\n[settings]\nsilent_days_owner = "三"', ["未跟进提醒负责人", "数字", "三"]),
    ('tables = ["lead"]\n[columns.lead.nope]\nhelp = "x"', ["columns.lead.nope", "没有这一列"]),
    ('tables = ["lead"]\n[columns.lead.owner]\ntype = "person"', ["“负责人”", "type", "person"]),
    ('tables = ["lead"]\n[columns.lead.owner]\nlist = "nope"', ["“负责人”", "没有列表“nope”"]),
    ('tables = ["lead"]\n[columns.lead.phone]\naliases = ["联系人"]', ["“联系人”同时是"]),
    ('tables = ["lead"]\n[columns.lead.note]\nrequired = "from:moon"', ["“备注”", "moon"]),
    ('tables = ["lead"]\n[columns.lead.note]\nrequired = "without:nope"', ["没有列“nope”"]),
    ('tables = ["lead"]\n[columns.lead.note]\npattern = "["', ["“备注”", "正则表达式"]),
    (f'tables = ["lead"]\n[columns.lead.note]\nhelp = "{"长" * 256}"', ["256个字", "255"]),
    ('tables = ["follow_up", "account"]', ["“线索编号”", "没有表“lead”"]),
    ('tables = ["lead"]\n[lists.my]\nname = "1号 列表"', ["1号 列表", "Excel名称"]),
    ('tables = ["lead"]\n[lists.my]\nname = "行业"', ["列表名“行业”重复"]),
    ('tables = ["lead"]\n[rules."ZZZ-01"]\nenabled = false', ["没有规则“ZZZ-01”"]),
    (_columns(_column("a", "名称"), _column("a", "型号")), ["列的key“a”重复"]),
    (_columns(_column("a", "名称"), _column("b", "名称")), ["“名称”同时是"]),
    (_columns(_column("a", "名称", "width = true", "colour = 1")), ["“设备”表 列“名称”", "colour"]),
    (_columns('signature = ["z"]', _column("a", "名称")), ["signature", "“z”"]),
    (_columns('date_order = [["a", "a"]]', _column("a", "名称")), ["date_order", "不是日期列"]),
    (_columns(_column("a", "名称")).replace('kind = "lost"', 'kind = "open"'), ["没有“流失”"]),
    (_columns(_column("a", "名称")).replace('kind = "won"', 'kind = "open"'), ["没有“成交”"]),
    (
        _columns(_column("a", "名称")).replace('phase = "lead"', 'phase = "start"'),
        ["“线索”", "start"],
    ),
    (_columns(_column("a", "名称")).replace("name = \"成交\"", 'name = "线索"'), ["属于2个阶段"]),
    (_columns(_column("a", "名称")).replace('phase = "lead"', 'phase = "delivery"'), ["先后"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_bad_kit__one_plain_sentence(tmp_path: Path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KitProblem) as problem:
        load_kit_file(path)
    assert any(all(w in sentence for w in words) for sentence in problem.value.mistakes), (
        problem.value.mistakes
    )
    assert all(re.search("[一-龥]", sentence) for sentence in problem.value.mistakes)
    assert "Traceback" not in str(problem.value)


def test_bad_kit__all_mistakes_at_once(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'tables = ["lead"]\n[columns.lead.owner]\nlist = "nope"\n'
        '[columns.lead.note]\npattern = "("\n',
        encoding="utf-8",
    )
    with pytest.raises(KitProblem) as problem:
        load_kit_file(path)
    assert len(problem.value.mistakes) == 2
    assert all("lead.toml" in sentence for sentence in problem.value.mistakes)


def test_bad_kit__no_file_and_no_text(tmp_path: Path):
    with pytest.raises(KitProblem, match="找不到"):
        load_kit_file(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("name = '销售'".encode("gbk"))
    with pytest.raises(KitProblem, match="UTF-8"):
        load_kit_file(tmp_path / "gbk.toml")
    with pytest.raises(KitProblem, match="standard"):
        load_kit("no-such-kit")


def test_own_kit__saved_by_notepad(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "设备销售"\ntables = ["lead"]\n', encoding="utf-8-sig")
    assert load_kit_file(path).name == "设备销售"


def test_own_kit__builds_on_the_shipped_parts(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """name = "设备销售"
tables = ["lead", "account", "follow_up"]
pipeline = "opportunity"
[settings]
dwell_days = 20
[lists.region]
items = [{ value = "苏南" }, { value = "苏北" }]
[columns.lead.budget]
required = "always"
[columns.lead.site]
name = "安装地点"
required = "from:proposal"
[rules."DUP-01"]
severity = "warning"
""",
        encoding="utf-8",
    )
    kit = load_kit_file(path)
    assert (kit.key, kit.name, kit.pipeline.key) == ("mine", "设备销售", "opportunity")
    assert kit.number("dwell_days") == 20
    assert [i.value for i in kit.list_by_key["region"].items] == ["苏南", "苏北"]
    assert parse(kit.by_key["lead"].by_key["budget"].required) == parse("always")
    assert kit.by_key["lead"].columns[-1].name == "安装地点"
    assert {r.code: r.severity for r in kit.rules}["DUP-01"] == "warning"


def test_docs__name_every_kit_stage_and_setting():
    text = (Path(__file__).parents[2] / "docs" / "kits.md").read_text(encoding="utf-8")
    for name in KITS:
        kit = load_kit(name)
        path = " → ".join(s.name for s in kit.pipeline.stages if s.kind != "lost")
        assert f"| `{name}` | {kit.name} | {path} / " in text
    for s in load_kit().settings:
        assert f"| {s.name} | {s.value} | {s.unit} | {s.help} |" in text


def test_docs__the_example_kit_loads(tmp_path: Path):
    text = (Path(__file__).parents[2] / "docs" / "kits.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "mine.toml").write_text(example, encoding="utf-8")
    kit = load_kit_file(tmp_path / "mine.toml")
    assert kit.by_key["lead"].by_key["site"].name == "安装地点"
