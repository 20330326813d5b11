"""The exceptions that stop a run; each builds its own Chinese sentence from facts.

SheetcrmError
├── FileProblem        one file cannot be used (missing, locked, unreadable, refused)
│   └── FileChanged    a file changed between reading and writing
├── NothingToDo        no workbook or no recognisable table in the given paths
├── KitProblem         a kit file has mistakes
├── UnknownName        a name given to a command is none of the choices
├── BadMapping         a mapping given to import has not the form of one
├── IntoMissing        several workbooks are to be summed up, and nobody said where
└── ClusterProblem     the cluster that was named cannot be used
"""

from collections.abc import Sequence
from typing import Any


class SheetcrmError(Exception):
    """Something stops this run or this file; `str()` is the sentence shown to the user."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process with the sentence and the facts, not by building it again."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(
    kind: type[SheetcrmError], args: tuple[object, ...], facts: dict[str, Any]
) -> SheetcrmError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error


class FileProblem(SheetcrmError):
    """One file cannot be used.

    Args:
        path: The file as the user named it.
        reason: What is wrong, in Chinese, without a final full stop.
        remedy: What the user can do, in Chinese, without a final full stop.
        code: The finding code this problem becomes in a folder run.
    """

    def __init__(self, path: str, reason: str, remedy: str, code: str = "FIL-01") -> None:
        self.path, self.reason, self.remedy, self.code = path, reason, remedy, code
        super().__init__(f"【{path}】{reason}。{remedy}。")


class NothingToDo(SheetcrmError):
    """The given paths hold nothing this command can work on."""

    def __init__(self, where: str, remedy: str) -> None:
        super().__init__(f"在「{where}」没有找到可以处理的工作簿。{remedy}。")


class KitProblem(SheetcrmError):
    """A kit file, or the 设置/字段/规则 tabs of a workbook, has mistakes.

    Args:
        source: The kit file or workbook.
        mistakes: One plain Chinese sentence per mistake.
    """

    def __init__(self, source: str, mistakes: Sequence[str]) -> None:
        self.source, self.mistakes = source, tuple(mistakes)
        lines = "\n".join(f"  - {m}" for m in self.mistakes)
        super().__init__(f"配置「{source}」有 {len(self.mistakes)} 处错误：\n{lines}")


class UnknownName(SheetcrmError):
    """A name the user typed is none of the choices.

    Args:
        what: What kind of thing was named, in Chinese.
        name: What the user typed.
        choices: What there is to choose from.
    """

    def __init__(self, what: str, name: str, choices: Sequence[str]) -> None:
        self.name, self.choices = name, tuple(choices)
        super().__init__(f"没有叫“{name}”的{what}。可选的有：{'、'.join(choices)}。")


class BadMapping(SheetcrmError):
    """A mapping given to `import` has not the form of one.

    Args:
        text: What the user typed.
        form: How it should look.
    """

    def __init__(self, text: str, form: str) -> None:
        super().__init__(f"看不懂对应关系“{text}”。请写成“{form}”。")


class IntoMissing(SheetcrmError):
    """Several workbooks are to be summed up, but nobody said where."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"这里有 {count} 个工作簿，请用 --into 指定汇总写到哪个文件，例如 --into 汇总.xlsx。"
        )


class ClusterProblem(SheetcrmError):
    """The cluster that was named cannot do the work.

    Args:
        address: As the user named it.
        reason: What is wrong, in Chinese, without a final full stop.
        remedy: What the user can do, in Chinese, without a final full stop.
    """

    def __init__(self, address: str, reason: str, remedy: str) -> None:
        self.address, self.reason, self.remedy = address, reason, remedy
        super().__init__(f"【{address}】{reason}。{remedy}。")


class FileChanged(FileProblem):
    """Somebody else changed the file after it was read."""

    def __init__(self, path: str) -> None:
        reason = "文件在处理期间被别人改动，为避免覆盖没有写入"
        super().__init__(path, reason, "请重新运行一次", code="FIL-07")
