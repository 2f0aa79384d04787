"""What is hidden in the sandbox's leads on purpose, so that an analysis can be checked against the truth.

====================  ==================================================================================================
effect                what was planted
====================  ==================================================================================================
better source         Leads from ``utm_source=newsletter`` finish far more often than others and score higher;
                      ``facebook`` brings many who leave at once.
leaky question        "Which plan fits you?" loses four times as many of those who have answered something at "What is
                      your monthly budget?" as at any other question; everywhere else the loss falls evenly.
score that matters    In "Which plan fits you?" the answer Yes to "Shall we call you?" grows with the score (about 20 %
                      in the lowest third, 60 % in the highest).
score that does not   In "How green is your thumb?" the same question is answered Yes by 30 %, whatever the score.
novelty campaign      ``utm_campaign=spring-launch`` (March to May of the last year) starts with many completions and
                      fades to the ordinary rate within about five weeks.
noise                 ``device`` and the newsletter day have no effect on anything; whoever finds one found chance.
weekly rhythm         Tuesday to Thursday are the strongest, Sunday the weakest; two humps a day, at 10 and 20 h UTC.
repeat visitors       About one lead in five is by one of the regulars, who turn up in several contents.
====================  ==================================================================================================
"""

# How often people come (share per mille), and what it does to finishing (per mille added) and to quality (per mille).
SOURCES: tuple[tuple[str | None, str | None, int, int, int], ...] = (
    # utm_source, utm_medium, share, finishing, quality
    ("google", "cpc", 300, 0, 0),
    ("facebook", "paid-social", 210, -160, -60),
    ("newsletter", "email", 140, 170, 150),
    ("linkedin", "paid-social", 90, 40, 60),
    ("instagram", "social", 80, -60, -20),
    ("partner-blog", "referral", 50, 60, 30),
    (None, None, 130, 20, 0),
)

CAMPAIGNS = ("brand", "always-on", "retargeting")
NOVELTY_CAMPAIGN = "spring-launch"
NOVELTY_SHARE = 350  # per mille of the paid leads while it runs
NOVELTY_LIFT = 220  # per mille added to finishing on its first day
NOVELTY_FADE_DAYS = 35
NOVELTY_FROM_DAY_BEFORE_END = 121  # 1 March when the last day is 30 June
NOVELTY_TO_DAY_BEFORE_END = 30  # 31 May

WEEKDAYS = (100, 125, 130, 122, 96, 62, 55)  # Monday first
HOURS = (4, 3, 2, 2, 3, 6, 14, 28, 44, 60, 66, 60, 50, 50, 52, 50, 46, 44, 48, 58, 64, 52, 30, 14)

REGULARS_SHARE = 200  # per mille of leads that are by a regular
CALL_BASE = 300  # per mille who say Yes where the score does not matter
CALL_LOW, CALL_HIGH = 80, 720  # per mille who say Yes at a low and at a high score, where it does
CALL_FROM, CALL_SPAN = 0.2, 0.45  # shares of the highest score: up to here it is low, and how far high is from there
