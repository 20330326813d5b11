"""Two persons in one row: the contact gets no phone but his own."""

import pytest

from sheetcrm.intake.persons import whose
from tests.intake.sheets import column, one


@pytest.mark.parametrize(
    ("persons", "contacts", "expected"),
    [
        ([2], [3, 4], {}),
        ([2, 4], [3, 5], {5: 4}),
        ([2, 5], [3, 4, 6, 7], {6: 5, 7: 5}),
        # The phone may stand before the name.
        ([2, 4], [1, 3], {3: 4}),
        # Names side by side: the phones follow in their order.
        ([2, 3], [4, 5], {5: 3}),
        ([2, 3], [4], {}),
    ],
)
def test_whose__by_the_place_of_the_columns(persons, contacts, expected):
    assert whose(persons, contacts, persons[0]) == expected


def test_whose__below_a_row_of_groups_the_nearest_name_counts():
    assert whose([2, 3], [4], 2, grouped=True) == {4: 3}


@pytest.mark.parametrize(
    ("headings", "phones"),
    [
        ("公司|姓名|电话|姓名|电话", ["13811110001", None]),
        ("公司|联系人|手机|介绍人|电话", ["13811110001", None]),
    ],
)
def test_phones__of_another_person_are_left_out(headings, phones):
    made = one(
        f"{headings}\n镇江恒顺股份有限公司|高一|13811110001|高二|13811110002\n"
        "泰州医药有限公司|许一||许二|13811110004"
    )
    assert column(made, "contact") == ["高一", "许一"]
    assert column(made, "phone") == phones


def test_phones__a_single_one_behind_two_roles_is_the_contacts():
    made = one("公司|联系人|决策人|电话\n镇江恒顺股份有限公司|高一|高二|13811110002")
    assert column(made, "phone") == ["13811110002"]
