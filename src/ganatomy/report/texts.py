"""Every text of the report's page, in both languages."""

from __future__ import annotations

from ganatomy.studies.words import Words

# ---- the page

SKIP = Words("Skip to the report", "跳到报告正文")
CONTENTS = Words("Contents", "目录")
BUDGET = Words("Budget", "预算")
LANGUAGE = Words("中文", "English")
LANGUAGE_LABEL = Words("切换到中文", "Switch to English")
THEME = Words("Light or dark", "浅色或深色")
PRINT = Words("Print", "打印")
NOSCRIPT = Words(
    "The charts, the slider and the language button need JavaScript. The tables, the texts and the pictures are here without it.",
    "图表、滑块和语言切换需要 JavaScript；没有它仍可阅读表格、文字和图像。",
)
OLD_BROWSER = Words(
    "This chart cannot be drawn: the browser cannot unpack the drawing library inside this file (it has no "
    "DecompressionStream). Any browser from 2023 on can: Chrome or Edge 80, Firefox 113, Safari 16.4.",
    "无法绘制此图：浏览器不支持 DecompressionStream，无法解压文件内置的绘图库。2023 年以来的浏览器都可以："
    "Chrome 或 Edge 80、Firefox 113、Safari 16.4 及更新版本。",
)
FOOT = Words(
    "Written by ganatomy {version}, {when}. It needs no network.", "由 ganatomy {version} 于 {when} 生成，无需联网。"
)
CHART = Words("Chart; its values show under the pointer", "图表；指针悬停可查看数值")
COPY = Words("Copy", "复制")
COPIED = Words("Copied", "已复制")
SYSTEMS = Words("Systems", "系统")
SYSTEM = Words("System", "系统")
SEEDS = Words("Seeds", "种子")
SEED = Words("seed {seed}", "种子 {seed}")
SEED_NUMBER = Words("Seed", "种子")
STATE = Words("State", "状态")
PROGRESS = Words("How far, and why", "进度与原因")
NONE = Words("none", "无")
OF_UPDATES = Words("{updates} updates", "{updates} 次更新")
UNSET = Words("unset", "未设置")
NO_SUCH_SETTING = Words("not one of its settings", "无此设置")

AT_UPDATE = Words("at update {update}", "第 {update} 次更新")
AT_UPDATE_OF = Words("at update {update} of {total}", "第 {update} / {total} 次更新")
AT_SECOND_OF = Words("at second {now} of {total}", "第 {now} / {total} 秒")
NOT_BEGUN = Words("not begun", "尚未开始")
UNREADABLE = Words("cannot be read: {fault}", "无法读取：{fault}")

# ---- 1 at a glance

GLANCE = Words("At a glance", "概览")
WHAT_RAN = Words(
    "{systems} on {data} with {seeds} ({budgets}): {runs}.",
    "{systems}，数据 {data}，{seeds}（{budgets}）：{runs}。",
)
DATA = Words("Data", "数据")
BUDGETS = Words("Budgets", "预算")
RUNS = Words("Runs", "运行")
TRAINING_TIME = Words("Time of training", "训练用时")
WHERE = Words("Ran on", "运行环境")
BEST_BY_METRIC = Words("The best system by each metric", "各指标下的最佳系统")
BEST_EXPLAINED = Words(
    "Mean over seeds at the end of the run, with its 95 % bootstrap interval over the seeds. With three seeds that "
    "interval is too narrow: it holds the true mean in about three cases of four. The difference to the next best is "
    "paired by seed; p is Holm-adjusted for the pairs of systems of that metric, and g is the effect size beside it.",
    "训练结束时各种子的均值及其 95 % 自助法区间。只有三个种子时该区间偏窄，约四次中有三次包含真实均值。"
    "与次优系统之差按种子配对；p 值对该指标下的所有系统对做 Holm 校正，旁边的 g 是效应量。",
)
METRIC = Words("Metric", "指标")
BEST = Words("Best", "最佳")
VALUE = Words("Value", "数值")
NEXT = Words("Next", "次优")
DIFFERENCE = Words("Difference to the next", "与次优之差")
IN_WORDS = Words("In words", "结论")
ALL_EQUAL = Words("all", "全部")
SHARED_MEAN = Words("the same mean", "均值相同")
ONLY_ONE = Words("no other system to compare with", "没有可比较的其他系统")
NO_SCORES = Words(
    "No finished run has been scored under this budget. Score runs with: ganatomy evaluate RUN",
    "此预算下没有已完成且已评分的运行。评分命令：ganatomy evaluate RUN",
)
NOT_ALIKE = Words(
    "Not all scores were measured alike (data, n, extractor or real images differ), so they stand in separate tables "
    "and are not compared with one another.",
    "各分数的测量条件不同（数据、样本数、特征提取器或真实图像不同），因此分表列出，互不比较。",
)
PROBLEMS = Words("Runs that failed or wait", "失败或等待中的运行")

# ---- 2 curves

CURVES = Words("Loss curves", "损失曲线")
CURVES_LEAD = Words(
    "Every system on axes of its own: a cross-entropy and a Wasserstein loss are not comparable, and neither measures "
    "the images. Nothing is smoothed. Thin lines are seeds; the band goes from the lowest to the highest seed at the "
    "updates that two or more of them logged.",
    "每个系统使用各自的坐标轴：交叉熵损失与 Wasserstein 损失不可比较，二者也都不衡量图像质量。曲线未做任何平滑。"
    "细线为各个种子，色带为两个或更多种子都有记录的更新处的最小值到最大值。",
)
CURVES_THINNED = Words(
    "Lines of more than {limit} points are thinned to at most that many, keeping each stretch's lowest and highest "
    "value: {count} of the lines here.",
    "超过 {limit} 个点的曲线会抽稀到至多 {limit} 个点，并保留每一段的最小值和最大值：此处有 {count} 条。",
)
X_AXIS = Words("Horizontal axis", "横轴")
X_UNITS: dict[str, Words] = {
    "updates": Words("updates of the generator", "生成器更新次数"),
    "seconds": Words("seconds of training", "训练秒数"),
    "images": Words("real images shown", "已展示的真实图像数"),
}
X_BUTTONS: dict[str, Words] = {
    "updates": Words("Updates", "更新次数"),
    "seconds": Words("Seconds", "秒"),
    "images": Words("Images", "图像数"),
}
X_HOVER: dict[str, Words] = {
    "updates": Words("update %{x:,.0f}", "第 %{x:,.0f} 次更新"),
    "seconds": Words("%{x:.1f} s of training", "训练 %{x:.1f} 秒"),
    "images": Words("%{x:,.0f} real images", "%{x:,.0f} 张真实图像"),
}
BAND_IN_SECONDS = Words(
    "Seeds are logged at different seconds, so over these the band and the means are taken between log lines, along straight lines.",
    "各种子的记录时刻不同，因此横轴为秒时，色带与均值按相邻记录点之间的直线取值。",
)
LINES = Words("Lines", "曲线")
LOSS_PANEL = Words("Loss ({objective})", "损失（{objective}）")
SCORE_PANEL = Words("D(x) and D(G(z)), probability", "D(x) 与 D(G(z))，概率")
RAW_SCORE_PANEL = Words("D(x) and D(G(z)), raw score", "D(x) 与 D(G(z))，原始分值")
GRAD_PANEL = Words("Norm of the gradient (log scale)", "梯度范数（对数轴）")
METRIC_PANEL = Words("{metric}, {way}", "{metric}，{way}")
LOG_SCALE = Words("log scale", "对数轴")
HOVER_SEED = Words("seed {seed}", "种子 {seed}")
HOVER_MEAN = Words("mean of {count} seeds", "{count} 个种子的均值")
NO_HISTORY = Words("No logged updates.", "没有日志记录。")
TOGETHER = Words("The systems against each other, while they train", "训练过程中各系统的对比")
TOGETHER_LEAD = Words(
    "These scores are comparable between systems. They are the quick evaluations on up to 1,000 samples made while training, "
    "as mean and range over the seeds that finished; the scores below are made with more images and are no match for these.",
    "这些分数可以在系统之间比较。它们是训练中每次用至多 1,000 个样本做的快速评估，画出的是已完成的各种子的均值和范围；"
    "下文的分数使用更多图像，数值不能与此处互相对照。",
)
QUICK_OF_OTHER_DATA = Words(
    "The systems were trained on different data, so their scores cannot be compared; each system's own stand above.",
    "各系统使用不同的数据训练，分数不可比较；各系统自己的分数见上。",
)
NO_QUICK = Words(
    "No run was evaluated while it trained (train.evaluate_every).",
    "没有运行在训练中做过评估（train.evaluate_every）。",
)

# ---- 3 images

IMAGES = Words("Images", "图像")
IMAGES_LEAD = Words(
    "64 samples of each system from the same fixed noise at each part of the training. One slider moves all systems.",
    "各系统在训练各阶段用同一组固定噪声生成的 64 个样本。一个滑块同时控制所有系统。",
)
PICTURES_REDUCED = Words(
    "To keep this file small, pictures are stored in {levels} levels of grey, the films in {film}. The run folders have the originals.",
    "为减小文件，图片以 {levels} 级灰度存储，动画以 {film} 级存储。运行文件夹中有原图。",
)
STILLS_REDUCED = Words(
    "To keep this file small, pictures are stored in {levels} levels of grey. The run folders have the originals.",
    "为减小文件，图片以 {levels} 级灰度存储。运行文件夹中有原图。",
)
PICTURES_REDUCED_COLOUR = Words(
    "To keep this file small, pictures are stored with loss. The run folders have the originals.",
    "为减小文件，图片以有损方式存储。运行文件夹中有原图。",
)
PART_OF_TRAINING = Words("Part of the training", "训练进度")
PLAY = Words("Play", "播放")
PAUSE = Words("Pause", "暂停")
SIDE_BY_SIDE = Words("All side by side", "并排显示全部")
PICTURE_ALT = Words(
    "Samples of {arm}, seed {seed}, at {percent} % of the training", "{arm} 的样本，种子 {seed}，训练进度 {percent} %"
)
FILM = Words("Film of this run (samples.gif)", "本次运行的动画（samples.gif）")
FILM_ALT = Words(
    "{arm}, seed {seed}: the samples over the whole training, as a film", "{arm}，种子 {seed}：整个训练过程的样本动画"
)
FILM_LEFT_OUT = Words("The film is left out to keep this file small: {place}", "为减小文件未包含动画：{place}")
NO_RUN_WITH_SEED = Words("No run with seed {seed}", "没有种子为 {seed} 的运行")
NO_PICTURE = Words("No picture at {percent} %", "{percent} % 处没有图片")
NO_PICTURE_YET = Words("not reached yet", "尚未到达")
NO_PICTURE_FAILED = Words("the run failed before", "运行在此之前失败")
NO_PICTURE_LOST = Words("none in the run's folder", "运行文件夹中没有")
NO_PICTURE_UNPLANNED = Words(
    "none of the run's milestones (train.milestones)", "不在该运行的里程碑中（train.milestones）"
)

# ---- 4 scores

SCORES = Words("Scores", "分数")
SCORES_LEAD = Words(
    "Each dot is a seed; the bar is the mean with its 95 % bootstrap interval over the seeds. The dashed line is the "
    "floor: what as many held-out real images score, the best that can be hoped for.",
    "每个点是一个种子；横条是均值及其按种子的 95 % 自助法区间。虚线为基线：同样数量的留出真实图像的得分，即可望达到的最好值。",
)
POINT = Words("Scored at", "评分位置")
POINT_BEST = Words("best weights", "最佳权重")
POINT_END = Words("100 %, the end", "100 %，结束时")
FLOOR = Words("Floor", "基线")
MEAN_AND_INTERVAL = Words("Mean over seeds and its 95 % interval", "各种子均值及其 95 % 区间")
N_IMAGES = Words("n, images against as many real ones", "n，图像数（与同样多的真实图像比较）")
EXTRACTOR = Words("Extractor and its digest", "特征提取器及其摘要")
REFERENCE = Words("Digest of the real images' features", "真实图像特征的摘要")
IMAGES_PER_SECOND = Words("Real images a second", "每秒真实图像数")
SECONDS_EACH = Words("Seconds of training, a run", "每次运行的训练秒数")
SEEDS_SCORED = Words("Seeds scored", "已评分的种子")
ONE_SEED = Words("one seed, no interval", "仅一个种子，无区间")
PER_SEED = Words("Values of each seed", "每个种子的数值")
PER_SEED_LEAD = Words(
    "In brackets the 95 % interval over the generated images: what another draw from the same generator would give. It says nothing of another training.",
    "括号内是对生成图像的 95 % 区间：同一生成器再次抽样会得到的范围。它不反映另一次训练的结果。",
)
NOT_COUNTED = Words("not counted in the means, for the run is not finished", "运行未完成，不计入均值")
NO_SUCH_SCORE = Words("not scored", "未评分")
DIFFERENCES = Words("Paired differences", "配对差异")
DIFFERENCES_LEAD = Words(
    "Seed by seed, the first system minus the second. g is Hedges' g of the paired differences; p is of the paired t "
    "test, adjusted by Holm's method for the pairs of one metric under one budget. Few seeds decide little: "
    "“not decided” does not mean equal.",
    "逐种子用前一系统减后一系统。g 为配对差的 Hedges' g；p 来自配对 t 检验，并对同一预算、同一指标下的所有系统对做 Holm 校正。"
    "种子太少时难有定论：“未定”并不表示相等。",
)
PAIR = Words("Systems", "系统")
MEAN_DIFFERENCE = Words("Mean difference and its 95 % interval", "平均差及其 95 % 区间")
EFFECT = Words("Effect g", "效应量 g")
P = Words("p", "p")
P_ADJUSTED = Words("p, Holm", "p（Holm）")
NO_PAIRS = Words("There are no two systems with scores of the same seeds.", "没有两个系统拥有相同种子的分数。")
OTHER_METRICS = Words("The other metrics", "其他指标")
IS_BETTER = Words("better", "更好")
IS_WORSE = Words("worse", "更差")
TWO_SEEDS_EFFECT = Words("not defined with 2 seeds", "2 个种子时无定义")
NO_SPREAD = Words("all seeds differ alike", "各种子差值相同")
MISSING_CLASSES = Words("Classes missing", "缺失的类别")

# ---- 5 changes

CHANGES = Words("What changed and why", "改动与原因")
CHANGES_LEAD = Words(
    "The settings in which the systems differ, each with what it does. Marked: other than in the first column.",
    "各系统之间不同的设置及其作用。标记处与第一列不同。",
)
CHANGES_ONE = Words("Only one system; its settings are below.", "只有一个系统，其设置见下。")
CHANGES_NONE = Words("All settings of the systems are equal.", "各系统的设置完全相同。")
SETTING = Words("Setting", "设置")
EQUAL_SETTINGS = Words("{count} settings that are equal in all systems", "所有系统相同的 {count} 项设置")
ITS_SETTINGS = Words("Its {count} settings", "它的 {count} 项设置")
RECIPE_AND_CHANGES = Words("Recipe {recipe}, with", "配方 {recipe}，改动：")
RECIPE_UNCHANGED = Words("Recipe {recipe}, unchanged", "配方 {recipe}，未改动")
NO_CONFIG = Words(
    "no run of this system has begun, so its settings are not known in full", "该系统尚无已开始的运行，完整设置未知"
)

# ---- 6 questions

QUESTIONS = Words("Questions", "思考题")
QUESTIONS_LEAD = Words(
    "Claims about GANs, tested: what had to be seen was fixed before the runs, and so was the meaning of each outcome.",
    "对关于 GAN 的说法进行检验：应当看到什么、每种结果意味着什么，均在运行前确定。",
)
NO_FINDINGS = Words(
    "No claims were tested yet. To test those about batch normalisation, for example:",
    "尚未检验任何说法。例如检验关于批归一化的说法：",
)
VERDICTS = Words("All verdicts", "全部判定")
QUESTION = Words("Question", "问题")
CLAIM = Words("Claim", "说法")
CLAIMANT = Words("Who says so", "出处")
EXPERIMENT = Words("Experiment", "实验")
RULE = Words("Rule", "判定规则")
LITERATURE = Words("Literature", "文献")
PREDICTION = Words("Prediction", "预测")
MEASURED = Words("Measured", "测得")
RULING = Words("Ruling", "判定")
HOW_TESTED = Words("Experiment, rule, figures", "实验、规则、数字")
MEASURED_VALUES = Words("Measured values", "测得的数值")
QUANTITY = Words("Quantity", "量")
TOOK = Words("{time} of training and scoring at level {level}", "级别 {level}，训练与评分共 {time}")

# ---- 7 reproduce

REPRODUCE = Words("Reproduce", "复现")
REPRODUCE_LEAD = Words(
    "The exact command of each run. With the same versions, device and number of threads it gives the same bits.",
    "每次运行的确切命令。版本、设备和线程数相同时，结果逐位一致。",
)
COMMANDS = Words("Commands", "命令")
ENVIRONMENT = Words("Environment", "环境")
NO_ENVIRONMENT = Words("No run has begun.", "尚无运行开始。")
FACT = Words("Fact", "项目")
WHOLE_CONFIG = Words(
    "The whole config.toml of {arm} (seed {seed}, {budget})", "{arm} 的完整 config.toml（种子 {seed}，{budget}）"
)
