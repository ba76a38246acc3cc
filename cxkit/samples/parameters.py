"""The parameters of the made-up data; `docs/sample.md` says what follows from them."""

from __future__ import annotations

from datetime import date

# --- time ----------------------------------------------------------------------------------------

START, END = date(2024, 1, 1), date(2026, 6, 30)
DAYS = (END - START).days
YEAR, WEEK = 365.25, 7

# --- customers -----------------------------------------------------------------------------------

ROOTS = 4_000  # customers of a block who were not referred; the referred come on top
REGIONS = {
    "Hà Nội": 0.29,
    "Hồ Chí Minh": 0.34,
    "Đà Nẵng": 0.12,
    "Hải Phòng": 0.08,
    "Cần Thơ": 0.12,
    "Huế": 0.05,
}
WEAK = "Cần Thơ"
SOURCES = {"word-of-mouth": 0.18, "ads": 0.37, "search": 0.25, "partner": 0.12, None: 0.08}
REFERRED = "referral"  # the source of those who were referred
TIERS = ("consumer", "business")
SPLIT = 60.0  # of the mean order of a customer, below and above which business differs
BUSINESS = (0.10, 0.45)  # the chance to be one, below and above

# --- purchases: BG/NBD with a = 1, in weeks; gamma-gamma -----------------------------------------

R, ALPHA = 0.8, 20.0
A, B = 1.0, 4.0
P, Q, V = 6.0, 4.0, 30.0
LINKED = 0.7  # customers whose chance to leave goes with their dissatisfaction
RETURNED = 0.05  # orders to be sent back whole,
BACK = (3, 20)  # so many days later, if the month is not over
PRODUCTS = {
    "coffee": 0.36,
    "tea": 0.24,
    "cups": 0.16,
    "grinders": 0.12,
    "gifts": 0.08,
    "books": 0.04,
}
SHOPS = {"web": 0.45, "app": 0.30, "store": 0.20, "phone": 0.05}
CURRENCY = "EUR"

# --- answers -------------------------------------------------------------------------------------

LEVEL, SPREAD = 8.1, 1.1  # of the logistic distribution that the score is rounded from
BUSINESS_LIFT, WEAK_DROP = 0.4, 1.2
PASSIVE, PROMOTER = 7, 9  # from these scores on
ASKED_AFTER, EVERY, WITHIN = 14, 121, 7  # days: the first time, between, and until the answer
WAVES = (DAYS - ASKED_AFTER) // EVERY + 1
ANSWERS = 0.7  # of those asked
WOBBLE = {-2: 0.1, -1: 0.2, 0: 0.4, 1: 0.2, 2: 0.1}  # points by which a later answer differs
RECOVERY = 2  # points more in the answer after a closed case
MIDDLE, UNIT = 7.7, 2.2  # the score in units: (score − MIDDLE) / UNIT
CSAT = (4.0, 0.8, 0.6)  # level, slope on the score in units, noise
EASE = (5.4, 1.0, 0.9)
STAGES = {
    "browse": (4.1, 0.35, 0.7),
    "buy": (4.2, 0.50, 0.7),
    "delivery": (3.9, 0.90, 0.5),
    "support": (3.7, 0.65, 0.7),
    "returns": (3.6, 0.25, 0.9),
}
BOUGHT, DELIVERED = 0.9, 0.9  # of those before
SUPPORTED, SENT_BACK = 0.35, 0.12
LATE = 0.7  # points less for delivery in the weak region
DAYS_BEFORE = (13, 11, 7, 5, 2)  # of the stages, before the answer
CHANNELS = {
    "browse": ("web", "app", "store"),
    "buy": ("web", "app", "store", "phone"),
    "delivery": ("courier", "locker"),
    "support": ("chat", "phone", "email"),
    "returns": ("courier", "store"),
}
NO_SCORE, NO_REGION, NO_CSAT, NOT_APPLICABLE = 0.02, 0.005, 0.03, 0.01  # dirt
COMPLAINS, PRAISES, REMARKS, VIETNAMESE = 0.6, 0.35, 0.2, 0.7

# --- cases ---------------------------------------------------------------------------------------

OPENED = 0.8  # of the answers of detractors, the day after
OWNERS = {"Anh": 6.0, "Bình": 6.0, "Chi": 6.0, "Dũng": 15.0}  # mean days to close
STUCK = 0.03  # never closed
REOPENED = 0.08  # of those closed

# --- referrals -----------------------------------------------------------------------------------

REFERS = {"detractor": 0.03, "passive": 0.15, "promoter": 0.45}  # friends a year
