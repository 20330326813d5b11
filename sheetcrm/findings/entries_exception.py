"""Entries about the 例外 tab: what a manager wrote there, and what became of it."""

from sheetcrm.findings.entry import Entry

ENTRIES = (
    Entry(
        "EXC-01",
        "error",
        "例外没有原因",
        "这条例外没有写原因，没有采用",
        "请写明为什么这一行可以例外",
    ),
    Entry(
        "EXC-02",
        "error",
        "例外的代码不认识",
        "“{value}”不是检查的代码，这条例外没有采用",
        "请从下拉列表选择；代码写在“校验结果”的“代码”一列",
    ),
    Entry(
        "EXC-03",
        "error",
        "例外没有行编号",
        "没有写是哪一行，这条例外没有采用",
        "请填写那一行的编号（如线索编号，没有编号的表写客户名称），它写在“校验结果”的“行编号”一列",
    ),
    Entry(
        "EXC-04",
        "error",
        "例外的期限看不懂",
        "“{value}”不是日期，这条例外没有采用",
        "请填写日期，如 2024-12-31；长期有效就空着",
    ),
    Entry(
        "EXC-05",
        "info",
        "例外已到期",
        "例外到{value}为止，相应的问题重新列出",
        "问题还在、仍要例外就改期限；否则删掉这一行",
    ),
    Entry(
        "EXC-06",
        "info",
        "例外没有用上",
        "“{value}”没有{rule}这样的问题",
        "如果问题已经解决，请删掉这一行；否则请核对行编号和代码",
    ),
)
