/* SPDX-License-Identifier: Apache-2.0 */
/* The password, in lower case, is cut into pieces so that their costs together are lowest: a piece
 * that anybody would try costs 1, what is left over 2 for each character. A password whose pieces
 * cost less than ENOUGH is weak. A phrase of four words of one's own costs far more, since those
 * words are no pieces here. */
#include "access/weak.h"

#include "base/limits.h"

enum {
    ENOUGH = 7,
    LOOKED_AT = 64, /* bytes; what is longer and weak so far is only long by repetition */
    SHORT_RUN = 3,
    ONE_WORD = 18 /* letters */
};

/* Words of passwords that many people take, three letters and more. */
static const char *const words[] = {
    "access",       "admin",     "administrator", "alpha",    "amanda",   "america",   "andrew",
    "angel",        "apple",     "april",         "arsenal",  "august",   "autumn",    "baby",
    "bailey",       "banana",    "barcelona",     "baseball", "basket",   "batman",    "beautiful",
    "berlin",       "birthday",  "black",         "blink",    "blue",     "bond",      "boss",
    "butterfly",    "buster",    "captain",       "change",   "changeme", "charlie",   "cheese",
    "chelsea",      "chocolate", "christmas",     "computer", "cookie",   "daniel",    "david",
    "december",     "default",   "demon",         "desktop",  "diamond",  "dragon",    "europe",
    "everton",      "facebook",  "family",        "fantasy",  "february", "final",     "finding",
    "flower",       "football",  "forever",       "freedom",  "friday",   "friend",    "garden",
    "george",       "ginger",    "google",        "green",    "guest",    "hannah",    "happy",
    "hello",        "hockey",    "hunter",        "iceman",   "internet", "iloveyou",  "james",
    "january",      "jasmine",   "jennifer",      "jesus",    "jordan",   "joshua",    "justin",
    "july",         "june",      "killer",        "kitten",   "letmein",  "leave",     "liverpool",
    "login",        "london",    "love",          "lovely",   "loveme",   "lucky",     "madrid",
    "maggie",       "manager",   "manchester",    "march",    "marina",   "martin",    "master",
    "matrix",       "matthew",   "maximus",       "mercedes", "michael",  "michelle",  "microsoft",
    "monday",       "money",     "monkey",        "morgan",   "mother",   "music",     "mustang",
    "naruto",       "network",   "nicole",        "nothing",  "november", "october",   "office",
    "orange",       "pass",      "passwd",        "password", "passwort", "paris",     "parol",
    "pepper",       "phoenix",   "pokemon",       "police",   "pretty",   "princess",  "private",
    "professional", "project",   "purple",        "qwerty",   "rainbow",  "ranger",    "robert",
    "root",         "samantha",  "samsung",       "saturday", "school",   "secret",    "security",
    "september",    "server",    "shadow",        "silver",   "snoopy",   "soccer",    "spring",
    "spider",       "star",      "start",         "starwars", "steven",   "summer",    "sunday",
    "sunshine",     "super",     "superman",      "support",  "system",   "temp",      "tennis",
    "test",         "thomas",    "thunder",       "thursday", "tiger",    "tigger",    "tocsin",
    "trustno1",     "tuesday",   "unknown",       "user",     "victoria", "wednesday", "welcome",
    "whatever",     "william",   "windows",       "winter",   "wizard",   "yamaha",    "yankees",
    "yellow",       "you",       "the",           "man",      "alone",    "man",       "for",
};

/* Keys that lie beside each other, forwards and backwards. */
static const char *const rows[] = {
    "1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertzuiop",
    "azertyuiop",
    "yxcvbnm",
    "qazwsxedcrfvtgbyhnujmik,ol.p;/",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qweasdzxc",
    "123qweasdzxc",
    "qwerasdfzxcv",
    "zxcasdqwe123",
    "147258369",
    "11223344556677889900",
    "aabbccddeeff",
};

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* The letter that a figure or sign is written for. */
static char spoken(char c)
{
    static const char from[] = "01345789@$!+", to[] = "oleastbgasit";
    const char *at = strchr(from, c);
    return c && at ? to[at - from] : c;
}

static size_t run_of_row(const char *row, size_t m, const char *s, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < m; i++)
        for (int step = -1; step <= 1; step += 2) {
            size_t k = 0;
            for (size_t j = i; k < n && j < m && row[j] == s[k]; j += (size_t)step)
                k++;
            best = k > best ? k : best;
        }
    return best;
}

/* Bytes of the longest piece that begins here and anybody would try. */
static size_t piece(const char *s, size_t n, struct tc_str also)
{
    size_t best = 0, k = 1;
    while (k < n && s[k] == s[0])
        k++;
    best = k >= SHORT_RUN ? k : 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        k = run_of_row(rows[i], strlen(rows[i]), s, n);
        best = k >= SHORT_RUN && k > best ? k : best;
    }
    for (size_t i = 0; i <= sizeof words / sizeof words[0]; i++) {
        struct tc_str w = i ? tc_str_cstr(words[i - 1]) : also;
        for (k = 0; k < n && k < w.n && (s[k] == lower(w.p[k]) || spoken(s[k]) == lower(w.p[k]));)
            k++;
        best = w.n >= SHORT_RUN && k == w.n && k > best ? k : best;
    }
    for (k = 0; k < n && s[k] >= '0' && s[k] <= '9';) /* a year, a date */
        k++;
    return (k == 4 || k == 6 || k == 8) && k > best ? k : best;
}

/* Bytes from here on that repeat the `period` bytes before. */
static size_t repeats(const char *s, size_t at, size_t n, size_t period)
{
    size_t k = 0;
    while (at + k < n && s[at + k] == s[at + k - period])
        k++;
    return k;
}

/* One or two words run together, with a number behind at most; or figures alone. */
static bool plain(struct tc_str s)
{
    size_t letters = 0, figures = 0;
    while (letters < s.n && lower(s.p[letters]) >= 'a' && lower(s.p[letters]) <= 'z' &&
           (letters == 0 || s.p[letters] == lower(s.p[letters])))
        letters++;
    while (letters + figures < s.n && s.p[letters + figures] >= '0' &&
           s.p[letters + figures] <= '9')
        figures++;
    return letters + figures == s.n && letters < ONE_WORD && (figures <= 4 || !letters) &&
           s.n < 2 * (size_t)TC_MIN_PASSWORD;
}

bool tc_password_weak(struct tc_str password, struct tc_str also)
{
    char s[LOOKED_AT];
    unsigned cost[LOOKED_AT + 1];
    size_t n = password.n < LOOKED_AT ? password.n : LOOKED_AT;
    if (plain(password))
        return true;
    for (size_t i = 0; i < n; i++)
        s[i] = lower(password.p[i]);
    cost[0] = 0;
    for (size_t i = 1; i <= n; i++)
        cost[i] = (unsigned)(2 * i);
    for (size_t i = 0; i < n; i++) {
        size_t k = piece(s + i, n - i, also);
        for (size_t j = SHORT_RUN; j <= k; j++)
            if (cost[i] + 1 < cost[i + j] && (j == k || piece(s + i, j, also) == j))
                cost[i + j] = cost[i] + 1;
        if (cost[i] + 2 < cost[i + 1])
            cost[i + 1] = cost[i] + 2;
        for (size_t period = SHORT_RUN; period <= i; period++) {
            k = repeats(s, i, n, period);
            if (k >= SHORT_RUN && cost[i] + 1 < cost[i + k])
                cost[i + k] = cost[i] + 1;
        }
    }
    return cost[n] < ENOUGH;
}
