"""The glossary: what states, lines, facts, metrics and settings are called, and what they do, in both languages.

The English of a setting is the string under its field, that of a metric stands in the table of measures; here is the
Chinese beside it. A new setting without one is shown in English.
"""

from __future__ import annotations

from ganatomy.config import Setting
from ganatomy.evaluation import MEASURES
from ganatomy.report.wording import plain
from ganatomy.studies.results import State
from ganatomy.studies.words import Words

STATES: dict[State, Words] = {
    "finished": Words("finished", "已完成"),
    "failed": Words("failed", "失败"),
    "waiting": Words("waiting", "等待中"),
}

LINE: dict[str, Words] = {
    "discriminator": Words("discriminator", "判别器"),
    "generator": Words("generator", "生成器"),
    "real": Words("D(x), real", "D(x)，真实"),
    "fake": Words("D(G(z)), generated", "D(G(z))，生成"),
    "metric": Words("scores", "分数"),
    "band": Words("band over seeds", "种子色带"),
}

FACTS: dict[str, Words] = {
    "device": Words("device", "设备"),
    "device_name": Words("its name", "设备名称"),
    "precision": Words("precision", "精度"),
    "threads": Words("threads", "线程数"),
    "processes": Words("processes", "进程数"),
    "cpus": Words("processors", "处理器数"),
    "platform": Words("platform", "平台"),
    "python": Words("Python", "Python"),
    "git": Words("commit of ganatomy", "ganatomy 的提交"),
}
"""What env.json tells of a run, beside its packages."""

BETTER: dict[str, Words] = {
    "lower": Words("lower is better", "越低越好"),
    "higher": Words("higher is better", "越高越好"),
}

METRICS: dict[str, Words] = {
    "fid": Words("FID", "FID"),
    "kid": Words("KID", "KID"),
    "precision": Words("Precision", "精确率"),
    "recall": Words("Recall", "召回率"),
    "density": Words("Density", "密度"),
    "coverage": Words("Coverage", "覆盖率"),
    "classes_found": Words("Classes found", "找到的类别数"),
    "class_kl": Words("Class KL", "类别 KL"),
    "classifier_score": Words("Classifier score", "分类器得分"),
    "modes_found": Words("Modes found", "找到的模态数"),
    "high_quality": Words("High quality", "高质量比例"),
    "reverse_kl": Words("Reverse KL", "反向 KL"),
    "near_copies": Words("Near copies", "近似复制"),
}

_METRICS_ZH: dict[str, str] = {
    "fid": "特征分布之间的距离（按高斯分布）",
    "kid": "用三次核衡量的分布距离；小样本时无偏",
    "precision": "落在真实图像之间的生成图像的比例",
    "recall": "落在生成图像之间的真实图像的比例",
    "density": "生成图像处于真实图像之间的深度；真实图像为 1",
    "coverage": "附近有生成图像的真实图像的比例",
    "classes_found": "占比达到真实占比十分之一以上的类别数",
    "class_kl": "各类别占比与真实占比的差距，单位 nat",
    "classifier_score": "每张图像类别明确、总体类别均匀（Inception Score）",
    "modes_found": "3 sigma 内有样本的模态数",
    "high_quality": "落在某个模态 3 sigma 内的样本比例",
    "reverse_kl": "各模态占比与均匀分布的差距，单位 nat",
    "near_copies": "复制训练图像的生成图像的比例",
}

_SETTINGS_ZH: dict[str, str] = {
    "recipe": "配方名称（不含扩展名的文件名）：运行文件夹以此命名。",
    "seed": "决定初始权重、图像顺序和所有噪声；从 0 起的整数。",
    "out": "运行文件夹本身；未设置时为 runs/RECIPE-DATA-sSEED，重名时编号。",
    "data.name=mnist": "MNIST 的 60,000 张手写数字。",
    "data.name=fashion_mnist": "Fashion-MNIST 的 60,000 张服装图片：与 MNIST 一样大，但更难。",
    "data.name=digits": "scikit-learn 自带的手写数字，28x28：小、离线、训练快。",
    "data.name=folder": "一个文件夹中的 PNG、JPEG 和 WebP 文件，裁成同一大小的正方形。",
    "data.name=mixtures": "平面上围绕 8 个或 25 个中心的点，所有训练种子都相同。",
    "data.range": "给判别器看的像素取值：`generator` 为生成器自身的输出范围；`unit` 总是 [0, 1]（实验中的陷阱：判别器仅凭取值范围就能认出 Tanh 生成器的图像）。",
    "data.dir": "含有 MNIST/raw 和 FashionMNIST/raw 的文件夹（torchvision 的布局，可为 .gz 或已解压）。未设置：环境变量 GANATOMY_DATA，否则为用户缓存，缺少的文件会下载到那里。",
    "data.path": "图像所在的文件夹，连同所有子文件夹；必须给出。第一层子文件夹即类别。",
    "data.size": "图像中心正方形缩放到的高和宽（像素），4 到 1024；convnet 需要 4 的倍数。",
    "data.channels": "1（灰度）或 3（彩色）；未设置：全部文件为灰度时为 1，否则为 3。透明处以白色为底。",
    "data.skip_bad": "跳过无法读取的文件，而不是停下并列出它们。",
    "data.mixture": "`ring`：半径为 1 的圆上的 8 个高斯，sigma 0.01；`grid`：{-4, -2, 0, 2, 4} 的平方网格上的 25 个，sigma 0.05。",
    "data.count": "一次性抽取的点数，生成器固定；各模态的占比尽量相等。",
    "model.name=convnet": "实验中的卷积网络，28x28x1 时与之完全相同（参照 Radford 等 2015，arXiv 1511.06434）。",
    "model.name=mlp": "两个网络各有两个隐藏层：生成器用 ReLU，判别器用 LeakyReLU（Goodfellow 等 2014，arXiv 1406.2661）。",
    "model.latent": "生成器起点噪声 z ~ N(0, I) 的维数。",
    "model.output": "生成器最后的激活函数，决定其取值范围：`tanh` [-1, 1]，`sigmoid` [0, 1]，`none` 无界（二维混合分布）。",
    "model.hidden": "两个网络每个隐藏层的宽度。",
    "model.discriminator_hidden": "判别器隐藏层的宽度（若与生成器不同）；未设置：model.hidden。",
    "model.slope": "判别器 LeakyReLU 的负半轴斜率，[0, 1)：0 即普通 ReLU，1 则没有激活。",
    "model.generator_slope": "生成器激活函数的负半轴斜率，[0, 1)：0 为实验中的 ReLU，大于 0 为 LeakyReLU。",
    "model.batchnorm": "哪个网络使用批归一化：`none` 都不用，`generator` 生成器，`discriminator` 判别器，`both` 两者。",
    "model.upsampling": "生成器如何把高和宽加倍：`transposed` 为实验中的 4x4 转置卷积；`nearest` 为最近邻放大加 3x3 卷积（Odena 等 2016，避免棋盘格）。",
    "model.head": "判别器线性层的输入：`flatten` 为各位置的全部特征，与实验相同；`average` 为每个特征在整图上的均值（全局平均池化，实验报告提到而其代码中没有）。",
    "objective.name=nonsaturating": "判别器：-E log D(x) - E log(1 - D(G(z)))。生成器：-E log D(G(z))。",
    "objective.name=wasserstein": "判别器：-(E D(x) - E D(G(z)))。生成器：-E D(G(z))。判别器的权重被截断到 [-clip, clip]。",
    "objective.name=image_target": "判别器：BCE(D(x), x) + BCE(D(G(z)), x)，每个像素一个输出。生成器：BCE(D(G(z)), 1)。",
    "objective.name=brightness_target": "判别器：BCE(D(x), mean(x)) + BCE(D(G(z)), mean(x))。生成器：BCE(D(G(z)), 1)。",
    "objective.critic_steps": "生成器每次更新对应的判别器更新次数。",
    "objective.shares_real_batch": "一次更新中判别器的各步是使用同一批真实图像（噪声每步重取），还是每步换一批。",
    "objective.clip": "判别器每步之后每个权重的绝对值上限；大于 0。",
    "optimizer.name": "`adam`（Kingma & Ba 2014，arXiv 1412.6980），实验中 GAN 与 DCGAN 所用；`rmsprop`，实验中 WGAN 所用。",
    "optimizer.lr": "两个网络的学习率；大于 0，至多 1。",
    "optimizer.betas": "Adam 对梯度均值和平方的衰减率，均在 [0, 1)。实验用默认值；DCGAN 论文的第一个为 0.5。",
    "optimizer.alpha": "RMSprop 对梯度平方的衰减率，[0, 1)。",
    "optimizer.schedule": "学习率随训练的变化：`constant` 不变，与实验相同；或沿半个余弦、直线降到 0。",
    "optimizer.generator.lr": "生成器自己的学习率；未设置：optimizer.lr。",
    "optimizer.discriminator.lr": "判别器自己的学习率；未设置：optimizer.lr。",
    "train.epochs": "训练长度，以遍历训练图像的次数计。epochs、updates、seconds 三者设其一。",
    "train.updates": "训练长度，以生成器更新次数计。",
    "train.seconds": "训练长度，以训练秒数计。停在哪里取决于机器，每次更新则不然。",
    "train.batch": "一批中的图像数。一轮的最后一批可能较小，与实验相同。",
    "train.log_every": "两条日志之间的生成器更新次数；每轮内计数，轮末的更新也会记录。",
    "train.checkpoint_every": "两个检查点之间的生成器更新次数；里程碑和信号也会产生检查点。",
    "train.milestones": "在训练的这些百分比处生成样本并保存生成器。",
    "train.evaluate_every": "两次快速评估（FID、覆盖率、找到的类别数，1,000 个样本）之间的生成器更新次数；0：不评估。",
    "train.best": "按这些评估中的哪个指标保留最佳权重。从不用损失：GAN 的损失不衡量图像。",
    "train.ema": "用于采样的生成器权重滑动平均的衰减率，[0, 1)；0：不用，与实验相同。",
    "train.device": "在哪里计算。`auto`：有 GPU 则用 GPU，否则用 CPU。",
    "train.precision": "网络的计算精度：`bf16` 为 bfloat16，权重为 float32；`fp32` 为 float32；`auto` 由设备与数据决定，之后不变。",
    "train.compile": "是否先由 torch.compile 为两个网络生成内核；最后几位会不同。",
    "train.batchnorm": "多进程训练（torchrun）时批归一化的范围：`sync` 为整个批次，`local` 为各进程自己的那一部分。",
    "train.timeout": "多进程训练中等待某一进程的最长秒数。",
}
"""By name; a plug-in's by what it names: `data.name=digits`."""


def metric(name: str) -> Words:
    """A metric's title; its bare name where it is a new one."""
    return METRICS.get(name, plain(name))


def metric_means(name: str) -> Words:
    """What a metric measures, in a line."""
    what = MEASURES[name].what if name in MEASURES else ""
    return Words(what, _METRICS_ZH.get(name, what))


def better(name: str) -> Words:
    """Which way a metric is better."""
    return BETTER[MEASURES[name].better] if name in MEASURES else plain("")


def setting_help(setting: Setting) -> Words:
    """What a setting does."""
    chinese = _SETTINGS_ZH.get(f"{setting.name}={setting.value}") or _SETTINGS_ZH.get(setting.name)
    return Words(setting.help, chinese or setting.help)
