/* SPDX-License-Identifier: Apache-2.0 */
/* What is never taken, in the languages of the Member States as they write it themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "intake/classified.h"

static const char *const national[] = {"RESTREINT UE/EU RESTRICTED",
                                       "Très Secret UE",
                                       "R-UE/EU-R",
                                       "NATO Restricted",
                                       "VS – Nur für den Dienstgebrauch",
                                       "VS-NfD",
                                       "STRENG GEHEIM",
                                       "Eingeschränkt",
                                       "Diffusion Restreinte",
                                       "Secret Défense",
                                       "Beperkte Verspreiding",
                                       "Dep. Stg. Geheim",
                                       "Departementaal vertrouwelijk",
                                       "Difusión limitada",
                                       "Reservado",
                                       "Ściśle tajne",
                                       "Zastrzeżone",
                                       "Přísně tajné",
                                       "Vyhrazené",
                                       "Prísne tajné",
                                       "Vyhradené",
                                       "Dôverné",
                                       "Käyttö rajoitettu",
                                       "Begränsad tillgång",
                                       "Erittäin salainen",
                                       "Begränsat hemlig",
                                       "Kvalificerat hemlig",
                                       "Til tjenestebrug",
                                       "Yderst hemmeligt",
                                       "Muito secreto",
                                       "Riservatissimo",
                                       "Piiratud",
                                       "Täiesti salajane",
                                       "Ograničeno",
                                       "Vrlo tajno",
                                       "Strogo tajno",
                                       "Zaupno",
                                       "Dienesta vajadzībām",
                                       "Sevišķi slepeni",
                                       "Riboto naudojimo",
                                       "Visiškai slaptai",
                                       "Korlátozott terjesztésű!",
                                       "Szigorúan titkos!",
                                       "Ristrett",
                                       "L-Ogħla Segretezza",
                                       "Secret de serviciu",
                                       "Strict secret de importanță deosebită",
                                       "За служебно ползване",
                                       "Поверително",
                                       "Секретно",
                                       "Строго секретно",
                                       "Περιορισμένης Χρήσης",
                                       "Εμπιστευτικό",
                                       "Απόρρητο",
                                       "Άκρως απόρρητο"};

static void test_national(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof national / sizeof *national; i++) {
        const char *level = NULL;
        if (!tc_classified_marking(tc_str_cstr(national[i]), &level)) {
            print_error("%s passes\n", national[i]);
            fail();
        }
        assert_non_null(level);
    }
}

/* In headings only what is written like a marking, in capitals, counts. */
static void test_headings(void **unused)
{
    static const char *const refused[] = {"EU RESTRICTED - report", "СТРОГО СЕКРЕТНО",
                                          "ΑΚΡΩΣ ΑΠΟΡΡΗΤΟ",         "ΠΕΡΙΟΡΙΣΜΕΝΗΣ ΧΡΗΣΗΣ",
                                          "SZIGORÚAN TITKOS!",      "KORLÁTOZOTT TERJESZTÉSŰ",
                                          "TÄIESTI SALAJANE"};
    static const char *const taken[] = {"Restricted area near the station",
                                        "A secret door was found",
                                        "Dienst nach Vorschrift",
                                        "секретно",
                                        "απόρρητο",
                                        "Строго секретно",
                                        "LIMITE",
                                        "EU SENSITIVE",
                                        "TLP:RED",
                                        "TAJNO",
                                        "Zaupno pismo",
                                        "",
                                        "é",
                                        "\xce",
                                        "interno"};
    const char *level;
    (void)unused;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_true(tc_classified_heading(tc_str_cstr(refused[i]), &level));
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_false(tc_classified_heading(tc_str_cstr(taken[i]), &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_national),
                                       cmocka_unit_test(test_headings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
