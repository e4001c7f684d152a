/* SPDX-License-Identifier: Apache-2.0 */
/* Text is read as words of A-Z and 0-9 (accents taken off, everything else is a gap); a phrase is
 * found when its words follow each other. */
#include "intake/classified.h"

struct phrase {
    const char *words; /* upper case, one space between */
    const char *level; /* what to say */
};

/* Unmistakable wherever they stand in a marking or, in upper case, in a heading. */
static const struct phrase phrases[] = {
    {"RESTREINT UE", "RESTREINT UE/EU RESTRICTED"},
    {"EU RESTRICTED", "RESTREINT UE/EU RESTRICTED"},
    {"R UE EU R", "RESTREINT UE/EU RESTRICTED"},
    {"R UE", "RESTREINT UE/EU RESTRICTED"},
    {"CONFIDENTIEL UE", "CONFIDENTIEL UE/EU CONFIDENTIAL"},
    {"EU CONFIDENTIAL", "CONFIDENTIEL UE/EU CONFIDENTIAL"},
    {"C UE EU C", "CONFIDENTIEL UE/EU CONFIDENTIAL"},
    {"C UE", "CONFIDENTIEL UE/EU CONFIDENTIAL"},
    {"TRES SECRET UE", "TRES SECRET UE/EU TOP SECRET"},
    {"EU TOP SECRET", "TRES SECRET UE/EU TOP SECRET"},
    {"TS UE EU TS", "TRES SECRET UE/EU TOP SECRET"},
    {"TS UE", "TRES SECRET UE/EU TOP SECRET"},
    {"SECRET UE", "SECRET UE/EU SECRET"},
    {"EU SECRET", "SECRET UE/EU SECRET"},
    {"S UE EU S", "SECRET UE/EU SECRET"},
    {"S UE", "SECRET UE/EU SECRET"},
    {"NATO RESTRICTED", "NATO RESTRICTED"},
    {"NATO CONFIDENTIAL", "NATO CONFIDENTIAL"},
    {"NATO SECRET", "NATO SECRET"},
    {"COSMIC TOP SECRET", "COSMIC TOP SECRET"},
    {"VS NUR FUR DEN DIENSTGEBRAUCH", "VS-NUR FUER DEN DIENSTGEBRAUCH (DE)"},
    {"VS NUR FUER DEN DIENSTGEBRAUCH", "VS-NUR FUER DEN DIENSTGEBRAUCH (DE)"},
    {"VS NFD", "VS-NUR FUER DEN DIENSTGEBRAUCH (DE)"},
    {"VS VERTRAULICH", "VS-VERTRAULICH (DE)"},
    {"STRENG GEHEIM", "STRENG GEHEIM (DE, AT)"},
    {"DIFFUSION RESTREINTE", "DIFFUSION RESTREINTE (FR, BE, LU)"},
    {"CONFIDENTIEL DEFENSE", "CONFIDENTIEL DEFENSE (FR)"},
    {"SECRET DEFENSE", "SECRET DEFENSE (FR)"},
    {"TRES SECRET", "TRES SECRET (FR)"},
    {"BEPERKTE VERSPREIDING", "BEPERKTE VERSPREIDING (BE)"},
    {"DEPARTEMENTAAL VERTROUWELIJK", "DEPARTEMENTAAL VERTROUWELIJK (NL)"},
    {"STG CONFIDENTIEEL", "STG. CONFIDENTIEEL (NL)"},
    {"STG GEHEIM", "STG. GEHEIM (NL)"},
    {"STG ZEER GEHEIM", "STG. ZEER GEHEIM (NL)"},
    {"DIFUSION LIMITADA", "DIFUSION LIMITADA (ES)"},
    {"SCISLE TAJNE", "SCISLE TAJNE (PL)"},
    {"KAYTTO RAJOITETTU", "KAYTTO RAJOITETTU (FI)"},
    {"ERITTAIN SALAINEN", "ERITTAIN SALAINEN (FI)"},
    {"BEGRANSAT HEMLIG", "BEGRANSAT HEMLIG (SE)"},
    {"TIL TJENESTEBRUG", "TIL TJENESTEBRUG (DK)"},
    {"YDERST HEMMELIGT", "YDERST HEMMELIGT (DK)"},
    {"MUITO SECRETO", "MUITO SECRETO (PT)"},
    {"TAIESTI SALAJANE", "TAIESTI SALAJANE (EE)"},
    {"VRLO TAJNO", "VRLO TAJNO (HR)"},
    {"STROGO TAJNO", "STROGO TAJNO (SI)"},
    {"DIENESTA VAJADZIBAM", "DIENESTA VAJADZIBAM (LV)"},
    {"SEVISKI SLEPENI", "SEVISKI SLEPENI (LV)"},
    {"RIBOTO NAUDOJIMO", "RIBOTO NAUDOJIMO (LT)"},
    {"VISISKAI SLAPTAI", "VISISKAI SLAPTAI (LT)"},
    {"KORLATOZOTT TERJESZTESU", "KORLATOZOTT TERJESZTESU (HU)"},
    {"SZIGORUAN TITKOS", "SZIGORUAN TITKOS (HU)"},
    {"L OGHLA SEGRETEZZA", "L-OGHLA SEGRETEZZA (MT)"},
    {"SECRET DE SERVICIU", "SECRET DE SERVICIU (RO)"},
    {"STRICT SECRET", "STRICT SECRET (RO)"},
    {"PRISNE TAJNE", "PRISNE TAJNE (CZ, SK)"},
    {"BEGRANSAD TILLGANG", "BEGRANSAD TILLGANG (FI)"},
    {"YTTERST HEMLIG", "YTTERST HEMLIG (FI)"},
    {"KVALIFICERAT HEMLIG", "KVALIFICERAT HEMLIG (SE)"},
    /* Cyrillic and Greek, letter by letter as fold() writes them */
    {"ZA SLUJEBNO POLZVANE", "ZA SLUZHEBNO POLZVANE (BG)"},
    {"STROGO SEKRETNO", "STROGO SEKRETNO (BG)"},
    {"PERIORISMENIS HRISIS", "PERIORISMENIS CHRISIS (EL, CY)"},
    {"AKROS APORRITO", "AKROS APORRITO (EL, CY)"},
    {"TOP SECRET", "TOP SECRET"},
};

/* Ordinary words of their languages: a marking only where they are the whole of it. */
static const struct phrase whole[] = {
    {"RESTRICTED", "RESTRICTED"},
    {"CONFIDENTIAL", "CONFIDENTIAL"},
    {"SECRET", "SECRET"},
    {"RESTREINT", "RESTREINT"},
    {"CONFIDENTIEL", "CONFIDENTIEL (BE, LU)"},
    {"GEHEIM", "GEHEIM (DE, AT)"},
    {"VERTRAULICH", "VERTRAULICH (AT)"},
    {"EINGESCHRANKT", "EINGESCHRAENKT (AT)"},
    {"ZEER GEHEIM", "ZEER GEHEIM (BE)"},
    {"VERTROUWELIJK", "VERTROUWELIJK (BE)"},
    {"RISERVATO", "RISERVATO (IT)"},
    {"RISERVATISSIMO", "RISERVATISSIMO (IT)"},
    {"SEGRETO", "SEGRETO (IT)"},
    {"SEGRETISSIMO", "SEGRETISSIMO (IT)"},
    {"CONFIDENCIAL", "CONFIDENCIAL (ES, PT)"},
    {"RESERVADO", "RESERVADO (ES, PT)"},
    {"SECRETO", "SECRETO (ES, PT)"},
    {"ZASTRZEZONE", "ZASTRZEZONE (PL)"},
    {"POUFNE", "POUFNE (PL)"},
    {"TAJNE", "TAJNE (PL, CZ)"},
    {"VYHRAZENE", "VYHRAZENE (CZ)"},
    {"DUVERNE", "DUVERNE (CZ)"},
    {"HEMLIG", "HEMLIG (SE)"},
    {"FORTROLIGT", "FORTROLIGT (DK)"},
    {"HEMMELIGT", "HEMMELIGT (DK)"},
    {"LUOTTAMUKSELLINEN", "LUOTTAMUKSELLINEN (FI)"},
    {"SALAINEN", "SALAINEN (FI)"},
    {"KONFIDENTIELL", "KONFIDENTIELL (SE, FI)"},
    {"PIIRATUD", "PIIRATUD (EE)"},
    {"KONFIDENTSIAALNE", "KONFIDENTSIAALNE (EE)"},
    {"SALAJANE", "SALAJANE (EE)"},
    {"OGRANICENO", "OGRANICENO (HR)"},
    {"POVJERLJIVO", "POVJERLJIVO (HR)"},
    {"TAJNO", "TAJNO (HR, SI)"},
    {"INTERNO", "INTERNO (SI)"},
    {"ZAUPNO", "ZAUPNO (SI)"},
    {"KONFIDENCIALI", "KONFIDENCIALI (LV)"},
    {"SLEPENI", "SLEPENI (LV)"},
    {"KONFIDENCIALIAI", "KONFIDENCIALIAI (LT)"},
    {"SLAPTAI", "SLAPTAI (LT)"},
    {"BIZALMAS", "BIZALMAS (HU)"},
    {"TITKOS", "TITKOS (HU)"},
    {"RISTRETT", "RISTRETT (MT)"},
    {"KUNFIDENZJALI", "KUNFIDENZJALI (MT)"},
    {"SIGRIET", "SIGRIET (MT)"},
    {"VYHRADENE", "VYHRADENE (SK)"},
    {"DOVERNE", "DOVERNE (SK)"},
    {"POVERITELNO", "POVERITELNO (BG)"},
    {"SEKRETNO", "SEKRETNO (BG)"},
    {"EMPISTEYTIKO", "EMPISTEFTIKO (EL, CY)"},
    {"APORRITO", "APORRITO (EL, CY)"},
};

/* ---- reading text as words ---- */

/* Greek (U+0386..U+03CE) and Cyrillic (U+0410..U+044F), one letter each; ' ' = none of them. */
static char fold_further(unsigned code, bool *lower)
{
    static const char accented[] = "A.EII.O.YO";             /* U+0386 .. U+038F */
    static const char greek[] = "AVGDEZIQIKLMNXOPR.STYFHWO"; /* from U+0391 */
    static const char end[] = "OYO";                         /* U+03CC .. U+03CE */
    static const char cyrillic[] = "ABVGDEJZIIKLMNOPRSTUFHCQWXYYYEUA";
    char c = ' ';
    *lower = false;
    if (code >= 0x386 && code <= 0x38f) {
        c = accented[code - 0x386];
    } else if (code >= 0x391 && code <= 0x3a9) {
        c = greek[code - 0x391];
    } else if (code >= 0x3ac && code <= 0x3ce) {
        *lower = true;
        c = code <= 0x3af                    ? "AEII"[code - 0x3ac]
            : code >= 0x3cc                  ? end[code - 0x3cc]
            : code == 0x3c2                  ? 'S'
            : code >= 0x3b1 && code <= 0x3c9 ? greek[code - 0x3b1]
                                             : '.';
    } else if (code >= 0x410 && code <= 0x44f) {
        *lower = code >= 0x430;
        c = cyrillic[(code - 0x410) % 32];
    }
    return c == '.' ? ' ' : c;
}

/* One character folded to A-Z, 0-9 or ' '; *lower when it was a small letter; *n its bytes. */
static char fold(struct tc_str s, size_t i, bool *lower, size_t *n)
{
    /* U+00C0..U+00FF and U+0100..U+017F without their accents, '.' = no letter */
    static const char latin1[] = "AAAAAAACEEEEIIIIDNOOOOO.OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO.OUUUUYTY";
    static const char extended[] =
        "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIIIIIJJKKKLLLLLLLLLLNNNNNNNNNOOOOOOOORRRRRR"
        "SSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";
    unsigned char c = (unsigned char)s.p[i];
    *n = 1;
    *lower = c >= 'a' && c <= 'z';
    if (*lower)
        return (char)(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return (char)c;
    if (c >= 0xcd && c <= 0xd1 && i + 1 < s.n) {
        *n = 2;
        return fold_further((c & 31u) << 6 | ((unsigned char)s.p[i + 1] & 63u), lower);
    }
    if (c < 0xc3 || c > 0xc5 || i + 1 >= s.n)
        return ' ';
    unsigned code = (c & 31u) << 6 | ((unsigned char)s.p[i + 1] & 63u);
    *n = 2;
    if (code < 0x100) {
        *lower = code >= 0xe0;
        return latin1[code - 0xc0] == '.' ? ' ' : latin1[code - 0xc0];
    }
    *lower = code & 1; /* nearly right for this block; it decides only for headings */
    return extended[code - 0x100];
}

/* Reads one phrase at the word boundary i; the index after it, or 0 when it does not stand there.
 */
static size_t match(struct tc_str s, size_t i, const char *words, bool upper_only)
{
    for (; *words; words++) {
        bool lower;
        size_t n;
        if (i >= s.n)
            return 0;
        char c = fold(s, i, &lower, &n);
        if (*words == ' ') {
            if (c != ' ')
                return 0;
            while (i < s.n && fold(s, i, &lower, &n) == ' ')
                i += n;
            continue;
        }
        if (c != *words || (upper_only && lower))
            return 0;
        i += n;
    }
    bool lower;
    size_t n;
    return i >= s.n || fold(s, i, &lower, &n) == ' ' ? i : 0;
}

/* The letters that phrases begin with, as bits from A on. */
#define LETTER(c) (1u << ((c) - 'A'))
#define FIRST_LETTERS                                                                              \
    (LETTER('A') | LETTER('B') | LETTER('C') | LETTER('D') | LETTER('E') | LETTER('K') |           \
     LETTER('L') | LETTER('M') | LETTER('N') | LETTER('P') | LETTER('R') | LETTER('S') |           \
     LETTER('T') | LETTER('V') | LETTER('Y') | LETTER('Z'))

static bool phrase_at(struct tc_str s, size_t i, char first, bool upper_only, const char **level)
{
    for (size_t k = 0; k < sizeof phrases / sizeof *phrases; k++)
        if (phrases[k].words[0] == first && match(s, i, phrases[k].words, upper_only)) {
            *level = phrases[k].level;
            return true;
        }
    return false;
}

static bool has_phrase(struct tc_str s, bool upper_only, const char **level)
{
    bool boundary = true;
    for (size_t i = 0, n; i < s.n; i += n) {
        bool lower;
        n = 1;
        if (s.p[i] >= 'a' && s.p[i] <= 'z' && (upper_only || !boundary)) {
            boundary = false; /* most of ordinary text */
            continue;
        }
        char c = fold(s, i, &lower, &n);
        bool start = boundary && c >= 'A' && c <= 'Z' && FIRST_LETTERS >> (c - 'A') & 1;
        boundary = c == ' ';
        if (start && !(upper_only && lower) && phrase_at(s, i, c, upper_only, level))
            return true;
    }
    return false;
}

static bool is_whole(struct tc_str s, const char **level)
{
    bool lower;
    size_t from = 0, n;
    while (from < s.n && fold(s, from, &lower, &n) == ' ')
        from += n;
    for (size_t k = 0; k < sizeof whole / sizeof *whole; k++) {
        size_t end = match(s, from, whole[k].words, false);
        while (end && end < s.n && fold(s, end, &lower, &n) == ' ')
            end += n;
        if (end && end >= s.n) {
            *level = whole[k].level;
            return true;
        }
    }
    return false;
}

bool tc_classified_marking(struct tc_str text, const char **level)
{
    return has_phrase(text, false, level) || is_whole(text, level);
}

bool tc_classified_heading(struct tc_str text, const char **level)
{
    return has_phrase(text, true, level);
}
