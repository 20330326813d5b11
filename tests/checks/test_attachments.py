"""REF-05: files that 附件 names and that are not there."""

from sheetcrm.book.beside import absent
from sheetcrm.checks import check
from sheetcrm.checks.attachments import named, not_found
from tests.checks.support import AS_OF, follow_ups, told
from tests.tables import clean_book

LOG = r"""
跟进记录ID | 线索编号 | 跟进时间    | 跟进方式 | 跟进内容 | 附件
GZ2024001 | L1      | 2024-05-01 | 电话    | 演示    | 方案\明禾.docx
GZ2024002 | L1      | 2024-05-02 | 电话    | 演示    | https://example.com/a.docx
GZ2024003 | L1      | 2024-05-03 | 电话    | 演示    | 没有.docx；方案/明禾.docx
GZ2024004 | L1      | 2024-05-04 | 电话    | 演示    | D:\资料\a.docx
GZ2024005 | L1      | 2024-05-05 | 电话    | 演示    | '\\server\share\a.docx'
GZ2024006 | L1      | 2024-05-06 | 电话    | 演示    |
"""
BOOK = clean_book(follow_ups(LOG), own=True)


def test_named__only_what_lies_beside_the_workbook():
    assert named(BOOK) == ("方案\\明禾.docx", "没有.docx", "方案/明禾.docx")


def test_absent__looks_beside_the_workbook(tmp_path):
    (tmp_path / "方案").mkdir()
    (tmp_path / "方案" / "明禾.docx").touch()
    assert absent(tmp_path, (*named(BOOK), "\0", "长" * 999)) == {"没有.docx", "\0", "长" * 999}


def test_not_found():
    assert told(not_found(BOOK, {"没有.docx"})) == ["跟进记录!F4 REF-05 W"]
    assert not_found(BOOK, ()) == []
    assert "REF-05" in {f.code for f in check(BOOK, AS_OF, {"没有.docx"})}
    assert "REF-05" not in {f.code for f in check(BOOK, AS_OF)}
