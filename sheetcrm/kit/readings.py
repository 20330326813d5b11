"""How freely filled cells are to be taken, alike by what checks them and by what counts them."""

# What the status of a 协作需求 says; a guest's own words for it.
REQUEST_DONE = ("已完成", "完成", "已关闭", "已办结", "已解决")
REQUEST_REJECTED = ("已驳回", "驳回", "已取消", "取消", "已撤回")
# A 协作需求 asks for the legal review of a contract: its department, and its content.
LEGAL = r"法务|法律|legal"
LEGAL_REVIEW = r"合同|协议|条款|审|contract"
# A guest's column with a larger share of blanks is evidently not asked for there.
SPARSE = 0.5
