"""Entries about rows that are imported: what cannot be a record, what was decided, who gets it."""

from sheetcrm.findings.entry import Entry

ENTRIES = (
    Entry(
        "IMP-11",
        "error",
        "不能成为一条记录",
        "{reason}，不知道这一行是谁",
        "请补上客户名称（个人写姓名）后再导入；不是数据的行请删掉",
    ),
    Entry(
        "IMP-12",
        "warning",
        "找不到选定的行",
        "决定更新的“{value}”在表里找不到",
        "请核对编号后重新填写；这一行暂按建议办",
    ),
    Entry(
        "IMP-13",
        "info",
        "是已有客户",
        "联系方式{value}与{other}的客户“{customer}”相同",
        "请确认是不是老客户的新需求；是的话在备注里写上客户编号",
    ),
    Entry(
        "IMP-14",
        "warning",
        "线索没有负责人",
        "{count}条线索没有负责人，{why}",
        "请在表里补上负责人；要自动分配，请在“设置”选“导入分配办法”，填好“分配规则”",
    ),
    Entry(
        "IMP-15",
        "warning",
        "看不懂的决定",
        "“{value}”不是可以选的决定，来的第{row}行先不导入",
        "请改成{choices}之一，或清空按建议办，再交回来",
    ),
    Entry(
        "IMP-21",
        "error",
        "单据不知道记到哪条线索",
        "{reason}",
        "请在来的表里写明“线索编号”（可以加一列），再导入；可能的有：{choices}",
    ),
    Entry(
        "IMP-22",
        "error",
        "金额不知道是否已包含",
        "{reason}",
        "请核对后先把表里的金额改对，再导入；已经包含和没有包含时分别是：{choices}",
    ),
)
