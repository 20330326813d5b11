"""Traditional characters of company names, headings and stages, in their simplified form."""

# Those that are usual there; a name is compared, never rewritten.
TRADITIONAL = str.maketrans(
    "亞併來個備傳價儀億優兒內創劃動務勝勢區協員問單國園圖團執報壽學實寫寶對導層島師帳幣廈廠廣"
    "後從復愛態應戶採據擱敗數時暫書會東條棄業極構樂樓標樣橋機檔檢權歐歷決況測滬漁漸濟灣烏無煉"
    "營爭爾狀獲環產畫療發監礦種稱積競節範簡簽籌籤約紅級紡終結絕絡經綠維網緊線編緩縣總織繫義聖"
    "聞聯職臺與興華萬藍藝藥蘇蘭處號術衛製複見規觀訂計訊記訪設註詢試話認語說課調談請論諮證譯議"
    "護讓豐負財貨責貴買費貿資賣質賬購贏車軟輕輛輸轉農連進運過達遠適遲選還郵鄉醫銀銅銷鋁鋼錄錢"
    "錦鐵長門閉開間閣關陰陽隊階際險雲電韓頁項預頓領題額願類顧風飛飼養馬驗體魯鳳黃點齊龍",
    "亚并来个备传价仪亿优儿内创划动务胜势区协员问单国园图团执报寿学实写宝对导层岛师账币厦厂广"
    "后从复爱态应户采据搁败数时暂书会东条弃业极构乐楼标样桥机档检权欧历决况测沪渔渐济湾乌无炼"
    "营争尔状获环产画疗发监矿种称积竞节范简签筹签约红级纺终结绝络经绿维网紧线编缓县总织系义圣"
    "闻联职台与兴华万蓝艺药苏兰处号术卫制复见规观订计讯记访设注询试话认语说课调谈请论咨证译议"
    "护让丰负财货责贵买费贸资卖质账购赢车软轻辆输转农连进运过达远适迟选还邮乡医银铜销铝钢录钱"
    "锦铁长门闭开间阁关阴阳队阶际险云电韩页项预顿领题额愿类顾风飞饲养马验体鲁凤黄点齐龙",
)


def simplified(text: str) -> str:
    """Return a text with those characters in their simplified form."""
    return text if text.isascii() else text.translate(TRADITIONAL)
