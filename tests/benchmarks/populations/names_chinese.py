"""Chinese names with their readings, the surname's as a surname has it (曾 Zeng, 单 Shan, 仇 Qiu)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.populations.chance import Chance, Ranked, words

# The character and its reading, the most common first.
_SURNAMES = words("""
王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu 胡Hu 郭Guo 何He 林Lin
高Gao 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 许Xu 韩Han 邓Deng 冯Feng 曹Cao 彭Peng 曾Zeng 肖Xiao 田Tian
董Dong 潘Pan 袁Yuan 蔡Cai 蒋Jiang 余Yu 于Yu 杜Du 叶Ye 程Cheng 魏Wei 苏Su 吕Lü 丁Ding 任Ren 卢Lu 姚Yao 沈Shen
钟Zhong 姜Jiang 崔Cui 谭Tan 陆Lu 范Fan 汪Wang 廖Liao 石Shi 金Jin 韦Wei 贾Jia 夏Xia 付Fu 方Fang 邹Zou 熊Xiong
白Bai 孟Meng 秦Qin 邱Qiu 侯Hou 江Jiang 尹Yin 薛Xue 闫Yan 段Duan 雷Lei 龙Long 黎Li 史Shi 陶Tao 贺He 毛Mao 郝Hao
顾Gu 龚Gong 邵Shao 万Wan 覃Qin 武Wu 钱Qian 戴Dai 严Yan 莫Mo 孔Kong 向Xiang 常Chang 汤Tang 康Kang 易Yi 乔Qiao
赖Lai 文Wen 施Shi 洪Hong 单Shan 仇Qiu 解Xie 查Zha 区Ou 朴Piao 翟Zhai 盖Ge 任Ren 欧阳Ouyang 司马Sima 诸葛Zhuge
上官Shangguan 夏侯Xiahou 尤You 祝Zhu 左Zuo 涂Tu 柴Chai 蓝Lan 路Lu 齐Qi 伍Wu 关Guan 庄Zhuang 章Zhang 鲁Lu 岳Yue
符Fu 季Ji 翁Weng 阮Ruan 庞Pang 倪Ni 邢Xing 焦Jiao 华Hua 梅Mei 辛Xin 管Guan 童Tong 霍Huo 柯Ke 游You 甘Gan 温Wen
葛Ge 纪Ji 耿Geng 聂Nie 包Bao 祁Qi 牛Niu 裴Pei 屈Qu 成Cheng 樊Fan 殷Yin 申Shen 傅Fu 兰Lan 骆Luo 柳Liu 欧Ou 鲍Bao
谷Gu 凌Ling 宁Ning
""")
_MALE = words("""
伟wei 强qiang 军jun 杰jie 磊lei 勇yong 涛tao 明ming 超chao 刚gang 平ping 辉hui 鹏peng 华hua 飞fei 波bo 斌bin
宇yu 浩hao 凯kai 健jian 俊jun 鑫xin 帆fan 志zhi 建jian 国guo 文wen 海hai 龙long 峰feng 东dong 亮liang 成cheng
毅yi 林lin 子zi 天tian 泽ze 轩xuan 博bo 晨chen 阳yang 瑞rui 宏hong 德de 家jia 嘉jia 大da 一yi 永yong 庆qing
""")
_FEMALE = words("""
芳fang 娜na 敏min 静jing 丽li 艳yan 娟juan 霞xia 秀xiu 英ying 玲ling 红hong 燕yan 梅mei 兰lan 琴qin 洁jie
婷ting 雪xue 莉li 慧hui 颖ying 琳lin 佳jia 欣xin 怡yi 雨yu 梦meng 思si 晓xiao 小xiao 玉yu 春chun 月yue 云yun
美mei 珍zhen 淑shu 桂gui 凤feng 莲lian 蕾lei 倩qian 萍ping 丹dan 彤tong 诗shi 雅ya 可ke 心xin 宁ning 菲fei
萱xuan
""")
TOWNS = [
    (["北京", "北京市"], ["Beijing", "Peking"]), (["上海", "上海市"], ["Shanghai"]),
    (["广州", "广州市"], ["Guangzhou"]),
    (["深圳", "深圳市"], ["Shenzhen"]), (["成都"], ["Chengdu"]), (["杭州"], ["Hangzhou"]), (["武汉"], ["Wuhan"]),
    (["西安"], ["Xi'an", "Xian"]), (["南京"], ["Nanjing", "Nanking"]), (["重庆", "重庆市"], ["Chongqing"]),
    (["天津"], ["Tianjin"]), (["苏州"], ["Suzhou"]), (["长沙"], ["Changsha"]), (["青岛"], ["Qingdao"]),
]  # fmt: skip


def _read(entry: str) -> tuple[str, str]:
    reading = entry.lstrip("".join(sign for sign in entry if sign > "㐀"))
    return entry.removesuffix(reading), reading


# By themselves: as a surname a character may read otherwise.
_SURNAME_READING = dict(map(_read, _SURNAMES))
_GIVEN_READING = dict(map(_read, [*_MALE, *_FEMALE]))
_SURNAME = Ranked(list(_SURNAME_READING), 3)
_SIGNS = {
    "m": Ranked([sign for sign, _ in map(_read, _MALE)], 4),
    "f": Ranked([sign for sign, _ in map(_read, _FEMALE)], 4),
}


@dataclass(frozen=True, slots=True)
class Han:
    """A name in Han characters; its readings follow from it."""

    surname: str
    given: str

    @property
    def family(self) -> str:
        return _SURNAME_READING[self.surname]

    @property
    def syllables(self) -> list[str]:
        return [_GIVEN_READING[sign] for sign in self.given]


def han(chance: Chance, sex: str) -> Han:
    """Somebody; most given names are of two characters."""
    signs = _SIGNS[sex]
    first, second = chance.ranked(signs), chance.ranked(signs)
    return Han(chance.ranked(_SURNAME), first if chance.happens(0.3) or first == second else first + second)
